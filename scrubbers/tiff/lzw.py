"""Finds where the LZW data of a strip or tile ends, without drawing it: only the length of each string is followed.

Source: TIFF 6.0, section 13. Codes are packed from the highest bit on, and become wider one code early.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from functools import cache
from itertools import accumulate

from privkit.errors import Broken, Refused

from .stored import DAMAGED, EXCESS, Stored

CLEAR, STOP, FIRST = 256, 257, 258
WIDEST = 12
MOST_ENTRIES = 4096 + 1024
"""Strings until a clear code must come; libtiff bears as many."""
MOST = 1024
"""Codes taken apart at once."""


@cache
def _steps(width: int, power: int) -> tuple[tuple[int, int, int], ...]:
    """For each halving of 2**power codes: masks of the lower and the upper halves, and how far the upper ones move."""
    steps = []
    for half in (1 << step for step in reversed(range(power))):
        group = (1 << width * half) - 1
        low = sum(group << 32 * half * place for place in range((1 << power) // (2 * half)))
        steps.append((low, low << width * half, (16 - width) * half))
    return tuple(steps)


def _codes(data: bytes, skip: int, width: int, count: int) -> tuple[int, ...]:
    """`count` codes of `width` bits, the first one behind `skip` bits; `data` ends in the byte where the last one does."""
    packed = int.from_bytes(data, "big") >> (-(skip + count * width) % 8)
    packed &= (1 << count * width) - 1
    power = (count - 1).bit_length()
    for low, high, move in _steps(width, power):
        packed = (packed & low) | ((packed & high) << move)
    return struct.unpack(f">{1 << power}H", packed.to_bytes(2 << power, "big"))[-count:]


def end(stored: Stored, needed: int) -> int:
    """Bytes that a decoder needs for exactly `needed` bytes of picture, the stop code included.

    Raises Broken where the data end early, Refused where they hold more than the picture.
    """
    if stored.length >= 2 and stored.read(0, 2)[0] == 0 and stored.read(1, 1)[0] & 1:
        raise Refused("its picture is compressed in a way that is not understood (an old kind of LZW)")
    walk = _Walk(stored, needed)
    while walk.made < needed:
        walk.segment()
    if walk.made > needed:
        raise Refused(EXCESS)
    return walk.close()


class _Walk:
    """The codes of one strip or tile. A segment runs from one clear code to the next."""

    def __init__(self, stored: Stored, needed: int) -> None:
        self.stored, self.needed = stored, needed
        self.bit = self.made = 0
        self.width, self.entries = 9, FIRST

    def peek(self, count: int) -> tuple[int, ...]:
        """Up to `count` codes, fewer at the end of the data, but at least one."""
        count = min(count, (self.stored.length * 8 - self.bit) // self.width)
        if count <= 0:
            raise Broken("the file ends in the middle of the picture")
        first = self.bit // 8
        last = -(-(self.bit + count * self.width) // 8)
        return _codes(self.stored.read(first, last - first), self.bit % 8, self.width, count)

    def segment(self) -> None:
        self.width, self.entries = 9, FIRST
        if not self.bit and self.peek(1)[0] != CLEAR:
            raise Refused("its picture is compressed in a way that is not understood (an unusual kind of LZW)")
        while (code := self.peek(1)[0]) == CLEAR:
            self.bit += self.width
        if code > 255:
            raise Broken(DAMAGED)
        self.bit += self.width
        self.made += 1
        lengths = [1] * 256 + [0, 0]
        before = 1
        while self.made < self.needed and len(lengths) < MOST_ENTRIES:
            codes = self.peek(min(self.room(), MOST))
            plain = _plain(codes)
            before = self.follow(codes[:plain], lengths, before)
            if self.made < self.needed and plain < len(codes):
                if codes[plain] == STOP:
                    raise Broken("the file ends in the middle of the picture")
                self.bit += self.width
                return
        if self.made < self.needed:
            raise Broken(DAMAGED)

    def room(self) -> int:
        """Codes until they become wider."""
        return (1 << self.width) - 1 - self.entries if self.width < WIDEST else MOST

    def follow(self, codes: tuple[int, ...], lengths: list[int], before: int) -> int:
        """Count what the codes make, up to the last one needed; each also adds a string one longer than that before it."""
        made = []
        with suppress(IndexError):
            for code in codes:
                lengths.append(before + 1)
                before = lengths[code]
                made.append(before)
        used, total = len(made), self.made + sum(made)
        if total >= self.needed:
            sums = list(accumulate(made, initial=self.made))
            used = next(place for place, value in enumerate(sums) if value >= self.needed)
            total = sums[used]
        elif used < len(codes):
            raise Broken(DAMAGED)
        self.made = total
        self.bit += used * self.width
        self.entries += used
        if self.width < WIDEST and self.room() <= 0:
            self.width += 1
        return before

    def close(self) -> int:
        """The end, behind the stop code where one follows: writers differ in whether it is already wider, or behind a clear."""
        for width, further in ((self.width, ()), (self.width - 1, ()), (self.width, (STOP,))):
            if self.stands(self.bit, width, CLEAR if further else STOP):
                stop = self.bit + width
                if not further:
                    return -(-stop // 8)
                if self.stands(stop, 9, STOP):
                    return -(-(stop + 9) // 8)
        return -(-self.bit // 8)

    def stands(self, bit: int, width: int, code: int) -> bool:
        self.bit, kept, self.width, before = bit, self.bit, width, self.width
        try:
            return self.peek(1)[0] == code
        except Broken:
            return False
        finally:
            self.bit, self.width = kept, before


def _plain(codes: tuple[int, ...]) -> int:
    """How many codes stand before the first clear or stop code."""
    if CLEAR not in codes and STOP not in codes:
        return len(codes)
    return next(place for place, code in enumerate(codes) if code in (CLEAR, STOP))
