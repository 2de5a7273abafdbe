"""Reads a TIFF file: which directories are pages that are shown, and where exactly each strip or tile lies and ends.

Source: TIFF 6.0, section 8 (NewSubfileType, SubfileType); Adobe TIFF Technical Note 1 (SubIFDs);
DNG 1.7, chapter 4, and the makers' files themselves (what gives camera raw away).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from privkit.errors import Broken, Refused
from privkit.source import Source

from ..metadata.exif_location import INTEROP
from ..metadata.ifd import LONG, LONG8, SHORT, Directory, Reader
from . import fax, geometry, jpeg_strip, lzw, stored, tags
from .geometry import Geometry
from .stored import Stored

MOST_STRIPS = 131_072
"""Strips and tiles of all pages."""
MOST_SUBS = 64
SHARED = 64 * 1024 * 1024
"""Bytes of values that may be counted more than once: pages may share a profile."""
RAW_COLOURS = frozenset({32803, 34892})
"""Photometric kinds of sensor data: colour filter array, linear raw."""
RAW_COMPRESSIONS = frozenset({32767, 32769, 32770, 32772, 34713, 34892, 52546, 65000, 65535})
"""Sony, Epson, Samsung, Nikon, lossy DNG, JPEG XL in DNG, Kodak, Pentax."""
RAW = "this is a camera raw file; it cannot be cleaned safely. Export a JPEG first"
PHASE_ONE = (b"IIII", b"MMMM")
"""Stands behind the header of Phase One's raw files."""
REDUCED, PAGE, MASK = 1, 2, 4
"""The bits of NewSubfileType."""


@dataclass(frozen=True, slots=True)
class Page:
    """A picture that is shown, with its strips or tiles."""

    directory: Directory
    shape: Geometry
    kind: int
    """NewSubfileType without the bit for smaller copies."""
    starts: array[int]
    extents: array[int]
    """Bytes that each strip has in the source, up to its true end."""
    lengths: array[int]
    """Bytes that each strip has in the copy: fewer where JPEG segments go."""

    @property
    def depth(self) -> tags.Depth:
        return tags.Depth(self.shape.samples, self.shape.bits[0])


@dataclass(slots=True)
class Document:
    """A TIFF file."""

    reader: Reader
    pages: list[Page] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    """Which directories of the chain the pages are."""
    smaller: list[Directory] = field(default_factory=list)
    """Smaller copies of pages, in the chain or below it: left out."""
    below: list[Directory] = field(default_factory=list)
    """Exif, GPS and Interoperability directories."""

    @property
    def source(self) -> Source:
        return self.reader.source


def read(source: Source) -> Document:
    """Walk all directories, and all strips and tiles of the pages that are shown."""
    reader = Reader(source)
    if reader.end >= 12 and source.read(reader.base + 8, 4) in PHASE_ONE:
        raise Refused(RAW)
    chain = list(reader.chain(reader.first))
    if not chain:
        raise Broken("the file holds no picture")
    subs = [sub for directory in chain for sub in _subs(reader, directory)]
    if any(_is_raw(reader, directory) for directory in chain + subs):
        raise Refused(RAW)
    _check_values(reader, chain)
    document = Document(reader)
    whole = _whole(reader, chain)
    _check_subs(reader, chain, subs)
    budget = MOST_STRIPS
    for i, directory in enumerate(chain):
        document.below += _below(reader, directory)
        if i in whole:
            document.pages.append(page(reader, directory, budget))
            document.numbers.append(i)
            budget -= len(document.pages[-1].starts)
        else:
            document.smaller.append(directory)
    document.smaller += subs
    return document


def _check_values(reader: Reader, chain: list[Directory]) -> None:
    """Fields whose values overlap could make a small file cost any amount of work."""
    values = sum(entry.size for directory in chain for entry in directory.entries if entry.sound)
    if values > 4 * reader.source.size + SHARED:
        raise Refused("the fields of the file share their bytes, as no usual program writes it")


def _whole(reader: Reader, chain: list[Directory]) -> set[int]:
    """The places in the chain of the pages that are shown. A lone one is shown whatever it says of itself."""
    whole = {i for i, directory in enumerate(chain) if not _is_smaller(reader, directory, i)}
    if not whole and len(chain) > 1:
        raise Refused("the file holds smaller copies of a picture, but not the picture itself")
    return whole or {0}


def _subs(reader: Reader, directory: Directory, depth: int = 2) -> Iterator[Directory]:
    """The directories that hang on this one as SubIFDs, and those on them."""
    for entry in directory.all(tags.SUB_IFDS) if depth else ():
        if entry.count > MOST_SUBS:
            raise Refused("the file has more directories than any real one")
        for offset in reader.numbers(entry):
            for sub in reader.chain(offset, MOST_SUBS):
                yield sub
                yield from _subs(reader, sub, depth - 1)


def _below(reader: Reader, directory: Directory) -> Iterator[Directory]:
    for tag in (tags.EXIF, tags.GPS):
        found = below(reader, directory, tag)
        if found is not None:
            yield found
            inner = below(reader, found, INTEROP)
            if inner is not None:
                yield inner


def below(reader: Reader, directory: Directory, tag: int) -> Directory | None:
    """The directory that a field points to; None where there is none, or it is unreadable (and left out)."""
    entry = directory.get(tag)
    with suppress(Broken):
        return reader.directory(reader.number(entry)) if entry is not None else None
    return None


def number(reader: Reader, directory: Directory, tag: int, default: int = 0) -> int:
    """The one number of a field, or `default`."""
    entry = directory.get(tag)
    with suppress(Broken):
        return reader.number(entry) if entry is not None else default
    return default


def _is_raw(reader: Reader, directory: Directory) -> bool:
    return (
        directory.get(tags.DNG_VERSION) is not None
        or number(reader, directory, tags.PHOTOMETRIC) in RAW_COLOURS
        or number(reader, directory, tags.COMPRESSION) in RAW_COMPRESSIONS
        or (directory.get(tags.CFA_PATTERN) is not None and directory.get(tags.SUB_IFDS) is not None)
    )


def _is_smaller(reader: Reader, directory: Directory, place: int) -> bool:
    """Whether a directory of the chain is a smaller copy of a page: it says so, or is a thumbnail as EXIF has it."""
    kind = number(reader, directory, tags.NEW_SUBFILE)
    old = directory.get(tags.NEW_SUBFILE) is None and number(reader, directory, 255) == 2
    thumbnail = place > 0 and directory.get(tags.JPEG_AT) is not None and directory.get(tags.STRIP_AT) is None
    return bool(kind & REDUCED) or old or thumbnail


def _area(reader: Reader, directory: Directory) -> int:
    return number(reader, directory, tags.WIDTH) * number(reader, directory, tags.HEIGHT)


def _check_subs(reader: Reader, chain: list[Directory], subs: list[Directory]) -> None:
    """A picture below the pages that is larger than any of them is the main one: a raw file, or something unknown.

    So it is where the only page calls itself a smaller copy, and the one below it does not.
    """
    largest = max(_area(reader, directory) for directory in chain)
    lone = len(chain) == 1 and _is_smaller(reader, chain[0], 0)
    if any(_area(reader, sub) > largest or (lone and not _is_smaller(reader, sub, 1)) for sub in subs):
        raise Refused("the main picture of the file lies where most programs do not look, and is not understood")


def page(reader: Reader, directory: Directory, budget: int) -> Page:
    shape = geometry.geometry(reader, directory)
    kind = number(reader, directory, tags.NEW_SUBFILE) & ~REDUCED
    if kind & ~(PAGE | MASK) or (shape.photometric == 4) != bool(kind & MASK):
        raise Refused("the file has a page of a kind that is not understood")
    if shape.segments > budget:
        raise Refused("the picture is cut into more parts than can be checked")
    starts, claims = _claims(reader, directory, shape)
    extents, lengths = array("Q"), array("Q")
    for i, (start, claim) in enumerate(zip(starts, claims, strict=True)):
        extent, length = _extent(reader, shape, i, start, claim) if claim else (0, 0)
        extents.append(extent)
        lengths.append(length)
        if not claim:
            starts[i] = 0
    return Page(directory, shape, kind, starts, extents, lengths)


def _claims(reader: Reader, directory: Directory, shape: Geometry) -> tuple[array[int], array[int]]:
    """Where the strips or tiles stand, and how long they say they are."""
    at, sizes = (tags.TILE_AT, tags.TILE_SIZES) if shape.tiled else (tags.STRIP_AT, tags.STRIP_SIZES)
    starts = _array(reader, directory, at, shape.segments)
    if starts is None or (shape.tiled and directory.get(tags.STRIP_AT) is not None):
        raise Broken("the file does not say where its picture is")
    claims = _array(reader, directory, sizes, shape.segments)
    if claims is None:
        if shape.compression != geometry.NONE:
            raise Broken("the file does not say where its picture ends")
        claims = array("Q", (shape.size(i) for i in range(shape.segments)))
    return array("Q", (reader.base + start for start in starts)), claims


def _array(reader: Reader, directory: Directory, tag: int, count: int) -> array[int] | None:
    """The first `count` numbers; what stands behind them belongs to no part of the picture."""
    places = tags.Shape(frozenset({SHORT, LONG, LONG8}), lambda depth, number: count <= number <= 2 * MOST_STRIPS)
    entry = geometry.field(directory, tag, places, tags.Depth(1, 1))
    return array("Q", reader.numbers(entry)[:count]) if entry else None


def _extent(reader: Reader, shape: Geometry, index: int, start: int, claim: int) -> tuple[int, int]:
    """Bytes of a strip or tile up to its true end, and how many of them the copy has."""
    if start < reader.form.header or start + claim > reader.end:
        raise Broken("the file ends in the middle of the picture")
    mirrored = shape.fill_order == 2 and shape.compression not in (geometry.NONE, geometry.JPEG)
    data = Stored(reader.source, start, claim, mirrored)
    if shape.compression == geometry.JPEG:
        strip = jpeg_strip.walk(data, shape.across, shape.lines(index))
        last = strip.pieces[-1]
        return (last.end if not isinstance(last, bytes) else 0) - start, strip.length
    if shape.compression in geometry.FAX:
        extent = fax.end(data, shape.across, shape.lines(index), shape.compression, shape.fax)
    else:
        extent = _ENDS[shape.compression](data, shape.size(index))
    return extent, extent


_ENDS = {
    geometry.NONE: stored.raw,
    geometry.LZW: lzw.end,
    geometry.PACKBITS: stored.packbits,
    geometry.DEFLATE: stored.deflate,
    geometry.OLD_DEFLATE: stored.deflate,
}
