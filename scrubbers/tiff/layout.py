"""The clean file: header, then for each page its directory with the values behind it and its strips or tiles, in order.

One layout and no other, without a byte that belongs to nothing, so that cleaning a clean file gives the same file.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from privkit.errors import Refused
from privkit.plugin import Piece, Range

from ..metadata.ifd import Field, Form, Node, grow, measure, packed
from . import jpeg_strip, tags
from .pages import Document, Page
from .stored import Stored

MOST_METADATA = 24 * 1024 * 1024
"""Bytes of all directories and their values."""

Fields = Callable[[Page], Node]
"""The fields of a page but those of its strips, as they are to be written."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The pieces of a clean file. May be gone through more than once."""

    document: Document
    fields: Fields
    form: Form
    places: tuple[tuple[int, int], ...]
    """Where each page's directory and its data start."""

    def __iter__(self) -> Iterator[Piece]:
        return joined(self._pieces())

    def _pieces(self) -> Iterator[Piece]:
        yield self.form.start(self.places[0][0])
        end = self.form.header
        for i, page in enumerate(self.document.pages):
            at, data = self.places[i]
            following = self.places[i + 1][0] if i + 1 < len(self.places) else 0
            yield bytes(at - end) + grow(self.form, _with_strips(self.form, self.fields(page), page, data), at, following)
            yield from strips(self.document, page)
            end = data + sum(page.lengths)


def lay_out(document: Document, fields: Fields) -> Layout:
    """Find the place of everything. Raises Refused for more metadata than any real picture has."""
    form = document.reader.form
    at, metadata, places = form.header, 0, []
    for page in document.pages:
        at = form.up(at)
        length = measure(form, _with_strips(form, fields(page), page, 0))
        metadata += length
        if metadata > MOST_METADATA:
            raise Refused("the file describes its pictures at more length than any real one")
        places.append((at, at + length))
        at += length + sum(page.lengths)
    if at >= 2**32 and not form.big:
        raise Refused("the clean file would become larger than this kind of TIFF can be")
    return Layout(document, fields, form, tuple(places))


def _with_strips(form: Form, node: Node, page: Page, data: int) -> Node:
    """The page's fields with those that say where its strips or tiles are, the first one at `data`."""
    at, sizes = (tags.TILE_AT, tags.TILE_SIZES) if page.shape.tiled else (tags.STRIP_AT, tags.STRIP_SIZES)
    places = array("Q")
    for length in page.lengths:
        places.append(data if length else 0)
        data += length
    own = (_numbers(form, at, places), _numbers(form, sizes, page.lengths))
    return Node((*node.fields, *own), node.children, node.blobs)


def _numbers(form: Form, tag: int, values: array[int]) -> Field:
    letter = "Q" if form.big else "I"
    return Field(tag, form.offset, len(values), packed(form, letter, array(letter, values)))


def strips(document: Document, page: Page) -> Iterator[Piece]:
    """The page's strips or tiles as they are in the clean file."""
    for i, (start, extent, length) in enumerate(zip(page.starts, page.extents, page.lengths, strict=True)):
        if extent == length:
            yield Range(start, start + extent)
        else:
            data = Stored(document.source, start, extent)
            yield from jpeg_strip.walk(data, page.shape.across, page.shape.lines(i)).pieces


def joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces, ranges that follow directly on one another as one, and nothing empty."""
    last: Piece = b""
    for piece in pieces:
        if isinstance(piece, Range) and isinstance(last, Range) and last.end == piece.start:
            last = Range(last.start, piece.end)
            continue
        if isinstance(last, Range) or last:
            yield last
        last = b"" if isinstance(piece, Range) and piece.start == piece.end else piece
    if isinstance(last, Range) or last:
        yield last
