"""What a clean copy lacks, what it keeps, and what looks or works differently: in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from privkit.model import Finding, Level
from privkit.plugin import Policy
from privkit.text import counted

from ..metadata import exif_location, icc
from ..metadata.ifd import Directory, Node
from . import keep, spans, tags
from .layout import Fields
from .pages import Document, Page, below

WORDS: Mapping[int, str] = {
    tags.GPS: "GPS position",
    tags.EXIF: "EXIF",
    tags.XMP: "XMP",
    tags.IPTC: "IPTC",
    tags.PHOTOSHOP: "Photoshop data",
    tags.LAYERS: "Photoshop layers",
    tags.ICC: "colour profile",
    tags.SUB_IFDS: "",
    **dict.fromkeys(tags.GEO, "map position"),
    **dict.fromkeys(tags.RESOLUTION, "pixel density"),
    **dict.fromkeys(tags.COLOUR, "colour details"),
    **dict.fromkeys({tags.NEW_SUBFILE, 255, tags.PAGE_NUMBER, *tags.PLACES, tags.ROWS_PER_STRIP}, ""),
}
"""What fields are called in the list of what was removed; ones that tell nothing are not named."""
OTHER = "other field"
CHANGED: Mapping[int, str] = {
    tags.XMP: "the place in XMP",
    tags.IPTC: "the place in IPTC",
    tags.PHOTOSHOP: "the place in Photoshop data",
    tags.ICC: "text in the colour profile",
}


def removed(document: Document, policy: Policy, made: Fields) -> Iterator[str]:
    """What the clean copy lacks, each once."""
    words = [word for page in document.pages for word in _fields(document, page, made(page)) if word]
    yield from dict.fromkeys(word for word in words if word != OTHER)
    if OTHER in words:
        yield counted(words.count(OTHER), OTHER)
    if document.smaller:
        yield counted(len(document.smaller), "smaller copy of the picture", "smaller copies of the picture")
    if any(page.extents != page.lengths for page in document.pages):
        yield "application data and comments within the picture's data"
    if any(True for _ in spans.gaps(document)):
        yield "bytes that belong to nothing"


def _fields(document: Document, page: Page, node: Node) -> Iterator[str]:
    """The fields of a page that go or change."""
    reader = document.reader
    kept = {item.tag: item for item in node.fields}
    for entry in page.directory.entries:
        if entry.tag in tags.PLACES or entry.tag in node.children:
            continue
        if entry.tag == tags.ORIENTATION and entry.tag not in kept:
            yield "rotation" if keep.turn(reader, page) else ""
        elif entry.tag not in kept:
            yield WORDS.get(entry.tag, tags.NAMES.get(entry.tag, OTHER))
        elif entry.tag in CHANGED and keep.block(reader, entry) != kept[entry.tag].data:
            yield CHANGED[entry.tag]
    for tag, child in node.children.items():
        yield from _below(below(reader, page.directory, tag), child)


def _below(directory: Directory | None, node: Node) -> Iterator[str]:
    """What goes of the Exif directory or those below it."""
    kept = {item.tag for item in node.fields} | node.children.keys()
    for entry in directory.entries if directory else ():
        if entry.tag not in kept:
            yield "maker's notes" if entry.tag == exif_location.MAKER_NOTE else "fields of EXIF that are not understood"


def kept(document: Document, policy: Policy) -> Iterator[str]:
    """What is carried over, built anew."""
    reader, pages = document.reader, document.pages
    if policy.only_location:
        yield "everything else that is understood"
        return
    if policy.keep_orientation and any(keep.turn(reader, page) for page in pages):
        yield "rotation"
    if policy.keep_color and any(icc.reduced(keep.profile(reader, page) or b"") for page in pages):
        yield "colours"
    if policy.keep_date and any(True for page in pages for _ in keep.date(reader, page)):
        yield "date"


def _note(id: str, title: str, detail: str, advice: str = "") -> Finding:
    return Finding(f"remains.{id}", Level.NOTE, title, detail, advice)


def notes(document: Document, policy: Policy) -> Iterator[Finding]:
    """What looks or works differently in the copy, or stays."""
    if policy.only_location:
        yield _note(
            "all-but-place",
            "All but the place stays",
            "times, device, names, captions and comments are still there, and a caption or comment may name a place",
            "for a copy that tells nothing, leave out --only location",
        )
    else:
        yield from _looks(document, policy)
    if any(page.directory.get(tags.LAYERS) for page in document.pages):
        yield _note("layers", "Photoshop's layers are gone", "the picture as it is shown stays, in one piece")


def _looks(document: Document, policy: Policy) -> Iterator[Finding]:
    reader, pages = document.reader, document.pages
    if not policy.keep_orientation and any(keep.turn(reader, page) for page in pages):
        detail = "its rotation was only a tag, which is gone"
        yield _note("turned", "The picture may lie on its side", detail, "keep it with: --keep orientation")
    profiles = [page for page in pages if page.directory.get(tags.ICC) is not None]
    if profiles and not policy.keep_color:
        yield _note("colours", "Colours may look different", "its colour profile is gone")
    elif any(not icc.reduced(keep.profile(reader, page) or b"") for page in profiles):
        yield _note("colours", "Colours may look different", "its colour profile was not understood and is gone")
    if policy.strict and any(page.directory.get(tag) for page in pages for tag in tags.RESOLUTION):
        yield _note("density", "It may print in another size", "how many dots make an inch is no longer said")
