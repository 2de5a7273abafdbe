"""Bounded, random access to the bytes of a file that is not trusted."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO

from privkit.errors import Broken

WINDOW = 8 * 1024 * 1024
"""Bytes held at once. A file up to this size is read once; a larger one passes through in windows."""
LARGEST_READ = 64 * 1024 * 1024
"""The most that `read` gives at once, so that a lying length cannot eat the memory."""
PAGE = 64 * 1024

_spare: list[bytearray] = []
"""Windows of closed sources, used again: fresh memory costs more than reading into it."""


class Source:
    """Read-only random access to a seekable binary file.

    size is taken once, at the start; a file that shrinks below it while it is read raises Broken.
    Use it as a context manager; the file itself stays open.
    """

    def __init__(self, file: BinaryIO, twin: Source | None = None) -> None:
        """`twin` is a source that holds the same bytes here and there: what was searched in it need not be again."""
        self.file = file
        self._twin = twin
        self._searches: list[tuple[re.Pattern[bytes], int, int]] = []  # pattern, start, where it was found
        self._answered = 0  # how many of the twin's searches were used here
        self._proven: list[tuple[int, int, int]] = []  # start in the twin, start here, length: the same bytes
        self.size = file.seek(0, io.SEEK_END)
        try:
            self._window = _spare.pop()
        except IndexError:  # asked for rather than counted: threads may share them
            self._window = bytearray(WINDOW)
        self._view = memoryview(self._window)
        self._start = self._end = 0  # the part of the file that the window holds

    def __enter__(self) -> Source:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if len(_spare) < 2:
            _spare.append(self._window)

    @classmethod
    def of(cls, data: bytes) -> Source:
        """A source over bytes in memory: a member of an archive, a thumbnail."""
        return cls(io.BytesIO(data))

    def _fill(self, start: int, length: int) -> None:
        """Let the window hold the file from `start`, at least `length` bytes."""
        self.file.seek(start)
        filled = 0
        while filled < length:
            count = self.file.readinto(self._view[filled:length])  # type: ignore[attr-defined]
            if not count:
                self._start = self._end = 0
                raise Broken("the file became shorter while it was being read")
            filled += count
        self._start, self._end = start, start + filled

    def _hold(self, start: int, end: int, ahead: int) -> None:
        if not self._start <= start <= end <= self._end:
            if self.size <= WINDOW:
                self._fill(0, self.size)
            else:
                self._fill(start, min(max(end - start, ahead), self.size - start))

    def read(self, start: int, length: int) -> bytes:
        """Exactly `length` bytes from `start`. Raises Broken when the file ends before, or for an absurd length."""
        end = start + length
        if start < 0 or length < 0 or end > self.size:
            raise Broken("the file ends in the middle of a part that it announces")
        if length > LARGEST_READ:
            raise Broken("a part of the file claims to be larger than any real one")
        if length > WINDOW:
            return b"".join(bytes(chunk) for chunk in self.chunks(start, end))
        self._hold(start, end, PAGE)
        return bytes(self._view[start - self._start : end - self._start])

    def chunks(self, start: int, end: int) -> Iterator[memoryview]:
        """The bytes from `start` to `end` in views of up to WINDOW bytes; each is valid until the next is asked for."""
        if not 0 <= start <= end <= self.size:
            raise Broken("the file ends in the middle of a part that it announces")
        while start < end:
            stop = min(end, start + WINDOW)
            self._hold(start, stop, WINDOW)
            yield self._view[start - self._start : stop - self._start]
            start = stop

    def search(self, pattern: re.Pattern[bytes], start: int, end: int, longest: int) -> int | None:
        """Where `pattern` first matches between `start` and `end`, or None. No match may be longer than `longest`."""
        found = self._as_in_twin(pattern, start, end, longest)
        if found is None:
            found = self._search(pattern, start, end, longest)
        if found is not None:
            self._searches.append((pattern, start, found))
        return found

    def _as_in_twin(self, pattern: re.Pattern[bytes], start: int, end: int, longest: int) -> int | None:
        """The answer to the twin's next search, if the bytes that it went through are the very same here; else None.

        Comparing is several times faster than searching, and as sure: equal bytes have equal matches.
        """
        if self._twin is None or self._answered >= len(self._twin._searches):
            return None
        asked, began, found = self._twin._searches[self._answered]
        self._answered += 1
        length = min(found + longest, self._twin.size) - began
        if asked is not pattern or start + length > end:
            return None
        if not self._equals(self._twin, began, start, length):
            return None
        if length >= PAGE:  # less is as quickly compared again
            self._proven.append((began, start, length))
        return start + found - began

    def _search(self, pattern: re.Pattern[bytes], start: int, end: int, longest: int) -> int | None:
        while start < end:
            stop = min(end, start + WINDOW)
            self._hold(start, stop, WINDOW)
            match = pattern.search(self._view[start - self._start : stop - self._start])
            if match is not None:
                return start + match.start()
            if stop == end:
                return None
            start = stop - longest + 1
        return None

    def same_as(self, other: Source, theirs: int, ours: int, length: int) -> bool:
        """Whether `length` bytes from `ours` here equal those from `theirs` in another source.

        What was compared with the twin before, in the same place, is not compared again.
        """
        if other is self._twin and length > 0:
            for began, start, count in self._proven:
                if theirs - began == ours - start and start < ours + length and ours < start + count:
                    before, behind = max(start - ours, 0), max(ours + length - start - count, 0)
                    end = length - behind
                    return self._equals(other, theirs, ours, before) and self.same_as(other, theirs + end, ours + end, behind)
        return self._equals(other, theirs, ours, length)

    def _equals(self, other: Source, theirs: int, ours: int, length: int) -> bool:
        if ours + length > self.size:
            return False
        for chunk in other.chunks(theirs, theirs + length):
            self._hold(ours, ours + len(chunk), WINDOW)
            if not self._window.startswith(chunk, ours - self._start):
                return False
            ours += len(chunk)
        return True
