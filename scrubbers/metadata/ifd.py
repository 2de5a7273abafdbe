"""Image file directories (IFDs) of TIFF and BigTIFF: a bounded reader, and a writer that leaves no unused byte.

Source: TIFF revision 6.0, section 2; the BigTIFF design (libtiff.gitlab.io/libtiff/specification/bigtiff.html).
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from privkit.errors import Broken
from privkit.source import Source

MOST_ENTRIES = 4096
"""Entries of one directory; cameras write under 200."""
MOST_DIRECTORIES = 4096
"""Directories of one chain, that is pages."""
MOST_IN_ALL = 100_000
"""Entries that one reader takes in all."""
LARGEST_VALUE = 16 * 1024 * 1024
"""Bytes of a value that is read whole."""

BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE, IFD = range(1, 14)
LONG8, SLONG8, IFD8 = 16, 17, 18
SIZES = dict(zip([*range(BYTE, IFD + 1), LONG8, SLONG8, IFD8], (1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 8, 8, 8), strict=True))
"""Bytes of one value of each type."""
_WHOLE = {BYTE: "B", SHORT: "H", LONG: "I", IFD: "I", LONG8: "Q", IFD8: "Q", SBYTE: "b", SSHORT: "h", SLONG: "i", SLONG8: "q"}
_REAL = {FLOAT: "f", DOUBLE: "d"}
_NATIVE = "<" if struct.pack("=H", 1) == b"\x01\x00" else ">"


@dataclass(frozen=True, slots=True)
class Form:
    """How numbers stand in a file: `<` (II) or `>` (MM), and whether offsets have 8 bytes (BigTIFF)."""

    order: str
    big: bool = False

    @property
    def header(self) -> int:
        return 16 if self.big else 8

    @property
    def word(self) -> int:
        """Bytes of an offset; a value that is no longer stands in the entry itself."""
        return 8 if self.big else 4

    @property
    def offset(self) -> int:
        """The type that offsets are written in."""
        return LONG8 if self.big else LONG

    @property
    def align(self) -> int:
        return 8 if self.big else 2

    def pack(self, letters: str, *numbers: int) -> bytes:
        return struct.pack(self.order + letters, *numbers)

    def up(self, at: int) -> int:
        """`at`, moved up to where a value may begin."""
        return -(-at // self.align) * self.align

    def start(self, first: int) -> bytes:
        """The header of a file whose first directory is at `first`."""
        mark = b"II" if self.order == "<" else b"MM"
        return mark + (self.pack("HHHQ", 43, 8, 0, first) if self.big else self.pack("HI", 42, first))


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a directory. `at` is where its value stands, from the start of the source."""

    tag: int
    type: int
    count: int
    at: int
    size: int
    sound: bool
    """Whether the type is known and the value lies within the file. The value of an unsound one is never read."""


@dataclass(frozen=True, slots=True)
class Directory:
    """An IFD. `at` and `end` enclose it in the source, `next` is the offset of the one that follows, or 0."""

    at: int
    end: int
    entries: tuple[Entry, ...]
    next: int

    def all(self, tag: int) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.tag == tag)

    def get(self, tag: int) -> Entry | None:
        """The first entry with this tag, or None."""
        return next((entry for entry in self.entries if entry.tag == tag), None)


class Reader:
    """Reads directories from a source. Offsets count from `base`; nothing is read behind `end`.

    Raises Broken for what does not fit, ends too early, or is more than any real file has.
    """

    def __init__(self, source: Source, base: int = 0, end: int | None = None) -> None:
        self.source = source
        self.base = base
        self.end = source.size if end is None else min(end, source.size)
        self.taken = 0
        self.form, self.first = self._header()

    def read(self, at: int, length: int) -> bytes:
        if at < self.base or length < 0 or at + length > self.end:
            raise Broken("the file ends in the middle of a part that it announces")
        return self.source.read(at, length)

    def _header(self) -> tuple[Form, int]:
        head = self.read(self.base, min(16, max(self.end - self.base, 0)))
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        if order is None or len(head) < 8:
            raise Broken("this does not begin like a TIFF file")
        magic, low = struct.unpack(order + "HI", head[2:8])
        if magic == 42:
            return Form(order), low
        if magic != 43 or len(head) < 16 or head[4:8] != struct.pack(order + "HH", 8, 0):
            raise Broken("this does not begin like a TIFF file")
        return Form(order, big=True), struct.unpack(order + "Q", head[8:])[0]

    def directory(self, offset: int) -> Directory:
        """The directory at `offset`."""
        letters, width = ("Q", 8) if self.form.big else ("H", 2)
        at = self.base + offset
        count = struct.unpack(self.form.order + letters, self.read(at, width))[0]
        self.taken += count
        if not 0 < count <= MOST_ENTRIES or self.taken > MOST_IN_ALL or offset < self.form.header:
            raise Broken("a directory of the file is empty, or larger than any real one")
        length = 20 if self.form.big else 12
        table = self.read(at + width, count * length + self.form.word)
        entries = tuple(self._entry(table, i * length, at + width) for i in range(count))
        following = struct.unpack(self.form.order + ("Q" if self.form.big else "I"), table[-self.form.word :])[0]
        return Directory(at, at + width + len(table), entries, following)

    def _entry(self, table: bytes, i: int, at: int) -> Entry:
        tag, kind = struct.unpack_from(self.form.order + "HH", table, i)
        letter, word = ("Q", 8) if self.form.big else ("I", 4)
        count, value = struct.unpack_from(self.form.order + 2 * letter, table, i + 4)
        size = count * SIZES.get(kind, 0)
        place = at + i + 4 + word if size <= word else self.base + value
        sound = kind in SIZES and count > 0 and place >= self.base and place + size <= self.end
        return Entry(tag, kind, count, place, size, sound)

    def chain(self, offset: int, most: int = MOST_DIRECTORIES) -> Iterator[Directory]:
        """The directories from `offset` on, one after the other."""
        seen: set[int] = set()
        while offset:
            if offset in seen:
                raise Broken("the pages of the file run in a circle")
            if len(seen) >= most:
                raise Broken("the file has more pages than any real one")
            seen.add(offset)
            found = self.directory(offset)
            yield found
            offset = found.next

    def data(self, entry: Entry, most: int = LARGEST_VALUE) -> bytes:
        """The bytes of a value as they stand."""
        if not entry.sound or entry.size > most:
            raise Broken("a field of the file has a value that cannot be")
        return self.read(entry.at, entry.size)

    def numbers(self, entry: Entry, most: int = LARGEST_VALUE) -> Sequence[int]:
        """The whole numbers of a value, as a compact array."""
        letter = _WHOLE.get(entry.type)
        if letter is None:
            raise Broken("a field of the file holds something other than whole numbers")
        return numbers(self.form, letter, self.data(entry, most))

    def number(self, entry: Entry) -> int:
        """The one whole number of a value."""
        if entry.count != 1:
            raise Broken("a field of the file holds a list where one number belongs")
        return self.numbers(entry)[0]

    def reals(self, entry: Entry) -> tuple[float, ...]:
        """The numbers of a value of any numeric type; a fraction over 0 is 0."""
        data = self.data(entry, 64 * 1024)
        if entry.type in _REAL:
            return struct.unpack(f"{self.form.order}{entry.count}{_REAL[entry.type]}", data)
        if entry.type in (RATIONAL, SRATIONAL):
            parts = numbers(self.form, "I" if entry.type == RATIONAL else "i", data)
            return tuple(a / b if b else 0.0 for a, b in zip(parts[::2], parts[1::2], strict=True))
        return tuple(float(number) for number in self.numbers(entry))

    def field(self, entry: Entry) -> Field:
        """The entry with its value, to be written again as it is."""
        return Field(entry.tag, entry.type, entry.count, self.data(entry))


def numbers(form: Form, letter: str, data: bytes) -> array[int]:
    """`data` as whole numbers of the kind `letter` (see `struct`)."""
    found = array(letter, data)
    if form.order != _NATIVE:
        found.byteswap()
    return found


def packed(form: Form, letter: str, values: array[int]) -> bytes:
    """The reverse of `numbers`."""
    if form.order == _NATIVE:
        return values.tobytes()
    swapped = values[:]
    swapped.byteswap()
    return swapped.tobytes()


@dataclass(frozen=True, slots=True)
class Field:
    """A field to be written: its value in the byte order of the file."""

    tag: int
    type: int
    count: int
    data: bytes


def whole(form: Form, tag: int, kind: int, *values: int) -> Field:
    """A field of whole numbers."""
    return Field(tag, kind, len(values), form.pack(_WHOLE[kind] * len(values), *values))


def extent(form: Form, sizes: Sequence[int]) -> int:
    """The bytes that a directory takes whose values have these sizes, its values included."""
    entry, count = (20, 8) if form.big else (12, 2)
    end = form.up(count + entry * len(sizes) + form.word)
    return end + sum(form.up(size) for size in sizes if size > form.word)


def directory(form: Form, fields: Sequence[Field], at: int, following: int) -> bytes:
    """A directory with its values right behind it, in the order of the tags, to stand at offset `at`."""
    letter, count = ("Q", "Q") if form.big else ("I", "H")
    entries, values = [form.pack(count, len(fields))], []
    place = at + extent(form, [0] * len(fields))
    for item in sorted(fields, key=lambda item: item.tag):
        inline = len(item.data) <= form.word
        value = item.data.ljust(form.word, b"\0") if inline else form.pack(letter, place)
        entries.append(form.pack("HH" + letter, item.tag, item.type, item.count) + value)
        if not inline:
            values.append(item.data.ljust(form.up(len(item.data)), b"\0"))
            place += len(values[-1])
    entries.append(form.pack(letter, following))
    table = b"".join(entries)
    return table.ljust(form.up(len(table)), b"\0") + b"".join(values)


@dataclass(frozen=True, slots=True)
class Node:
    """A directory to be written with all that hangs on it."""

    fields: tuple[Field, ...] = ()
    children: Mapping[int, Node] = field(default_factory=dict)
    """Directories that a field of this one points to, by its tag."""
    blobs: Mapping[int, bytes] = field(default_factory=dict)
    """Data that a field of this one points to, by its tag: a thumbnail."""


def measure(form: Form, node: Node) -> int:
    """The bytes that a directory takes with all that hangs on it."""
    sizes = [len(item.data) for item in node.fields] + [form.word] * (len(node.children) + len(node.blobs))
    parts = [measure(form, child) for child in node.children.values()]
    return extent(form, sizes) + sum(parts) + sum(form.up(len(blob)) for blob in node.blobs.values())


def grow(form: Form, node: Node, at: int, following: int) -> bytes:
    """The directory to stand at `at`, then its children, then its blobs, each in the order of the tags."""
    sizes = [len(item.data) for item in node.fields] + [form.word] * (len(node.children) + len(node.blobs))
    place = at + extent(form, sizes)
    fields, parts = list(node.fields), []
    for tag, child in sorted(node.children.items()):
        fields.append(whole(form, tag, form.offset, place))
        parts.append(grow(form, child, place, 0))
        place += len(parts[-1])
    for tag, blob in sorted(node.blobs.items()):
        fields.append(whole(form, tag, form.offset, place))
        parts.append(blob.ljust(form.up(len(blob)), b"\0"))
        place += len(parts[-1])
    return directory(form, fields, at, following) + b"".join(parts)


def written(form: Form, chain: Sequence[Node]) -> bytes:
    """A whole small TIFF: the header and a chain of directories, without a gap."""
    at, parts = form.header, [form.start(form.header)]
    for i, node in enumerate(chain):
        end = at + measure(form, node)
        parts.append(grow(form, node, at, end if i + 1 < len(chain) else 0))
        at = end
    return b"".join(parts)
