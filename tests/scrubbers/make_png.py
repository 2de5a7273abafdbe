"""Makes PNG and APNG files chunk by chunk, with one unique word in each place where something can hide."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import piexif
from PIL import ImageCms

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def ihdr(width: int = 9, height: int = 7, depth: int = 8, colour: int = 2, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def rows(width: int = 9, height: int = 7, stride: int = 27, seed: int = 1) -> bytes:
    return b"".join(b"\0" + bytes((x * 7 + y * 13 + seed) % 251 for x in range(stride)) for y in range(height))


def idat(data: bytes | None = None, parts: int = 2, name: bytes = b"IDAT") -> bytes:
    """Compressed rows in several chunks."""
    packed = zlib.compress(rows() if data is None else data)
    return split(packed, parts, name)


def split(packed: bytes, parts: int, name: bytes = b"IDAT") -> bytes:
    step = -(-len(packed) // parts)
    return b"".join(chunk(name, packed[at : at + step]) for at in range(0, len(packed), step))


IEND = chunk(b"IEND")


def png(
    *before: bytes, data: bytes | None = None, after: Sequence[bytes] = (), head: bytes | None = None, behind: bytes = b""
) -> bytes:
    """A PNG with these chunks before and after its picture data, and these bytes behind its end."""
    return SIGNATURE + (head or ihdr()) + b"".join(before) + (data or idat()) + b"".join(after) + IEND + behind


def fctl(number: int, width: int = 9, height: int = 7, x: int = 0, y: int = 0) -> bytes:
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, x, y, 1, 10, 0, 0))


def fdat(number: int, data: bytes) -> bytes:
    return chunk(b"fdAT", struct.pack(">I", number) + data)


def apng(extra: bytes = b"", frame: bytes | None = None, late: bytes = b"") -> bytes:
    """Three frames; `extra` behind the compressed data of the second, `frame` instead of its rows, `late` chunks in it."""
    second = zlib.compress(frame or rows(5, 4, 15, 9)) + extra
    third = zlib.compress(rows(seed=77))
    body = [
        chunk(b"acTL", struct.pack(">II", 3, 0)),
        fctl(0),
        idat(),
        fctl(1, 5, 4, 2, 3),
        fdat(2, second[:10]),
        late,
        fdat(3, second[10:]),
        fctl(4),
        fdat(5, third),
    ]
    return SIGNATURE + ihdr() + b"".join(body) + IEND


def exif(word: str, orientation: int = 6) -> bytes:
    block = {
        "0th": {271: b"Maker", 274: orientation, 315: word.encode()},
        "Exif": {36867: b"2026:07:11 18:42:07"},
        "GPS": {1: b"N", 2: ((38, 1), (42, 1), (50, 1)), 3: b"W", 4: ((9, 1), (8, 1), (0, 1))},
    }
    return bytes(piexif.dump(block)).removeprefix(b"Exif\0\0")


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def raw_profile(kind: str, data: bytes) -> bytes:
    digits = data.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return f"\n{kind}\n{len(data):8}\n{lines}\n".encode()


def text(key: str, value: bytes) -> bytes:
    return chunk(b"tEXt", key.encode("latin-1") + b"\0" + value)


def ztxt(key: str, value: bytes) -> bytes:
    return chunk(b"zTXt", key.encode() + b"\0\0" + zlib.compress(value))


def itxt(key: str, value: bytes, packed: bool = False, language: bytes = b"en", translated: bytes = b"") -> bytes:
    body = zlib.compress(value) if packed else value
    return chunk(b"iTXt", key.encode() + b"\0" + bytes((packed, 0)) + language + b"\0" + translated + b"\0" + body)


XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'dc:format="image/png" photoshop:City="{}"/></rdf:RDF></x:xmpmeta>'
)
