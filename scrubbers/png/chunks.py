"""The chunks of a PNG: how they are laid out, and what each one on the allow-list may hold.

Source: W3C PNG specification, third edition, sections 5 (datastream structure) and 11 (chunk specifications).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from privkit.errors import Broken, Refused
from privkit.source import Source

FRAME = 12
"""Bytes of a chunk around its data: length, name, CRC."""
MOST_CHUNKS = 1_000_000
LARGEST_SIDE = 2**31 - 1
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
PALETTE = 3


@dataclass(slots=True)
class Chunk:
    """One chunk, by its place in the file."""

    name: bytes
    start: int
    length: int
    data: bytes | None = None
    """What it holds, in canonical form, if it may stay; None if it is left out."""
    exact: bool = False
    """Whether the file holds exactly `data` there."""

    @property
    def content(self) -> int:
        return self.start + 8

    @property
    def end(self) -> int:
        return self.start + FRAME + self.length

    @property
    def critical(self) -> bool:
        return not self.name[0] & 0x20


@dataclass(frozen=True, slots=True)
class Header:
    """IHDR: the geometry and kind of samples."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool

    @property
    def bits(self) -> int:
        """Bits of one pixel."""
        return self.depth * CHANNELS[self.colour]


def walk(source: Source, start: int, stop: int | None = None) -> Iterator[Chunk]:
    """Each chunk from `start` to IEND, or to `stop`. Their data are not read."""
    while start != stop:
        length, name = struct.unpack(">I4s", source.read(start, 8))
        if length > LARGEST_SIDE or not (name.isalpha() and name.isascii()):
            raise Broken("the file is damaged: something stands where a PNG chunk should be")
        chunk = Chunk(name, start, length)
        if chunk.end > source.size:
            raise Broken("the file ends in the middle of a PNG chunk")
        yield chunk
        if name == b"IEND":
            return
        start = chunk.end


def is_sound(source: Source, chunk: Chunk) -> bool:
    """Whether the chunk's CRC is right."""
    crc = zlib.crc32(chunk.name)
    for view in source.chunks(chunk.content, chunk.end - 4):
        crc = zlib.crc32(view, crc)
    return crc == stored_crc(source, chunk)


def stored_crc(source: Source, chunk: Chunk) -> int:
    return int.from_bytes(source.read(chunk.end - 4, 4), "big")


def built(name: bytes, data: bytes) -> bytes:
    """A whole chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))


def header(data: bytes) -> Header:
    """IHDR, checked. Source: PNG, section 11.2.1."""
    if len(data) != 13:
        raise Broken("the PNG header has a wrong length")
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", data)
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE) or depth not in DEPTHS.get(colour, ()):
        raise Broken("the PNG header makes no sense")
    if compression or filtering or interlace > 1:
        raise Refused("this PNG is packed in a way that the standard does not know")
    return Header(width, height, depth, colour, bool(interlace))


HIGHEST_GAMMA, HIGHEST_CHROMA = 1_000_000, 200_000
"""10 and 2, in units of 1/100,000."""
BRIGHTEST = 200_000_000
"""20,000 candela a square metre, in units of 1/10,000."""
DENSEST = 1 << 24
"""Pixels a metre."""

Rule = Callable[[Header, int, bytes], bytes | None]
"""Given the header, the number of palette entries and the data of a chunk: the data in canonical form, or None."""


def _length(length: int) -> Rule:
    return lambda head, entries, data: data if len(data) == length else None


def _within(layout: str, *most: int) -> Rule:
    """Numbers of this layout, each up to its bound: what is beyond any real measure is something else in disguise."""

    def rule(head: Header, entries: int, data: bytes) -> bytes | None:
        fits = len(data) == struct.calcsize(layout) and all(map(int.__le__, struct.unpack(layout, data), most))
        return data if fits else None

    return rule


def _samples(head: Header, data: bytes) -> bytes:
    """Two-byte samples with the bits above the depth, which no decoder looks at, cleared."""
    mask = (1 << head.depth) - 1
    count = len(data) // 2
    return struct.pack(f">{count}H", *(sample & mask for sample in struct.unpack(f">{count}H", data)))


def _transparency(head: Header, entries: int, data: bytes) -> bytes | None:
    """tRNS. Section 11.3.1.1."""
    if head.colour == PALETTE:
        return data if 0 < len(data) <= entries else None
    return _samples(head, data) if len(data) == {0: 2, 2: 6}.get(head.colour) else None


def _background(head: Header, entries: int, data: bytes) -> bytes | None:
    """bKGD. Section 11.3.4.1."""
    if head.colour == PALETTE:
        return data if len(data) == 1 and data[0] < entries else None
    return _samples(head, data) if len(data) == {0: 2, 4: 2, 2: 6, 6: 6}[head.colour] else None


def _significant(head: Header, entries: int, data: bytes) -> bytes | None:
    """sBIT. Section 11.3.2.4."""
    depth = 8 if head.colour == PALETTE else head.depth
    length = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}[head.colour]
    return data if len(data) == length and all(0 < bits <= depth for bits in data) else None


def _intent(head: Header, entries: int, data: bytes) -> bytes | None:
    return data if len(data) == 1 and data[0] < 4 else None


def palette(head: Header, data: bytes) -> bytes | None:
    """PLTE as far as it is shown: in a palette picture, the entries that a pixel can name. Section 11.2.2."""
    if not data or len(data) % 3 or len(data) > 768:
        raise Broken("the colour table of this PNG has a wrong length")
    return data[: 3 << head.depth] if head.colour == PALETTE else None


RULES: dict[bytes, Rule] = {
    b"tRNS": _transparency,
    b"sRGB": _intent,
    b"cICP": _length(4),
    b"sBIT": _significant,
    b"bKGD": _background,
    b"gAMA": _within(">I", HIGHEST_GAMMA),
    b"cHRM": _within(">8I", *[HIGHEST_CHROMA] * 8),
    b"mDCV": _within(">8H2I", *[HIGHEST_CHROMA] * 8, BRIGHTEST, BRIGHTEST),
    b"cLLI": _within(">2I", BRIGHTEST, BRIGHTEST),
    b"pHYs": _within(">IIB", DENSEST, DENSEST, 1),
}
"""The ancillary chunks that may stay as they are: of fixed length, so that little can hide in them."""
SHOWN = frozenset({b"IHDR", b"PLTE", b"tRNS", b"sRGB", b"cICP", b"sBIT", b"bKGD", b"acTL"})
"""Those that no policy leaves out."""
COLOURS = frozenset({b"gAMA", b"cHRM", b"mDCV", b"cLLI"})
"""Those that may describe one device's colours."""
SRGB = {
    b"gAMA": struct.pack(">I", 45455),
    b"cHRM": struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
}
"""What they hold in a picture of the usual colours (section 11.3.2.5): the same in all of them, so it tells nothing."""
