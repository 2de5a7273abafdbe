"""What a JPEG tells beside EXIF, XMP and IPTC: comments, unknown segments, what stands behind its end.

Sources: T.871 (JFIF, JFXX); CIPA DC-007 (MPF); XMP specification part 3, section 1.1.3 (extended XMP).
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator

from privkit.errors import Broken, Refused
from privkit.model import Finding, Level, Scalar
from privkit.text import counted, size

from ..metadata.trailer import kind_of
from .markers import APP0, APP1, APP2, APP11, APP13, APP14, COM, DQT
from .segments import Jpeg, named, walk

LARGEST_XMP = 16 * 1024 * 1024
"""Bytes of all extended XMP packets of a file that are put together."""
LARGEST_THUMBNAIL = 4 * 1024 * 1024
MOST_PICTURES_BEHIND = 16

STAYS = Finding(
    "remains.all-but-place",
    Level.NOTE,
    "All but the place stays",
    "times, device, names, captions and comments are still there, and a caption or comment may name a place",
    "for a copy that tells nothing, leave out --only location",
)

_NAMES: tuple[tuple[int, bytes, str], ...] = (
    (APP0, b"JFIF\x00", "JFIF details"),
    (APP0, b"JFXX\x00", "JFIF thumbnail"),
    (APP1, b"Exif\x00", "EXIF"),
    (APP1, b"http://ns.adobe.com/xap/1.0/\x00", "XMP"),
    (APP1, b"http://ns.adobe.com/xmp/extension/\x00", "extended XMP"),
    (APP2, b"ICC_PROFILE\x00", "colour profile"),
    (APP2, b"MPF\x00", "list of further pictures (MPF)"),
    (APP2, b"FPXR\x00", "FlashPix data"),
    (APP11, b"JP", "content credentials (JUMBF)"),
    (APP13, b"Photoshop 3.0\x00", "Photoshop and IPTC data"),
    (APP14, b"Adobe", "Adobe details"),
    (0xE6, b"GoPro\x00", "GoPro data"),
    (0xEC, b"Ducky", "Photoshop's save-for-web data"),
)


def label(marker: int, body: bytes) -> str:
    """What a segment is called, from its marker and the start of its payload."""
    for known, name, words in _NAMES:
        if marker == known and body.startswith(name):
            return words
    return "comment" if marker == COM else f"application data (APP{marker - APP0})"


_TOLD_ELSEWHERE = frozenset(
    {"JFIF details", "EXIF", "XMP", "extended XMP", "colour profile", "Photoshop and IPTC data", "Adobe details"}
)


def beside(jpeg: Jpeg) -> Iterator[Finding]:
    """Comments, and segments that are neither needed nor read elsewhere."""
    for segment in jpeg.segments:
        if segment.marker < APP0 or (segment.marker > 0xEF and segment.marker != COM):
            continue
        body = jpeg.payload(segment)
        name = label(segment.marker, body)
        if segment.marker == COM:
            text = body.decode("utf-8", "replace").strip("\0 \r\n\t")
            yield Finding(
                "hidden.comment",
                Level.WARN,
                "Comment",
                text[:200],
                where="JPEG COM",
                facts={"value": text[:200]},
            )
        elif name.startswith("content credentials"):
            yield Finding(
                "hidden.credentials",
                Level.WARN,
                "Content credentials",
                "a signed record of how and by whom the picture was made",
                where="JPEG APP11",
            )
        elif name not in _TOLD_ELSEWHERE:
            yield other(name, len(body), f"JPEG APP{segment.marker - APP0}")
    yield from _oversize(jpeg)


def _oversize(jpeg: Jpeg) -> Iterator[Finding]:
    """Bytes in places that hold none in a plain file."""
    if jpeg.loose:
        yield Finding(
            "hidden.unknown",
            Level.WARN,
            "Loose bytes",
            f"{counted(jpeg.loose, 'byte')} between the parts of the file",
            facts={"name": "loose bytes", "bytes": jpeg.loose},
        )
    if jpeg.spare:
        yield other("tables that the picture does not use", jpeg.spare, "JPEG DQT, DHT")
    for _, body in named(jpeg, APP14, b"Adobe"):
        if len(body) != 7:
            yield other("Adobe's details, of an unusual length", len(body), "JPEG APP14")
    for _, body in named(jpeg, APP0, b"JFIF\x00"):
        if len(body) < 9 or len(body) != 9 + 3 * body[7] * body[8] or body[2] > 2:
            yield other("JFIF details, of an unusual kind", len(body), "JPEG APP0")
    extended = length(jpeg, APP1, b"http://ns.adobe.com/xmp/extension/\x00")
    if extended:
        yield other("extended XMP", extended, "JPEG APP1")


def length(jpeg: Jpeg, marker: int, name: bytes) -> int:
    """Bytes of all segments of this name, the names left out."""
    return sum(len(body) for _, body in named(jpeg, marker, name))


def other(name: str, count: int, where: str) -> Finding:
    """Bytes that are read nowhere else."""
    facts: dict[str, Scalar] = {"name": name, "bytes": count}
    return Finding("hidden.unknown", Level.WARN, "Other data inside", f"{name}, {size(count)}", where=where, facts=facts)


def names_between(jpeg: Jpeg) -> Iterator[str]:
    """What stands between and within the parts that are needed, for the list of what was removed."""
    if jpeg.loose:
        yield "loose bytes between the parts"
    if jpeg.spare:
        yield "tables that the picture does not use"


def names_behind(jpeg: Jpeg) -> Iterator[str]:
    """What stands behind the end of the picture, for the list of what was removed."""
    if jpeg.source.size > jpeg.end:
        yield f"{kind_of(jpeg.source, jpeg.end)[0]} behind the end"


def tables(jpeg: Jpeg) -> Finding:
    """The quantisation tables: they stay, as the picture cannot be decoded without them."""
    digest = hashlib.sha256()
    for segment in jpeg.segments:
        if segment.marker == DQT:
            digest.update(jpeg.payload(segment))
    return Finding(
        "remains.quantisation",
        Level.NOTE,
        "Way of compression",
        "its tables hint at the program or camera that saved the picture; they are needed to show it",
        where="JPEG DQT",
        facts={"tables": digest.hexdigest()[:16]},
    )


def extended_xmp(jpeg: Jpeg) -> Iterator[bytes]:
    """Each extended XMP packet, put together from its parts; parts that lie about their place are left out."""
    packets: dict[bytes, bytearray] = {}
    total = 0
    for _, body in named(jpeg, APP1, b"http://ns.adobe.com/xmp/extension/\x00"):
        if len(body) < 40:
            continue
        full, offset = struct.unpack(">II", body[32:40])
        total += len(body) if body[:32] in packets else full
        if total > LARGEST_XMP:
            continue
        packet = packets.setdefault(body[:32], bytearray(full))
        if offset + len(body) - 40 <= len(packet):
            packet[offset : offset + len(body) - 40] = body[40:]
    yield from (bytes(packet) for packet in packets.values())


def jfif_thumbnails(jpeg: Jpeg) -> Iterator[bytes]:
    """JFIF's own small pictures: raw ones made into PNG files, JPEG ones as they are."""
    for _, body in named(jpeg, APP0, b"JFIF\x00"):
        if len(body) > 9:
            yield from _raw_thumbnail(body[7:])
    for _, body in named(jpeg, APP0, b"JFXX\x00"):
        if body[:1] == b"\x10":
            yield body[1:]
        elif body[:1] == b"\x13":
            yield from _raw_thumbnail(body[1:])


def _raw_thumbnail(body: bytes) -> Iterator[bytes]:
    width, height = body[0], body[1] if len(body) > 1 else 0
    pixels = body[2 : 2 + 3 * width * height]
    if width and height and len(pixels) == 3 * width * height:
        rows = b"".join(b"\0" + pixels[3 * width * row : 3 * width * (row + 1)] for row in range(height))
        yield b"\x89PNG\r\n\x1a\n" + b"".join(
            (
                _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
                _chunk(b"IDAT", zlib.compress(rows)),
                _chunk(b"IEND", b""),
            )
        )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def pictures_behind(jpeg: Jpeg) -> Iterator[bytes]:
    """Small JPEGs behind the end (MPF previews), as far as they can be walked."""
    import re

    position, source = jpeg.end, jpeg.source
    for _ in range(MOST_PICTURES_BEHIND):
        found = source.search(re.compile(rb"\xff\xd8\xff"), position, source.size, 3)
        if found is None:
            return
        try:
            end = walk(source, found).end
        except (Broken, Refused):
            position = found + 3
            continue
        if end - found <= LARGEST_THUMBNAIL:
            yield source.read(found, end - found)
        position = end
