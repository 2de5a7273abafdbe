"""A bounded reader of EXIF: its directories (IFD), their fields, and the maker's notes as far as exifread knows them.

Source: TIFF 6.0, section 2; Exif 3.0 (CIPA DC-008-2023), sections 4.6.2 to 4.6.8. All numbers in a block are lies until
proven: nothing here raises on rubbish, and what is read is bounded in bytes, fields, directories and steps.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

LARGEST = 4 * 1024 * 1024
"""Bytes of a block that are looked at."""
MOST_FIELDS = 512
"""Fields read of one directory; real ones have up to about 200."""
MOST_DIRECTORIES = 24
LONGEST_TEXT = 8192
"""Bytes of a text that are decoded."""
MOST_STEPS = 250_000
"""How often exifread may read from a block: about a quarter of a second."""

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
"""Bytes of one value of each field type."""
_CODES = {1: "B", 3: "H", 4: "I", 5: "II", 6: "b", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d", 13: "I"}
_POINTERS = {0x8769: "EXIF", 0x8825: "GPS", 0xA005: "Interoperability", 0x014A: "SubIFD"}
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


class Field(NamedTuple):
    """One field of a directory: `number` values that stand at `start`, `size` bytes long (0 for an unknown type)."""

    tag: int
    kind: int
    number: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Directory:
    """An IFD: its name as exifread has it, its fields by tag (the first of each wins), where it stands."""

    name: str
    fields: dict[int, Field]
    start: int
    end: int
    next: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Block:
    """An EXIF block whose directories were read. `whole` is False where something could not be followed."""

    data: bytes
    order: str
    directories: tuple[Directory, ...]
    whole: bool

    def find(self, tag: int, name: str = "") -> Field | None:
        """The first field with this tag, in the directory called `name`, or in any but GPS and interoperability."""
        return next(self.all(tag, name), None)

    def all(self, tag: int, name: str = "") -> Iterator[Field]:
        for directory in self.directories:
            apart = directory.name in ("GPS", "Interoperability")
            if tag in directory.fields and (directory.name == name if name else not apart):
                yield directory.fields[tag]

    def raw(self, field: Field | None, most: int = LONGEST_TEXT) -> bytes:
        return self.data[field.start : field.start + min(field.size, most)] if field else b""

    def numbers(self, field: Field | None) -> list[float]:
        """Up to 64 numbers; a fraction without a denominator is not a number (nan)."""
        return _numbers(self.raw(field, 512), field.kind, self.order) if field and field.kind in _CODES else []


def order_of(tiff: bytes) -> str | None:
    """`<` or `>`, or None for what is no TIFF structure."""
    return _ORDERS.get(tiff[:4]) if len(tiff) >= 14 else None


def first_directory(tiff: bytes, order: str) -> int:
    return int.from_bytes(tiff[4:8], "little" if order == "<" else "big")


def directory(tiff: bytes, order: str, start: int, name: str = "") -> Directory:
    """The directory at `start`; what lies beyond the end of the block, or beyond MOST_FIELDS, is left out."""
    head = tiff[start : start + 2]
    claimed = struct.unpack(order + "H", head)[0] if len(head) == 2 else 0
    count = min(claimed, MOST_FIELDS, (len(tiff) - start - 2) // 12) if claimed else 0
    fields: dict[int, Field] = {}
    at = start + 2
    for tag, kind, number, value in struct.iter_unpack(order + "HHII", tiff[at : at + 12 * count]):
        size = SIZES.get(kind, 0) * number
        fields.setdefault(tag, Field(tag, kind, number, at + 8 if size <= 4 else value, size))
        at += 12
    following = tiff[at : at + 4] if count == claimed else b""
    further = struct.unpack(order + "I", following)[0] if len(following) == 4 else 0
    return Directory(name, fields, start, at + 4, further, count == claimed and len(head) == 2)


def _pointed(tiff: bytes, order: str, found: Directory) -> Iterator[tuple[str, int]]:
    """The names and places of directories that this one points to."""
    for tag, name in _POINTERS.items():
        field = found.fields.get(tag)
        if field and field.kind in (4, 13):
            places = _numbers(tiff[field.start : field.start + min(field.size, 32)], field.kind, order)
            yield from ((name, int(place)) for place in places)
    if found.next and found.name in ("Image", "Thumbnail"):
        yield "Thumbnail", found.next


def read(tiff: bytes) -> Block | None:
    """All directories of a block, or None where it is no TIFF structure at all."""
    whole = len(tiff) <= LARGEST
    tiff = tiff[:LARGEST]
    order = order_of(tiff)
    if order is None:
        return None
    waiting = [("Image", first_directory(tiff, order))]
    seen: set[int] = set()
    found: list[Directory] = []
    while waiting:
        name, start = waiting.pop(0)
        if start in seen:
            continue
        if len(found) == MOST_DIRECTORIES:
            whole = False
            break
        seen.add(start)
        found.append(directory(tiff, order, start, name))
        waiting.extend(_pointed(tiff, order, found[-1]))
    return Block(tiff, order, tuple(found), whole and all(one.whole for one in found))


def _numbers(raw: bytes, kind: int, order: str) -> list[float]:
    code = _CODES[kind]
    raw = raw[: len(raw) // SIZES[kind] * SIZES[kind]]
    return [_fraction(*values) for values in struct.iter_unpack(order + code, raw)]


def _fraction(number: float, divisor: float = 1) -> float:
    return number / divisor if divisor else float("nan")


def _lines(raw: bytes) -> str:
    """Text as cameras write it: parts between NULs, UTF-8 or else Latin-1, on one line."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return one_line(text.replace("\0", "\n"))


def one_line(text: str) -> str:
    """Parts of a text without the blanks around them, on one line; "" where nothing in it can be seen."""
    text = " ".join(text.split())
    return text if any(map(str.isprintable, text)) else ""


def wide_text(raw: bytes, order: str = "<") -> str:
    """UTF-16 text; its byte order is guessed from its NULs, since programs do not keep to the block's order."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        order, raw = "<" if raw[0] == 0xFF else ">", raw[2:]
    high, low = raw[::2].count(0), raw[1::2].count(0)
    big = high > low or (high == low and order == ">")
    return one_line(raw.decode("utf-16-be" if big else "utf-16-le", "replace").replace("\0", "\n"))


def comment_text(raw: bytes, order: str) -> str:
    """A UserComment, without the eight bytes that name its encoding (Exif 3.0, section 4.6.6.3.7)."""
    encoding, rest = raw[:8].rstrip(b" \0").upper(), raw[8:]
    if encoding == b"UNICODE":
        return wide_text(rest, order)
    if encoding == b"JIS":
        return one_line(rest.decode("iso2022_jp", "replace").replace("\0", "\n"))
    return _lines(rest) if encoding in (b"", b"ASCII") else _lines(raw)


def text(block: Block, field: Field) -> str:
    """The text of a field, whatever its type, on one line; "" where it is blank or holds no text."""
    raw = block.raw(field)
    if 0x9C9B <= field.tag <= 0x9C9F:
        return wide_text(raw)
    if field.tag == 0x9286:
        return comment_text(raw, block.order)
    return _lines(raw) if SIZES.get(field.kind) == 1 else ""


class _Exhausted(Exception):
    """exifread read more often than any honest block needs."""


class _Bounded(io.BytesIO):
    """A block in memory that gives up after MOST_STEPS reads, or after four times LARGEST bytes."""

    steps = 0
    given = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.steps += 1
        self.given += len(data)
        if self.steps > MOST_STEPS or self.given > 4 * LARGEST:
            raise _Exhausted
        return data


def maker_values(tiff: bytes) -> dict[str, Any]:
    """What exifread makes of the maker's notes: its tags by name. Empty where it fails or takes too long."""
    import logging

    import exifread

    logging.getLogger("exifread").setLevel(logging.CRITICAL + 1)
    try:
        tags = exifread.process_file(_Bounded(tiff[:LARGEST]), details=True, extract_thumbnail=False)
    except Exception:  # hostile notes make it raise nearly anything; that the notes are there is told all the same
        return {}
    return {name[10:].strip(): tag for name, tag in tags.items() if name.startswith("MakerNote ")}


def maker_text(tag: Any) -> str:
    """The value of an exifread tag on one line: text, bytes or numbers."""
    values = getattr(tag, "values", "")
    if isinstance(values, (str, bytes)):
        return _lines(values if isinstance(values, bytes) else values.encode("utf-8", "replace"))
    return one_line(str(getattr(tag, "printable", ""))[:LONGEST_TEXT])
