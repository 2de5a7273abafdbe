"""The fields of TIFF that decide what is shown, with the shape that each must have; and names for others.

Source: TIFF 6.0, sections 3 to 23 and appendix A; Adobe TIFF Technical Notes 1 and 2; TIFF-F (RFC 2306).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..metadata.ifd import ASCII, BYTE, DOUBLE, FLOAT, LONG, LONG8, RATIONAL, SBYTE, SHORT, SLONG, SSHORT, UNDEFINED

NEW_SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 254, 256, 257, 258, 259, 262, 266
STRIP_AT, ORIENTATION, SAMPLES, ROWS_PER_STRIP, STRIP_SIZES = 273, 274, 277, 278, 279
X_RESOLUTION, Y_RESOLUTION, PLANAR, T4_OPTIONS, RESOLUTION_UNIT, PAGE_NUMBER, DATE_TIME = 282, 283, 284, 292, 296, 297, 306
PREDICTOR, TILE_WIDTH, TILE_HEIGHT, TILE_AT, TILE_SIZES, SUB_IFDS = 317, 322, 323, 324, 325, 330
COLOUR_MAP, JPEG_TABLES, JPEG_AT, COEFFICIENTS, SUBSAMPLING, BLACK_WHITE = 320, 347, 513, 529, 530, 532
XMP, IPTC, PHOTOSHOP, EXIF, ICC, GPS, LAYERS = 700, 33723, 34377, 34665, 34675, 34853, 37724
DNG_VERSION, CFA_PATTERN = 50706, 33422


@dataclass(frozen=True, slots=True)
class Depth:
    """What the right count of other fields hangs on."""

    samples: int
    bits: int


Count = Callable[[Depth, int], bool]


@dataclass(frozen=True, slots=True)
class Shape:
    """The types and counts that a field may have; another shape could hide something, or is damaged."""

    types: frozenset[int]
    count: Count
    needed: bool = True
    """Whether a wrong shape makes the page unreadable; else the field is left out, as decoders ignore it."""


def _exactly(number: int) -> Count:
    return lambda depth, count: count == number


def _each(depth: Depth, count: int) -> bool:
    """One for all samples, or one for each."""
    return count in (1, depth.samples)


def _table(parts: int) -> Count:
    return lambda depth, count: depth.bits <= 16 and count == parts * 2**depth.bits


def _shape(count: Count | int, *types: int, needed: bool = True) -> Shape:
    return Shape(frozenset(types), _exactly(count) if isinstance(count, int) else count, needed)


_NUMBERS = (BYTE, SHORT, LONG, LONG8)
_ANY = (BYTE, SHORT, LONG, SBYTE, SSHORT, SLONG, FLOAT, DOUBLE, RATIONAL)

STRUCTURE = {
    WIDTH: _shape(1, *_NUMBERS),
    HEIGHT: _shape(1, *_NUMBERS),
    BITS: _shape(_each, *_NUMBERS),
    COMPRESSION: _shape(1, *_NUMBERS),
    PHOTOMETRIC: _shape(1, *_NUMBERS),
    FILL_ORDER: _shape(1, *_NUMBERS),
    SAMPLES: _shape(1, *_NUMBERS),
    ROWS_PER_STRIP: _shape(1, *_NUMBERS),
    PLANAR: _shape(1, *_NUMBERS),
    T4_OPTIONS: _shape(1, SHORT, LONG),
    293: _shape(1, SHORT, LONG),  # T6Options
    PREDICTOR: _shape(1, *_NUMBERS),
    COLOUR_MAP: _shape(_table(3), SHORT),
    TILE_WIDTH: _shape(1, *_NUMBERS),
    TILE_HEIGHT: _shape(1, *_NUMBERS),
    332: _shape(1, SHORT, needed=False),  # InkSet
    334: _shape(1, SHORT, needed=False),  # NumberOfInks
    336: _shape(lambda depth, count: count in (2, 2 * depth.samples), BYTE, SHORT, needed=False),  # DotRange
    338: _shape(lambda depth, count: count <= depth.samples, BYTE, SHORT),  # ExtraSamples
    339: _shape(_each, SHORT),  # SampleFormat
    340: _shape(_each, *_ANY, needed=False),  # SMinSampleValue
    341: _shape(_each, *_ANY, needed=False),  # SMaxSampleValue
    JPEG_TABLES: _shape(lambda depth, count: count <= 65536, UNDEFINED, BYTE),
    COEFFICIENTS: _shape(3, RATIONAL, needed=False),
    SUBSAMPLING: _shape(2, SHORT),
    531: _shape(1, SHORT, needed=False),  # YCbCrPositioning
    BLACK_WHITE: _shape(lambda depth, count: count in (6, 2 * depth.samples), RATIONAL, LONG, needed=False),
}
"""What decides how the stored bytes become pixels: kept, and equal in source and copy. Strips and tiles come beside."""

COLOUR = {
    318: _shape(2, RATIONAL, needed=False),  # WhitePoint
    319: _shape(6, RATIONAL, needed=False),  # PrimaryChromaticities
}
"""What the colours mean: kept with `keep_color`. CURVES are not."""
CURVES = frozenset({290, 291, 301})
"""GrayResponseUnit and GrayResponseCurve, TransferFunction: viewers ignore them, and they have room for anything."""

RESOLUTION = {
    X_RESOLUTION: _shape(1, RATIONAL, needed=False),
    Y_RESOLUTION: _shape(1, RATIONAL, needed=False),
    RESOLUTION_UNIT: _shape(1, SHORT, needed=False),
}
"""Dots per inch: kept unless strict."""

DATE = _shape(20, ASCII, needed=False)
TURN = _shape(1, SHORT, needed=False)
NUMBERING = _shape(2, SHORT, needed=False)
PLACES = frozenset({STRIP_AT, STRIP_SIZES, TILE_AT, TILE_SIZES})
UNDERSTOOD = frozenset({*STRUCTURE, *COLOUR, *RESOLUTION, *PLACES, NEW_SUBFILE, 255, ORIENTATION, PAGE_NUMBER})
"""Fields that tell nothing but how the picture is drawn."""

GEO = frozenset({33550, 33922, 34264, 34735, 34736, 34737})
"""GeoTIFF: the place on the map. Source: OGC GeoTIFF 1.1, annex B."""

NAMES = {
    WIDTH: "ImageWidth",
    HEIGHT: "ImageLength",
    BITS: "BitsPerSample",
    COMPRESSION: "Compression",
    PHOTOMETRIC: "PhotometricInterpretation",
    STRIP_AT: "StripOffsets",
    ORIENTATION: "Orientation",
    SAMPLES: "SamplesPerPixel",
    ROWS_PER_STRIP: "RowsPerStrip",
    STRIP_SIZES: "StripByteCounts",
    TILE_AT: "TileOffsets",
    TILE_SIZES: "TileByteCounts",
    318: "WhitePoint",
    319: "PrimaryChromaticities",
    291: "GrayResponseCurve",
    301: "TransferFunction",
    COLOUR_MAP: "ColorMap",
    COEFFICIENTS: "YCbCrCoefficients",
    BLACK_WHITE: "ReferenceBlackWhite",
    JPEG_TABLES: "JPEGTables",
    263: "Thresholding",
    269: "DocumentName",
    270: "ImageDescription",
    271: "Make",
    272: "Model",
    280: "MinSampleValue",
    281: "MaxSampleValue",
    285: "PageName",
    305: "Software",
    DATE_TIME: "DateTime",
    315: "Artist",
    316: "HostComputer",
    SUB_IFDS: "SubIFDs",
    333: "InkNames",
    337: "TargetPrinter",
    700: "XMP",
    32781: "ImageID",
    32934: "Wang annotations",
    33432: "Copyright",
    33629: "MetaMorph data",
    34118: "microscope data",
    36867: "DateTimeOriginal",
    37500: "MakerNote",
    LAYERS: "Photoshop layers",
    42112: "GDAL metadata",
    42113: "GDAL no-data value",
    50341: "PrintIM",
    50838: "ImageJ data (lengths)",
    50839: "ImageJ data",
    50277: "OCE description",
    51160: "OCE scan job",
    59932: "Padding",
    65000: "private data",
}


def name(tag: int) -> str:
    """The tag's name for people, or its number."""
    return NAMES.get(tag, f"field {tag}")
