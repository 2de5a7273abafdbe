"""The compressed picture data of a PNG: do they hold exactly the rows of the picture, and nothing else?

Source: W3C PNG specification, third edition, sections 7 (rows), 8 (interlacing), 10 (compression); RFC 1950, RFC 1951.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from privkit.errors import Broken, Refused
from privkit.plugin import Piece, Range
from privkit.source import Source

from .chunks import Chunk, Header, built, walk

STEP = 256 * 1024
"""Bytes inflated at once."""
LARGEST_PICTURE = 16 * 1024**3
"""Bytes of one inflated picture beyond which we refuse: it would take minutes."""
TAIL = 32
"""Bytes that a stream may go on for after its last row: the end of the block, an empty block, the checksum."""
NEW_CHUNK = 1024 * 1024
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column, first row, steps of columns and rows in each pass. Section 8.1."""
LAST_FILTER = 4


def passes(head: Header, width: int, height: int) -> list[tuple[int, int]]:
    """(rows, bytes of a row with its filter byte) for each pass over a picture of this size."""
    if not head.interlaced:
        return [(height, 1 + (width * head.bits + 7) // 8)]
    sizes = ((-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in ADAM7)
    return [(rows, 1 + (columns * head.bits + 7) // 8) for columns, rows in sizes if columns > 0 and rows > 0]


class Rows:
    """Inflates one stream in bounded steps and counts its rows; keeps none."""

    def __init__(self, head: Header, width: int, height: int) -> None:
        self._passes = passes(head, width, height)
        self.expected = sum(rows * stride for rows, stride in self._passes)
        if self.expected > LARGEST_PICTURE:
            raise Refused("this picture is larger than any that can be checked in reasonable time")
        self.decoded = self.used = self._full = 0
        self.checksum = zlib.adler32(b"")
        self.ended = self.surplus = False
        self._filter_at = 0
        self._inflater = zlib.decompressobj()

    def feed(self, data: memoryview) -> None:
        """The next bytes of the stream."""
        for start in range(0, len(data), STEP):
            if self.ended or self.surplus:
                return
            self._step(data[start : start + STEP])

    def _step(self, data: memoryview | bytes) -> None:
        self.used += len(data)
        while not (self.ended or self.surplus):
            room = max(1, min(STEP, self.expected - self.decoded))
            try:
                rows = self._inflater.decompress(data, room)
            except zlib.error:
                raise Broken("the picture data are damaged") from None
            data = self._inflater.unconsumed_tail
            self._take(rows, self.used - len(data))
            if len(rows) < room and not data:
                return

    def _take(self, rows: bytes, used: int) -> None:
        """Count what was inflated; `used` bytes of the stream are behind us."""
        if self.decoded + len(rows) > self.expected:
            self.surplus = True
            return
        self._look_at_filters(rows)
        self.checksum = zlib.adler32(rows, self.checksum)
        self.decoded += len(rows)
        if rows and self.decoded == self.expected:
            self._full = used
        if self._inflater.eof:
            self.ended = True
            self.used = used = self.used - len(self._inflater.unused_data)
        if self.decoded == self.expected:
            # Blocks without a single pixel, before or behind the last row, are a place to hide things.
            self.surplus = used - self._full > TAIL or used > self.decoded * 5 // 4 + 1024

    def _look_at_filters(self, rows: bytes) -> None:
        """Each row starts with the kind of its filter, 0 to 4."""
        end = self.decoded + len(rows)
        while self._filter_at < end and self._passes:
            count, stride = self._passes[0]
            first = self._filter_at - self.decoded
            here = min(count, -(-(end - self._filter_at) // stride))
            if max(rows[first : first + here * stride : stride]) > LAST_FILTER:
                raise Broken("the picture data are damaged")
            self._filter_at += here * stride
            self._passes[0] = (count - here, stride)
            if here == count:
                del self._passes[0]

    def finish(self) -> None:
        """No more data come: was it the whole picture?"""
        if self.decoded < self.expected or not (self.ended or self.surplus):
            raise Broken("the picture data are cut off")


@dataclass(slots=True)
class Stream:
    """The picture data of one frame: the run of its IDAT or fdAT chunks."""

    name: bytes
    start: int
    end: int
    """Behind the last chunk that holds anything of it."""
    expected: int
    """Bytes of its rows."""
    used: int = 0
    """Bytes of the compressed stream."""
    behind: int = 0
    """Bytes that stand behind the stream, in its last chunk and those that follow."""
    exact: bool = False
    """Whether the stream inflates to exactly the picture; else it is packed anew."""
    plain: bool = True
    """Whether its chunks are copied in one go."""
    checksum: int = 0
    """Adler-32 of the rows that are shown."""

    @property
    def head(self) -> int:
        """Bytes before the data in each chunk: the sequence number of fdAT."""
        return 4 if self.name == b"fdAT" else 0


def used_parts(source: Source, stream: Stream) -> Iterator[tuple[Chunk, int]]:
    """Each chunk of the stream with the number of bytes of its data that belong to the stream."""
    left = stream.used
    for chunk in walk(source, stream.start, stream.end):
        if chunk.name == stream.name and left:
            count = min(left, chunk.length - stream.head)
            left -= count
            yield chunk, count


def compressed(source: Source, stream: Stream) -> Iterator[Piece]:
    """The zlib stream itself, without chunks: what must be equal. A stream that is packed anew is given as packed,
    but ends in the checksum that was taken when the original was read."""
    if stream.exact:
        for chunk, count in used_parts(source, stream):
            start = chunk.content + stream.head
            yield Range(start, start + count)
    else:
        held = b""
        for piece in packed_anew(source, stream):
            held += piece
            yield held[:-4]
            held = held[-4:]
        yield struct.pack(">I", stream.checksum)


def _inflated(source: Source, stream: Stream) -> Iterator[bytes]:
    """The rows that are shown, in steps."""
    inflater, left = zlib.decompressobj(), stream.expected
    for chunk, count in used_parts(source, stream):
        first = chunk.content + stream.head
        for start in range(first, first + count, STEP):
            data = source.read(start, min(STEP, first + count - start))
            while left:
                room = min(STEP, left)
                rows = inflater.decompress(data, room)
                left -= len(rows)
                data = inflater.unconsumed_tail
                yield rows
                if len(rows) < room and not data:
                    break
            if not left:
                return


def packed_anew(source: Source, stream: Stream) -> Iterator[bytes]:
    """The same rows, and only those, in a new stream."""
    packer = zlib.compressobj(6)
    for rows in _inflated(source, stream):
        piece = packer.compress(rows)
        if piece:
            yield piece
    yield packer.flush()


def pieces(source: Source, stream: Stream, numbers: Iterator[int]) -> Iterator[Piece]:
    """The chunks of the clean copy for this stream; `numbers` are the next sequence numbers of an animation."""
    if not stream.exact:
        for data in _in_large(packed_anew(source, stream)):
            yield built(stream.name, _numbered(stream, numbers) + data)
        return
    for chunk, count in used_parts(source, stream):
        number = _numbered(stream, numbers)
        if count + stream.head == chunk.length and source.read(chunk.content, stream.head) == number:
            yield Range(chunk.start, chunk.end)
        else:
            yield from _rebuilt(
                source, stream.name, number, Range(chunk.content + stream.head, chunk.content + stream.head + count)
            )


def _numbered(stream: Stream, numbers: Iterator[int]) -> bytes:
    return struct.pack(">I", next(numbers)) if stream.head else b""


def _rebuilt(source: Source, name: bytes, number: bytes, data: Range) -> Iterator[Piece]:
    """A chunk around a part of the source, with its CRC made anew."""
    crc = zlib.crc32(number, zlib.crc32(name))
    for view in source.chunks(data.start, data.end):
        crc = zlib.crc32(view, crc)
    yield struct.pack(">I", len(number) + data.end - data.start) + name + number
    yield data
    yield struct.pack(">I", crc)


def _in_large(small: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of about NEW_CHUNK."""
    held = bytearray()
    for piece in small:
        held += piece
        if len(held) >= NEW_CHUNK:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
