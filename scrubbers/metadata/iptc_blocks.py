"""What Photoshop image resources and IPTC tell, and both without the place; reached through `iptc`."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar

from privkit.model import Finding, Level
from privkit.text import counted

from . import exif, exif_location, icc, iptc_iim, xmp
from . import iptc_resources as blocks
from . import xmp_values as values
from .iptc_resources import Resource, Resources
from .teller import Teller

DEEPEST = 2
"""EXIF can hold Photoshop blocks, which can hold EXIF: this often, and no more."""
_depth: ContextVar[int] = ContextVar("_depth", default=0)
SMALL_COPY_HEAD = 28
"""Bytes before the JPEG of a small copy: format, sizes, planes."""
MOST_PICTURES = 8


def findings(resources: bytes) -> Iterator[Finding]:
    """What image resources tell (JPEG APP13 behind `Photoshop 3.0`, TIFF tag 34377), starting with the block itself."""
    found = blocks.read(resources)
    yield from _whole("Photoshop block", len(resources), len(found.items), found.whole)
    teller = Teller("Photoshop")
    for item in found.of(blocks.IPTC):
        sets = iptc_iim.read(item.data)
        if sets.sets or not sets.whole:
            yield from _whole("IPTC block", len(item.data), len(sets.sets), sets.whole)
        yield from iptc_iim.findings(sets, teller)
    yield from _nested(found)
    for item in found.items:
        teller.where = f"Photoshop 0x{item.id:04X}"
        yield from _item(item, teller)
    yield from _rest(found, teller)


def iim_findings(data: bytes) -> Iterator[Finding]:
    """What bare IPTC tells (TIFF tag 33723), starting with the block itself."""
    found = iptc_iim.read(data)
    yield from _whole("IPTC block", len(data), len(found.sets), found.whole)
    yield from iptc_iim.findings(found, Teller("IPTC"))


def without_location(resources: bytes) -> bytes | None:
    """The known blocks without the place, written anew and the same when done twice; None where nothing is left.

    Small copies, the digest, printer settings, slices, paths and names go too: they hold words or are not understood.
    """
    found = blocks.read(resources)
    if not found.whole:
        return None
    kept = [(item.id, data) for item in found.items if (data := _cleaned(item))]
    head = blocks.HEAD if resources.startswith(blocks.HEAD) else b""
    return head + b"".join(blocks.written(id, data) for id, data in kept) if kept else None


def thumbnails(resources: bytes) -> Iterator[bytes]:
    """The small copies of the picture inside."""
    return iter([picture for picture in _pictures(blocks.read(resources)) if picture][:MOST_PICTURES])


def _pictures(found: Resources) -> Iterator[bytes]:
    for item in found.of(blocks.SMALL_COPY, blocks.OLD_SMALL_COPY):
        picture = item.data[SMALL_COPY_HEAD:]
        yield picture if picture.startswith(b"\xff\xd8\xff") else b""
    for item in found.of(blocks.EXIF, blocks.EXIF_3):
        yield exif.thumbnail(item.data) or b""
    for item in found.of(blocks.XMP):
        yield from xmp.thumbnails(item.data)
    for item in found.of(blocks.IPTC):
        for one in iptc_iim.read(item.data).sets:
            yield one.data if one.key == iptc_iim.PICTURE and one.data.startswith(b"\xff\xd8\xff") else b""


def _whole(title: str, size: int, count: int, whole: bool) -> Iterator[Finding]:
    """The block itself, whatever it says."""
    detail = f"{counted(count, 'field')}, {counted(size, 'byte')}"
    if not whole:
        detail += "; it is damaged and could only be read in part"
    yield from Teller(title.removesuffix(" block")).tell("hidden.iptc", Level.WARN, title, detail, bytes=size, entries=count)


def _nested(found: Resources) -> Iterator[Finding]:
    """What EXIF, XMP and colour profiles inside tell."""
    depth = _depth.get()
    for item in found.of(blocks.EXIF, blocks.EXIF_3, blocks.XMP, blocks.ICC):
        reader = {blocks.XMP: xmp.findings, blocks.ICC: icc.findings}.get(item.id, exif.findings)
        if depth >= DEEPEST:
            name, size = f"Photoshop 0x{item.id:04X}", len(item.data)
            yield from Teller("Photoshop").tell("hidden.unknown", Level.WARN, "Block within blocks", name, name=name, bytes=size)
            continue
        token = _depth.set(depth + 1)
        try:
            inner = list(reader(item.data))
        finally:
            _depth.reset(token)
        yield from inner


def _item(item: Resource, teller: Teller) -> Iterator[Finding]:
    """What a block tells by itself."""
    if item.name.strip("\0 ") and item.name not in blocks.USUAL_NAMES:
        yield from teller.tell(
            "who.text", Level.WARN, "Name in a Photoshop block", item.name, value=item.name, field=teller.where
        )
    if item.id == blocks.DIGEST and any(item.data):
        value = item.data[:16].hex()
        yield from teller.tell(
            "hidden.document-id", Level.WARN, "Number that ties copies together", value, value=value, kind="IPTC digest"
        )
    elif item.id == 0x0421:
        for word in blocks.words(item)[:4]:
            yield from teller.tell("device.software", Level.NOTE, "Edited with", word, value=word)
    elif item.id in blocks.WORDED or 0x07D0 <= item.id <= 0x0BB6:
        for word in blocks.words(item)[:8]:
            yield from _word(word, blocks.WORDED.get(item.id, "path"), teller)


def _word(word: str, field: str, teller: Teller) -> Iterator[Finding]:
    path, user = values.path(word)
    if user:
        yield from teller.tell("who.name", Level.RISK, "Name of a user", path, value=user, field="path in Photoshop block")
    if values.has_place(word):
        yield from teller.tell("where.named", Level.RISK, "Place in a text", word, value=word)
    yield from teller.tell("who.text", Level.WARN, "Text in a Photoshop block", word, value=word, field=field)


KNOWN = (
    blocks.NUMBERS.keys()
    | blocks.WORDED.keys()
    | {blocks.IPTC, blocks.OLD_SMALL_COPY, blocks.SMALL_COPY, blocks.ICC, blocks.EXIF, blocks.EXIF_3, blocks.XMP, blocks.DIGEST}
)


def _rest(found: Resources, teller: Teller) -> Iterator[Finding]:
    """Blocks that nobody described, numbers that are too long, and bytes that belong to no block."""
    teller.where = "Photoshop"
    for item in found.items:
        odd = len(item.data) not in blocks.NUMBERS.get(item.id, (len(item.data),))
        if odd or (item.id not in KNOWN and not 0x07D0 <= item.id <= 0x0BB6):
            name, size = f"Photoshop 0x{item.id:04X}", len(item.data)
            yield from teller.tell("hidden.unknown", Level.WARN, "Unknown Photoshop block", name, name=name, bytes=size)
    if found.between:
        detail = f"{counted(found.between, 'byte')} that belong to no block"
        yield from teller.tell(
            "hidden.unknown", Level.WARN, "Bytes hidden between blocks", detail, name="gaps", bytes=found.between
        )


def _cleaned(item: Resource) -> bytes | None:
    """A block without the place, or None to leave it out."""
    if item.id in blocks.NUMBERS:
        return item.data if len(item.data) in blocks.NUMBERS[item.id] else None
    if item.id in (blocks.CAPTION, blocks.URL):
        text = item.data.decode("latin-1")
        return None if values.has_place(text) or len(text) > 4096 else item.data
    cleaner = {
        blocks.IPTC: iptc_iim.without_location,
        blocks.EXIF: exif_location.without_location,
        blocks.EXIF_3: exif_location.without_location,
        blocks.XMP: xmp.without_location,
        blocks.ICC: icc.reduced,
    }.get(item.id)
    return cleaner(item.data) if cleaner else None
