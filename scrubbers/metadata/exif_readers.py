"""What exifread and Pillow find in EXIF, both by exifread's names of tags, within bounds."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import BinaryIO, cast

from privkit.errors import Broken
from privkit.source import Source
from privkit.text import safe

from .icc_reader import profile_objections

USUAL_BLOCK = 1024
"""Bytes of a block of EXIF up to which it is remembered."""
LARGEST_HEADER = 64 * 1024 * 1024
"""Bytes that a judge may read of a file to know its header."""
ICC_PROFILE = 34675
"""The tag of TIFF."""
MOST_READS = 500_000
"""exifread reads value by value, as many as a tag claims to have: without a bound a lie keeps it busy for hours."""


class _Careful:
    """A file that gives a judge a bounded number of bytes, in a bounded number of reads, and never the whole of it."""

    def __init__(self, file: BinaryIO, most_bytes: int, most_reads: int) -> None:
        self.file = file
        self.seek = file.seek
        self.tell = file.tell
        self.bytes, self.reads = most_bytes, most_reads
        file.seek(0)

    def read(self, length: int = -1) -> bytes:
        self.reads -= 1
        self.bytes -= length
        if length < 0 or self.bytes < 0 or self.reads < 0:
            raise Broken("its header is larger than any real one")
        return self.file.read(length)


def careful(file: BinaryIO, whole: int = 0) -> BinaryIO:
    """The file from its start, for a judge that reads the header alone; or piece by piece all `whole` bytes of it."""
    return cast("BinaryIO", _Careful(file, LARGEST_HEADER + 2 * whole, MOST_READS + whole))


def exifread_tags(file: BinaryIO, thumbnail: bool = True) -> Iterator[str]:
    """The names of all tags that exifread finds in a file or a block of EXIF; the thumbnails that it could cut out among them."""
    import exifread

    logging.getLogger("exifread").setLevel(logging.CRITICAL + 1)
    yield from exifread.process_file(file, details=True, extract_thumbnail=thumbnail)


def pillow_tags(tiff: bytes) -> Iterator[str]:
    """The names of all tags that Pillow finds in a block of EXIF, in exifread's words."""
    from PIL import ExifTags, Image

    exif = Image.Exif()
    exif.load(tiff)
    yield from (tag_name("Image", tag) for tag in exif)
    for group, ifd in (("Thumbnail", ExifTags.IFD.IFD1), ("EXIF", ExifTags.IFD.Exif), ("GPS", ExifTags.IFD.GPSInfo)):
        yield from (tag_name(group, tag) for tag in exif.get_ifd(ifd))
    if ExifTags.IFD.Exif in exif and ExifTags.IFD.Interop in exif.get_ifd(ExifTags.IFD.Exif):
        yield from (tag_name("Interoperability", tag) for tag in exif.get_ifd(ExifTags.IFD.Interop))


def tag_name(group: str, tag: int) -> str:
    """exifread's name of a tag."""
    from exifread.tags import exif

    names = {"GPS": exif.GPS_TAGS, "Interoperability": exif.INTEROP_TAGS}.get(group, exif.EXIF_TAGS)
    known = names.get(tag)
    return f"{group} {known[0]}" if known else f"{group} Tag 0x{tag:04X}"


def outside(reader: str, names: Iterable[str], allowed: frozenset[str]) -> Iterator[str]:
    """An objection for each tag that is not allowed. A pointer to EXIF is, where tags within are."""
    pointers = {"Image ExifOffset", "EXIF InteroperabilityOffset"} if any(name[:5] != "Image" for name in allowed) else ()
    for name in names:
        if name not in allowed and name not in pointers:
            yield f"{reader} finds the EXIF tag {safe(name)}"


def exif_block(tiff: bytes, allowed: frozenset[str]) -> tuple[str, ...]:
    """Objections to one block of EXIF: both readers must understand it, and find nothing else in it."""
    return _usual_block(tiff, allowed) if len(tiff) <= USUAL_BLOCK else tuple(_block(tiff, allowed))


@lru_cache(64)
def _usual_block(tiff: bytes, allowed: frozenset[str]) -> tuple[str, ...]:
    """The same, remembered: what is kept of EXIF is the same in thousands of files."""
    return tuple(_block(tiff, allowed))


def _block(tiff: bytes, allowed: frozenset[str]) -> Iterator[str]:
    theirs = list(exifread_tags(careful(io.BytesIO(tiff))))
    names = list(pillow_tags(tiff))
    if not theirs or not names:
        yield f"a block of EXIF ({len(tiff)} bytes) that holds no tag which independent readers understand"
    yield from outside("exifread", theirs, allowed)
    yield from outside("Pillow", names, allowed)


def tiff_objections(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    """Objections to the tags and profiles of all pages.

    Pillow reads the directories alone, so that a picture which it could not decode is judged as well.
    """
    big = clean.read(2, 2) in (b"+\0", b"\0+")
    if not big:  # exifread knows no BigTIFF
        yield from outside("exifread", map(_any_page, exifread_tags(careful(clean.file), thumbnail=False)), allowed)
    yield from _pages(clean, big, allowed)


def _any_page(name: str) -> str:
    """exifread calls the second page `Thumbnail`, the others `IFD 2`: in a TIFF file they are pictures like the first."""
    return re.sub(r"^(Thumbnail|IFD \d+|EXIF SubIFD\d+) ", "Image ", name)


def _pages(clean: Source, big: bool, allowed: frozenset[str]) -> Iterator[str]:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    file = careful(clean.file)
    order = file.read(2)
    head = (b"II+\0" if big else b"II*\0") + file.read(14 if big else 6)[2:]  # Pillow knows BigTIFF by this form alone
    directory = ImageFileDirectory_v2(head, prefix=order)
    seen: set[int] = set()
    while directory.next:
        if directory.next in seen:
            raise Broken("its pages run in a circle")
        seen.add(directory.next)
        file.seek(directory.next)
        directory.load(file)
        yield from outside("Pillow", (tag_name("Image", tag) for tag in directory), allowed)
        yield from profile_objections(directory.get(ICC_PROFILE))
    if not seen:
        raise Broken("it has no page")
