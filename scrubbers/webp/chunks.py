"""The chunks of a WebP file and the headers of its pictures.

Source: RFC 9649 (WebP image format), sections 2 (container) and 3 (lossless); RFC 6386 (VP8), section 9.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from privkit.errors import Broken
from privkit.plugin import Piece, Range
from privkit.source import Source

HEADER, LOSSY, LOSSLESS, ALPHA = b"VP8X", b"VP8 ", b"VP8L", b"ALPH"
ANIMATION, FRAME, PROFILE, EXIF, XMP = b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP "
HAS_PROFILE, HAS_ALPHA, HAS_EXIF, HAS_XMP, HAS_FRAMES = 0x20, 0x10, 0x08, 0x04, 0x02


@dataclass(frozen=True, slots=True)
class Chunk:
    """A RIFF chunk: name, length, payload, and a zero byte where the length is odd."""

    name: bytes
    start: int
    length: int
    padded: bool
    """Whether the zero byte is there, or not needed."""

    @property
    def body(self) -> int:
        return self.start + 8

    @property
    def end(self) -> int:
        """Of the payload."""
        return self.body + self.length


@dataclass(slots=True)
class Picture:
    """One coded picture: its transparency, if that stands apart, and its data, ready to be written."""

    pieces: list[Piece]
    size: int
    """Bytes of the pieces."""
    width: int
    height: int
    image: Chunk
    alpha: Chunk | None
    """The transparency, where it stands apart."""
    transparent: bool
    """Whether the lossless picture itself says that it is transparent."""


@dataclass(slots=True)
class Frame:
    """A picture of an animation."""

    chunk: Chunk
    head: bytes
    """Place, size, time, blending and disposal: 16 bytes, reserved bits zero."""
    picture: Picture
    whole: bool
    """Whether the chunk is already as a clean copy has it."""


@dataclass(slots=True)
class Webp:
    """The structure of one WebP file."""

    source: Source
    end: int
    """Behind what the RIFF header announces."""
    header: Chunk | None = None
    """VP8X: without it the file is one simple picture and nothing else in it counts."""
    flags: int = 0
    width: int = 0
    height: int = 0
    picture: Picture | None = None
    frames: list[Frame] = field(default_factory=list)
    animation: bytes = b""
    """Background colour and number of loops: 6 bytes."""
    profile: Chunk | None = None
    exif: list[Chunk] = field(default_factory=list)
    xmp: list[Chunk] = field(default_factory=list)
    others: list[Chunk] = field(default_factory=list)
    spare: int = 0
    """Bytes behind the content of chunks that are kept."""
    stray: int = 0
    """How often unused bits are set to zero."""

    @property
    def alpha_flag(self) -> bool:
        """Whether decoders look for transparency."""
        return bool(self.flags & HAS_ALPHA) if self.header else bool(self.picture and self.picture.transparent)

    def body(self, chunk: Chunk) -> bytes:
        return self.source.read(chunk.body, chunk.length)


def chunks(source: Source, start: int, end: int) -> Iterator[Chunk]:
    """The chunks between two offsets. Raises Broken for one that does not fit. Up to 7 bytes may be left over."""
    at = start
    while at + 8 <= end:
        head = source.read(at, 8)
        length = int.from_bytes(head[4:], "little")
        if at + 8 + length > end:
            raise Broken("the file ends in the middle of a part that it announces")
        following = at + 8 + length + length % 2
        padded = length % 2 == 0 or (following <= end and source.read(following - 1, 1) == b"\0")
        yield Chunk(head[:4], at, length, padded)
        at = following


def written(chunk: Chunk) -> Piece | list[Piece]:
    """A chunk as it is, with its zero byte."""
    whole = Range(chunk.start, chunk.end + chunk.length % 2)
    return whole if chunk.padded else [Range(chunk.start, chunk.end), b"\0"]


def made(name: bytes, body: bytes) -> bytes:
    """A chunk built anew."""
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def dimensions(source: Source, chunk: Chunk) -> tuple[int, int, bool]:
    """Width, height and transparency from the head of the coded data."""
    head = source.read(chunk.body, min(10, chunk.length))
    return _lossy(head, chunk.length) if chunk.name == LOSSY else _lossless(head)


def _lossy(head: bytes, length: int) -> tuple[int, int, bool]:
    """A VP8 key frame that is shown (RFC 6386, section 9.1)."""
    tag = int.from_bytes(head[:3], "little")
    if len(head) < 10 or head[3:6] != b"\x9d\x01\x2a" or tag & 1 or not tag & 0x10 or 10 + (tag >> 5) > length:
        raise Broken("the header of a picture contradicts itself")
    return _sized(int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF, False)


def _lossless(head: bytes) -> tuple[int, int, bool]:
    """A VP8L picture (RFC 9649, section 3.4)."""
    bits = int.from_bytes(head[1:5], "little")
    if len(head) < 5 or head[0] != 0x2F or bits >> 29:
        raise Broken("the header of a picture contradicts itself")
    return _sized((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1))


def _sized(width: int, height: int, transparent: bool) -> tuple[int, int, bool]:
    if not width or not height:
        raise Broken("a picture says that it is 0 pixels wide or high")
    return width, height, transparent
