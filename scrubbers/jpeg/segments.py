"""Walks the segments and scans of a JPEG file up to its true end.

Source: ITU-T T.81, annex B (syntax), B.1.1.3 (markers), B.2.4 (tables).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from privkit.errors import Broken, Refused
from privkit.source import Source

SOI, EOI, SOS, DQT, DHT, DRI, DAC, DNL, COM = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD, 0xCC, 0xDC, 0xFE
APP0, APP1, APP2, APP11, APP13, APP14, APP15 = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE, 0xEF
FRAMES = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, DAC}
"""SOF0 to SOF15: the start of a frame."""
HIERARCHICAL = frozenset({0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE, 0xDF})
"""Differential frames, DHP and EXP: several frames that build on one another."""
TABLES = frozenset({DQT, DHT, DRI, DAC, DNL})
MOST_SEGMENTS = 50_000

_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""The next marker in coded data: not a stuffed byte, not a restart, not a fill byte (T.81, B.1.1.2 and B.1.1.5)."""


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


@dataclass(slots=True)
class Jpeg:
    """The structure of one JPEG file."""

    source: Source
    segments: list[Segment] = field(default_factory=list)
    end: int = 0
    """Behind the EOI marker; what follows belongs to no picture that is shown."""
    width: int = 0
    height: int = 0
    loose: int = 0
    """Bytes found between segments that belong to none."""

    def payload(self, segment: Segment) -> bytes:
        return self.source.read(segment.body, segment.end - segment.body)


def walk(source: Source, start: int = 0) -> Jpeg:
    """The segments of the JPEG that starts at `start`, each checked to be just as long as its content.

    Raises Broken for a file that ends early or lies, Refused for what is not understood.
    """
    jpeg = Jpeg(source)
    if source.size < start + 4 or source.read(start, 2) != b"\xff\xd8":
        raise Broken("the file does not start as a JPEG does")
    position = start + 2
    while True:
        position, marker = _next_marker(jpeg, position)
        if marker == EOI:
            jpeg.end = position + 2
            break
        segment = _segment(source, position, marker)
        _check(jpeg, segment)
        jpeg.segments.append(segment)
        position = segment.end
        if marker == SOS:
            coded = source.search(_IN_SCAN, position, source.size, 2)
            if coded is None:
                raise Broken("the file ends in the middle of the picture")
            jpeg.segments.append(Segment(0, position, coded))
            position = coded
        if len(jpeg.segments) > MOST_SEGMENTS:
            raise Refused("the file has more parts than any real picture")
    _check_whole(jpeg)
    return jpeg


def _next_marker(jpeg: Jpeg, position: int) -> tuple[int, int]:
    """Where the next marker's 0xFF is, and its code. Loose bytes before it are counted, as decoders skip them."""
    source = jpeg.source
    if position + 2 > source.size:
        raise Broken("the file ends in the middle of the picture")
    pair = source.read(position, 2)
    if pair[0] == 0xFF and pair[1] not in (0x00, 0xFF):
        return position, pair[1]
    found = source.search(_IN_SCAN, position, source.size, 2)
    if found is None:
        raise Broken("the file ends in the middle of the picture")
    jpeg.loose += found - position
    return found, source.read(found + 1, 1)[0]


def _segment(source: Source, position: int, marker: int) -> Segment:
    if marker in HIERARCHICAL:
        raise Refused("this is a hierarchical JPEG, a rare kind that is not understood")
    known = marker in FRAMES or marker in TABLES or marker in (SOS, COM) or APP0 <= marker <= APP15
    if not known:
        raise Refused(f"the file holds a part (marker {marker:02X}) that is not understood")
    if position + 4 > source.size:
        raise Broken("the file ends in the middle of a part that it announces")
    length = int.from_bytes(source.read(position + 2, 2), "big")
    if length < 2 or position + 2 + length > source.size:
        raise Broken("the file ends in the middle of a part that it announces")
    return Segment(marker, position, position + 2 + length)


def _check(jpeg: Jpeg, segment: Segment) -> None:
    """Refuse tables and headers that are longer than their content: bytes could hide there."""
    marker = segment.marker
    if marker in FRAMES:
        _check_frame(jpeg, jpeg.payload(segment))
    elif marker == SOS:
        body = jpeg.payload(segment)
        if not jpeg.width:
            raise Broken("the picture's data come before its size")
        if not body or not 1 <= body[0] <= 4 or len(body) != 4 + 2 * body[0]:
            raise Broken("a scan's header contradicts itself")
    elif marker in TABLES and not _exact(marker, jpeg.payload(segment)):
        raise Broken("a table of the picture is not as long as it says")


def _check_frame(jpeg: Jpeg, body: bytes) -> None:
    if jpeg.width:
        raise Refused("the file holds more than one frame")
    if len(body) < 9 or len(body) != 6 + 3 * body[5]:
        raise Broken("the picture's header contradicts itself")
    jpeg.height, jpeg.width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    if not jpeg.width:
        raise Broken("the picture says that it is 0 pixels wide")


def _exact(marker: int, body: bytes) -> bool:
    """Whether a table segment's payload is just its tables (T.81, B.2.4.1 to B.2.4.4, B.2.5)."""
    if marker in (DRI, DNL):
        return len(body) == 2
    if marker == DAC:
        return len(body) % 2 == 0
    position = 0
    while position < len(body):
        if marker == DQT:
            position += 65 if body[position] < 0x10 else 129
        else:
            position += 17 + sum(body[position + 1 : position + 17])
    return position == len(body)


def _check_whole(jpeg: Jpeg) -> None:
    if not any(segment.marker == 0 for segment in jpeg.segments):
        raise Broken("the file holds no picture")


def named(jpeg: Jpeg, marker: int, name: bytes) -> Iterator[tuple[Segment, bytes]]:
    """The segments of this marker whose payload starts with `name`, each with what follows the name."""
    for segment in jpeg.segments:
        if segment.marker == marker and segment.end - segment.body >= len(name):
            body = jpeg.payload(segment)
            if body.startswith(name):
                yield segment, body[len(name) :]
