"""The WebP scrubber: an allow-list of chunks; the header, rotation, colours and date built anew.

Sources: RFC 9649, section 2; ICC.1; CIPA DC-008 (Exif).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from privkit.errors import Broken, Refused
from privkit.model import Finding, Level
from privkit.plugin import Clean, Piece, Policy, Range, Scrubber
from privkit.source import Source
from privkit.text import size

from ..metadata import exif, exif_location, icc, judges, xmp
from . import TYPES, surplus, telling
from .chunks import (
    ANIMATION,
    EXIF,
    FRAME,
    HAS_ALPHA,
    HAS_EXIF,
    HAS_FRAMES,
    HAS_PROFILE,
    HAS_XMP,
    HEADER,
    PROFILE,
    XMP,
    Chunk,
    Frame,
    Webp,
    made,
)
from .walk import walk

LARGEST_BLOCK = 8 * 1024 * 1024
"""Bytes of one block of EXIF, XMP or colour profile that is looked at."""
NAME = b"Exif\0\0"
"""Some writers set this before EXIF, as in JPEG; here it does not belong."""
STAYS = Finding(
    "remains.all-but-place",
    Level.NOTE,
    "All but the place stays",
    "times, device, names and captions are still there, and a caption may name a place",
    "for a copy that tells nothing, leave out --only location",
)


@dataclass
class Document:
    """A WebP with the metadata that cleaning looks at, each read when first asked for."""

    webp: Webp

    def _body(self, chunk: Chunk | None) -> bytes:
        return b"" if chunk is None or chunk.length > LARGEST_BLOCK else self.webp.body(chunk)

    def _bodies(self, chunks: list[Chunk]) -> list[bytes]:
        """The first blocks of a kind, LARGEST_BLOCK bytes together; b"" for each beyond."""
        left, bodies = LARGEST_BLOCK, []
        for chunk in chunks[: telling.MOST_TOLD]:
            bodies.append(self._body(chunk) if chunk.length <= left else b"")
            left -= len(bodies[-1])
        return bodies

    @cached_property
    def exif(self) -> bytes:
        """The EXIF block that viewers heed: the first one, where the header announces it; else b""."""
        announced = self.webp.flags & HAS_EXIF and self.webp.exif
        return self._body(self.webp.exif[0]).removeprefix(NAME) if announced else b""

    @cached_property
    def exif_bodies(self) -> list[bytes]:
        return self._bodies(self.webp.exif)

    @cached_property
    def packets(self) -> list[bytes]:
        return self._bodies(self.webp.xmp)

    @cached_property
    def profile(self) -> bytes:
        return self._body(self.webp.profile)


@dataclass
class _Beside:
    """What a clean copy holds beside the picture; b"" where there is nothing."""

    profile: bytes = b""
    exif: bytes = b""
    xmp: bytes = b""


class WebpScrubber(Scrubber[Document]):
    id = "webp"
    title = "WebP pictures and animations"
    types = TYPES
    removes = (
        "EXIF with the place, times, device, serial numbers, maker's notes and thumbnail",
        "XMP, content credentials, every chunk that is not needed to decode, in frames too",
        "data behind the end of the file and of its parts, odd padding, unused bits",
    )
    keeps = (
        "the coded picture, or every frame with its place, time, blending and loop, byte for byte",
        "rotation and colours (ICC profile reduced to colour), each built anew",
    )
    remains = (
        "bytes hidden within the coded data, where the format does not tell: between the partitions of a lossy picture, "
        "and, in pictures of more than 4 megapixels or 4 MB unless verified in full, behind the last one",
        "the encoder's habits in the coded data",
        "what the picture shows",
    )
    strict = ("rotation (the picture may lie on its side)", "ICC profile (colours may look different)")
    refuses = (
        "files that end early or contradict themselves",
        "pictures with bytes behind the coded data within their own part",
        "animations with a single picture among their frames",
    )
    judges = ("exifread", "Pillow", "ExifTool (tests)")

    def read(self, source: Source) -> Document:
        return Document(walk(source))

    def dimensions(self, document: Document) -> tuple[int, int] | None:
        return document.webp.width, document.webp.height

    def inspect(self, document: Document) -> Iterator[Finding]:
        for body in document.exif_bodies:
            yield from exif.findings(body.removeprefix(NAME))
        for packet in document.packets:
            yield from xmp.findings(packet)
        if document.profile:
            yield from icc.findings(document.profile)
        yield from telling.unread(document.webp.exif, document.exif_bodies)
        yield from telling.unread(document.webp.xmp, document.packets)
        yield from telling.unread([document.webp.profile] if document.webp.profile else [], [document.profile])
        yield from telling.beside(document.webp)

    def thumbnails(self, document: Document) -> Iterator[bytes]:
        for body in document.exif_bodies:
            small = exif.thumbnail(body.removeprefix(NAME))
            if small:
                yield small
        for packet in document.packets:
            yield from xmp.thumbnails(packet)

    def clean(self, document: Document, policy: Policy) -> Clean:
        return _without_location(document) if policy.only_location else _bare(document, policy)

    def shown(self, document: Document) -> Iterator[Piece]:
        """The size, whether transparency counts, background and loop, and the coded pictures with their frames' heads."""
        webp = document.webp
        yield f"{webp.width} {webp.height} {webp.alpha_flag} ".encode() + webp.animation
        yield from _coded(webp)

    def objections(self, clean: Source, policy: Policy) -> Iterator[str]:
        if policy.only_location:
            return judges.place_objections(clean)
        document = Document(walk(clean))
        kept = exif.keepsakes(document.exif or None, policy)
        return chain(judges.objections(clean, kept.tags), surplus.objections(document.webp, surplus.USUAL))

    def frames(self, source: Source) -> Iterator[bytes]:
        yield from judges.frames(source)
        for objection in surplus.objections(walk(source), surplus.FULL):
            raise Broken(f"there are {objection}")


# Building


def _coded(webp: Webp) -> Iterator[Piece]:
    if webp.picture is not None:
        yield from webp.picture.pieces
    for frame in webp.frames:
        yield from _frame(frame)


def _frame(frame: Frame) -> Iterator[Piece]:
    if frame.whole:
        yield Range(frame.chunk.start, frame.chunk.end)
    else:
        yield FRAME + (16 + frame.picture.size).to_bytes(4, "little") + frame.head
        yield from frame.picture.pieces


def _file(webp: Webp, beside: _Beside) -> list[Piece]:
    """The whole file, in the order of RFC 9649, section 2.7; the simple layout wherever that tells enough."""
    coded = list(_coded(webp))
    head = _header(webp, beside)
    if beside.profile:
        head += made(PROFILE, beside.profile)
    if webp.frames:
        head += made(ANIMATION, webp.animation)
    tail = made(EXIF, beside.exif) if beside.exif else b""
    tail += made(XMP, beside.xmp) if beside.xmp else b""
    length = sum(len(piece) if isinstance(piece, bytes) else piece.end - piece.start for piece in coded)
    total = 4 + len(head) + length + len(tail)
    if total >= 1 << 32:
        raise Refused("the clean copy would be larger than the format allows")
    return [b"RIFF" + total.to_bytes(4, "little") + b"WEBP" + head, *coded, tail]


def _header(webp: Webp, beside: _Beside) -> bytes:
    """VP8X with just the flags of what is there (section 2.7.1); b"" where the simple layout is enough."""
    flags = (HAS_FRAMES if webp.frames else 0) | (HAS_PROFILE if beside.profile else 0)
    flags |= (HAS_EXIF if beside.exif else 0) | (HAS_XMP if beside.xmp else 0)
    if not flags and _simple(webp):
        return b""
    flags |= HAS_ALPHA if webp.alpha_flag else 0
    size = (webp.width - 1).to_bytes(3, "little") + (webp.height - 1).to_bytes(3, "little")
    return made(HEADER, bytes((flags, 0, 0, 0)) + size)


def _simple(webp: Webp) -> bool:
    """Whether the picture needs no header: no transparency apart, and the header says the same of it as its data."""
    picture = webp.picture
    return picture is not None and picture.alpha is None and webp.alpha_flag == picture.transparent


# Cleaning


def _bare(document: Document, policy: Policy) -> Clean:
    """Only what is needed to decode, and what the policy keeps, built anew."""
    kept = exif.keepsakes(document.exif or None, policy)
    profile = (icc.reduced(document.profile) if document.profile and policy.keep_color else None) or b""
    simple = document.webp.header is None
    beside = _Beside(profile, b"" if simple else kept.tiff)
    words = (() if simple else kept.words) + (("colours",) if profile else ())
    removed = (*_metadata(document, beside), *_structure(document.webp))
    return Clean(_file(document.webp, beside), removed, tuple(dict.fromkeys(words)), tuple(_changes(document, policy, beside)))


def _metadata(document: Document, beside: _Beside) -> Iterator[str]:
    """The metadata that the clean copy lacks, in words."""
    webp = document.webp
    if webp.exif and not (len(webp.exif) == 1 and beside.exif and document.exif_bodies[0] == beside.exif):
        yield "EXIF"
    if webp.xmp and not (len(webp.xmp) == 1 and webp.xmp[0].name == XMP and beside.xmp and document.packets[0] == beside.xmp):
        yield "XMP"
    if webp.profile is not None and not (beside.profile and document.profile == beside.profile):
        yield "text in the colour profile" if beside.profile else "colour profile"


def _structure(webp: Webp) -> Iterator[str]:
    """Parts and bytes that no policy keeps."""
    names = Counter(telling.label(chunk) for chunk in webp.others)
    for name, count in names.most_common(20):
        yield name if count == 1 else f"{name} ({count})"
    if webp.spare:
        yield f"{size(webp.spare)} behind the content of its parts"
    if webp.stray:
        yield "unused bits"
    if webp.source.size > webp.end:
        yield f"{size(webp.source.size - webp.end)} behind the end of the picture"


def _changes(document: Document, policy: Policy, beside: _Beside) -> Iterator[Finding]:
    """What looks or works differently in the clean copy."""
    if not policy.keep_orientation and document.exif and exif.orientation(document.exif) is not None:
        yield Finding(
            "remains.turned",
            Level.NOTE,
            "The picture may lie on its side",
            "its rotation was only a tag, which is gone",
            "keep it with: --keep orientation",
        )
    if document.webp.profile is not None and not beside.profile:
        why = "its colour profile was not understood and is gone" if policy.keep_color else "its colour profile is gone"
        yield Finding("remains.colours", Level.NOTE, "Colours may look different", why)


def _without_location(document: Document) -> Clean:
    """Everything that is understood, but the place."""
    webp = document.webp
    beside = _Beside(document.profile)
    if document.exif:
        prefix = NAME if document.exif_bodies[0].startswith(NAME) else b""
        without = exif_location.without_location(document.exif)
        beside.exif = prefix + without if without else b""
    if webp.header is not None and webp.xmp and webp.xmp[0].name == XMP:
        beside.xmp = xmp.without_location(document.packets[0]) or b""
    removed = (*_without_place(_metadata(document, beside), beside), *_structure(webp))
    return Clean(_file(webp, beside), removed, ("everything else that is understood",), (STAYS,))


def _without_place(words: Iterator[str], beside: _Beside) -> Iterator[str]:
    """The words for metadata that changed: what is still there lacks the place."""
    still = {"EXIF": beside.exif, "XMP": beside.xmp}
    for word in words:
        yield f"the place and what may hold it in {word}" if still.get(word) else word
