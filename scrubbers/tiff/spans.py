"""Which bytes of the file belong to something that was read, and which belong to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from privkit.errors import Broken, Refused

from ..metadata.ifd import Directory, Reader
from . import tags
from .pages import Document, Page

_BITS = 40
LOW = (1 << _BITS) - 1
"""A span is one number, for memory's sake: its start, and below that its length."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that belong to nothing."""

    start: int
    end: int
    trailing: bool
    """Whether it stands at the end of the file."""
    empty: bool
    """Whether it is all zeros."""


def _span(start: int, end: int) -> int:
    return start << _BITS | min(end - start, LOW)


def _table(directory: Directory) -> Iterator[int]:
    """The directory and the values that stand outside of it."""
    yield _span(directory.at, directory.end)
    for entry in directory.entries:
        if entry.sound and not directory.at <= entry.at < directory.end:
            yield _span(entry.at, entry.at + entry.size)


def _strips(page: Page) -> Iterator[int]:
    for start, extent in zip(page.starts, page.extents, strict=True):
        if extent:
            yield _span(start, start + extent)


def claimed(reader: Reader, directory: Directory) -> Iterator[int]:
    """What a picture that is not a page says is its own."""
    pairs = ((tags.STRIP_AT, tags.STRIP_SIZES), (tags.TILE_AT, tags.TILE_SIZES), (tags.JPEG_AT, 514))
    for at, sizes in pairs:
        starts, lengths = directory.get(at), directory.get(sizes)
        if starts is None or lengths is None or starts.count != lengths.count or starts.count > 65536:
            continue
        try:
            for start, length in zip(reader.numbers(starts), reader.numbers(lengths), strict=True):
                if length > 0 and reader.base + start + length <= reader.end:
                    yield _span(reader.base + start, reader.base + start + length)
        except Broken:
            continue


def _merged(spans: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The spans in order, those that touch or overlap joined."""
    begun, reached = -1, -1
    for span in sorted(spans):
        start = span >> _BITS
        if start > reached:
            if begun >= 0:
                yield begun, reached
            begun = reached = start
        reached = max(reached, start + (span & LOW))
    if begun >= 0:
        yield begun, reached


def _read(document: Document) -> Iterator[int]:
    """Everything but the strips of the pages."""
    yield _span(document.reader.base, document.reader.base + document.reader.form.header)
    for directory in [page.directory for page in document.pages] + document.smaller + document.below:
        yield from _table(directory)


def check_apart(document: Document) -> None:
    """Raises Refused where strips or tiles share bytes with one another or with anything else that was read."""
    strips = sorted(span for page in document.pages for span in _strips(page))
    reached = 0
    for span in strips:
        if span >> _BITS < reached:
            raise Refused("parts of the picture share their bytes, as no usual program writes it")
        reached = (span >> _BITS) + (span & LOW)
    tables = list(_merged(_read(document)))
    place = 0
    for span in strips:
        start, end = span >> _BITS, (span >> _BITS) + (span & LOW)
        while place < len(tables) and tables[place][1] <= start:
            place += 1
        if place < len(tables) and tables[place][0] < end:
            raise Refused("a part of the picture shares its bytes with other data of the file")


def gaps(document: Document) -> Iterator[Gap]:
    """Bytes of the file that belong to nothing; up to 15 zeros are there to align the next part."""

    def everything() -> Iterator[int]:
        yield from _read(document)
        for page in document.pages:
            yield from _strips(page)
        for directory in document.smaller:
            yield from claimed(document.reader, directory)

    reached = 0
    for start, end in chain(_merged(everything()), [(document.source.size, document.source.size)]):
        if start > reached:
            empty = _empty(document, reached, start)
            trailing = start == document.source.size
            if not empty or start - reached > 15:
                yield Gap(reached, start, trailing, empty)
        reached = max(reached, end)


def _empty(document: Document, start: int, end: int) -> bool:
    return all(not bytes(chunk).strip(b"\0") for chunk in document.source.chunks(start, end))
