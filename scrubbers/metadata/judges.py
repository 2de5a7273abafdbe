"""Independent readers as judges of a clean copy: exifread and Pillow, none of our own walkers.

`objections` asks what they still find outside an allow-list. It reads headers only and decodes no picture. What a
judge cannot read is an objection too: a copy that nobody else understands is not published.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

from privkit.errors import Broken
from privkit.source import Source
from privkit.text import safe

from .exif_readers import careful, exif_block, exifread_tags, outside, tiff_objections
from .icc_reader import profile_objections
from .pixels import frames
from .place_judge import named_places

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

__all__ = ["frames", "objections", "place_objections"]

UNREADABLE = "an independent reader could not read it"
USUAL_HEADER = 4 * 1024
"""Bytes in which the header of most clean JPEGs is whole: judged in memory, and remembered."""
START_OF_SCAN = b"\xff\xda"
LARGEST_WEBP = 16 * 1024 * 1024
"""Pillow holds a WebP file whole, twice: a larger one is judged by its chunks and its EXIF alone."""

KEYS = {
    "JPEG": "jfif jfif_version jfif_unit jfif_density dpi exif icc_profile adobe adobe_transform progressive progression",
    "PNG": "dpi aspect gamma transparency chromaticity srgb icc_profile interlace exif loop duration disposal blend bbox"
    " default_image",
    "GIF": "version background transparency duration loop extension",
    "WEBP": "loop background timestamp duration icc_profile exif",
    "BMP": "dpi compression",
}
"""What Pillow may say of a clean picture (`Image.info`), by format."""
PNG_CHUNKS = frozenset(b"IHDR PLTE tRNS IDAT IEND acTL fcTL fdAT gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs eXIf".split())
WEBP_CHUNKS = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF")
GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")

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
    yield from _asked(lambda: judge(clean, allowed_exif))


def _asked(reader: Callable[[], Iterator[str]]) -> list[str]:
    """What a reader objects to, each once; that it failed is an objection too."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(dict.fromkeys(reader()))
    except Exception as error:
        return [f"{UNREADABLE}: {safe(f'{type(error).__name__}: {error}'.rstrip(': '))}"]


class _AllButPlaces(frozenset[str]):
    """Any EXIF tag may stay, but those that hold a place, and maker notes, which may."""

    def __contains__(self, name: object) -> bool:
        return not str(name).startswith(("GPS ", "Image GPSInfo", "EXIF MakerNote", "MakerNote "))


def place_objections(clean: Source) -> Iterator[str]:
    """The same where only the place was to go: what exifread or Pillow still find of one in EXIF, XMP or IPTC."""
    for objection in objections(clean, _AllButPlaces()):
        if " EXIF tag " in objection or objection.startswith(UNREADABLE):
            yield objection
    yield from _asked(lambda: named_places(clean))


def _judge(clean: Source) -> Judge | None:
    head = clean.read(0, min(16, clean.size))
    for start, judge in JUDGES:
        if head.startswith(start):
            return judge
    return None


def _info(picture: ImageFile) -> Iterator[str]:
    """An objection for each thing that Pillow says of a picture beyond what the format needs."""
    allowed = KEYS[str(picture.format)].split()
    for key in picture.info:
        if key not in allowed:
            yield f"Pillow finds {safe(repr(key), 80)}"
    yield from profile_objections(picture.info.get("icc_profile"))


def _jpeg(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    head = clean.read(0, min(clean.size, USUAL_HEADER))
    end = head.find(START_OF_SCAN)
    try:
        found = _usual_header(head[: end + 16], allowed) if end > 0 else None
    except Exception:  # those bytes stand within a profile, say
        found = None
    yield from found if found is not None else _jpeg_header(lambda: careful(clean.file), allowed)


@lru_cache(64)
def _usual_header(header: bytes, allowed: frozenset[str]) -> tuple[str, ...]:
    """Objections to all that stands before the picture's data, remembered: many clean files begin with the same bytes."""
    return tuple(_jpeg_header(lambda: io.BytesIO(header), allowed))


def _jpeg_header(opened: Callable[[], BinaryIO], allowed: frozenset[str]) -> Iterator[str]:
    from PIL.JpegImagePlugin import JpegImageFile

    picture = JpegImageFile(opened())
    for name, data in picture.applist:
        yield from _segment(name, data, allowed)
    yield from _info(picture)
    try:
        yield from outside("exifread", exifread_tags(opened()), allowed)
    except IndexError:
        return  # its walk ended in the middle of a long profile: the blocks that Pillow found were judged above


def _segment(name: str, data: bytes, allowed: frozenset[str]) -> Iterator[str]:
    """Objections to an application segment or comment: JFIF, EXIF, ICC and Adobe's transform are known, in their bare form."""
    jfif = name == "APP0" and data.startswith(b"JFIF\0") and len(data) == 14
    adobe = name == "APP14" and data.startswith(b"Adobe") and len(data) == 12
    profile = name == "APP2" and data.startswith(b"ICC_PROFILE\0") and len(data) > 14
    if name == "APP1" and data.startswith(b"Exif\0"):
        yield from exif_block(data[6:], allowed)
    elif not (jfif or adobe or profile):
        yield f"Pillow finds {'a comment' if name == 'COM' else f'a segment {name}'} ({len(data)} bytes)"


def _png(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    from PIL.PngImagePlugin import ChunkStream, PngImageFile

    file = careful(clean.file)
    yield from _info(PngImageFile(file))
    file.seek(8)
    stream = ChunkStream(file)
    name = b""
    while name != b"IEND":
        name, start, length = stream.read()
        if name not in PNG_CHUNKS:
            yield f"Pillow finds a chunk {safe(name)} ({length} bytes)"
        elif name == b"eXIf":
            yield from exif_block(file.read(length), allowed)
        file.seek(start + length + 4)
    if file.tell() != clean.size:
        yield f"{clean.size - file.tell()} bytes behind the end of the picture"
    yield from outside("exifread", exifread_tags(careful(clean.file)), allowed)


def _gif(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    from PIL.GifImagePlugin import GifImageFile

    file = careful(clean.file, clean.size)
    picture = GifImageFile(file)
    yield from _info(picture)
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
        label = 0
        if kind == b",":
            flags = file.read(9)[8]
            file.read((3 << (flags & 7) + 1 if flags & 0x80 else 0) + 1)
        elif kind == b"!":
            label = file.read(1)[0]
        else:
            raise Broken("a block that is not known")
        blocks = iter(picture.data, None)
        first, rest = next(blocks, b""), sum(map(len, blocks))
        if label == 0xFF and (first not in GIF_LOOPS or rest > 3):
            yield f"an application extension {safe(first)}"
        elif label not in (0, 0xF9, 0xFF):
            yield "a comment" if label == 0xFE else f"an extension 0x{label:02X}"


def _webp(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    from PIL.WebPImagePlugin import WebPImageFile

    yield from _webp_chunks(clean, allowed)
    if clean.size <= LARGEST_WEBP:
        clean.file.seek(0)
        yield from _info(WebPImageFile(clean.file))


def _webp_chunks(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    """Objections to the chunks. Source: RFC 9649, section 2.7. exifread misreads EXIF without a prefix, so it gets the block."""
    file = careful(clean.file)
    riff = file.read(12)
    if riff[8:] != b"WEBP":
        raise Broken("not a WebP file")
    at, end = 12, 8 + int.from_bytes(riff[4:8], "little")
    while at + 8 <= min(end, clean.size):
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        if head[:4] not in WEBP_CHUNKS:
            yield f"a chunk {safe(head[:4])} ({length} bytes)"
        elif head[:4] == b"EXIF":
            yield from exif_block(file.read(length).removeprefix(b"Exif\0\0"), allowed)
        at += 8 + length + length % 2
    if at != clean.size or end != clean.size:
        yield f"{clean.size - min(at, end)} bytes behind the end of the picture"


def _bmp(clean: Source, allowed: frozenset[str]) -> Iterator[str]:
    from PIL.BmpImagePlugin import BmpImageFile

    yield from _info(BmpImageFile(careful(clean.file)))


JUDGES: tuple[tuple[bytes, Judge], ...] = (
    (b"\xff\xd8", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF8", _gif),
    (b"RIFF", _webp),
    (b"II*\0", tiff_objections),
    (b"MM\0*", tiff_objections),
    (b"II+\0", tiff_objections),
    (b"MM\0+", tiff_objections),
    (b"BM", _bmp),
)
