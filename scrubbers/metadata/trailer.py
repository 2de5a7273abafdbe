"""Data behind the end of a picture: what are they?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from privkit.model import Finding, Level, Scalar
from privkit.source import Source
from privkit.text import size

KINDS = (
    (re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8|II\*\0|MM\0\*|RIFF....WEBP|BM....\0\0\0\0", re.DOTALL), "another picture"),
    (re.compile(rb"....ftyp|....moov|\x1aE\xdf\xa3", re.DOTALL), "a video"),
    (re.compile(rb"PK\x03\x04|Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ"), "an archive"),
    (re.compile(rb"%PDF"), "a document"),
)
_WITHIN = (
    (re.compile(rb"ftyp(?:mp4|iso|avc|qt|M4V|3g)|MotionPhoto_Data"), "a short film, often with sound (motion photo)", Level.RISK),
    (re.compile(rb"\xff\xd8\xff"), "further pictures", Level.WARN),
)
"""What may stand behind some bytes of a maker's own."""
NEAR = 64 * 1024
"""How far behind the end these are looked for."""
_SOMETHING = re.compile(rb"[^\0]")
_REST_OF_PNG = re.compile(rb"IDAT|IEND\xaeB`\x82")


def trailer(source: Source, start: int, png: bool = False) -> Iterator[Finding]:
    """What stands from `start` to the end of the file, behind the picture; nothing if the file ends there.

    In a PNG the rest of a larger PNG is what an editor leaves that cropped it and did not shorten the file (CVE-2023-21036).
    """
    length = source.size - start
    if length <= 0:
        return
    kind, level = kind_of(source, start, png)
    detail = f"{size(length)} stand behind the end of the picture, where no viewer shows them: {kind}"
    if kind == "the rest of a cropped picture":
        detail = f"The picture was cropped, but {size(length)} of what was cut away are still in the file"
    facts: dict[str, Scalar] = {"bytes": length, "kind": kind}
    yield Finding("hidden.trailer", level, "Behind the end of the picture", detail, where="after the end", facts=facts)


def kind_of(source: Source, start: int, png: bool = False) -> tuple[str, Level]:
    """In a few words what stands from `start` on, and how much that matters."""
    head = source.read(start, min(64, source.size - start))
    for pattern, kind in KINDS:
        if pattern.match(head):
            return kind, Level.RISK
    if png and source.search(_REST_OF_PNG, start, source.size, 8) is not None:
        return "the rest of a cropped picture", Level.RISK
    for pattern, kind, level in _WITHIN:
        if source.search(pattern, start, min(start + NEAR, source.size), 16) is not None:
            return kind, level
    if source.read(source.size - 4, 4) == b"SEFT":
        return "data of the phone's maker (Samsung)", Level.WARN
    if source.search(_SOMETHING, start, source.size, 1) is None:
        return "only zeros", Level.NOTE
    return "unknown data", Level.WARN
