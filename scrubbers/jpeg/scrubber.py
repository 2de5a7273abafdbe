"""The JPEG scrubber: an allow-list of segments; rotation, colours and date built anew.

What is kept as it is: SOFn, DHT, DQT, DRI, DAC, DNL, SOS and the coded data. Built anew: JFIF (without its
thumbnail), Exif (one tag or few), the ICC profile (colour only), Adobe's colour transform. All else goes.
Sources: ITU-T T.81; T.871 (JFIF); CIPA DC-008 (Exif); ICC.1, annex B.4; Adobe TN 5116, section 18.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile

from privkit.model import Finding, Level
from privkit.plugin import Clean, Piece, Policy, Range, Scrubber
from privkit.source import Source

from ..metadata import exif, exif_location, icc, iptc, judges, xmp
from ..metadata.trailer import trailer
from . import TYPES, telling
from .markers import APP0, APP1, APP2, APP13, APP14, COM
from .segments import Jpeg, Segment, is_coded, named, needed, walk
from .surplus import refuse_surplus

EXIF, XMP, XMP_MORE = b"Exif\x00", b"http://ns.adobe.com/xap/1.0/\x00", b"http://ns.adobe.com/xmp/extension/\x00"
JFIF, ICC, ADOBE, PHOTOSHOP = b"JFIF\x00", b"ICC_PROFILE\x00", b"Adobe", b"Photoshop 3.0\x00"
JFXX_JPEG = b"JFXX\x00\x10"
ICC_PART = 65519
"""Bytes of a profile in one segment (ICC.1, annex B.4)."""
MOST_ICC_PARTS = 255
ALLOWED_EXIF = frozenset({"Image Orientation", "Image ExifOffset"})
ALLOWED_EXIF_MORE = frozenset(
    {"EXIF DateTimeOriginal", "EXIF ColorSpace", "EXIF InteroperabilityOffset", "Interoperability InteroperabilityIndex"}
)


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


@dataclass
class Document:
    """A JPEG with the metadata that cleaning looks at, each read when first asked for."""

    jpeg: Jpeg

    @cached_property
    def coded(self) -> list[Piece]:
        """What decoding needs, as it is."""
        return [piece for segment in self.jpeg.segments for piece in needed(self.jpeg, segment)]

    @cached_property
    def exif(self) -> bytes | None:
        """The Exif block that counts, without its name: the first one, as decoders have it."""
        return next((body[1:] for body in self._heading(APP1, EXIF)), None)

    @cached_property
    def profile(self) -> bytes | None:
        """The ICC profile put together from its parts, or None. Raises nothing for parts that do not fit."""
        parts = list(islice(self._heading(APP2, ICC), MOST_ICC_PARTS + 1))
        if not parts or any(len(part) < 2 or part[1] != len(parts) for part in parts):
            return None
        parts.sort(key=lambda part: part[0])
        numbers = [part[0] for part in parts]
        return b"".join(part[2:] for part in parts) if numbers == list(range(1, len(parts) + 1)) else None

    @cached_property
    def has_profile(self) -> bool:
        return any(True for _ in named(self.jpeg, APP2, ICC))

    @cached_property
    def jfif(self) -> bytes | None:
        """The last JFIF payload before the first scan, behind its name; or None. Decoders take YCbCr from it."""
        return self._last(APP0, JFIF, 9)

    @cached_property
    def adobe(self) -> int | None:
        """Adobe's colour transform (0, 1 or 2) from the last such segment before the first scan, or None."""
        body = self._last(APP14, ADOBE, 7)
        return None if body is None else body[6]

    def _last(self, marker: int, name: bytes, length: int) -> bytes | None:
        found = (body for body in self._heading(marker, name) if len(body) >= length)
        return next(iter(deque(found, maxlen=1)), None)

    def _heading(self, marker: int, name: bytes) -> Iterator[bytes]:
        """The segments of this name before the first scan: decoders do not look further."""
        scan = self.jpeg.first_scan
        return (body for _, body in takewhile(lambda found: found[0].start < scan, named(self.jpeg, marker, name)))


class JpegScrubber(Scrubber[Document]):
    id = "jpeg"
    title = "JPEG pictures"
    types = TYPES
    removes = (
        "EXIF with the place, times, device, serial numbers, maker's notes and thumbnail",
        "XMP and extended XMP, IPTC and Photoshop blocks",
        "comments, JFIF and FlashPix thumbnails, content credentials, every application segment not needed to decode",
        "parts between the scans and everything behind the end: further pictures (MPF), films, vendors' trailers",
    )
    keeps = (
        "the coded picture, byte for byte",
        "rotation and colours (ICC profile reduced to colour), each built anew",
        "pixel density",
    )
    remains = (
        "quantisation tables, which hint at the program or camera",
        "bytes that were hidden on purpose within the coded data (`--verify full` looks for them at their end)",
        "what the picture shows",
    )
    strict = ("rotation (the picture may lie on its side)", "ICC profile (colours may look different)", "pixel density")
    refuses = ("hierarchical JPEG", "files that end early or hold parts that are not understood")
    judges = ("exifread", "Pillow", "ExifTool (tests)")

    def read(self, source: Source) -> Document:
        return Document(walk(source))

    def dimensions(self, document: Document) -> tuple[int, int] | None:
        return document.jpeg.coding.width, document.jpeg.coding.height

    def inspect(self, document: Document) -> Iterator[Finding]:
        for _, body in named(document.jpeg, APP1, EXIF):
            yield from exif.findings(body[1:])
        for _, packet in named(document.jpeg, APP1, XMP):
            yield from xmp.findings(packet)
        for packet in telling.extended_xmp(document.jpeg):
            yield from xmp.findings(packet)
        for _, resources in named(document.jpeg, APP13, PHOTOSHOP):
            yield from iptc.findings(resources)
        if document.profile is not None:
            yield from icc.findings(document.profile)
        elif document.has_profile:
            yield telling.other("a colour profile that could not be read", telling.length(document.jpeg, APP2, ICC), "JPEG APP2")
        yield from telling.beside(document.jpeg)
        yield from trailer(document.jpeg.source, document.jpeg.end)
        yield telling.tables(document.jpeg)

    def thumbnails(self, document: Document) -> Iterator[bytes]:
        for _, body in named(document.jpeg, APP1, EXIF):
            small = exif.thumbnail(body[1:])
            if small:
                yield small
        for _, packet in named(document.jpeg, APP1, XMP):
            yield from xmp.thumbnails(packet)
        for _, resources in named(document.jpeg, APP13, PHOTOSHOP):
            yield from iptc.thumbnails(resources)
        yield from telling.jfif_thumbnails(document.jpeg)
        yield from telling.pictures_behind(document.jpeg)

    def clean(self, document: Document, policy: Policy) -> Clean:
        return _without_location(document) if policy.only_location else _bare(document, policy)

    def shown(self, document: Document) -> Iterator[Piece]:
        """The tables, frame and scans as they are, and how the colours are coded."""
        yield b"JFIF" if document.jfif is not None else b"----"
        yield b"" if document.adobe is None else bytes((document.adobe,))
        yield from document.coded

    def objections(self, clean: Source, policy: Policy) -> Iterator[str]:
        if policy.only_location:
            return judges.place_objections(clean)
        allowed = ALLOWED_EXIF | ALLOWED_EXIF_MORE if policy.keep_date or policy.keep_color else ALLOWED_EXIF
        return judges.objections(clean, allowed)

    def frames(self, source: Source) -> Iterator[bytes]:
        refuse_surplus(source)
        return judges.frames(source)


def _bare(document: Document, policy: Policy) -> Clean:
    """Only what is needed to decode, and what the policy keeps, built anew."""
    kept = exif.keepsakes(document.exif, policy)
    profile = icc.reduced(document.profile) if document.profile is not None and policy.keep_color else None
    made: dict[str, list[bytes]] = {
        "JFIF details": [_segment(APP0, _plain_jfif(document.jfif, policy))] if document.jfif is not None else [],
        "EXIF": [_segment(APP1, b"Exif\x00\x00" + kept.tiff)] if kept.tiff else [],
        "text in the colour profile": [_segment(APP2, part) for part in _profile_parts(profile or b"")],
        "Adobe details": [_segment(APP14, _plain_adobe(document.adobe))] if document.adobe is not None else [],
    }
    head = [b"\xff\xd8", *(segment for group in made.values() for segment in group)]
    removed = tuple(_removed(document, made, profile))
    words = kept.words + (("colours",) if profile is not None else ())
    notes = tuple(_changes(document, policy, profile))
    return Clean([*head, *document.coded, b"\xff\xd9"], removed, words, notes)


def _removed(document: Document, made: dict[str, list[bytes]], profile: bytes | None) -> Iterator[str]:
    """What the clean copy lacks, in words; each kind of part once, with its number where there are several."""
    jpeg = document.jpeg
    spare = Counter(bytes(segment) for group in made.values() for segment in group)
    found: Counter[str] = Counter()
    for segment in jpeg.segments:
        if is_coded(segment):
            continue
        whole = jpeg.source.read(segment.start, segment.end - segment.start)
        if spare[whole]:
            spare[whole] -= 1  # built anew, it is the same: nothing is lost
        else:
            found[_label(jpeg, segment, profile)] += 1
    for name, count in found.items():
        yield name if count == 1 or name.isupper() else f"{name} ({count})"
    yield from telling.names_between(jpeg)
    yield from telling.names_behind(jpeg)


def _label(jpeg: Jpeg, segment: Segment, profile: bytes | None) -> str:
    body = jpeg.source.read(segment.body, min(segment.end - segment.body, 48))
    if segment.marker == APP2 and body.startswith(ICC):
        return "colour profile" if profile is None else "text in the colour profile"
    return telling.label(segment.marker, body)


def _changes(document: Document, policy: Policy, profile: bytes | None) -> Iterator[Finding]:
    """What looks or works differently in the clean copy."""
    if not policy.keep_orientation and exif.orientation(document.exif or b"") is not None:
        yield Finding(
            "remains.turned",
            Level.NOTE,
            "The picture may lie on its side",
            "its rotation was only a tag, which is gone",
            "keep it with: --keep orientation",
        )
    if document.has_profile and profile is None:
        why = "its colour profile is gone" if not policy.keep_color else "its colour profile was not understood and is gone"
        yield Finding("remains.colours", Level.NOTE, "Colours may look different", why)


def _plain_jfif(jfif: bytes | None, policy: Policy) -> bytes:
    """JFIF 1.01 with the density, without a thumbnail (T.871, section 10.1)."""
    sound = jfif is not None and jfif[2] <= 2
    density = jfif[2:7] if jfif is not None and sound and not policy.strict else b"\x00\x00\x01\x00\x01"
    return JFIF + b"\x01\x01" + density + b"\x00\x00"


def _plain_adobe(transform: int | None) -> bytes:
    """Adobe's segment with version 100, no flags, and the colour transform (TN 5116, section 18)."""
    return ADOBE + b"\x00\x64\x00\x00\x00\x00" + bytes((transform or 0,))


def _profile_parts(profile: bytes) -> list[bytes]:
    parts = [profile[at : at + ICC_PART] for at in range(0, len(profile), ICC_PART)]
    return [ICC + bytes((number, len(parts))) + part for number, part in enumerate(parts, 1)]


def _without_location(document: Document) -> Clean:
    """Everything that is understood, but the place."""
    jpeg = document.jpeg
    pieces: list[Piece] = [b"\xff\xd8"]
    removed: list[str] = []
    for segment in jpeg.segments:
        if is_coded(segment):
            pieces.extend(needed(jpeg, segment))
            continue
        whole = jpeg.source.read(segment.start, segment.end - segment.start)
        without = _segment_without_location(document, segment.marker, whole[4:])
        if without == whole[4:]:
            pieces.append(Range(segment.start, segment.end))
            continue
        name = telling.label(segment.marker, whole[4:52])
        if without is not None:
            pieces.append(_segment(segment.marker, without))
        removed.append(f"the place and what may hold it in {name}" if without is not None else name)
    removed += [*telling.names_between(jpeg), *telling.names_behind(jpeg)]
    pieces.append(b"\xff\xd9")
    return Clean(pieces, tuple(dict.fromkeys(removed)), ("everything else that is understood",), (telling.STAYS,))


def _segment_without_location(document: Document, marker: int, body: bytes) -> bytes | None:
    """The payload without a place, or None where it is not understood and may hold one."""
    if marker == COM:
        return body
    if marker == APP0 and body.startswith(JFIF) and len(body) >= 14 and body[7] <= 2:
        return body[: 14 + 3 * body[12] * body[13]]
    if marker == APP0 and body.startswith(JFXX_JPEG):
        return _with_name(JFXX_JPEG, exif_location.plain_jpeg(body[len(JFXX_JPEG) :]))
    if marker == APP14 and body.startswith(ADOBE) and len(body) >= 12:
        return body[:12]
    if marker == APP2 and body.startswith(ICC):
        profile = document.profile or b""
        return body if icc.reduced(profile) and body[len(ICC) + 2 :] in profile else None
    if marker == APP1 and body.startswith(EXIF):
        return _with_name(body[:6], exif_location.without_location(body[6:]))
    if marker == APP1 and body.startswith(XMP):
        return _with_name(XMP, xmp.without_location(body[len(XMP) :]))
    if marker == APP13 and body.startswith(PHOTOSHOP):
        return _with_name(PHOTOSHOP, iptc.without_location(body[len(PHOTOSHOP) :]))
    return None


def _with_name(name: bytes, content: bytes | None) -> bytes | None:
    return name + content if content and len(content) + len(name) <= 65533 else None
