"""What of a PNG's chunks beside the picture may stay when only the place is taken out."""

from __future__ import annotations

import zlib

from privkit.source import Source

from ..metadata import exif_location, iptc, xmp
from .chunks import RULES, Chunk, built, is_sound
from .reader import LARGEST_REBUILT
from .texts import TEXTS, Block, Text, block, decoded, inflated, names_place

NUMBERS = {b"tIME": 7, b"oFFs": 9, b"gIFg": 4}
"""Chunks of so many bytes that hold no place."""
HEX_LINE = 72


def without_place(source: Source, chunk: Chunk) -> bytes | None:
    """The whole chunk without a place: the same bytes where it names none, None where it is not understood."""
    if chunk.name in RULES:
        return None if chunk.data is None else built(chunk.name, chunk.data)
    if chunk.length > LARGEST_REBUILT or not is_sound(source, chunk):
        return None
    same = source.read(chunk.start, chunk.end - chunk.start)
    if NUMBERS.get(chunk.name) == chunk.length:
        return same
    if chunk.name == b"iCCP":
        return same if inflated(same[8:-4].partition(b"\0")[2][1:], LARGEST_REBUILT)[1] else None
    if chunk.name == b"eXIf":
        prefix = b"Exif\0\0" if same[8:14] == b"Exif\0\0" else b""
        tiff = exif_location.without_location(same[8 + len(prefix) : -4])
        return built(b"eXIf", prefix + tiff) if tiff else None
    return _text(decoded(source, chunk), same) if chunk.name in TEXTS else None


def _text(text: Text, same: bytes) -> bytes | None:
    if not text.whole or names_place(text):
        return None
    found = block(text)
    if found is None:
        return same
    data = _block(found)
    if not data:
        return None
    return same if data == found.data else _rebuilt(text, found.prefix + data)


def _block(found: Block) -> bytes | None:
    if found.kind == "exif":
        return exif_location.without_location(found.data)
    if found.kind == "xmp":
        return xmp.without_location(found.data)
    if found.kind == "8bim":
        return iptc.without_location(found.data)
    return iptc.iim_without_location(found.data) if found.kind == "iptc" else None


def _rebuilt(text: Text, data: bytes) -> bytes:
    """The entry anew: XMP as its own standard asks (XMP part 3, section 1.1.5), others as ImageMagick writes them."""
    key = text.keyword.encode("latin-1")
    if not text.key.startswith("raw"):
        return built(b"iTXt", key + b"\0\0\0\0\0" + data)
    digits = data.hex().encode()
    lines = b"\n".join(digits[at : at + HEX_LINE] for at in range(0, len(digits), HEX_LINE))
    kind = key.rpartition(b" ")[2]
    return built(b"zTXt", key + b"\0\0" + zlib.compress(b"\n%s\n%8d\n%s\n" % (kind, len(data), lines), 9))
