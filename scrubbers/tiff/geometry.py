"""How a page's pixels lie in its strips or tiles, and how many bytes each of them must decode to.

Source: TIFF 6.0, sections 3, 8 (fields), 15 (tiles), 21 (YCbCr); limits are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from privkit.errors import Broken, Refused

from ..metadata.ifd import LARGEST_VALUE, Directory, Entry, Reader
from . import tags
from .tags import Depth, Shape

MOST_SAMPLES = 4096
LARGEST_SIDE = 2**31 - 1
LARGEST_SEGMENT = 2**33
"""Bytes of one strip or tile when decoded."""
PHOTOMETRICS = frozenset({0, 1, 2, 3, 4, 5, 6, 8, 9, 10})
"""White is zero, black is zero, RGB, palette, mask, inks, YCbCr, and three kinds of CIE L*a*b*."""
PALETTE, YCBCR = 3, 6
NONE, RLE, T4, T6, LZW, OLD_JPEG, JPEG, DEFLATE, RLE_WORDS, PACKBITS, OLD_DEFLATE = 1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32946
FAX = frozenset({RLE, T4, T6, RLE_WORDS})
COMPRESSIONS = FAX | {NONE, LZW, JPEG, DEFLATE, PACKBITS, OLD_DEFLATE}
COMPRESSION_NAMES = {
    OLD_JPEG: "an old kind of JPEG",
    9: "JBIG",
    10: "JBIG",
    32809: "ThunderScan",
    33003: "JPEG 2000",
    33005: "JPEG 2000",
    34661: "JBIG",
    34676: "SGI LogLuv",
    34677: "SGI LogLuv",
    34712: "JPEG 2000",
    34887: "LERC",
    34925: "LZMA",
    50000: "Zstandard",
    50001: "WebP",
    50002: "JPEG XL",
    52546: "JPEG XL",
}


@dataclass(frozen=True, slots=True)
class Geometry:
    """The numbers of one page that decide the shape of its data."""

    width: int
    height: int
    bits: tuple[int, ...]
    """Of each sample."""
    compression: int
    photometric: int
    fill_order: int
    separate: bool
    """Whether each sample has strips of its own (PlanarConfiguration 2)."""
    tiled: bool
    across: int
    """Width of a strip or tile."""
    down: int
    """Height of a full strip, or of a tile."""
    subsampling: tuple[int, int]
    fax: int
    """T4Options or T6Options."""

    @property
    def samples(self) -> int:
        return len(self.bits)

    @property
    def rows(self) -> int:
        """Strips or tiles from top to bottom."""
        return -(-self.height // self.down)

    @property
    def columns(self) -> int:
        return -(-self.width // self.across)

    @property
    def segments(self) -> int:
        """Strips or tiles of the page."""
        return self.rows * self.columns * (self.samples if self.separate else 1)

    def lines(self, index: int) -> int:
        """Rows of pixels in a strip or tile: the last strip is shorter, tiles are all equal."""
        if self.tiled:
            return self.down
        return min(self.down, self.height - index % self.rows * self.down)

    def size(self, index: int) -> int:
        """Bytes that a strip or tile decodes to."""
        lines = self.lines(index)
        if self.photometric == YCBCR and self.subsampling != (1, 1) and not self.separate:
            horizontal, vertical = self.subsampling
            units = -(-self.across // horizontal) * -(-lines // vertical)
            return -(-units * (horizontal * vertical + 2) * self.bits[0] // 8)
        bits = self.bits[index // (self.rows * self.columns)] if self.separate else sum(self.bits)
        return -(-self.across * bits // 8) * lines


def field(directory: Directory, tag: int, shape: Shape, depth: Depth) -> Entry | None:
    """The one field with this tag if it has the right shape, or None.

    Where the field is needed, raises Broken for a wrong shape, and Refused for two fields, as readers differ in which they take.
    """
    found = directory.all(tag)
    if not found:
        return None
    entry = found[0]
    right = entry.sound and entry.type in shape.types and shape.count(depth, entry.count) and entry.size <= LARGEST_VALUE
    if len(found) > 1 and shape.needed:
        raise Refused("the file says the same thing twice, and readers differ in which they believe")
    if not right and shape.needed:
        raise Broken(f"the file says something impossible about its picture ({tags.name(tag)})")
    return entry if right and len(found) == 1 else None


def geometry(reader: Reader, directory: Directory) -> Geometry:
    """The geometry of a page. Raises Broken where it contradicts itself, Refused where it is not understood."""

    def one(tag: int, default: int | None = None) -> int:
        entry = field(directory, tag, tags.STRUCTURE[tag], Depth(1, 1))
        if entry is None and default is None:
            raise Broken("the file does not say what its picture looks like")
        return reader.number(entry) if entry else default or 0

    compression = one(tags.COMPRESSION, NONE)
    if compression not in COMPRESSIONS:
        kind = COMPRESSION_NAMES.get(compression, f"number {compression}")
        raise Refused(f"its picture is compressed in a way that is not understood ({kind})", "Save it as TIFF with LZW or as PNG")
    samples = one(tags.SAMPLES, 1)
    width, height = one(tags.WIDTH), one(tags.HEIGHT)
    tiled = directory.get(tags.TILE_AT) is not None
    across = one(tags.TILE_WIDTH) if tiled else width
    down = one(tags.TILE_HEIGHT) if tiled else min(one(tags.ROWS_PER_STRIP, height), height)
    fax = {T4: tags.T4_OPTIONS, T6: 293}.get(compression)
    found = Geometry(
        width=width,
        height=height,
        bits=_bits(reader, directory, samples),
        compression=compression,
        photometric=one(tags.PHOTOMETRIC),
        fill_order=one(tags.FILL_ORDER, 1),
        separate=one(tags.PLANAR, 1) == 2 and samples > 1,
        tiled=tiled,
        across=across,
        down=down,
        subsampling=_subsampling(reader, directory),
        fax=one(fax, 0) if fax else 0,
    )
    _check(found, one(tags.PLANAR, 1))
    return found


def _bits(reader: Reader, directory: Directory, samples: int) -> tuple[int, ...]:
    if not 1 <= samples <= MOST_SAMPLES:
        raise Broken("the file says something impossible about its picture (SamplesPerPixel)")
    entry = field(directory, tags.BITS, tags.STRUCTURE[tags.BITS], Depth(samples, 1))
    found = tuple(reader.numbers(entry)) if entry else (1,)
    bits = found * samples if len(found) == 1 else found
    if not all(1 <= number <= 64 for number in bits):
        raise Broken("the file says something impossible about its picture (BitsPerSample)")
    return bits


def _subsampling(reader: Reader, directory: Directory) -> tuple[int, int]:
    entry = field(directory, tags.SUBSAMPLING, tags.STRUCTURE[tags.SUBSAMPLING], Depth(1, 1))
    horizontal, vertical = reader.numbers(entry) if entry else (2, 2)
    if horizontal not in (1, 2, 4) or vertical not in (1, 2, 4):
        raise Broken("the file says something impossible about its picture (YCbCrSubSampling)")
    return horizontal, vertical


def _check(page: Geometry, planar: int) -> None:
    sides = (page.width, page.height, page.across, page.down)
    if not all(1 <= side <= LARGEST_SIDE for side in sides) or planar not in (1, 2) or page.fill_order not in (1, 2):
        raise Broken("the file says something impossible about its picture")
    if page.photometric not in PHOTOMETRICS:
        raise Refused("its colours are coded in a way that is not understood")
    if page.compression in FAX and (page.bits != (1,) or page.photometric not in (0, 1, 4)):
        raise Broken("the file says that its picture is a fax, but also that it has colours")
    if page.photometric == YCBCR and page.separate and page.subsampling != (1, 1):
        raise Refused("its colours are coded in a way that is not understood")
    if max(page.size(0), page.size(page.segments - 1)) > LARGEST_SEGMENT:
        raise Broken("a part of the picture claims to be larger than any real one")
