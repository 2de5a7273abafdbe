"""Streams of pieces: written to a file, and compared, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from privkit.plugin import Piece, Range
from privkit.source import WINDOW, Source

SMALL = 64 * 1024
"""Pieces up to this size are gathered and written together."""


def joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same bytes in fewer pieces: empty ones left out, neighbouring ranges and byte strings as one."""
    last: Piece = b""
    for piece in pieces:
        if isinstance(piece, Range) and isinstance(last, Range) and last.end == piece.start:
            last = Range(last.start, piece.end)
        elif isinstance(piece, bytes) and isinstance(last, bytes) and len(last) + len(piece) <= SMALL:
            last += piece
        else:
            if _length(last):
                yield last
            last = piece
    if _length(last):
        yield last


def write(pieces: Iterable[Piece], source: Source, target: BinaryIO) -> None:
    """Write the pieces one after another; small ones are gathered into one call."""
    gathered = bytearray()
    for piece in joined(pieces):
        if isinstance(piece, bytes):
            gathered += piece
        elif piece.end - piece.start <= SMALL:
            gathered += source.read(piece.start, piece.end - piece.start)
        else:
            _write_all(target, memoryview(bytes(gathered)))
            gathered.clear()
            for chunk in source.chunks(piece.start, piece.end):
                _write_all(target, chunk)
        if len(gathered) > WINDOW:
            _write_all(target, memoryview(bytes(gathered)))
            gathered.clear()
    _write_all(target, memoryview(bytes(gathered)))


def _write_all(target: BinaryIO, data: memoryview) -> None:
    while data:
        data = data[target.write(data) :]


def identical(pieces: Iterable[Piece], source: Source) -> bool:
    """Whether the pieces reproduce the source byte for byte."""
    return equal(pieces, source, (Range(0, source.size),), source)


@dataclass(slots=True)
class _Cursor:
    """A place in a stream of pieces."""

    pieces: Iterator[Piece]
    source: Source
    piece: Piece = b""

    def left(self) -> int:
        """Bytes left in the current piece; moves on to the next non-empty one. 0 at the end."""
        while not (size := _length(self.piece)):
            following = next(self.pieces, None)
            if following is None:
                return 0
            self.piece = following
        return size

    def take(self, count: int) -> Piece:
        """The next `count` bytes, which the current piece has."""
        piece = self.piece
        if isinstance(piece, bytes):
            self.piece = piece[count:]
            return piece[:count]
        self.piece = Range(piece.start + count, piece.end)
        return Range(piece.start, piece.start + count)


def _length(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece.end - piece.start


def equal(first: Iterable[Piece], source: Source, second: Iterable[Piece], other: Source) -> bool:
    """Whether two streams of pieces hold the same bytes. Memory: two windows, whatever the size."""
    one, two = _Cursor(joined(first), source), _Cursor(joined(second), other)
    while count := min(one.left(), two.left(), WINDOW):
        if not _same(one.take(count), source, two.take(count), other):
            return False
    return not one.left() and not two.left()


def _same(first: Piece, source: Source, second: Piece, other: Source) -> bool:
    if isinstance(first, Range) and isinstance(second, Range):
        if source is other:
            return first == second or _bytes(first, source) == _bytes(second, other)
        return other.same_as(source, first.start, second.start, first.end - first.start)
    return _bytes(first, source) == _bytes(second, other)


def _bytes(piece: Piece, source: Source) -> bytes:
    return piece if isinstance(piece, bytes) else source.read(piece.start, piece.end - piece.start)
