"""Walks a WebP file and sorts its chunks. Source: RFC 9649, sections 2.5 (simple) and 2.7 (extended file format)."""

from __future__ import annotations

from collections.abc import Iterable

from privkit.errors import Broken, Refused
from privkit.plugin import Piece, Range
from privkit.source import Source

from .chunks import (
    ALPHA,
    ANIMATION,
    EXIF,
    FRAME,
    HAS_FRAMES,
    HAS_PROFILE,
    HEADER,
    LOSSLESS,
    LOSSY,
    PROFILE,
    XMP,
    Chunk,
    Frame,
    Picture,
    Webp,
    chunks,
    dimensions,
    made,
    written,
)

MOST_CHUNKS = 30_000


def walk(source: Source) -> Webp:
    """Read a WebP to its end. Raises Broken where it ends early or contradicts itself, Refused for too many parts."""
    head = source.read(0, min(12, source.size))
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise Refused("this is not a WebP file")
    webp = Webp(source, 8 + int.from_bytes(head[4:8], "little"))
    if webp.end > source.size:
        raise Broken("the file is shorter than it says: it ends in the middle")
    _Walk(webp).run()
    return webp


class _Walk:
    """The state of one walk: how many chunks there may still be."""

    def __init__(self, webp: Webp) -> None:
        self.webp, self.source = webp, webp.source
        self.left = MOST_CHUNKS
        self.alpha: Chunk | None = None

    def chunks(self, start: int, end: int) -> Iterable[Chunk]:
        at = start
        for chunk in chunks(self.source, start, end):
            self.left -= 1
            if self.left < 0:
                raise Refused(f"the file has more than {MOST_CHUNKS} parts, more than any real one")
            yield chunk
            at = chunk.end + chunk.length % 2
        if at < end:
            self.webp.spare += end - at

    def run(self) -> None:
        webp = self.webp
        for chunk in self.chunks(12, webp.end):
            if chunk.start == 12 and chunk.name == HEADER:
                self.header(chunk)
            elif chunk.start == 12 and chunk.name not in (LOSSY, LOSSLESS):
                raise Broken("the file does not start with a picture")
            else:
                self.sort(chunk)
        self.check()

    def header(self, chunk: Chunk) -> None:
        """VP8X: what features the file has, and the size of the canvas (section 2.7.1)."""
        if chunk.length < 10:
            raise Broken("the header of the picture is too short")
        body = self.source.read(chunk.body, 10)
        webp = self.webp
        webp.header, webp.flags = chunk, body[0] & 0x3E
        webp.width, webp.height = (1 + int.from_bytes(body[at : at + 3], "little") for at in (4, 7))
        webp.spare += chunk.length - 10
        webp.stray += body[0] & 0xC1 != 0 or body[1:4] != b"\0\0\0"

    def sort(self, chunk: Chunk) -> None:
        webp, name = self.webp, chunk.name
        animated = bool(webp.flags & HAS_FRAMES)
        if name in (LOSSY, LOSSLESS, ALPHA) and animated:
            raise Broken("a single picture stands among those of an animation")
        if name in (LOSSY, LOSSLESS) and webp.picture is None:
            webp.picture = self.picture(chunk)
        elif name == ALPHA and webp.header and webp.picture is None:
            self.hold_alpha(chunk)
        elif name == ANIMATION and animated and not webp.animation:
            self.animation(chunk)
        elif name == FRAME and animated:
            self.frame(chunk)
        elif name == PROFILE and webp.flags & HAS_PROFILE and webp.profile is None:
            webp.profile = chunk
        elif name in (EXIF, XMP) or name.startswith(b"XMP"):
            (webp.exif if name == EXIF else webp.xmp).append(chunk)
        else:
            webp.others.append(chunk)

    def hold_alpha(self, chunk: Chunk) -> None:
        if self.alpha is not None or not chunk.length:
            raise Broken("the transparency of a picture contradicts itself")
        self.alpha = chunk

    def picture(self, chunk: Chunk) -> Picture:
        """A picture with the transparency that stood before it."""
        width, height, transparent = dimensions(self.source, chunk)
        alpha, self.alpha = self.alpha, None
        pieces: list[Piece] = []
        if alpha is not None:
            if chunk.name == LOSSLESS:
                raise Broken("a lossless picture has a second transparency")
            pieces += self.transparency(alpha, width * height)
        pieces += self.plain(chunk)
        size = sum(len(piece) if isinstance(piece, bytes) else piece.end - piece.start for piece in pieces)
        return Picture(_joined(pieces), size, width, height, chunk, alpha, transparent)

    def plain(self, chunk: Chunk) -> list[Piece]:
        self.webp.stray += not chunk.padded
        pieces = written(chunk)
        return pieces if isinstance(pieces, list) else [pieces]

    def transparency(self, chunk: Chunk, pixels: int) -> list[Piece]:
        """ALPH (section 2.7.1.2): its two reserved bits zero; where it is not compressed, just as many bytes as pixels."""
        first = self.source.read(chunk.body, 1)[0]
        method = first & 3
        if method > 1 or (method == 0 and chunk.length < 1 + pixels):
            raise Broken("the transparency of a picture contradicts itself")
        length = 1 + pixels if method == 0 else chunk.length
        if length == chunk.length and first < 0x40:
            return self.plain(chunk)
        self.webp.spare += chunk.length - length
        self.webp.stray += first >= 0x40
        head = made(ALPHA, b"")[:4] + length.to_bytes(4, "little") + bytes((first & 0x3F,))
        return [head, Range(chunk.body + 1, chunk.body + length), b"\0" * (length % 2)]

    def animation(self, chunk: Chunk) -> None:
        if chunk.length < 6:
            raise Broken("the header of the animation is too short")
        self.webp.animation = self.source.read(chunk.body, 6)
        self.webp.spare += chunk.length - 6

    def frame(self, chunk: Chunk) -> None:
        """ANMF (section 2.7.1.4): place, size, time, and a picture; anything else in it goes."""
        if chunk.length < 24 or not self.webp.animation:
            raise Broken("a frame of the animation is too short, or stands before its header")
        head = self.source.read(chunk.body, 16)
        plain = head[:15] + bytes((head[15] & 3,))
        self.alpha = None
        picture: Picture | None = None
        for inner in self.chunks(chunk.body + 16, chunk.end):
            if picture is None and inner.name in (LOSSY, LOSSLESS):
                picture = self.picture(inner)
            elif picture is None and inner.name == ALPHA:
                self.hold_alpha(inner)
            else:
                self.webp.others.append(inner)
        if picture is None:
            raise Broken("a frame of the animation holds no picture")
        self.webp.stray += plain != head
        as_is = len(picture.pieces) == 1 and isinstance(picture.pieces[0], Range) and picture.size + 16 == chunk.length
        self._fits(plain, picture)
        self.webp.frames.append(Frame(chunk, plain, picture, as_is and plain == head))

    def _fits(self, head: bytes, picture: Picture) -> None:
        left, top, width, height = (int.from_bytes(head[at : at + 3], "little") for at in (0, 3, 6, 9))
        right, bottom = 2 * left + width + 1, 2 * top + height + 1
        if (width + 1, height + 1) != (picture.width, picture.height) or right > self.webp.width or bottom > self.webp.height:
            raise Broken("a frame of the animation does not have the size or place that it says")

    def check(self) -> None:
        webp = self.webp
        if self.alpha is not None or (webp.picture is None and not webp.frames):
            raise Broken("the file holds no picture")
        if webp.picture is not None:
            size = webp.picture.width, webp.picture.height
            if webp.header is None:
                webp.width, webp.height = size
            elif size != (webp.width, webp.height):
                raise Broken("the picture does not have the size that its header says")


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring ranges made one; empty pieces left out."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, Range) and isinstance(last, Range) and last.end == piece.start:
            joined[-1] = Range(last.start, piece.end)
        elif piece != b"":
            joined.append(piece)
    return joined
