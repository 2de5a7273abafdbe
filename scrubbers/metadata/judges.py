"""Independent readers as judges of a clean copy: exifread and Pillow, none of our own walkers.

`objections` asks what they still find outside an allow-list; it reads headers only and decodes no picture.
`frames` lets Pillow decode a picture, for the comparison of pixels. What a judge cannot read is an objection
too: a copy that nobody else understands is not published.
"""

from __future__ import annotations

import hashlib
import io
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from privkit.errors import Broken, PrivkitError, Refused
from privkit.source import Source
from privkit.text import safe

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

LARGEST_PICTURE = 200_000_000
"""Pixels of one frame that are decoded here at most: the largest phone cameras make just that."""
LARGEST_FILM = 20_000_000_000
"""Pixels of all frames together."""
LARGEST_FRAMES = 100_000
BAND = 4_000_000
"""Pixels that are hashed at once, so that a frame is not held twice."""
LARGEST_HEADER = 64 * 1024 * 1024
"""Bytes that a judge may read of a file to know its header."""
MOST_READS = 2_000_000
LARGEST_WEBP = 16 * 1024 * 1024
"""Pillow holds a WebP file whole, twice: a larger one is judged by its chunks and its EXIF alone."""

JPEG_KEYS = frozenset(
    "jfif jfif_version jfif_unit jfif_density dpi exif icc_profile adobe adobe_transform progressive progression".split()
)
PNG_KEYS = frozenset(
    "dpi aspect gamma transparency chromaticity srgb icc_profile interlace exif loop duration disposal blend bbox default_image".split()
)
PNG_CHUNKS = frozenset(
    b"IHDR PLTE tRNS IDAT IEND acTL fcTL fdAT gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs eXIf".split()
)
GIF_KEYS = frozenset("version background transparency duration loop extension".split())
GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
WEBP_KEYS = frozenset("loop background timestamp duration icc_profile exif".split())
WEBP_CHUNKS = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF")
BMP_KEYS = frozenset(("dpi", "compression"))

Judge = Callable[[Source, frozenset[str]], Iterator[str]]


def objections(clean: Source, allowed_exif: frozenset[str]) -> Iterator[str]:
    """What exifread and Pillow find in a file outside the allow-list, one sentence each; nothing for a clean one.

    allowed_exif: the EXIF tags that may be there, by exifread's names: `Image Orientation`, `EXIF DateTimeOriginal`.
    In a TIFF file the tags of all its pages are meant, each by its `Image …` name.
    Never raises: a reader that fails is an objection.
    """
    judge = _judge(clean)
    if judge is None:
        yield "no independent reader knows this kind of file"
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = list(dict.fromkeys(judge(clean, allowed_exif)))
    except Exception as error:
        found = [f"an independent reader could not read it: {_reason(error)}"]
    yield from found


def _judge(clean: Source) -> Judge | None:
    head = clean.read(0, min(16, clean.size))
    for start, judge in JUDGES:
        if head.startswith(start):
            return judge
    return None


def _reason(error: Exception) -> str:
    return safe(f"{type(error).__name__}: {error}".rstrip(": "))


class _Careful:
    """A file that gives a judge a bounded number of bytes, in a bounded number of reads, and never the whole of it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.seek = file.seek
        self.tell = file.tell
        self.bytes = self.reads = 0
        file.seek(0)

    def read(self, length: int = -1) -> bytes:
        self.reads += 1
        self.bytes += length
        if length < 0 or self.bytes > LARGEST_HEADER or self.reads > MOST_READS:
            raise Broken("its header is larger than any real one")
        return self.file.read(length)


def _careful(clean: Source) -> BinaryIO:
    return cast("BinaryIO", _Careful(clean.file))


# EXIF ---------------------------------------------------------------------------------------------------------------


def _exifread(file: BinaryIO) -> Iterator[str]:
    """The names of all tags that exifread finds, its thumbnails among them."""
    import exifread

    logging.getLogger("exifread").setLevel(logging.CRITICAL + 1)
    yield from exifread.process_file(file, details=True, truncate_tags=True)


def _pillow_exif(tiff: bytes) -> Iterator[str]:
    """The names of all tags that Pillow finds in a block of EXIF, in exifread's words."""
    from PIL import ExifTags, Image

    exif = Image.Exif()
    exif.load(tiff)
    yield from (_tag("Image", tag) for tag in exif)
    for group, ifd in (("Thumbnail", ExifTags.IFD.IFD1), ("EXIF", ExifTags.IFD.Exif), ("GPS", ExifTags.IFD.GPSInfo)):
        yield from (_tag(group, tag) for tag in exif.get_ifd(ifd))
    if ExifTags.IFD.Exif in exif and ExifTags.IFD.Interop in exif.get_ifd(ExifTags.IFD.Exif):
        yield from (_tag("Interoperability", tag) for tag in exif.get_ifd(ExifTags.IFD.Interop))


def _tag(group: str, tag: int) -> str:
    """exifread's name of a tag."""
    from exifread.tags import exif

    names = {"GPS": exif.GPS_TAGS, "Interoperability": exif.INTEROP_TAGS}.get(group, exif.EXIF_TAGS)
    known = names.get(tag)
    return f"{group} {known[0]}" if known else f"{group} Tag 0x{tag:04X}"


def _outside(reader: str, names: Iterable[str], allowed: frozenset[str]) -> Iterator[str]:
    """An objection for each tag that is not allowed. A pointer to EXIF is, where tags within are."""
    pointers = {"Image ExifOffset", "EXIF InteroperabilityOffset"} if any(name[:5] != "Image" for name in allowed) else ()
    for name in names:
        if name not in allowed and name not in pointers:
            yield f"{reader} finds the EXIF tag {safe(name)}"


def _exif(tiff: bytes, allowed: frozenset[str]) -> Iterator[str]:
    """Objections to one block of EXIF: both readers must understand it, and find nothing else in it."""
    theirs = list(_exifread(io.BytesIO(tiff)))
    names = list(_pillow_exif(tiff))
    if not theirs or not names:
        yield f"a block of EXIF ({len(tiff)} bytes) that holds no tag which independent readers understand"
    yield from _outside("exifread", theirs, allowed)
    yield from _outside("Pillow", names, allowed)


def _info(info: Iterable[object], keys: frozenset[str]) -> Iterator[str]:
    for key in info:
        if key not in keys:
            yield f"Pillow finds {safe(repr(key), 80)}"


# One judge for each format ------------------------------------------------------------------------------------------


def _jpeg(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    from PIL.JpegImagePlugin import JpegImageFile

    picture = JpegImageFile(_careful(clean))
    for name, data in picture.applist:
        yield from _segment(name, data, allowed)
    yield from _info(picture.info, JPEG_KEYS)
    try:
        yield from _outside("exifread", _exifread(_careful(clean)), allowed)
    except IndexError:
        return  # its walk ended in the middle of a long profile: the blocks that Pillow found were judged above


def _segment(name: str, data: bytes, allowed: frozenset[str]) -> Iterator[str]:
    """Objections to an application segment or comment: only JFIF, EXIF, ICC and Adobe's transform are known, in their bare form."""
    if name == "APP1" and data.startswith(b"Exif\0"):
        yield from _exif(data[6:], allowed)
    elif name == "APP0" and data.startswith(b"JFIF\0") and len(data) == 14:
        return
    elif name == "APP14" and data.startswith(b"Adobe") and len(data) == 12:
        return
    elif not (name == "APP2" and data.startswith(b"ICC_PROFILE\0") and len(data) > 14):
        yield f"Pillow finds {'a comment' if name == 'COM' else f'a segment {name}'} ({len(data)} bytes)"


def _png(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    from PIL.PngImagePlugin import ChunkStream, PngImageFile

    file = _careful(clean)
    yield from _info(PngImageFile(file).info, PNG_KEYS)
    file.seek(8)
    stream = ChunkStream(file)
    name = b""
    while name != b"IEND":
        name, start, length = stream.read()
        if name not in PNG_CHUNKS:
            yield f"Pillow finds a chunk {safe(name)} ({length} bytes)"
        elif name == b"eXIf":
            yield from _exif(file.read(length), allowed)
        file.seek(start + length + 4)
    if file.tell() != clean.size:
        yield f"{clean.size - file.tell()} bytes behind the end of the picture"
    yield from _outside("exifread", _exifread(_careful(clean)), allowed)


def _gif(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    from PIL.GifImagePlugin import GifImageFile

    file = _careful(clean)
    picture = GifImageFile(file)
    yield from _info(picture.info, GIF_KEYS)
    extension = picture.info.get("extension", GIF_LOOPS)
    if not extension[0].startswith(GIF_LOOPS):
        yield f"Pillow finds an application extension {safe(extension[0], 20)}"
    file.seek(10)
    flags = file.read(3)[0]
    file.seek(13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0))
    yield from _gif_blocks(picture, file)
    if file.tell() != clean.size:
        yield f"{clean.size - file.tell()} bytes behind the end of the picture"


def _gif_blocks(picture: Any, file: BinaryIO) -> Iterator[str]:
    """Objections to the extensions of all frames, by Pillow's reader of sub-blocks. Source: GIF89a, sections 20 to 27."""
    picture.fp = file
    while (kind := file.read(1)) != b";":
        if kind == b",":
            flags = file.read(9)[8]
            file.read((3 << (flags & 7) + 1 if flags & 0x80 else 0) + 1)
        elif kind == b"!":
            label = file.read(1)[0]
            if label == 0xFF and (name := picture.data()) not in GIF_LOOPS:
                yield f"an application extension {safe(name or b'')}"
            elif label not in (0xF9, 0xFF):
                yield "a comment" if label == 0xFE else f"an extension 0x{label:02X}"
        else:
            raise Broken("a block that is not known")
        while picture.data():
            pass


def _webp(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    from PIL.WebPImagePlugin import WebPImageFile

    yield from _webp_chunks(clean, allowed)
    if clean.size <= LARGEST_WEBP:
        clean.file.seek(0)
        yield from _info(WebPImageFile(clean.file).info, WEBP_KEYS)


def _webp_chunks(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    """Objections to the chunks. Source: RFC 9649, section 2.7. exifread misreads EXIF without a prefix, so it gets the block."""
    file = _careful(clean)
    riff = file.read(12)
    at, end = 12, 8 + int.from_bytes(riff[4:8], "little")
    while at + 8 <= min(end, clean.size):
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        if head[:4] not in WEBP_CHUNKS:
            yield f"a chunk {safe(head[:4])} ({length} bytes)"
        elif head[:4] == b"EXIF":
            yield from _exif(file.read(length).removeprefix(b"Exif\0\0"), allowed)
        at += 8 + length + length % 2
    if at != clean.size or end != clean.size:
        yield f"{clean.size - min(at, end)} bytes behind the end of the picture"


def _tiff(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    """Pillow reads the directories alone, so that a picture which it could not decode is judged as well."""
    big = clean.read(2, 2) in (b"+\0", b"\0+")
    if not big:  # exifread knows no BigTIFF
        yield from _outside("exifread", map(_any_page, _exifread_pages(clean)), allowed)
    yield from _outside("Pillow", _pillow_pages(clean, big), allowed)


def _exifread_pages(clean: Source) -> list[str]:
    import exifread

    logging.getLogger("exifread").setLevel(logging.CRITICAL + 1)
    return list(exifread.process_file(_careful(clean), extract_thumbnail=False))


def _any_page(name: str) -> str:
    """exifread calls the second page `Thumbnail`, the others `IFD 2`: in a TIFF file they are pictures like the first."""
    group, _, tag = name.rpartition(" ") if " Tag 0x" not in name else name.partition(" Tag 0x")
    tag = f"Tag 0x{tag}" if " Tag 0x" in name else tag
    return f"Image {tag}" if group.startswith(("Thumbnail", "IFD", "EXIF SubIFD")) else name


def _pillow_pages(clean: Source, big: bool) -> Iterator[str]:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    file = _careful(clean)
    directory = ImageFileDirectory_v2(file.read(16 if big else 8))
    seen: set[int] = set()
    while directory.next:
        if directory.next in seen:
            raise Broken("its pages run in a circle")
        seen.add(directory.next)
        file.seek(directory.next)
        directory.load(_with_end(file))
        yield from (_tag("Image", tag) for tag in directory)
    if not seen:
        raise Broken("it has no page")


def _with_end(file: BinaryIO) -> BinaryIO:
    return file


def _bmp(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    from PIL.BmpImagePlugin import BmpImageFile

    yield from _info(BmpImageFile(_careful(clean)).info, BMP_KEYS)


JUDGES: tuple[tuple[bytes, Judge], ...] = (
    (b"\xff\xd8", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF8", _gif),
    (b"RIFF", _webp),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    (b"II+\0", _tiff),
    (b"MM\0+", _tiff),
    (b"BM", _bmp),
)
