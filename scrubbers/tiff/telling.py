"""What a TIFF file tells: in its fields, in the blocks of metadata within them, and in bytes that belong to nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from privkit.errors import Broken
from privkit.model import Finding, Level, Scalar
from privkit.text import counted, size

from ..metadata import exif, icc, iptc, xmp
from ..metadata.exif_location import INTEROP
from ..metadata.ifd import ASCII, LONG8, Directory, Entry, Field, Form, Node, Reader, written
from ..metadata.trailer import trailer
from . import geo, geometry, jpeg_strip, keep, spans, tags
from .pages import Document, Page, below
from .stored import Stored

LARGEST_FIELD = 256 * 1024
MOST_DIRECTORIES = 32
"""Directories whose metadata are told one by one; further pages mostly repeat them."""
MOST_OF_A_KIND = 200
BLOCKS: dict[int, Callable[[bytes], Iterable[Finding]]] = {
    tags.XMP: xmp.findings,
    tags.IPTC: iptc.iim_findings,
    tags.PHOTOSHOP: iptc.findings,
}
POINTERS = frozenset({tags.EXIF, tags.GPS, tags.SUB_IFDS})
THUMBNAIL = frozenset({512, tags.JPEG_AT, 514, 515})
TELLING = keep.OTHERS - {tags.DATE_TIME} | POINTERS | BLOCKS.keys()
"""Fields that hold more than a number or two."""
FURTHER = Finding("hidden.exif", Level.WARN, "Metadata in further pages", "not looked at one by one", where="TIFF")
SHAPES = {**tags.STRUCTURE, **tags.COLOUR, **tags.RESOLUTION, tags.ORIENTATION: tags.TURN, tags.PAGE_NUMBER: tags.NUMBERING}


def findings(document: Document) -> Iterator[Finding]:
    """All that the file tells, each thing once, up to MOST_OF_A_KIND things of a kind."""
    told: set[tuple[str, str, str]] = set()
    kinds: Counter[str] = Counter()
    for finding in _all(document):
        key = (finding.id, finding.detail, finding.where)
        if key not in told:
            kinds[finding.id] += 1
            if kinds[finding.id] <= MOST_OF_A_KIND:
                told.add(key)
                yield finding


def _all(document: Document) -> Iterator[Finding]:
    reader = document.reader
    directories = [page.directory for page in document.pages] + document.smaller
    read = 0
    for directory in directories:
        yield from geo.findings(reader, directory)
        yield from _unknown(reader, directory)
        if any(entry.tag in TELLING for entry in directory.entries):
            read += 1
            yield from _blocks(reader, directory) if read <= MOST_DIRECTORIES else (FURTHER,)
        for entry in directory.all(tags.ICC):
            yield from _block(reader, entry, icc.findings)
    for page in document.pages:
        yield from _misshapen(page)
        yield from _within_strips(page)
    yield from _smaller(document)
    yield from _gaps(document)
    yield from _dates(document)
    yield from _compression(document)


def _blocks(reader: Reader, directory: Directory) -> Iterator[Finding]:
    yield from _exif(reader, directory)
    for tag, tell in BLOCKS.items():
        for entry in directory.all(tag):
            yield from _block(reader, entry, tell)


def _unknown_finding(
    name: str, length: int, detail: str = "", level: Level = Level.WARN, title: str = "Other data inside"
) -> Finding:
    facts: dict[str, Scalar] = {"name": name, "bytes": length}
    return Finding("hidden.unknown", level, title, detail or f"{name}, {size(length)}", where="TIFF", facts=facts)


def _block(reader: Reader, entry: Entry, tell: Callable[[bytes], Iterable[Finding]]) -> Iterator[Finding]:
    data = keep.block(reader, entry)
    if data is None:
        yield _unknown_finding(tags.name(entry.tag), entry.size, f"{tags.name(entry.tag)} that could not be read")
    else:
        yield from tell(data)


def _exif(reader: Reader, directory: Directory) -> Iterator[Finding]:
    """What the fields tell that EXIF knows too: they are put into a small block of their own, without the picture."""
    form = Form(reader.form.order)
    children = {tag: node for tag in (tags.EXIF, tags.GPS) if (node := _node(reader, directory, tag)) is not None}
    plain = tuple(_fields(reader, directory, keep.OTHERS))
    if all(item.tag == tags.DATE_TIME for item in plain) and not children:
        return  # a lone date is told by `_dates`
    yield from exif.findings(written(form, [Node(plain, children)]))


def _node(reader: Reader, directory: Directory, tag: int) -> Node | None:
    found = below(reader, directory, tag)
    if found is None:
        return None
    inner = _node(reader, found, INTEROP) if tag == tags.EXIF else None
    children = {INTEROP: inner} if inner is not None else {}
    return Node(tuple(_fields(reader, found, None)), children)


def _fields(reader: Reader, directory: Directory, known: frozenset[int] | None) -> Iterator[Field]:
    """The first field of each tag that fits a small block."""
    seen = set(POINTERS) | {INTEROP}
    room = 4 * LARGEST_FIELD
    for entry in directory.entries:
        fits = entry.sound and entry.type < LONG8 and entry.size <= min(LARGEST_FIELD, room)
        if fits and entry.tag not in seen and (known is None or entry.tag in known):
            seen.add(entry.tag)
            room -= entry.size
            yield reader.field(entry)


def _unknown(reader: Reader, directory: Directory) -> Iterator[Finding]:
    """Fields that are neither needed nor told elsewhere."""
    told = tags.UNDERSTOOD | keep.OTHERS | POINTERS | tags.GEO | THUMBNAIL | BLOCKS.keys() | {tags.ICC}
    for entry in directory.entries:
        if entry.tag == tags.LAYERS:
            detail = f"layers, which may hold parts that were covered or cut away, {size(entry.size)}"
            yield _unknown_finding("Photoshop layers", entry.size, detail, title="Layers inside")
        elif entry.tag not in told and entry.sound and entry.type == ASCII and entry.size > 4:
            yield _text(reader, entry)
        elif entry.tag not in told:
            yield _unknown_finding(tags.name(entry.tag), entry.size)


def _text(reader: Reader, entry: Entry) -> Finding:
    value = reader.read(entry.at, min(entry.size, 800)).decode("utf-8", "replace").strip("\0 ")[:200]
    facts: dict[str, Scalar] = {"value": value, "field": tags.name(entry.tag)}
    return Finding("who.text", Level.WARN, "Text", f"{facts['field']}: {value}", where="TIFF", facts=facts)


def _misshapen(page: Page) -> Iterator[Finding]:
    """Fields for drawing that hold something else, and so are left out."""
    for tag, shape in SHAPES.items():
        entry = page.directory.get(tag)
        if entry is None:
            continue
        if keep.idle(page, tag):
            yield _unknown_finding(tags.name(tag), entry.size, f"{tags.name(tag)}, of no use in this picture, {size(entry.size)}")
        elif geometry.field(page.directory, tag, shape, page.depth) is None:
            yield _unknown_finding(
                tags.name(tag), entry.size, f"{tags.name(tag)} in a form that makes no sense, {size(entry.size)}"
            )


def _within_strips(page: Page) -> Iterator[Finding]:
    hidden = sum(page.extents) - sum(page.lengths)
    if hidden:
        yield _unknown_finding(
            "JPEG segments", hidden, f"application data and comments within the picture's data, {size(hidden)}"
        )


def _smaller(document: Document) -> Iterator[Finding]:
    number = len(document.smaller)
    if number:
        length = sum((span & spans.LOW) for one in document.smaller for span in spans.claimed(document.reader, one))
        detail = f"{counted(number, 'smaller copy', 'smaller copies')}, {size(length)}, which may show what was cut away"
        yield _unknown_finding("smaller copies", length, detail, title="Smaller copies inside")


def _gaps(document: Document) -> Iterator[Finding]:
    gaps = list(spans.gaps(document))
    for gap in gaps:
        if gap.trailing:
            yield from trailer(document.source, gap.start)
    for empty in (False, True):
        length = sum(gap.end - gap.start for gap in gaps if gap.empty == empty and not gap.trailing)
        if length:
            words = "empty space" if empty else "bytes that belong to nothing; they may be left over from an earlier version"
            level = Level.NOTE if empty else Level.WARN
            yield _unknown_finding("unused bytes", length, f"{words}, {size(length)}", level, "Unused bytes")


def _dates(document: Document) -> Iterator[Finding]:
    """A date that stands alone, as in a copy that keeps it, is a note; with other data beside it, a warning."""
    alone = all(
        entry.tag in tags.UNDERSTOOD | {tags.DATE_TIME, tags.ICC} for page in document.pages for entry in page.directory.entries
    )
    for page in document.pages[:MOST_DIRECTORIES]:
        for item in keep.date(document.reader, page):
            day, clock = item.data[:19].decode("ascii").split(" ")
            moment = f"{day.replace(':', '-')}T{clock}"
            level = Level.NOTE if alone and not document.smaller else Level.WARN
            yield Finding(
                "when.edited",
                level,
                "When it was changed",
                moment.replace("T", " "),
                where="TIFF DateTime",
                facts={"time": moment},
            )


def _compression(document: Document) -> Iterator[Finding]:
    """The quantisation tables of JPEG data: they stay, as the picture cannot be decoded without them."""
    page = document.pages[0]
    if page.shape.compression != geometry.JPEG:
        return
    digest = hashlib.sha256()
    entry = page.directory.get(tags.JPEG_TABLES)
    with suppress(Broken):
        for payload in jpeg_strip.quantisation(Stored(document.source, page.starts[0], page.extents[0])):
            digest.update(payload)
        if entry is not None:
            for payload in jpeg_strip.quantisation(Stored(document.source, entry.at, entry.size)):
                digest.update(payload)
    yield Finding(
        "remains.quantisation",
        Level.NOTE,
        "Way of compression",
        "its tables hint at the program or camera that saved the picture; they are needed to show it",
        where="TIFF JPEG",
        facts={"tables": digest.hexdigest()[:16]},
    )
