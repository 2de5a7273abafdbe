"""Finds where the LZW data of a GIF picture really ends, without drawing the picture.

Only the length of each string is followed, never its pixels, so a bomb costs no more than its own bytes.
Codes of one width are taken apart many at once, by spreading one large number: 10 to 20 MB a second.
Source: GIF89a specification, appendix F.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from privkit.errors import Broken, Refused

WIDEST = 12
BATCH = 2048
MOST_SEGMENTS = 500_000
"""Clear codes in one file; real encoders set one every few hundred codes at the most."""


@dataclass(frozen=True, slots=True)
class End:
    """Where the data that a decoder needs ends."""

    bits: int
    """Bits up to there; the end code is counted in where it follows at once."""
    width: int
    """Width in bits of a code that would stand there."""
    closed: bool
    """Whether the end code stands there."""
    pixels: int
    """Pixels that the codes give: may be fewer than the picture has, or more by the rest of the last string."""
    segments: int = 0
    """How often the table was started anew: what the walk cost beside the bytes."""


@cache
def _masks(width: int, power: int) -> tuple[tuple[int, int, int], ...]:
    """For each halving of 2**power codes: the lower halves, the upper halves, how far the upper ones move up."""
    steps = []
    for half in (1 << step for step in reversed(range(power))):
        group = (1 << width * half) - 1
        lower = sum(group << at * 32 * half for at in range((1 << power) // (2 * half)))
        steps.append((lower, lower << width * half, (16 - width) * half))
    return tuple(steps)


def _spread(packed: int, width: int, count: int) -> tuple[int, ...]:
    """The lowest `count` codes of `width` bits: each is moved to 16 bits of its own, in halving steps."""
    power = (count - 1).bit_length()
    if power == 0:
        return (packed & (1 << width) - 1,)
    for lower, upper, move in _masks(width, power):
        packed = (packed & lower) | ((packed & upper) << move)
    return struct.unpack_from(f"<{count}H", packed.to_bytes(2 << power, "little"))


@dataclass(slots=True)
class _Bits:
    """The data as codes, least significant bit first. Holds one chunk and what is left of the one before."""

    chunks: Iterator[bytes]
    held: bytes = b""
    at: int = 0
    passed: int = 0

    @property
    def position(self) -> int:
        return self.passed + self.at

    def _fill(self, bits: int) -> int:
        """Hold `bits` bits, if there are as many; how many there are."""
        while len(self.held) * 8 - self.at < bits:
            more = next(self.chunks, None)
            if more is None:
                return len(self.held) * 8 - self.at
            start = self.at // 8
            self.held = self.held[start:] + more
            self.passed += start * 8
            self.at -= start * 8
        return bits

    def codes(self, count: int, width: int) -> tuple[int, ...]:
        """`count` codes; fewer only where the data ends."""
        count = self._fill(count * width) // width
        if count == 0:
            return ()
        end = self.at + count * width
        packed = int.from_bytes(self.held[self.at // 8 : (end + 7) // 8], "little") >> (self.at & 7)
        self.at = end
        return _spread(packed, width, count)

    def give_back(self, count: int, width: int) -> None:
        self.at -= count * width


@dataclass(slots=True)
class _Walk:
    """One picture's data. `lengths` holds the length of each code's string; the clear and end codes have None."""

    bits: _Bits
    size: int
    needed: int
    pixels: int = 0
    width: int = 0
    lengths: list[Any] = field(default_factory=list)

    @property
    def clear(self) -> int:
        return 1 << self.size

    def run(self, most: int) -> End:
        self.lengths = [*([1] * self.clear), None, None]
        for number in range(1, most + 1):
            end = self._segment()
            if end is not None:
                return replace(end, segments=number)
        raise Refused("a picture in this file is coded in a way that no usual program writes")

    def _segment(self) -> End | None:
        """Up to a clear code (None), or to the end."""
        del self.lengths[self.clear + 2 :]
        self.width = self.size + 1
        first = self.bits.codes(1, self.width)
        if not first or first[0] >= self.clear:
            return self._special(first)
        self.pixels += 1
        if self.pixels >= self.needed:
            return self._enough()
        previous = 2  # one more than the length of the string before: the length of the next entry
        while True:
            room = (1 << self.width) - len(self.lengths)
            codes = self.bits.codes(room or BATCH, self.width)
            grown = self._grown(codes, previous) if room else self._frozen(codes)
            if self.pixels + sum(grown) - len(grown) >= self.needed:
                return self._enough_within(grown, len(codes), room > 0)
            self.pixels += sum(grown) - len(grown)
            if len(grown) < len(codes) or not codes:
                self.bits.give_back(len(codes) - len(grown) - 1 if codes else 0, self.width)
                return self._special(codes[len(grown) : len(grown) + 1])
            previous = grown[-1]
            self._widen()

    def _grown(self, codes: tuple[int, ...], previous: int) -> list[int]:
        """One more than the length of each code's string, up to one that has no string; each code adds an entry."""
        lengths, start = self.lengths, len(self.lengths)
        add = lengths.append
        try:
            for code in codes:
                add(previous)
                previous = lengths[code] + 1
        except (TypeError, IndexError):  # a clear or end code (None), or one that does not exist: it adds no entry
            lengths.pop()
        return [*lengths[start + 1 :], previous] if len(lengths) > start else []

    def _frozen(self, codes: tuple[int, ...]) -> list[int]:
        """The same when the table is full."""
        found = [self.lengths[code] for code in codes]
        if None in found:
            del found[found.index(None) :]
        return [length + 1 for length in found]

    def _widen(self) -> None:
        if len(self.lengths) == 1 << self.width and self.width < WIDEST:
            self.width += 1

    def _special(self, code: tuple[int, ...]) -> End | None:
        """At a clear code None; at the end code, or where the data ends without one, the end."""
        if code and code[0] == self.clear:
            return None
        if code and code[0] != self.clear + 1:
            raise Broken("the data of a picture in this file is damaged")
        return End(self.bits.position, self.width, bool(code), self.pixels)

    def _enough_within(self, grown: list[int], taken: int, growing: bool) -> End:
        """The end, behind the code that gives the last pixel that is needed."""
        used = 0
        while self.pixels < self.needed:
            self.pixels += grown[used] - 1
            used += 1
        self.bits.give_back(taken - used, self.width)
        if growing:
            del self.lengths[len(self.lengths) - (len(grown) - used) :]
            self._widen()
        return self._enough()

    def _enough(self) -> End:
        """The end, where all pixels are there: with the end code, if it follows, also behind one clear code."""
        end = End(self.bits.position, self.width, False, self.pixels)
        code = self.bits.codes(1, self.width)
        width = self.width
        if code == (self.clear,):
            width = self.size + 1
            code = self.bits.codes(1, width)
        return End(self.bits.position, width, True, self.pixels) if code == (self.clear + 1,) else end


def measure(data: Iterable[bytes], code_size: int, pixels: int, segments: int = MOST_SEGMENTS) -> End:
    """Walk the codes of one picture of so many pixels (0: not known). `data` is read only as far as it is needed.

    Raises Broken for codes that do not exist, Refused for more than `segments` clear codes.
    Source: GIF89a specification, appendix F.
    """
    if not 2 <= code_size <= 8:
        raise Broken("a picture in this file announces an impossible size of its codes")
    return _Walk(_Bits(iter(data)), code_size, pixels or 1 << 62).run(segments)
