"""The stored bytes of one strip or tile, and where they really end: nothing may hide behind what a decoder takes.

Source: TIFF 6.0, section 9 (PackBits); Adobe TIFF Technical Note 3 and RFC 1950 (Deflate).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from privkit.errors import Broken, Refused
from privkit.source import Source

DAMAGED = "the picture's data are damaged"
EXCESS = "a part of the file holds more of the picture than is shown, and that cannot be cut off safely"
STEP = 64 * 1024
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the other order (FillOrder 2)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """`length` bytes from `start` of the source."""

    source: Source
    start: int
    length: int
    mirrored: bool = False

    def read(self, at: int, length: int) -> bytes:
        """Up to `length` bytes, fewer at the end."""
        data = self.source.read(self.start + at, max(min(length, self.length - at), 0))
        return data.translate(_MIRROR) if self.mirrored else data

    def steps(self) -> Iterator[bytes]:
        """All bytes, a step at a time."""
        for at in range(0, self.length, STEP):
            yield self.read(at, STEP)


def raw(stored: Stored, needed: int) -> int:
    """The end of uncompressed data."""
    if stored.length < needed:
        raise Broken("the file ends in the middle of the picture")
    return needed


def deflate(stored: Stored, needed: int) -> int:
    """The end of a zlib stream, which must give exactly `needed` bytes."""
    stream, made, taken = zlib.decompressobj(), 0, 0
    for step in stored.steps():
        made += _inflate(stream, step, needed - made)
        if made > needed:
            raise Refused(EXCESS)
        taken += len(step) - len(stream.unused_data)
        if stream.eof:
            break
    if made < needed:
        raise Broken("the file ends in the middle of the picture")
    return taken


def _inflate(stream: zlib._Decompress, data: bytes, room: int) -> int:
    """Bytes that `data` give, as soon as they are more than `room`."""
    made = 0
    try:
        while made <= room:
            some = len(stream.decompress(data, STEP * 4))
            made += some
            data = stream.unconsumed_tail
            if stream.eof or (not data and some < STEP * 4):
                break
    except zlib.error:
        raise Broken(DAMAGED) from None
    return made


def packbits(stored: Stored, needed: int) -> int:
    """The end of PackBits data that give exactly `needed` bytes."""
    made, at = 0, 0  # at: the next header, which may lie steps ahead
    for number, step in enumerate(stored.steps()):
        place, length = at - number * STEP, len(step)
        while place < length and made < needed:
            head = step[place]
            if head < 128:
                made += head + 1
                place += head + 2
            else:
                made += 257 - head if head > 128 else 0
                place += 2 if head > 128 else 1
        at = number * STEP + place
        if made >= needed:
            break
    if made > needed:
        raise Refused(EXCESS)
    if made < needed or at > stored.length:
        raise Broken("the file ends in the middle of the picture")
    return at
