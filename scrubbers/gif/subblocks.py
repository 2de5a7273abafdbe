"""Runs of data sub-blocks in a GIF, read in windows and built anew. Source: GIF89a specification, sections 15 and 16."""

from __future__ import annotations

from collections.abc import Iterator

from privkit.errors import Broken, Refused
from privkit.source import Source

MOST_SUB_BLOCKS = 8_000_000
WINDOW = 64 * 1024


class SubBlocks:
    """A run of data sub-blocks, read in windows. `end`, behind the terminator, is known once `chunks` has run out."""

    def __init__(self, source: Source, start: int) -> None:
        self.source, self.start, self.end = source, start, start
        self.lengths = bytearray()

    def chunks(self) -> Iterator[bytes]:
        """The data, without the length bytes. Source: GIF89a, sections 15 and 16."""
        at, closed = self.start, False
        while not closed:
            window = self.source.read(at, min(WINDOW, self.source.size - at))
            data, taken, closed = self._taken(window)
            if not taken:
                raise Broken("the file ends in the middle of a picture or block")
            at += taken
            self.end = at
            yield data
        if len(self.lengths) > MOST_SUB_BLOCKS:
            raise Refused("the file is cut into more small blocks than any real one")

    def _taken(self, window: bytes) -> tuple[bytes, int, bool]:
        """The data of the whole sub-blocks in a window, the bytes they take, and whether the terminator was there."""
        found: list[bytes] = []
        at, limit, lengths = 0, len(window), self.lengths
        while at < limit:
            length = window[at]
            if length == 0:
                return b"".join(found), at + 1, True
            if at + 1 + length > limit:
                break
            found.append(window[at + 1 : at + 1 + length])
            lengths.append(length)
            at += 1 + length
        return b"".join(found), at, False

    def skip(self) -> None:
        for _ in self.chunks():
            pass

    def beginning(self, most: int) -> bytes:
        """Up to `most` bytes of the data; reads on to the end."""
        kept = b""
        for chunk in self.chunks():
            if len(kept) < most:
                kept += chunk[: most - len(kept)]
        return kept

    def cut(self, length: int) -> tuple[int, bytes]:
        """Where the sub-block starts that holds the last of the first `length` bytes, and its bytes up to there."""
        passed, at = 0, self.start
        for size in self.lengths:
            if passed + size >= length:
                return at, self.source.read(at + 1, length - passed)
            passed += size
            at += 1 + size
        return at, b""


def sub_blocks(data: bytes) -> bytes:
    """`data` as sub-blocks with their terminator."""
    cut = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"".join(bytes((len(part),)) + part for part in cut) + b"\0"
