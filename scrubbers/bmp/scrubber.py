"""The BMP scrubber: the headers are written anew, the pixels follow at once, nothing else is in the file.

Kept: the pixels, the colours that they can name, masks, primaries and gamma, the embedded colour profile reduced to
colour, pixel density. Cleared: reserved fields, the fourth byte of colours, bits between and inside pixels that stand
for nothing. What it does not remove: what is hidden in the pixels themselves.
Source: Microsoft, Bitmap Structures and Bitmap Compression.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from privkit.errors import Broken, Refused
from privkit.model import Finding, Level, Scalar
from privkit.plugin import Clean, Piece, Policy, Range, Scrubber
from privkit.source import Source
from privkit.text import size

from ..metadata import icc, judges
from ..metadata.trailer import trailer
from . import TYPES, headers, pixels, rle
from .headers import EMBEDDED, FILE_HEADER, LINKED, Header

LARGEST_PROFILE = 4 * 1024 * 1024


@dataclass
class Bmp:
    """A BMP as it was read."""

    source: Source
    header: Header
    palette: bytes
    """The colours that a pixel can name, with unused bytes cleared."""
    rows: pixels.Rows | None
    packed: rle.Packed | None

    @property
    def pixels(self) -> int:
        """Bytes of the picture data in a clean copy."""
        return len(self.packed.data) if self.packed else self.rows.end - self.rows.start if self.rows else 0

    @property
    def pixels_end(self) -> int:
        """Where the picture data end in the file."""
        return self.header.offset + (self.packed.used if self.packed else self.pixels)

    @property
    def end(self) -> int:
        """Behind the last byte that anything in the headers stands for."""
        return max(self.pixels_end, self.header.profile[1])

    @property
    def loose(self) -> int:
        """Bytes before that end that nothing stands for."""
        start, end = self.header.profile
        return max(0, self.end - self.header.table - len(self.palette) - (self.pixels_end - self.header.offset) - (end - start))

    @cached_property
    def profile(self) -> bytes:
        """The colour profile in the file, or the path of one; b"" for none or one too large to be real."""
        start, end = self.header.profile
        return self.source.read(start, end - start) if end - start <= LARGEST_PROFILE else b""

    @cached_property
    def reduced(self) -> bytes:
        """The embedded profile, reduced to colour, or b""."""
        return icc.reduced(self.profile) or b"" if self.header.space == EMBEDDED and self.profile else b""

    def picture(self) -> Iterator[Piece]:
        """The picture data of a clean copy."""
        if self.packed:
            yield self.packed.data
        elif self.rows and self.rows.exact:
            yield Range(self.rows.start, self.rows.end)
        elif self.rows:
            yield from pixels.cleared(self.source, self.rows)


@dataclass(frozen=True, slots=True)
class Copy(Iterable[Piece]):
    """The pieces of a clean copy, made again each time they are asked for."""

    head: bytes
    document: Bmp
    profile: bytes

    def __iter__(self) -> Iterator[Piece]:
        yield self.head
        yield from self.document.picture()
        yield self.profile


class BmpScrubber(Scrubber[Bmp]):
    id = "bmp"
    title = "BMP pictures"
    types = TYPES
    removes = (
        "data between the parts of the file, behind its end, in reserved fields and beside the pixels",
        "the path of a linked colour profile; text, dates and serial numbers in an embedded one",
        "unused entries of the colour table",
    )
    keeps = ("every pixel", "colours (embedded profile reduced to colour, primaries, gamma)", "pixel density")
    remains = ("the kind of header, which hints at the program", "what the picture shows")
    strict = (
        "colour profile, primaries and gamma (colours may look different)",
        "pixel density (printed size may differ)",
    )
    refuses = ("BMP around a JPEG or PNG", "OS/2 arrays, icons and pointers", "headers and compressions that are not documented")
    judges = ("exifread", "Pillow", "ExifTool (tests)")

    def read(self, source: Source) -> Bmp:
        header = headers.read(source)
        palette = _palette(source, header)
        if header.profile[1] > source.size:
            raise Broken("the file ends in the middle of its colour profile")
        start, end = header.profile
        if header.packed:
            document = Bmp(source, header, palette, None, _packed(source, header))
        else:
            if header.offset + header.stride * abs(header.height) > source.size:
                raise Broken("the file ends in the middle of the picture")
            document = Bmp(source, header, palette, pixels.rows(source, header), None)
        beside = end <= header.offset and start >= header.table + len(palette)
        if end and not beside and start < document.pixels_end:
            raise Broken("the colour profile of this BMP stands in the middle of something else")
        return document

    def dimensions(self, document: Bmp) -> tuple[int, int] | None:
        return document.header.width, abs(document.header.height)

    def inspect(self, document: Bmp) -> Iterator[Finding]:
        yield from _header_findings(document)
        yield from _profile_findings(document)
        yield from _pixel_findings(document)
        if document.loose:
            yield _hidden(f"{size(document.loose)} between the parts of the file", "gap", document.loose)
        yield from trailer(document.source, document.end)

    def clean(self, document: Bmp, policy: Policy) -> Clean:
        profile = document.profile if policy.only_location else document.reduced if policy.keep_color else b""
        if document.header.space == LINKED:
            profile = b""
        strict = policy.strict and not policy.only_location
        density = document.header.density if document.header.dense and not strict else (0, 0)
        keep_color = policy.keep_color or policy.only_location
        head = headers.written(document.header, document.palette, document.pixels, profile, keep_color, density)
        same = document.source.read(0, min(len(head), document.source.size)) == head
        removed = tuple(_removed(document, profile, density))
        if not removed and not same:
            removed = ("unused values in the headers",)
        kept = ("colours",) if profile else ()
        return Clean(Copy(head, document, profile), removed, kept, tuple(_notes(document, policy, profile, density, keep_color)))

    def shown(self, document: Bmp) -> Iterator[Piece]:
        """Geometry, masks, colours that pixels can name, and the pixels."""
        header = document.header
        yield struct.pack("<IiiII4I", header.kind, header.width, header.height, header.bits, header.compression, *header.masks)
        yield document.palette
        yield from document.picture()

    def objections(self, clean: Source, policy: Policy) -> Iterator[str]:
        return judges.place_objections(clean) if policy.only_location else judges.objections(clean, frozenset())

    def frames(self, source: Source) -> Iterator[bytes]:
        return judges.frames(source)


def _packed(source: Source, header: Header) -> rle.Packed:
    most = min(source.size - header.offset, rle.LARGEST + 1)
    try:
        packed = rle.follow(source.read(header.offset, most), header.width, header.height, header.bits)
    except Broken:
        if most <= rle.LARGEST:
            raise
        packed = None
    if packed is None or packed.used > rle.LARGEST:
        raise Refused("this packed BMP is larger than any real one")
    return packed


def _palette(source: Source, header: Header) -> bytes:
    data = bytearray(source.read(header.table, header.entries * header.entry))
    if header.entry == 4:
        data[3::4] = bytes(header.entries)
    return bytes(data)


def _palette_changed(document: Bmp) -> bool:
    header = document.header
    return document.source.read(header.table, len(document.palette)) != document.palette


def _removed(document: Bmp, profile: bytes, density: tuple[int, int]) -> Iterator[str]:
    """What the clean copy lacks, in words."""
    reserved = _reserved(document)
    if reserved:
        yield reserved
    if document.header.listed > document.header.entries or _palette_changed(document):
        yield "unused values in the colour table"
    if document.loose:
        yield "data between the parts of the file"
    if (document.rows and not document.rows.exact) or (document.packed and _packed_changed(document)):
        yield "data hidden beside the pixels"
    if document.header.space == LINKED:
        yield "path of a colour profile"
    elif document.profile != profile or document.header.profile[1] - document.header.profile[0] != len(profile):
        yield "text in the colour profile" if profile else "colour profile"
    if density != document.header.density:
        yield "pixel density"
    if document.end < document.source.size:
        yield "data behind the end of the picture"


def _packed_changed(document: Bmp) -> bool:
    packed = document.packed
    return packed is not None and packed.data != document.source.read(document.header.offset, packed.used)


def _reserved(document: Bmp) -> str:
    """The fields that are to be zero and are not, in words."""
    fields = document.source.read(6, 4)
    if document.header.kind == headers.OS2:
        fields += document.source.read(FILE_HEADER + headers.INFO, headers.OS2 - headers.INFO)
    if document.header.kind == headers.V5:
        fields += document.source.read(FILE_HEADER + 120, 4)
    return "values in reserved fields" if fields.strip(b"\0") else ""


def _hidden(detail: str, name: str, count: int) -> Finding:
    facts: dict[str, Scalar] = {"name": name, "bytes": count}
    return Finding("hidden.unknown", Level.WARN, "Other data inside", detail, where="BMP", facts=facts)


def _header_findings(document: Bmp) -> Iterator[Finding]:
    header = document.header
    if _reserved(document):
        yield _hidden("values in fields of the header that are to be empty", "reserved fields", 4)
    if header.listed > header.entries:
        yield _hidden("more colours than pixels can name", "colour table", (header.listed - header.entries) * header.entry)
    if _palette_changed(document):
        yield _hidden("values in the unused bytes of the colour table", "colour table", header.entries)
    if header.endpoints.strip(b"\0") and not header.calibrated:
        yield _hidden("numbers where primaries and gammas stand that mean nothing", "colour calibration", 48)
    if not header.dense:
        yield _hidden("a pixel density that cannot be", "pixel density", 8)
    elif any(header.density):
        across, down = header.density
        words = f"{across * 0.0254:.0f} x {down * 0.0254:.0f} dots per inch"
        yield Finding("remains.density", Level.NOTE, "Pixel density", words, facts={"value": words})


def _profile_findings(document: Bmp) -> Iterator[Finding]:
    header = document.header
    if header.space == LINKED and document.profile:
        path = document.profile[:800].split(b"\0")[0].decode("cp1252", "replace")[:200]
        facts = {"value": path, "field": "path of the colour profile"}
        yield Finding("who.text", Level.WARN, "Path of a file", path, where="BMP colour profile", facts=facts)
    elif header.space == EMBEDDED and document.profile:
        yield from icc.findings(document.profile)
    elif header.profile[1]:
        yield _hidden("a colour profile larger than any real one", "colour profile", header.profile[1] - header.profile[0])


def _pixel_findings(document: Bmp) -> Iterator[Finding]:
    rows = document.rows
    if rows and rows.padded:
        yield _hidden("values in the bytes that only fill up the rows", "row padding", 0)
    if rows and rows.spare is pixels.Spare.MIXED:
        yield _hidden("values in the part of each pixel that is not shown", "unused bits of pixels", 0)
    if _packed_changed(document):
        yield _hidden("values in the bytes that only fill up the packed picture", "run padding", 0)


def _notes(document: Bmp, policy: Policy, profile: bytes, density: tuple[int, int], keep_color: bool) -> Iterator[Finding]:
    header = document.header
    calibrated = header.calibrated and any(header.endpoints)
    if (header.space in (LINKED, EMBEDDED) and not profile) or (calibrated and not keep_color):
        yield _note("colours", "Colours may look different", "what it says of its colours is gone")
    if density != header.density:
        yield _note("density", "Printed size may differ", "its pixel density is gone")
    if document.rows and document.rows.spare is pixels.Spare.MIXED:
        detail = (
            "a part of each pixel that this kind of BMP does not use was set to zero; a few programs take it for transparency"
        )
        yield _note("transparency", "Transparency may be gone", detail)
    if policy.only_location:
        yield _note(
            "all-but-place", "All but the place stays", "a BMP has no field for a place; what is hidden in unused bytes is gone"
        )


def _note(what: str, title: str, detail: str) -> Finding:
    return Finding(f"remains.{what}", Level.NOTE, title, detail)
