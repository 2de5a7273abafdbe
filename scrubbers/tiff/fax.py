"""Finds where the fax data (CCITT) of a strip or tile end, by decoding it row by row.

Source: ITU-T T.4, sections 4.1 and 4.2 with tables 2 and 3; T.6, section 2; TIFF 6.0, sections 10 and 11.
"""

from __future__ import annotations

from functools import cache

from privkit.errors import Broken, Refused

from .stored import DAMAGED, STEP, Stored

WIDEST = TALLEST = 1_000_000
_WHITE = (
    "00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101 101010 101011 0100111"
    " 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100 0011000 00000010 00000011 00011010 00011011"
    " 00010010 00010011 00010100 00010101 00010110 00010111 00101000 00101001 00101010 00101011 00101100 00101101 00000100"
    " 00000101 00001010 00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000 01011001 01011010 01011011"
    " 01001010 01001011 00110010 00110011 00110100"
)
_BLACK = (
    "0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111 000011000 0000010111"
    " 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111 00000101000 00000010111 00000011000 000011001010"
    " 000011001011 000011001100 000011001101 000001101000 000001101001 000001101010 000001101011 000011010010 000011010011"
    " 000011010100 000011010101 000011010110 000011010111 000001101100 000001101101 000011011010 000011011011 000001010100"
    " 000001010101 000001010110 000001010111 000001100100 000001100101 000001010010 000001010011 000000100100 000000110111"
    " 000000111000 000000100111 000000101000 000001011000 000001011001 000000101011 000000101100 000001011010 000001100110"
    " 000001100111"
)
_WHITE_LONG = (
    "11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100 011001101 011010010 011010011"
    " 011010100 011010101 011010110 011010111 011011000 011011001 011011010 011011011 010011000 010011001 010011010 011000"
    " 010011011"
)
_BLACK_LONG = (
    "0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 0000001101100 0000001101101"
    " 0000001001010 0000001001011 0000001001100 0000001001101 0000001110010 0000001110011 0000001110100 0000001110101"
    " 0000001110110 0000001110111 0000001010010 0000001010011 0000001010100 0000001010101 0000001011010 0000001011011"
    " 0000001100100 0000001100101"
)
_LONGER = (
    "00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101 000000010110 000000010111"
    " 000000011100 000000011101 000000011110 000000011111"
)
PASS, ACROSS = 100, 101
_MODES = {"0001": PASS, "001": ACROSS, "1": 0, "011": 1, "000011": 2, "0000011": 3, "010": -1, "000010": -2, "0000010": -3}
"""The codes of two-dimensional rows; the numbers are how far a change lies beside that of the row above."""


@cache
def _table(width: int, *codes: tuple[str, int]) -> dict[str, tuple[int, int]]:
    """What each string of `width` bits begins with: value and length of the code."""
    found = {}
    for code, value in codes:
        rest = width - len(code)
        for number in range(1 << rest):
            found[code + (f"{number:0{rest}b}" if rest else "")] = (value, len(code))
    return found


@cache
def _runs(colour: int) -> dict[str, tuple[int, int]]:
    short, long = ((_WHITE, _WHITE_LONG), (_BLACK, _BLACK_LONG))[colour]
    longer = (long + " " + _LONGER).split()
    return _table(
        13, *((code, i) for i, code in enumerate(short.split())), *((code, 64 * i + 64) for i, code in enumerate(longer))
    )


def _modes() -> dict[str, tuple[int, int]]:
    return _table(7, *_MODES.items())


class _Bits:
    """The data as a string of 0 and 1, a window at a time."""

    def __init__(self, stored: Stored, width: int) -> None:
        self.steps = stored.steps()
        self.text = ""
        self.at = self.passed = 0
        self.margin = 13 * width + 4096
        self.more = True

    def fill(self) -> None:
        """Let the window hold a whole row from here on."""
        if self.more and len(self.text) - self.at < self.margin:
            parts, length = [self.text[self.at :]], len(self.text) - self.at
            self.passed += self.at
            self.at = 0
            while length < self.margin + 8 * STEP and self.more:
                step = next(self.steps, b"")
                self.more = bool(step)
                parts.append(f"{int.from_bytes(step, 'big'):0{8 * len(step)}b}" if step else "")
                length += len(parts[-1])
            self.text = "".join(parts)

    def align(self, unit: int) -> None:
        """Move on to the next multiple of `unit` bits from the start."""
        self.at += -(self.passed + self.at) % unit

    def end_of_line(self) -> bool:
        """Take an end-of-line code with the fill before it, if one stands here."""
        one = self.text.find("1", self.at)
        if one - self.at < 11:
            return False
        self.at = one + 1
        return True

    def run(self, colour: int) -> int:
        """The length of a run."""
        table, total = _runs(colour), 0
        while True:
            value, length = table[self.text[self.at : self.at + 13].ljust(13, "0")]
            self.at += length
            total += value
            if value < 64:
                return total


def end(stored: Stored, width: int, rows: int, kind: int, options: int) -> int:
    """Bytes that a decoder needs for `rows` rows of `width` pixels, the codes for the end included.

    kind: Compression 2, 3, 4 or 32771; options: T4Options or T6Options.
    """
    if width > WIDEST or rows > TALLEST:
        raise Refused("the picture is larger than any fax")
    if options & 2:
        raise Refused("its picture is compressed in a way that is not understood (a fax with uncompressed parts)")
    bits = _Bits(stored, width)
    try:
        _rows(bits, width, rows, kind, options)
    except KeyError:
        short = not bits.more and len(bits.text) - bits.at < 13
        raise Broken("the file ends in the middle of the picture" if short else DAMAGED) from None
    bits.fill()
    _close(bits, kind, options)
    if bits.passed + bits.at > 8 * stored.length:
        raise Broken("the file ends in the middle of the picture")
    return -(-(bits.passed + bits.at) // 8)


def _rows(bits: _Bits, width: int, rows: int, kind: int, options: int) -> None:
    above = [width] * 4
    for _ in range(rows):
        bits.fill()
        flat = kind != 4
        if kind == 3:
            marked = bits.end_of_line()
            if options & 1 and marked:
                flat = bits.text[bits.at : bits.at + 1] == "1"
                bits.at += 1
        above = _flat_row(bits, width) if flat else _row(bits, width, above)
        if kind == 2:
            bits.align(8)
        elif kind == 32771:
            bits.align(16)


def _close(bits: _Bits, kind: int, options: int) -> None:
    """Take the codes that end a page: two (T.6) or six (T.4) ends of line."""
    if kind in (3, 4):
        for _ in range(6 if kind == 3 else 2):
            before = bits.at
            if not bits.end_of_line() or (kind == 4 and bits.at - before != 12):
                bits.at = before
                return
            bits.at += 1 if kind == 3 and options & 1 else 0


def _flat_row(bits: _Bits, width: int) -> list[int]:
    """A row of runs, white and black in turn; its changes of colour."""
    changes: list[int] = []
    place = colour = 0
    while place < width:
        place += bits.run(colour)
        changes.append(place)
        colour ^= 1
        if len(changes) > 2 * width + 2:
            raise Broken(DAMAGED)
    return _checked(changes, place, width)


def _checked(changes: list[int], place: int, width: int) -> list[int]:
    """The changes with room for looking beyond the last one."""
    if place != width:
        raise Broken(DAMAGED)
    changes += [width] * 4
    return changes


def _row(bits: _Bits, width: int, above: list[int]) -> list[int]:
    """A row in terms of the changes in the row above it. `near` is the place in that list called b1 in T.6."""
    changes: list[int] = []
    modes, text, at = _modes(), bits.text, bits.at
    place = colour = near = 0
    while place < width:
        mode, length = modes[text[at : at + 7].ljust(7, "0")]
        at += length
        if mode == PASS:
            place = above[near + 1]
        elif mode == ACROSS:
            bits.at = at
            changes.append(place + bits.run(colour))
            changes.append(changes[-1] + bits.run(colour ^ 1))
            place, at = changes[-1], bits.at
        else:
            if above[near] + mode < place or len(changes) > 2 * width + 2:
                raise Broken(DAMAGED)
            place = above[near] + mode
            changes.append(place)
            colour ^= 1
            near = near - 1 if near else 1
        while above[near] <= place and above[near] < width:
            near += 2
    bits.at = at
    return _checked(changes, place, width)
