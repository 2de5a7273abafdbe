"""Walks the segments and scans of a JPEG file up to its true end.

Source: ITU-T T.81, annex B (syntax), B.1.1.3 (markers).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from privkit.errors import Broken, Refused
from privkit.plugin import Range
from privkit.source import Source

from .coding import Coding, tables
from .markers import APP0, APP15, COM, DNL, EOI, FRAMES, HIERARCHICAL, SOS, TABLES

MOST_SEGMENTS = 50_000
KNOWN = FRAMES | TABLES | {SOS, COM, DNL}
SMALL, MOST_SMALL = 1024, 64
"""Bytes of a payload that is kept in memory, and how many are."""

_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""The next marker in coded data: not a stuffed byte, not a restart, not a fill byte (T.81, B.1.1.2 and B.1.1.5)."""
_IN_PLAIN_SCAN = re.compile(rb"\xff[^\x00\xff]")
"""The same where no restarts were announced: a decoder skips all that follows one."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker with its payload, or the coded data of a scan (marker 0)."""

    marker: int
    start: int
    """Of the 0xFF before the marker's code, or of the coded data."""
    end: int

    @property
    def body(self) -> int:
        """Where the payload starts: behind marker and length."""
        return self.start + 4


@dataclass
class Jpeg:
    """The structure of one JPEG file."""

    source: Source
    segments: list[Segment] = field(default_factory=list)
    end: int = 0
    """Behind the EOI marker; what follows belongs to no picture that is shown."""
    coding: Coding = field(default_factory=Coding)
    loose: int = 0
    """Bytes found between segments that belong to none."""
    first_scan: int = 0
    """Where the first SOS starts: decoders look for what describes the picture before it alone."""
    by_marker: dict[int, list[Segment]] = field(default_factory=dict)

    def add(self, segment: Segment) -> None:
        self.segments.append(segment)
        self.by_marker.setdefault(segment.marker, []).append(segment)
        if segment.marker == SOS and not self.first_scan:
            self.first_scan = segment.start

    @cached_property
    def spare(self) -> int:
        """Bytes of tables that no scan needs."""
        return sum(
            end - at
            for marker in TABLES
            for segment in self.by_marker.get(marker, ())
            for _, at, end in tables(segment.marker, self.payload(segment))
            if segment.body + at not in self.coding.needed
        )

    _small: dict[int, bytes] = field(default_factory=dict)
    """Small payloads by where they start, as they are looked at again and again."""

    def payload(self, segment: Segment) -> bytes:
        known = self._small.get(segment.body)
        if known is not None:
            return known
        body = self.source.read(segment.body, segment.end - segment.body)
        if len(body) <= SMALL and len(self._small) < MOST_SMALL:
            self._small[segment.body] = body
        return body


def walk(source: Source, start: int = 0) -> Jpeg:
    """The segments of the JPEG that starts at `start`, each checked to be just as long as its content.

    Raises Broken for a file that ends early or lies, Refused for what is not understood.
    """
    jpeg = Jpeg(source)
    if source.size < start + 4 or source.read(start, 2) != b"\xff\xd8":
        raise Broken("the file does not start as a JPEG does")
    position = start + 2
    while True:
        position, marker, length = _next_marker(jpeg, position)
        if marker == EOI:
            jpeg.end = position + 2
            break
        segment = _segment(source, position, marker, length)
        jpeg.coding.take(marker, segment.body, jpeg.payload(segment) if marker < APP0 else b"")
        jpeg.add(segment)
        position = segment.end
        if marker == SOS:
            end = source.search(_IN_SCAN if jpeg.coding.restarts else _IN_PLAIN_SCAN, position, source.size, 2)
            if end is None:
                raise Broken("the file ends in the middle of the picture")
            jpeg.add(Segment(0, position, end))
            position = end
        if len(jpeg.segments) > MOST_SEGMENTS:
            raise Refused("the file has more parts than any real picture")
    _check_whole(jpeg)
    return jpeg


def _next_marker(jpeg: Jpeg, position: int) -> tuple[int, int, int]:
    """Where the next marker's 0xFF is, its code, and the length behind it (0 where the file ends).

    Loose bytes before it are counted, as decoders skip them.
    """
    source = jpeg.source
    four = source.read(position, min(4, max(source.size - position, 0)))
    if len(four) < 2:
        raise Broken("the file ends in the middle of the picture")
    if four[0] != 0xFF or four[1] in (0x00, 0xFF):
        found = source.search(_IN_SCAN, position, source.size, 2)
        if found is None:
            raise Broken("the file ends in the middle of the picture")
        jpeg.loose += found - position
        position, four = found, source.read(found, min(4, source.size - found))
    return position, four[1], int.from_bytes(four[2:], "big") if len(four) == 4 else 0


def _segment(source: Source, position: int, marker: int, length: int) -> Segment:
    if marker in HIERARCHICAL:
        raise Refused("this is a hierarchical JPEG, a rare kind that is not understood")
    if not (APP0 <= marker <= APP15 or marker in KNOWN):
        raise Refused(f"the file holds a part (marker {marker:02X}) that is not understood")
    if length < 2 or position + 2 + length > source.size:
        raise Broken("the file ends in the middle of a part that it announces")
    return Segment(marker, position, position + 2 + length)


def _check_whole(jpeg: Jpeg) -> None:
    if not jpeg.first_scan:
        raise Broken("the file holds no picture")


def needed(jpeg: Jpeg, segment: Segment) -> Iterator[Range | bytes]:
    """What a decoder needs of a segment: frames, scans and coded data whole, of tables those that a scan needs."""
    if segment.marker in TABLES:
        yield from _needed_tables(jpeg, segment)
    elif is_coded(segment):
        yield Range(segment.start, segment.end)


def is_coded(segment: Segment) -> bool:
    """Whether a segment belongs to the coded picture."""
    return segment.marker in (0, SOS, DNL) or segment.marker in FRAMES or segment.marker in TABLES


def _needed_tables(jpeg: Jpeg, segment: Segment) -> Iterator[Range | bytes]:
    every = tables(segment.marker, jpeg.payload(segment))
    kept = [Range(segment.body + at, segment.body + end) for _, at, end in every if segment.body + at in jpeg.coding.needed]
    if len(kept) == len(every):
        yield Range(segment.start, segment.end)
    elif kept:
        length = 2 + sum(table.end - table.start for table in kept)
        yield bytes((0xFF, segment.marker)) + length.to_bytes(2, "big")
        yield from kept


def named(jpeg: Jpeg, marker: int, name: bytes) -> Iterator[tuple[Segment, bytes]]:
    """The segments of this marker whose payload starts with `name`, each with what follows the name."""
    for segment in jpeg.by_marker.get(marker, ()):
        if segment.end - segment.body >= len(name):
            body = jpeg.payload(segment)
            if body.startswith(name):
                yield segment, body[len(name) :]
