"""What a WebP tells beside EXIF, XMP and its profile: unknown chunks, data behind its parts and its end."""

from __future__ import annotations

from collections.abc import Iterator

from privkit.model import Finding, Level
from privkit.text import counted, safe, size

from ..metadata.trailer import trailer
from .chunks import ALPHA, ANIMATION, FRAME, HEADER, LOSSLESS, LOSSY, PROFILE, Chunk, Webp

MOST_TOLD = 50
"""Chunks that get a finding of their own; the others are counted."""
SECOND = {
    LOSSY: "a second picture",
    LOSSLESS: "a second picture",
    ALPHA: "a second transparency",
    FRAME: "a frame of an animation that is not shown",
    ANIMATION: "a second header of an animation",
    HEADER: "a second header",
    PROFILE: "a second colour profile",
    b"C2PA": "content credentials",
}


def label(chunk: Chunk) -> str:
    """What a chunk that goes is called."""
    return SECOND.get(chunk.name) or f"unknown part {safe(chunk.name)!r}"


def beside(webp: Webp) -> Iterator[Finding]:
    """Chunks that are neither needed nor read elsewhere, and bytes where none belong."""
    for chunk in webp.others[:MOST_TOLD]:
        yield _credentials() if chunk.name == b"C2PA" else _unknown(label(chunk), chunk.length)
    more = len(webp.others) + len(webp.exif) + len(webp.xmp) - 3 * MOST_TOLD
    if more > 0:
        yield _unknown(f"{more} more parts or blocks", 0)
    if webp.spare:
        yield _spare(webp.spare)
    yield from trailer(webp.source, webp.end)


def unread(blocks: list[Chunk], bodies: list[bytes]) -> Iterator[Finding]:
    """Blocks that are empty, or larger than is looked into."""
    for chunk, body in zip(blocks, bodies, strict=False):
        if not body:
            yield _unknown(f"{safe(chunk.name)!r} that was not looked into", chunk.length)


def _credentials() -> Finding:
    detail = "a signed record of how and by whom the picture was made"
    return Finding("hidden.credentials", Level.WARN, "Content credentials", detail, where="WebP C2PA")


def _unknown(name: str, length: int) -> Finding:
    facts: dict[str, str | int] = {"name": name, "bytes": length}
    detail = f"{name}, {size(length)}" if length else name
    return Finding("hidden.unknown", Level.WARN, "Other data inside", detail, where="WebP chunk", facts=facts)


def _spare(length: int) -> Finding:
    facts: dict[str, str | int] = {"bytes": length, "kind": "behind the content of its parts"}
    detail = f"{counted(length, 'byte')} behind the content of its parts"
    return Finding("hidden.trailer", Level.WARN, "Behind the end of the picture", detail, where="WebP", facts=facts)
