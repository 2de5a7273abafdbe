"""Run-length coded pixels of a BMP, followed to their end.

Source: Microsoft, Bitmap Compression (RLE4 and RLE8).
"""

from __future__ import annotations

from dataclasses import dataclass

from privkit.errors import Broken, Refused

LARGEST = 8 * 1024 * 1024
"""Bytes of coded data beyond which we refuse: they are held in memory and followed step by step."""
END_OF_ROW, END, DELTA = 0, 1, 2


@dataclass(slots=True)
class Packed:
    """The coded pixels in canonical form, and how much of the file they took."""

    data: bytes
    used: int


class _Walk:
    """Follows the codes; clears what no decoder looks at."""

    def __init__(self, data: bytes, width: int, height: int, bits: int) -> None:
        self.data = data
        self.clean = bytearray(data)
        self.width, self.height, self.bits = width, height, bits
        self.x = self.y = self.at = 0

    def follow(self) -> Packed:
        while True:
            count, value = self._pair()
            if (count, value) == (0, END):
                return Packed(self._so_far(2), self.at + 2)
            if self._complete() and not (count == 0 and value == END_OF_ROW and self.y < self.height):
                if any(self.data[self.at :]):
                    raise Refused("its coded pixels have no end mark, and decoders do not agree on what follows")
                return Packed(self._so_far(0) + bytes((0, END)), self.at)
            if self.at + 2 > len(self.data):
                raise Broken("the picture data are cut off")
            self._step(count, value)

    def _so_far(self, more: int) -> bytes:
        return bytes(memoryview(self.clean)[: self.at + more])

    def _pair(self) -> tuple[int, int]:
        pair = self.data[self.at : self.at + 2]
        return (pair[0], pair[1]) if len(pair) == 2 else (1, 0)

    def _complete(self) -> bool:
        return self.y >= self.height or (self.y == self.height - 1 and self.x == self.width)

    def _step(self, count: int, value: int) -> None:
        if count:
            self._move(count, 0)
            if count == 1 and self.bits == 4:
                self.clean[self.at + 1] &= 0xF0
            self.at += 2
        elif value == END_OF_ROW:
            self.x, self.y, self.at = 0, self.y + 1, self.at + 2
        elif value == DELTA:
            if self.at + 4 > len(self.data):
                raise Broken("the picture data are cut off")
            self._move(self.data[self.at + 2], self.data[self.at + 3])
            self.at += 4
        else:
            self._literal(value)

    def _literal(self, count: int) -> None:
        """`count` pixels as they are, filled up to an even number of bytes."""
        first, length = self.at + 2, (count * self.bits + 7) // 8
        if first + length + length % 2 > len(self.data):
            raise Broken("the picture data are cut off")
        self._move(count, 0)
        if count % 2 and self.bits == 4:
            self.clean[first + length - 1] &= 0xF0
        if length % 2:
            self.clean[first + length] = 0
        self.at = first + length + length % 2

    def _move(self, across: int, up: int) -> None:
        self.x += across
        self.y += up
        if self.x > self.width or self.y >= self.height:
            raise Refused("this BMP draws over its own edge: programs show it in different ways")


def follow(data: bytes, width: int, height: int, bits: int) -> Packed:
    """The codes up to the end of the bitmap. Raises Broken when they are cut off, Refused when they leave the picture."""
    return _Walk(data, width, height, bits).follow()
