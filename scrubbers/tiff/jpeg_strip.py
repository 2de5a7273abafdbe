"""JPEG data in strips and tiles, and the tables they share: nothing but what decodes the picture.

Source: Adobe TIFF Technical Note 2 (JPEG in TIFF); ITU-T T.81, annex B; Adobe TN 5116, section 18 (APP14).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from privkit.errors import Broken, Refused
from privkit.plugin import Piece, Range

from .stored import DAMAGED, EXCESS, Stored

SOI, EOI, SOS, DQT, DHT, DRI, DAC, COM, APP14 = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD, 0xCC, 0xFE, 0xEE
FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB})
APPLICATION = frozenset({*range(0xE0, 0xF0), COM})
MOST_SEGMENTS = 4096
MCU = 16
"""Rows that decoding units may reach beyond the picture: they are coded in any case."""
_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
CUT_OFF = "the file ends in the middle of the picture"


@dataclass(frozen=True, slots=True)
class Strip:
    """What of a strip or tile is kept, and how much of it is kept."""

    pieces: tuple[Piece, ...]
    length: int


def walk(stored: Stored, width: int, height: int) -> Strip:
    """The strip without APPn and comments, up to its end. Adobe's segment is kept, cut to its 12 bytes.

    width, height: of the strip; a frame that is taller by a decoding unit or more hides a part of the picture.
    """
    if stored.read(0, 2) != b"\xff\xd8":
        raise Broken(DAMAGED)
    pieces: list[Piece] = [_range(stored, 0, 2)]
    at, framed, scanned = 2, False, False
    slots: set[tuple[int, int]] = set()
    for _ in range(MOST_SEGMENTS):
        marker, size = _segment(stored, at)
        if marker == EOI:
            pieces.append(_range(stored, at, at + 2))
            if not scanned:
                raise Broken(DAMAGED)
            return _strip(pieces)
        _check(marker, stored, at + 4, size - 2)
        _claim(slots, marker, stored.read(at + 4, size - 2))
        if marker in FRAMES:
            _check_frame(stored.read(at + 4, size - 2), width, height, framed)
            framed = True
        pieces += _kept(stored, marker, at, size)
        at += 2 + size
        if marker == SOS:
            if not framed:
                raise Broken(DAMAGED)
            slots.clear()
            scan, scanned = at, True
            at = _scan_end(stored, scan)
            pieces.append(_range(stored, scan, at))
    raise Refused("the file has more parts than any real picture")


def _range(stored: Stored, start: int, end: int) -> Range:
    return Range(stored.start + start, stored.start + end)


def _strip(pieces: list[Piece]) -> Strip:
    """The pieces, neighbours joined."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else b""
        if isinstance(piece, Range) and isinstance(last, Range) and last.end == piece.start:
            joined[-1] = Range(last.start, piece.end)
        else:
            joined.append(piece)
    return Strip(tuple(joined), sum(piece.end - piece.start if isinstance(piece, Range) else len(piece) for piece in joined))


def _segment(stored: Stored, at: int) -> tuple[int, int]:
    """Marker and length of the segment at `at`; the end has length 0."""
    head = stored.read(at, 4)
    if len(head) < 2:
        raise Broken(CUT_OFF)
    if head[0] != 0xFF:
        raise Broken(DAMAGED)
    if head[1] == EOI:
        return EOI, 0
    size = int.from_bytes(head[2:], "big")
    if len(head) < 4 or size < 2 or at + 2 + size > stored.length:
        raise Broken(CUT_OFF)
    return head[1], size


def _kept(stored: Stored, marker: int, at: int, size: int) -> Iterator[Piece]:
    if marker not in APPLICATION:
        yield _range(stored, at, at + 2 + size)
    elif marker == APP14 and size >= 14 and stored.read(at + 4, 5) == b"Adobe":
        if size == 14:
            yield _range(stored, at, at + 16)
        else:
            yield b"\xff\xee\x00\x0e" + stored.read(at + 4, 12)


def _scan_end(stored: Stored, at: int) -> int:
    found = stored.source.search(_IN_SCAN, stored.start + at, stored.start + stored.length, 2)
    if found is None:
        raise Broken(CUT_OFF)
    return found - stored.start


def _check(marker: int, stored: Stored, at: int, length: int) -> None:
    """Refuse tables and headers that are longer than their content: bytes could hide there."""
    if marker in APPLICATION:
        return
    body = stored.read(at, length)
    if marker in FRAMES:
        right = len(body) >= 6 and len(body) == 6 + 3 * body[5]
    elif marker == SOS:
        right = len(body) >= 1 and 1 <= body[0] <= 4 and len(body) == 4 + 2 * body[0]
    else:
        right = _exact(marker, body)
    if not right:
        raise Broken(DAMAGED)


def _exact(marker: int, body: bytes) -> bool:
    """Whether a table segment holds just its tables (T.81, B.2.4.1 to B.2.4.4)."""
    if marker == DRI:
        return len(body) == 2
    if marker not in (DQT, DHT, DAC):
        raise Refused(f"the picture holds a part (marker {marker:02X}) that is not understood")
    at = 0
    for number, end in _tables(marker, body):
        right = number & 0x0F <= 3 and number <= 0x1F and (marker != DHT or end - at <= 17 + 256)
        if not right:
            return False
        at = end
    return at == len(body)


def _tables(marker: int, body: bytes) -> Iterator[tuple[int, int]]:
    """Class and number, and end, of each table in a segment."""
    at = 0
    while at < len(body):
        number = body[at]
        if marker == DQT:
            at += 65 if number < 0x10 else 129
        else:
            at += 2 if marker == DAC else 17 + sum(body[at + 1 : at + 17])
        yield number, at


def _claim(slots: set[tuple[int, int]], marker: int, body: bytes) -> None:
    """Note the tables of a segment. One that another replaces before any scan decides nothing, and could hold anything."""
    for number, _ in _tables(marker, body) if marker in (DQT, DHT, DAC) else ():
        slot = marker, number & 0x0F if marker == DQT else number
        if slot in slots:
            raise Refused("the picture's data hold a table that another replaces before it is used")
        slots.add(slot)


def _check_frame(body: bytes, width: int, height: int, framed: bool) -> None:
    tall, wide = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    if framed or tall < height or wide < width:
        raise Broken(DAMAGED)
    if tall > -(-height // MCU) * MCU or wide > -(-width // MCU) * MCU:
        raise Refused(EXCESS)


def tables(data: bytes) -> bytes:
    """The shared tables (JPEGTables), without anything else. Raises Broken where they are not just tables."""
    from privkit.source import Source

    with Source.of(data) as source:
        stored = Stored(source, 0, len(data))
        if data[:2] != b"\xff\xd8":
            raise Broken(DAMAGED)
        at, kept = 2, [b"\xff\xd8"]
        slots: set[tuple[int, int]] = set()
        for _ in range(MOST_SEGMENTS):
            marker, size = _segment(stored, at)
            if marker == EOI:
                return b"".join(kept) + b"\xff\xd9"
            _check(marker, stored, at + 4, size - 2)
            _claim(slots, marker, stored.read(at + 4, size - 2))
            if marker in (DQT, DHT, DRI, DAC):
                kept.append(data[at : at + 2 + size])
            elif marker not in APPLICATION:
                raise Broken(DAMAGED)
            at += 2 + size
    raise Refused("the file has more parts than any real picture")


def quantisation(stored: Stored) -> Iterator[bytes]:
    """The quantisation tables before the first scan."""
    at = 2
    for _ in range(MOST_SEGMENTS):
        marker, size = _segment(stored, at)
        if marker in (EOI, SOS):
            return
        if marker == DQT:
            yield stored.read(at + 4, size - 2)
        at += 2 + size
