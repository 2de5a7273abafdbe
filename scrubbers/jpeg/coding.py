"""Follows frame, tables and scans as a decoder does: what no scan needs could hold anything, and is left out.

Source: ITU-T T.81, B.2.2 (frame), B.2.3 (scan), B.2.4 (tables), C.2 (codes), G.1.1.1 (progression).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from privkit.errors import Broken, Refused

from .markers import ARITHMETIC, DAC, DHT, DNL, DQT, DRI, FRAMES, LOSSLESS, PROGRESSIVE, SOS, TABLES

USUAL = 1024
"""Bytes of a segment of tables up to which it is remembered."""
_DC, _AC = 0x00, 0x10
"""Classes of Huffman tables and of arithmetic conditioning, as they stand beside the table's number."""


@dataclass(slots=True)
class Coding:
    """The state of a decoder that has read so far.

    Raises Broken for what no decoder takes, Refused for what decoders take in different ways.
    """

    frame: int = 0
    """The SOF that began the frame; 0 before it."""
    width: int = 0
    height: int = 0
    restarts: bool = False
    """Whether coded data hold restart markers, by the last DRI."""
    needed: set[int] = field(default_factory=set)
    """Where the tables start that a scan needs."""
    scans: int = 0
    _last: int = 0
    _quantisation: dict[int, int] = field(default_factory=dict)
    """Number of the table of each component."""
    _tables: dict[tuple[int, int], tuple[int, bytes]] = field(default_factory=dict)
    """Where the latest table of each kind and number starts, and what it holds."""
    _used: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """What the tables held that scans needed."""
    _bits: dict[tuple[int, int], int] = field(default_factory=dict)
    """The lowest bit coded so far of each component's coefficients."""

    def take(self, marker: int, start: int, body: bytes) -> None:
        """Go on by a segment whose payload starts at `start`."""
        if marker in FRAMES:
            self._take_frame(marker, body)
        elif marker == SOS:
            self._take_scan(body)
        elif marker == DNL and (self._last != SOS or self.scans != 1 or len(body) != 2):
            raise Refused("the picture's height stands where decoders do not look for it")
        elif marker in TABLES:
            self._take_tables(marker, start, body)
        self._last = marker

    def _take_frame(self, marker: int, body: bytes) -> None:
        if self.frame:
            raise Refused("the file holds more than one frame")
        if len(body) < 9 or not 1 <= body[5] <= 4 or len(body) != 6 + 3 * body[5]:
            raise Broken("the picture's header contradicts itself")
        self.frame = marker
        self.height, self.width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
        if not self.width:
            raise Broken("the picture says that it is 0 pixels wide")
        self._quantisation = dict(zip(body[6::3], body[8::3], strict=True))
        if len(self._quantisation) != body[5]:
            raise Broken("the picture's header contradicts itself")

    def _take_tables(self, marker: int, start: int, body: bytes) -> None:
        for number, at, end in tables(marker, body):
            slot, table = (marker, number & 0x0F if marker == DQT else number), body[at:end]
            if marker == DQT and self._used.get(slot, table) != table:
                raise Refused("a table changes in the middle of the picture, which decoders take in different ways")
            self._tables[slot] = start + at, table
        if marker == DRI:
            self.restarts = body != b"\0\0"

    def _take_scan(self, body: bytes) -> None:
        if not self.frame:
            raise Broken("the picture's data come before its size")
        if not body or not 1 <= body[0] <= 4 or len(body) != 4 + 2 * body[0]:
            raise Broken("a scan's header contradicts itself")
        chosen = dict(zip(body[1:-3:2], body[2:-3:2], strict=True))
        if len(chosen) != body[0] or not chosen.keys() <= self._quantisation.keys():
            raise Broken("a scan's header contradicts itself")
        self.scans += 1
        self._need((DRI, 0))
        for component, entropy in chosen.items():
            self._take_bits(component, len(chosen), *body[-3:])
            self._need_for(component, entropy, first=body[-3], high=body[-1] >> 4)

    def _take_bits(self, component: int, together: int, first: int, last: int, approximation: int) -> None:
        """Check that a scan adds to the picture: what is coded a second time is shown by some decoders only."""
        high, low = approximation >> 4, approximation & 0x0F
        if self.frame not in PROGRESSIVE:
            first, last, high, low = 0, 0, 0, 0
        elif first > last or last > 63 or (first == 0) != (last == 0) or (first and together > 1):
            raise Broken("a scan's header contradicts itself")
        for coefficient in range(first, last + 1):
            before = self._bits.get((component, coefficient))
            if high if before is None else (high != before or low != high - 1):
                raise Refused("a part of the picture is coded twice, which decoders show in different ways")
            self._bits[component, coefficient] = low

    def _need_for(self, component: int, entropy: int, first: int, high: int) -> None:
        """Note the tables by which a scan codes a component (the upper half of `entropy` is for DC, the lower for AC)."""
        progressive, lossless = self.frame in PROGRESSIVE, self.frame in LOSSLESS
        kind = DAC if self.frame in ARITHMETIC else DHT
        if not lossless:
            self._need((DQT, self._quantisation[component]))
        if not (progressive and (first or high)):
            self._need((kind, _DC | entropy >> 4))
        if not lossless and (first or not progressive):
            self._need((kind, _AC | entropy & 0x0F))

    def _need(self, slot: tuple[int, int]) -> None:
        if slot in self._tables:
            start, self._used[slot] = self._tables[slot]
            self.needed.add(start)


def tables(marker: int, body: bytes) -> tuple[tuple[int, int, int], ...]:
    """The tables in a segment: class and number as one byte, start, end. Raises Broken where they do not fill it exactly."""
    return _usual_tables(marker, body) if len(body) <= USUAL else tuple(_tables(marker, body))


@lru_cache(256)
def _usual_tables(marker: int, body: bytes) -> tuple[tuple[int, int, int], ...]:
    """The same, remembered: thousands of files have the same tables."""
    return tuple(_tables(marker, body))


def _tables(marker: int, body: bytes) -> Iterator[tuple[int, int, int]]:
    at = 0
    while at < len(body) or not body:
        number, end = (0, 2) if marker == DRI else _table(marker, body, at)
        if end > len(body) or (marker == DRI and len(body) != 2):
            raise Broken("a table of the picture is not as long as it says")
        yield number, at, end
        at = end


def _table(marker: int, body: bytes, at: int) -> tuple[int, int]:
    """Class and number, and end, of the table that stands at `at` (T.81, B.2.4.1 to B.2.4.3)."""
    number = body[at] if body else 0
    if number & 0x0F > 3 or number > 0x1F:
        raise Broken("a table of the picture has a number that cannot be")
    if marker == DAC:
        return number, at + 2
    if marker == DQT:
        return number, at + (65 if number < 0x10 else 129)
    return number, _end_of_code(body, at)


def _end_of_code(body: bytes, at: int) -> int:
    """The end of a Huffman table. Raises Broken for one that is no code: with too many values, or the same one twice."""
    counts = body[at + 1 : at + 17]
    end = at + 17 + sum(counts)
    values = body[at + 17 : end]
    if sum(count << 15 - i for i, count in enumerate(counts)) > 1 << 16 or len(set(values)) < len(values):
        raise Broken("a table of the picture is no code")
    if values and body[at] < _AC and any(value > 16 for value in values):
        raise Broken("a table of the picture is no code")
    return end
