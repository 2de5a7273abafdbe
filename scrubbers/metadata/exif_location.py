"""An EXIF block without its place: written anew, all other known fields as they are.

What goes: the GPS directory, maker notes, PrintIM, padding, unknown and private fields, and a thumbnail
that is not a plain JPEG (one with segments of its own could hold a place). Captions, comments and the
offset from universal time stay: they may name or hint at a place, and the caller says so.
Source: CIPA DC-008 (Exif 3.0), tables 3 to 15; TIFF 6.0, sections 3 to 8.
"""

from __future__ import annotations

import re
from contextlib import suppress

from privkit.errors import Broken
from privkit.source import Source

from .ifd import ASCII, Directory, Entry, Field, Node, Reader, whole, written

EXIF, GPS, INTEROP = 0x8769, 0x8825, 0xA005
MAKER_NOTE, PRINT_IM, PADDING = 0x927C, 0xC4A5, 0xEA1C
JPEG_AT, JPEG_LENGTH = 0x0201, 0x0202

# What a picture is and how it is drawn, then what people and devices write beside it.
_DRAWING = {0x100, 0x101, 0x102, 0x103, 0x106, 0x112, 0x115, 0x11A, 0x11B, 0x11C, 0x128, 0x12D, 0x13E, 0x13F}
_COLOURS = {0x211, 0x212, 0x213, 0x214}
_WORDS = {0x10D, 0x10E, 0x10F, 0x110, 0x11D, 0x131, 0x132, 0x13B, 0x13C, 0x8298, 0x4746, 0x4749, *range(0x9C9B, 0x9CA0)}
KNOWN_0TH = frozenset(_DRAWING | _COLOURS | _WORDS)
"""Fields of the first directory that are kept, pointers aside."""
KNOWN_1ST = frozenset(_DRAWING | _COLOURS)
"""Fields of the thumbnail's directory that are kept, its data aside."""
KNOWN_EXIF = frozenset(
    {0x829A, 0x829D, 0x8822, 0x8824, 0x8827, 0x8828, *range(0x8830, 0x8836), 0x9000, 0x9003, 0x9004}
    | {0x9010, 0x9011, 0x9012, 0x9101, 0x9102, *range(0x9201, 0x920B), 0x9214, 0x9286, 0x9290, 0x9291, 0x9292}
    | {*range(0x9400, 0x9406), *range(0xA000, 0xA005), 0xA20B, 0xA20C, 0xA20E, 0xA20F, 0xA210, 0xA214, 0xA215, 0xA217}
    | {0xA300, 0xA301, 0xA302, *range(0xA401, 0xA40D), 0xA420, *range(0xA430, 0xA43D), 0xA460, 0xA461, 0xA462, 0xA500}
)
"""Fields of the Exif directory that are kept, pointers aside."""
KNOWN_INTEROP = frozenset({0x1, 0x2, 0x1000, 0x1001, 0x1002})
_INTEROP = {1: re.compile(rb"R98|R03|THM"), 2: re.compile(rb"\d{4}")}
TEXTS = frozenset({0x10D, 0x10E, 0x13B, 0x8298, 0x9286, 0xA430, 0xA436, 0xA437, 0xA438, *range(0x9C9B, 0x9CA0)})
"""Fields in which a person may have written a place."""

_PARTED = frozenset({0x8298})
"""Texts that may have a second part behind a zero byte: photographer and editor of the copyright."""

LARGEST = 16 * 1024 * 1024
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def without_location(tiff: bytes) -> bytes | None:
    """The TIFF structure of an EXIF block (without `Exif\\0\\0`), written anew without anything that holds a place.

    The same in, the same out, for its own output too. None when it is not understood, or nothing is left.
    """
    if len(tiff) > LARGEST:
        return None
    try:
        with Source.of(tiff) as source:
            return _anew(Reader(source))
    except Broken:
        return None


def _anew(reader: Reader) -> bytes | None:
    directory = reader.directory(reader.first)
    first, small = primary(reader, directory), None
    with suppress(Broken):  # cameras leave pointers behind that lead nowhere
        small = _thumbnail(reader, reader.directory(directory.next)) if directory.next else None
    if not (first.fields or first.children or small):
        return None
    return written(reader.form, [first, small] if small else [first])


def primary(reader: Reader, directory: Directory, known: frozenset[int] = KNOWN_0TH) -> Node:
    """The first directory with the Exif and Interoperability directories below it, without anything that holds a place."""
    children = {}
    exif = _below(reader, directory, EXIF)
    if exif is not None:
        interop = _below(reader, exif, INTEROP)
        below = {} if interop is None else {INTEROP: Node(tuple(filter(_is_interop, _kept(reader, interop, KNOWN_INTEROP))))}
        node = Node(_kept(reader, exif, KNOWN_EXIF), _filled(below))
        children = _filled({EXIF: node})
    return Node(_kept(reader, directory, known), children)


def _is_interop(field: Field) -> bool:
    """Whether a field is what its tag says: in the GPS directory the same tags are the latitude."""
    return field.tag not in _INTEROP or _INTEROP[field.tag].fullmatch(field.data.rstrip(b"\0")) is not None


def _filled(nodes: dict[int, Node]) -> dict[int, Node]:
    """A directory must not be empty."""
    return {tag: node for tag, node in nodes.items() if node.fields or node.children}


def _below(reader: Reader, directory: Directory, tag: int) -> Directory | None:
    """The directory that a field points to; None where there is none or it is unreadable."""
    entry = directory.get(tag)
    if entry is None:
        return None
    try:
        return reader.directory(reader.number(entry))
    except Broken:
        return None


def _kept(reader: Reader, directory: Directory, known: frozenset[int]) -> tuple[Field, ...]:
    """The known fields with their values as they are, the first of each tag."""
    chosen: dict[int, Entry] = {}
    for entry in directory.entries:
        if entry.tag in known and entry.sound:
            chosen.setdefault(entry.tag, entry)
    if sum(entry.size for entry in chosen.values()) > min(LARGEST, reader.end):
        raise Broken("the fields of a directory are larger than the file, so they share their bytes")
    return tuple(_field(reader, chosen[tag]) for tag in sorted(chosen))


def _field(reader: Reader, entry: Entry) -> Field:
    """The field as it is; but a text ends where it says so, and nothing hides behind that."""
    item = reader.field(entry)
    text, zero, rest = item.data.partition(b"\0")
    if entry.type != ASCII or entry.tag in _PARTED or not rest.strip(b"\0"):
        return item
    return Field(item.tag, item.type, len(text) + 1, text + zero)


def _thumbnail(reader: Reader, directory: Directory) -> Node | None:
    """The thumbnail's directory with its JPEG; None unless that is plain, see `plain_jpeg`."""
    at, length = directory.get(JPEG_AT), directory.get(JPEG_LENGTH)
    if at is None or length is None:
        return None
    try:
        picture = plain_jpeg(reader.read(reader.base + reader.number(at), reader.number(length)))
    except Broken:
        return None
    if not picture:
        return None
    fields = (*_kept(reader, directory, KNOWN_1ST), whole(reader.form, JPEG_LENGTH, reader.form.offset, len(picture)))
    return Node(fields, blobs={JPEG_AT: picture})


def plain_jpeg(data: bytes) -> bytes:
    """The JPEG up to its end, if it holds nothing but a picture: no comment, no APPn but a bare JFIF header. Else b""."""
    match = re.match(rb"\xff\xd8(\xff\xe0\0\x10JFIF\0.{7}\0\0)?", data, re.DOTALL)
    at = match.end() if match else -1
    while at > 0:
        marker, size = data[at : at + 2], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == b"\xff\xd9":
            return data[: at + 2]
        if len(marker) < 2 or marker[0] != 0xFF or size < 2 or marker[1] not in _DECODING:
            return b""
        at += 2 + size
        if marker[1] == 0xDA:
            found = _MARKER.search(data, at)
            at = found.start() if found else -1
    return b""


_DECODING = frozenset({*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD}) - {0xC8}
"""Markers of segments that a decoder needs: frame, tables, scan, line count, restart interval."""
