"""The fields of each page in the clean file, by an allow-list; each has its one right shape or is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial

from privkit.errors import Broken
from privkit.plugin import Policy

from ..metadata import exif_location, icc, iptc, xmp
from ..metadata.ifd import BYTE, LONG, SHORT, UNDEFINED, Entry, Field, Node, Reader, whole
from . import jpeg_strip, tags
from .geometry import JPEG, PALETTE, YCBCR, field
from .layout import Fields
from .pages import PAGE, Document, Page
from .tags import Shape

_DATE = re.compile(rb"\d{4}:[01]\d:[0-3]\d [0-2]\d:[0-5]\d:[0-6]\d\0")
BLOCKS: Mapping[int, Callable[[bytes], bytes | None]] = {
    tags.XMP: xmp.without_location,
    tags.IPTC: iptc.iim_without_location,
    tags.PHOTOSHOP: iptc.without_location,
    tags.ICC: lambda profile: profile,
}
"""Metadata of other kinds within fields, and what takes the place out of them."""
LARGEST_BLOCK = 8 * 1024 * 1024
OTHERS = exif_location.KNOWN_0TH - tags.UNDERSTOOD - tags.CURVES | {tags.DATE_TIME}
"""Fields that say nothing of how to draw the picture, but that are understood."""


def fields(document: Document, policy: Policy) -> Fields:
    """What makes the fields of a page."""
    if policy.only_location:
        return partial(_without_location, document.reader)
    return partial(_bare, document.reader, policy, len(document.pages) > 1)


def shown(reader: Reader, page: Page) -> tuple[Field, ...]:
    """The fields that decide what is shown, and what kind of page it is."""
    kind = (whole(reader.form, tags.NEW_SUBFILE, LONG, page.kind),) if page.kind else ()
    return (*kind, *_shaped(reader, page, tags.STRUCTURE))


def _shaped(reader: Reader, page: Page, shapes: Mapping[int, Shape]) -> Iterator[Field]:
    """The page's fields of these tags, as they are, if they have the right shape."""
    for tag, shape in shapes.items():
        entry = field(page.directory, tag, shape, page.depth)
        if entry is not None and not idle(page, tag):
            item = reader.field(entry)
            yield _tables(item) if tag == tags.JPEG_TABLES else item


def idle(page: Page, tag: int) -> bool:
    """Whether the field decides nothing in a picture of this kind, so that it could hold anything."""
    kind = page.shape
    return {
        tags.COLOUR_MAP: kind.photometric != PALETTE,
        tags.JPEG_TABLES: kind.compression != JPEG,
        tags.COEFFICIENTS: kind.photometric != YCBCR,
        tags.BLACK_WHITE: kind.photometric != YCBCR,
    }.get(tag, False)


def _tables(item: Field) -> Field:
    bare = jpeg_strip.tables(item.data)
    return Field(item.tag, UNDEFINED, len(bare), bare)


def _bare(reader: Reader, policy: Policy, many: bool, page: Page) -> Node:
    """Only what is needed to decode, and what the policy keeps."""
    found = list(shown(reader, page))
    if policy.keep_color:
        found += _shaped(reader, page, tags.COLOUR)
        found += _profile(reader, page)
    if not policy.strict:
        found += _shaped(reader, page, tags.RESOLUTION)
    if policy.keep_orientation:
        found += _turn(reader, page)
    if policy.keep_date:
        found += date(reader, page)
    if many:
        found += _page_number(reader, page)
    return Node(tuple(found))


def turn(reader: Reader, page: Page) -> int:
    """How the picture must be turned, 2 to 8, or 0."""
    with suppress(Broken):
        entry = field(page.directory, tags.ORIENTATION, tags.TURN, page.depth)
        found = reader.number(entry) if entry is not None else 0
        return found if 2 <= found <= 8 else 0
    return 0


def _turn(reader: Reader, page: Page) -> Iterator[Field]:
    found = turn(reader, page)
    if found:
        yield whole(reader.form, tags.ORIENTATION, SHORT, found)


def date(reader: Reader, page: Page) -> Iterator[Field]:
    """The date of the last change, if it is just a date."""
    entry = field(page.directory, tags.DATE_TIME, tags.DATE, page.depth)
    if entry is not None:
        item = reader.field(entry)
        if _DATE.fullmatch(item.data):
            yield item


def _page_number(reader: Reader, page: Page) -> Iterator[Field]:
    """The page's number and how many there are, where both make sense."""
    entry = field(page.directory, tags.PAGE_NUMBER, tags.NUMBERING, page.depth)
    if entry is not None and page.kind & PAGE:
        yield reader.field(entry)


def profile(reader: Reader, page: Page) -> bytes | None:
    """The colour profile as it is; None where there is none that can be read."""
    return block(reader, page.directory.get(tags.ICC))


def block(reader: Reader, entry: Entry | None) -> bytes | None:
    """The bytes of a field that holds metadata of another kind."""
    with suppress(Broken):
        return reader.data(entry, LARGEST_BLOCK) if entry is not None else None
    return None


def _profile(reader: Reader, page: Page) -> Iterator[Field]:
    found = profile(reader, page)
    reduced = icc.reduced(found) if found is not None else None
    if reduced:
        yield Field(tags.ICC, UNDEFINED, len(reduced), reduced)


def _without_location(reader: Reader, page: Page) -> Node:
    """Everything that is understood, but the place."""
    node = exif_location.primary(reader, page.directory, OTHERS)
    drawing = [*shown(reader, page), *_shaped(reader, page, tags.COLOUR), *_shaped(reader, page, tags.RESOLUTION)]
    small = _shaped(reader, page, {tags.ORIENTATION: tags.TURN, tags.PAGE_NUMBER: tags.NUMBERING})
    return Node((*drawing, *small, *_blocks(reader, page), *node.fields), node.children)


def _blocks(reader: Reader, page: Page) -> Iterator[Field]:
    """XMP, IPTC, Photoshop's resources and the profile, each without the place."""
    for tag, without in BLOCKS.items():
        entry = page.directory.get(tag)
        data = block(reader, entry)
        rest = without(data) if data else None
        if entry is not None and rest:
            yield Field(tag, UNDEFINED if entry.type == UNDEFINED else BYTE, len(rest), rest)
