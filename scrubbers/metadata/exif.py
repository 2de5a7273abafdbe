"""What an EXIF block tells, and the very small block that is built anew for a clean copy.

Source: Exif 3.0 (CIPA DC-008-2023); DCF 2.0 (CIPA DC-009-2010), section 4 (Adobe RGB as an optional colour space).
Everywhere `tiff` is the TIFF structure alone, without the leading `Exif\\0\\0`. Nothing here raises on rubbish.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from privkit.model import Finding
from privkit.plugin import Policy

from . import exif_tags
from .exif_tags import Block, Directory, Field

ORIENTATION, EXIF, INTEROP, DATE, DIGITIZED, COLOR_SPACE = 0x0112, 0x8769, 0xA005, 0x9003, 0x9004, 0xA001
_ALL = Policy(keep_date=True)
_DATE = re.compile(rb"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Kept:
    """What of an EXIF block is carried over into a clean copy, built anew."""

    tiff: bytes
    """The whole new block, or b"" where nothing is to be kept."""
    words: tuple[str, ...] = ()
    """The same in words: `("rotation", "colours", "date")`."""
    tags: frozenset[str] = frozenset()
    """All that exifread may find in it, by its names: `Image Orientation`."""


_NOTHING = Kept(b"")


@dataclass(frozen=True, slots=True)
class _Short:
    """The three directories that matter here, read alone and only when asked: this runs for every file cleaned."""

    tiff: bytes
    order: str

    def image(self) -> Directory:
        return exif_tags.directory(self.tiff, self.order, exif_tags.first_directory(self.tiff, self.order))

    def below(self, above: Directory, tag: int) -> Directory | None:
        field = above.fields.get(tag)
        if field is None or field.kind not in (4, 13) or field.number != 1:
            return None
        return exif_tags.directory(self.tiff, self.order, int(self.number(field)))

    def number(self, field: Field | None) -> int:
        """A single whole number, or 0."""
        if field is None or field.number != 1 or field.kind not in (1, 3, 4, 13):
            return 0
        raw = self.tiff[field.start : field.start + field.size]
        return int.from_bytes(raw, "little" if self.order == "<" else "big")

    def raw(self, field: Field | None, most: int) -> bytes:
        return self.tiff[field.start : field.start + min(field.size, most)] if field else b""


SMALL = 256
"""Bytes of a block up to which what was found in it is remembered: clean copies have such blocks."""


def _short(tiff: bytes | None) -> _Short | None:
    order = exif_tags.order_of(tiff) if tiff else None
    return _Short(tiff, order) if tiff and order else None


def _turn(short: _Short, image: Directory) -> int | None:
    value = short.number(image.fields.get(ORIENTATION))
    return value if 2 <= value <= 8 else None


def orientation(tiff: bytes) -> int | None:
    """How the picture must be turned to be shown upright, 2 to 8; None where it need not, or it makes no sense."""
    short = _short(tiff)
    return _turn(short, short.image()) if short else None


def _date(short: _Short, exif: Directory) -> bytes:
    """When the picture was taken, exactly as the standard writes it, or b"": nothing else may hide in it."""
    for tag in (DATE, DIGITIZED):
        value = short.raw(exif.fields.get(tag), 20).rstrip(b"\0")
        if _DATE.fullmatch(value) and _real(value):
            return value
    return b""


def _real(date: bytes) -> bool:
    try:
        datetime.strptime(date.decode("ascii"), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return False
    return True


def _adobe_rgb(short: _Short, exif: Directory) -> bool:
    """Whether the block says, as DCF does, that colours are Adobe RGB: without it they would look paler."""
    if short.number(exif.fields.get(COLOR_SPACE)) != 0xFFFF:
        return False
    interop = short.below(exif, INTEROP)
    return interop is not None and short.raw(interop.fields.get(1), 4).rstrip(b"\0") == b"R03"


def keepsakes(tiff: bytes | None, policy: Policy) -> Kept:
    """What the policy keeps of a block, built anew: rotation, Adobe RGB colours, date.

    Canonical: the same is built from what was built. About 20 microseconds.
    """
    if tiff is None:
        return _NOTHING
    return _kept_of_small(tiff, policy) if len(tiff) <= SMALL else _kept(tiff, policy)


@lru_cache(maxsize=256)
def _kept_of_small(tiff: bytes, policy: Policy) -> Kept:
    """The same, remembered: what was kept of thousands of blocks is the same few."""
    return _kept(tiff, policy)


def _kept(tiff: bytes, policy: Policy) -> Kept:
    short = _short(tiff)
    if short is None:
        return _NOTHING
    image = short.image()
    turn = _turn(short, image) if policy.keep_orientation else None
    exif = short.below(image, EXIF) if policy.keep_color or policy.keep_date else None
    adobe = exif is not None and policy.keep_color and _adobe_rgb(short, exif)
    date = _date(short, exif) if exif is not None and policy.keep_date else b""
    return _built(turn, adobe, date)


@lru_cache(maxsize=512)
def _built(turn: int | None, adobe: bool, date: bytes) -> Kept:
    """The smallest block with these; the commonest, rotation alone, is piexif's."""
    parts = [
        ("rotation", turn, {"Image Orientation"}),
        ("colours", adobe, {"EXIF ColorSpace", "EXIF InteroperabilityOffset", "Interoperability InteroperabilityIndex"}),
        ("date", date, {"EXIF DateTimeOriginal"}),
    ]
    there = [(word, tags) for word, present, tags in parts if present]
    if not there:
        return _NOTHING
    more = {"Image ExifOffset"} if adobe or date else set()
    block = _with_exif(turn, adobe, date) if more else _turn_only(turn)
    return Kept(block, tuple(word for word, _ in there), frozenset(more.union(*(tags for _, tags in there))))


def _turn_only(turn: int | None) -> bytes:
    import piexif

    block: bytes = piexif.dump({"0th": {piexif.ImageIFD.Orientation: turn}})
    return block.removeprefix(b"Exif\0\0")


def _with_exif(turn: int | None, adobe: bool, date: bytes) -> bytes:
    """The same for more than rotation.

    Not piexif's: it leaves out the four bytes behind an Exif or interoperability directory that say that none follows,
    which exiv2 calls an error and Pillow warns of.
    """
    image_size = 6 + 12 * ((turn is not None) + 1)
    exif_start = 8 + image_size
    exif_end = exif_start + 6 + 12 * (bool(date) + 2 * adobe)
    value_end = exif_end + (20 if date else 0)
    image = [(ORIENTATION, 3, 1, struct.pack(">HH", turn, 0))] if turn else []
    image.append((EXIF, 4, 1, struct.pack(">I", exif_start)))
    exif = [(DATE, 2, 20, struct.pack(">I", exif_end))] if date else []
    interop = b""
    if adobe:
        exif += [(COLOR_SPACE, 3, 1, b"\xff\xff\0\0"), (INTEROP, 4, 1, struct.pack(">I", value_end))]
        interop = _directory([(1, 2, 4, b"R03\0")])
    return b"MM\0*\0\0\0\x08" + _directory(image) + _directory(exif) + (date + b"\0" if date else b"") + interop


def _directory(fields: list[tuple[int, int, int, bytes]]) -> bytes:
    rows = b"".join(struct.pack(">HHI4s", *field) for field in fields)
    return struct.pack(">H", len(fields)) + rows + b"\0\0\0\0"


def is_keepsake(tiff: bytes) -> bool:
    """Whether a block is, byte for byte, one that `keepsakes` builds."""
    return len(tiff) < 200 and keepsakes(tiff, _ALL).tiff == tiff


def thumbnail(tiff: bytes) -> bytes | None:
    """The small picture inside as a whole file (JPEG, or TIFF for an uncompressed one), or None."""
    from . import exif_thumbnail

    block = exif_tags.read(tiff)
    return exif_thumbnail.of(block) if block else None


def findings(tiff: bytes) -> Iterator[Finding]:
    """What a block tells, grouped as a person asks; the last finding says that the block is there at all.

    Nothing for a block that holds rotation and colour alone; a note for a date that was kept on purpose.
    """
    return iter(_findings_of_small(tiff)) if len(tiff) <= SMALL else _findings(tiff)


@lru_cache(maxsize=256)
def _findings_of_small(tiff: bytes) -> tuple[Finding, ...]:
    return tuple(_findings(tiff))


def _findings(tiff: bytes) -> Iterator[Finding]:
    from . import exif_findings

    block: Block | None = exif_tags.read(tiff)
    if block is None:
        yield exif_findings.unreadable(len(tiff))
    elif is_keepsake(tiff):
        yield from exif_findings.kept_date(block)
    else:
        yield from exif_findings.of(block)
