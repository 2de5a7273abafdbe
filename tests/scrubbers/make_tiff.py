"""Makes TIFF and BigTIFF files by hand: any field, any place, with one unique word wherever something can hide."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from PIL import Image, ImageChops

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, DOUBLE, LONG8 = 1, 2, 3, 4, 5, 7, 12, 16
LETTERS = {BYTE: "B", ASCII: "s", SHORT: "H", LONG: "I", RATIONAL: "II", UNDEFINED: "s", DOUBLE: "d", LONG8: "Q"}
NUMBERS = count(100)


def word(place: str) -> str:
    """A word that stands nowhere else: `Zt<place><number>tZ`."""
    return f"Zt{place}{next(NUMBERS)}tZ"


@dataclass
class Page:
    """A directory to be made. `fields` maps a tag to its type and values (bytes for ASCII and UNDEFINED)."""

    fields: dict[int, tuple[int, object]] = field(default_factory=dict)
    strips: Sequence[bytes] = ()
    tiled: bool = False
    children: Mapping[int, Page] = field(default_factory=dict)
    between: bytes = b""
    """Stands behind each strip, belonging to nothing."""
    sizes: Sequence[int] | None = None
    """What the file says the strips' sizes are."""


class Maker:
    """Writes the strips first and the directories behind them, as many programs do."""

    def __init__(self, order: str = "<", big: bool = False) -> None:
        self.order, self.big = order, big
        self.data = bytearray(16 if big else 8)

    def pack(self, letters: str, *values: object) -> bytes:
        return struct.pack(self.order + letters, *values)

    def value(self, kind: int, values: object) -> tuple[int, bytes]:
        """Count and bytes."""
        if isinstance(values, bytes):
            return len(values), values
        numbers = values if isinstance(values, list | tuple) else [values]
        letters = LETTERS[kind] * (len(numbers) // (2 if kind == RATIONAL else 1))
        return len(numbers) // (2 if kind == RATIONAL else 1), self.pack(letters, *numbers)

    def put(self, data: bytes) -> int:
        at = len(self.data)
        self.data += data
        return at

    def directory(self, page: Page, following: int = 0) -> int:
        """Write a page with all that hangs on it; where its directory is."""
        fields = dict(page.fields)
        kind = LONG8 if self.big else LONG
        if page.strips:
            places = []
            for strip in page.strips:
                places.append(self.put(strip))
                self.put(page.between)
            at, sizes = (324, 325) if page.tiled else (273, 279)
            fields.setdefault(at, (kind, places))
            fields.setdefault(sizes, (kind, list(page.sizes or map(len, page.strips))))
        for tag, child in page.children.items():
            fields[tag] = (kind, [self.directory(child)])
        rows = [self.row(tag, *fields[tag]) for tag in sorted(fields)]
        self.data += bytes(-len(self.data) % 8)
        letters = ("Q", "Q") if self.big else ("H", "I")
        return self.put(self.pack(letters[0], len(rows)) + b"".join(rows) + self.pack(letters[1], following))

    def row(self, tag: int, kind: int, values: object) -> bytes:
        number, data = self.value(kind, values)
        width = 8 if self.big else 4
        inline = data.ljust(width, b"\0") if len(data) <= width else self.pack("Q" if self.big else "I", self.put(data))
        return self.pack("HHQ" if self.big else "HHI", tag, kind, number) + inline

    def file(self, pages: Sequence[Page], tail: bytes = b"") -> bytes:
        following = 0
        for page in reversed(pages):
            following = self.directory(page, following)
        mark = b"II" if self.order == "<" else b"MM"
        head = mark + (self.pack("HHHQ", 43, 8, 0, following) if self.big else self.pack("HI", 42, following))
        self.data[: len(head)] = head
        return bytes(self.data) + tail


def tiff(*pages: Page, order: str = "<", big: bool = False, tail: bytes = b"") -> bytes:
    return Maker(order, big).file(pages, tail)


def rgb(width: int = 20, height: int = 12, rows: int = 5, compression: int = 1, **more: object) -> Page:
    """A page with colours in strips: raw (1), LZW (5), deflate (8) or PackBits (32773)."""
    return rgb_of(colours(width, height), rows, compression)


def colours(width: int, height: int) -> Image.Image:
    grey = Image.radial_gradient("L").resize((width, height))
    return Image.merge("RGB", (grey, ImageChops.invert(grey), grey.rotate(90)))


def rgb_of(image: Image.Image, rows: int, compression: int) -> Page:
    width, height = image.size
    raw = image.tobytes()
    parts = [raw[at : at + rows * width * 3] for at in range(0, len(raw), rows * width * 3)]
    fields: dict[int, tuple[int, object]] = {
        256: (SHORT, width),
        257: (SHORT, height),
        258: (SHORT, [8, 8, 8]),
        259: (SHORT, compression),
        262: (SHORT, 2),
        277: (SHORT, 3),
        278: (SHORT, rows),
        284: (SHORT, 1),
    }
    return Page(fields, [PACK[compression](part) for part in parts])


def lzw(raw: bytes) -> bytes:
    """LZW without compression: each byte as a code of its own, a clear code before they would become wider."""
    codes: list[int] = []
    for at in range(0, len(raw), 200):
        codes += [256, *raw[at : at + 200]]
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def packbits(raw: bytes) -> bytes:
    return b"".join(bytes((len(raw[at : at + 128]) - 1,)) + raw[at : at + 128] for at in range(0, len(raw), 128))


PACK = {1: bytes, 5: lzw, 8: zlib.compress, 32773: packbits}


def saved(image: Image.Image, **options: object) -> bytes:
    """What Pillow (libtiff) writes."""
    out = io.BytesIO()
    image.save(out, "TIFF", **options)
    return out.getvalue()


def jpeg_tiles(width: int = 64, height: int = 48, side: int = 32, extra: bytes = b"", table_extra: bytes = b"") -> Page:
    """A page of JPEG tiles that share their tables. `extra` goes into each tile, `table_extra` into the tables."""
    image = colours(width, height)
    strips, tables = [], b""
    for top in range(0, height, side):
        for left in range(0, width, side):
            out = io.BytesIO()
            image.crop((left, top, left + side, top + side)).save(out, "JPEG", quality=90, subsampling=0)
            tables, tile = _split(out.getvalue())
            strips.append(tile[:2] + extra + tile[2:])
    fields: dict[int, tuple[int, object]] = {
        256: (SHORT, width),
        257: (SHORT, height),
        258: (SHORT, [8, 8, 8]),
        259: (SHORT, 7),
        262: (SHORT, 6),
        277: (SHORT, 3),
        322: (SHORT, side),
        323: (SHORT, side),
        347: (UNDEFINED, tables[:2] + table_extra + tables[2:]),
        530: (SHORT, [1, 1]),
    }
    return Page(fields, strips, tiled=True)


def _split(jpeg: bytes) -> tuple[bytes, bytes]:
    """The tables of a JPEG as a stream of their own, and the rest without JFIF."""
    tables, rest, at = b"\xff\xd8", b"\xff\xd8", 2
    while jpeg[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] in (0xDB, 0xC4):
            tables += jpeg[at:end]
        elif jpeg[at + 1] != 0xE0:
            rest += jpeg[at:end]
        at = end
    return tables + b"\xff\xd9", rest + jpeg[at:]


def gps(words: dict[str, str]) -> Page:
    fields: dict[int, tuple[int, object]] = {
        1: (ASCII, b"N\0"),
        2: (RATIONAL, [38, 1, 42, 1, 50, 1]),
        3: (ASCII, b"W\0"),
        4: (RATIONAL, [9, 1, 8, 1, 0, 1]),
        27: (UNDEFINED, b"ASCII\0\0\0" + words["gps"].encode()),
    }
    return Page(fields)


def exif(words: dict[str, str]) -> Page:
    fields: dict[int, tuple[int, object]] = {
        36867: (ASCII, b"2026:07:11 18:42:07\0"),
        37500: (UNDEFINED, b"\0\1" + words["makernote"].encode()),
        37510: (UNDEFINED, b"ASCII\0\0\0" + words["usercomment"].encode()),
        42032: (ASCII, words["owner"].encode() + b"\0"),
        42033: (ASCII, words["serial"].encode() + b"\0"),
        59932: (UNDEFINED, b"\x1c\xea\0\0" + words["padding"].encode()),
        60001: (UNDEFINED, words["exifprivate"].encode()),
    }
    return Page(fields)


PLACES = (
    "gps makernote usercomment owner serial padding exifprivate description make model software artist copyright host document"
    " pagename xp inknames target private xmp iptc geo gdal imagej layers behindnul misshapen sub reduced between tail printim"
).split()


def dirty(order: str = "<", big: bool = False, compression: int = 1) -> tuple[bytes, dict[str, str]]:
    """A picture with a word in every place, and the words by place."""
    words = {place: word(place) for place in PLACES}
    texts = {
        270: "description",
        271: "make",
        272: "model",
        305: "software",
        315: "artist",
        33432: "copyright",
        316: "host",
        269: "document",
        285: "pagename",
        333: "inknames",
        337: "target",
        34737: "geo",
        42112: "gdal",
    }
    page = rgb(compression=compression)
    page.between = words["between"].encode()
    for tag, place in texts.items():
        page.fields[tag] = (ASCII, words[place].encode() + b"\0")
    page.fields |= {
        274: (SHORT, 6),
        282: (RATIONAL, [300, 1]),
        283: (RATIONAL, [300, 1]),
        296: (SHORT, 2),
        306: (ASCII, b"2026:07:11 19:00:00\0"),
        318: (ASCII, words["misshapen"].encode() + b"\0"),
        700: (BYTE, xmp_packet(words["xmp"])),
        33723: (UNDEFINED, b"\x1c\x02\x78\0" + bytes((len(words["iptc"]),)) + words["iptc"].encode()),
        33550: (DOUBLE, [0.001, 0.001, 0.0]),
        33922: (DOUBLE, [0.0, 0.0, 0.0, -9.1434, 38.7199, 0.0]),
        34735: (SHORT, [1, 1, 0, 1, 1024, 0, 1, 2]),
        37724: (UNDEFINED, b"Adobe Photoshop Document Data Block\0" + words["layers"].encode()),
        40092: (BYTE, words["xp"].encode("utf-16-le")),
        50341: (UNDEFINED, b"PrintIM\0" + words["printim"].encode()),
        50839: (BYTE, words["imagej"].encode()),
        65000: (UNDEFINED, b"private" + words["private"].encode()),
        65001: (ASCII, b"shown\0" + words["behindnul"].encode() + b"\0"),
    }
    small = rgb_of(colours(6, 4), 4, 1)
    small.fields |= {254: (LONG, 1), 270: (ASCII, words["sub"].encode() + b"\0")}
    page.children = {34665: exif(words), 34853: gps(words), 330: small}
    reduced = rgb_of(colours(6, 4), 4, 1)
    reduced.fields |= {254: (LONG, 1), 270: (ASCII, words["reduced"].encode() + b"\0")}
    return tiff(page, reduced, order=order, big=big, tail=words["tail"].encode()), words


def xmp_packet(value: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
        f' xmp:CreatorTool="{value}" exif:GPSLatitude="38,42.5N"/></rdf:RDF></x:xmpmeta>'
    ).encode()
