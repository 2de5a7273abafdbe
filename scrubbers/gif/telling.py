"""What a GIF tells: comments, text blocks, XMP, blocks of programs, what stands behind the pictures and the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from privkit.model import Finding, Level
from privkit.text import counted, size

from ..metadata import icc, xmp
from ..metadata.trailer import trailer
from .blocks import Gif, Kind, Part

MOST_TOLD = 50
"""Comments and extensions that get a finding of their own; the others are counted."""


def findings(gif: Gif) -> Iterator[Finding]:
    """All that one GIF tells; in a clean copy, nothing above NOTE."""
    told: Counter[Kind] = Counter()
    for part in gif.parts:
        told[part.kind] += 1
        if told[part.kind] <= MOST_TOLD:
            yield from _findings(part)
    for kind in (Kind.COMMENT, Kind.TEXT, Kind.OTHER, Kind.PACKET):
        if told[kind] > MOST_TOLD:
            yield _unknown(f"{told[kind] - MOST_TOLD} more of the kind: {kind.value}", 0)
    yield from _behind(gif)


def _findings(part: Part) -> Iterator[Finding]:
    if part.kind is Kind.COMMENT:
        yield _text("hidden.comment", "Comment", part.data, "GIF comment extension")
    elif part.kind is Kind.TEXT:
        yield _text("who.text", "Text block", part.data, "GIF plain text extension")
    elif part.kind is Kind.PROFILE:
        yield from icc.findings(part.data)
    elif part.kind is Kind.PACKET and part.data:
        yield from xmp.findings(part.data)
    elif part.kind in (Kind.OTHER, Kind.PACKET):
        yield _unknown(part.name or part.kind.value, part.end - part.start)


def _text(identifier: str, title: str, data: bytes, where: str) -> Finding:
    text = data.decode("utf-8", "replace").strip("\0 \r\n\t")[:200]
    return Finding(identifier, Level.WARN, title, text, where=where, facts={"value": text, "field": where})


def _unknown(name: str, length: int) -> Finding:
    detail = f"{name}, {size(length)}" if length else name
    facts: dict[str, str | int] = {"name": name, "bytes": length}
    return Finding("hidden.unknown", Level.WARN, "Other data inside", detail, where="GIF extension", facts=facts)


def _behind(gif: Gif) -> Iterator[Finding]:
    """Bytes behind the coded data of the pictures, and behind the end of the file."""
    if gif.hidden:
        facts: dict[str, str | int] = {"bytes": gif.hidden, "kind": "behind the picture data"}
        yield Finding(
            "hidden.trailer",
            Level.WARN,
            "Behind the end of the picture",
            f"{counted(gif.hidden, 'byte')} that belong to no picture, within its blocks",
            where="after the LZW end code",
            facts=facts,
        )
    yield from trailer(gif.source, gif.end)
