"""What an EXIF block tells of device, people and texts, and what else is hidden in it.

Source: Exif 3.0 (CIPA DC-008-2023), sections 4.6.4 to 4.6.6; DNG 1.7; Microsoft's XP tags; exifread's tables of maker's notes.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

from privkit.model import Finding, Level
from privkit.text import counted, size

from . import exif_tags
from .exif_place import kept_date, when, where
from .exif_tags import Block, Field, text

__all__ = ["kept_date", "of", "unreadable"]

MAKER_NOTE, DNG_PRIVATE, XMP, IPTC, PHOTOSHOP = 0x927C, 0xC634, 0x02BC, 0x83BB, 0x8649
SERIALS = {0xA431: "camera", 0xC62F: "camera", 0xFDE9: "camera", 0xA435: "lens"}
NAMES = {
    0x013B: "artist",
    0x8298: "copyright",
    0xA430: "owner of the camera",
    0xFDE8: "owner of the camera",
    0x9C9D: "author",
    0xA437: "photographer",
    0xA438: "editor of the picture",
}
TEXTS = {
    0x010E: "description",
    0x9286: "comment",
    0x9C9B: "title",
    0x9C9C: "comment",
    0x9C9E: "keywords",
    0x9C9F: "subject",
    0xA436: "title",
    0x010D: "document name",
    0x011D: "page name",
    0x9213: "history of the picture",
    0x9212: "security classification",
    0xA004: "name of a sound file",
}
SOFTWARE = {
    0x0131: "Made or edited with",
    0x000B: "Edited with",
    0xA439: "Camera's software",
    0xA43A: "Developed with",
    0xA43B: "Edited with",
    0xA43C: "Edited with",
}
DOCUMENT_IDS = {0xA420: "image", 0xC65D: "raw image"}
PLAIN = {
    "Image": {0x0112, 0x8769},
    "EXIF": {0xA001, 0xA005},
    "Interoperability": {1, 2},
}
"""Fields that tell nothing, by directory: rotation, colour space, and the way to them."""
_PLAIN_VALUES = {b"R98", b"R03", b"THM", b"0100"}
_ADDRESS = re.compile(r"[^@]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,5}")
_UUID = re.compile(rb"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""Numbers that tie a photo to its film or its burst: Apple's stand where exifread does not look."""
_STOCK = re.compile(r"[A-Z ]{2,20} DIGITAL CAMERA|(SONY|EPSON) DSC( picture)?|SAMSUNG")
"""Descriptions that cameras write into every picture."""
_PROMPT = re.compile(
    r"\bSteps: \d+, Sampler: |\bNegative prompt: |^\s*(prompt|workflow) ?: ?\{|^\s*\{\"(prompt|workflow|nodes)\""
)


def unreadable(length: int, where: str = "EXIF") -> Finding:
    detail = f"EXIF data that could not be read ({size(length)}): it may tell anything"
    return Finding("hidden.exif", Level.WARN, "EXIF data", detail, where=where, facts={"bytes": length})


def _finding(id: str, level: Level, title: str, value: str, label: str = "", where: str = "EXIF", **facts: str) -> Finding:
    """A finding that shows one value, cut to 200 characters."""
    value = value[:200]
    return Finding(id, level, title, f"{label}: {value}" if label else value, where=where, facts={"value": value, **facts})


def _values(block: Block, tags: dict[int, str]) -> Iterator[tuple[str, str]]:
    """Texts of these tags and what each tag means, each once."""
    told: set[tuple[str, str]] = set()
    for tag, meaning in tags.items():
        for field in block.all(tag):
            value = text(block, field)
            if value and (value, meaning) not in told:
                told.add((value, meaning))
                yield value, meaning


def _first(block: Block, *tags: int) -> str:
    return next((value for tag in tags for value, _ in _values(block, {tag: ""})), "")[:200]


def _device(block: Block) -> Iterator[Finding]:
    make, model = _first(block, 0x010F), _first(block, 0x0110, 0xC614)
    name = model if model.lower().startswith(make.lower()) else f"{make} {model}"
    if name.strip():
        facts = {"make": make, "model": model}
        yield Finding("device.camera", Level.WARN, "Device", name.strip(), where="EXIF", facts=facts)
    lens_make, lens_model = _first(block, 0xA433), _first(block, 0xA434)
    lens = lens_model if lens_model.startswith(lens_make) else f"{lens_make} {lens_model}"
    if lens.strip():
        yield _finding("device.lens", Level.WARN, "Lens", lens.strip())
    for value, of_what in _values(block, SERIALS):
        if value.strip("0 "):
            yield _finding("device.serial", Level.WARN, "Serial number", value, of_what, of=of_what)


def _software(block: Block) -> Iterator[Finding]:
    for value, title in _values(block, SOFTWARE):
        yield _finding("device.software", Level.NOTE, title, value)
    for value, _ in _values(block, {0x013C: ""}):
        yield _finding("device.software", Level.WARN, "Computer or phone", value, of="computer")


def _people(block: Block) -> Iterator[Finding]:
    for value, field in _values(block, NAMES):
        yield _finding("who.name", Level.RISK, "Name of a person", value, field, field=field)
        yield from _contacts(value)


def _contacts(value: str) -> Iterator[Finding]:
    """Mail addresses in a text."""
    for word in value.split() if "@" in value else ():
        word = word.strip("<>()[]{},;:.\"'")
        if len(word) < 255 and _ADDRESS.fullmatch(word):
            yield _finding("who.contact", Level.RISK, "Mail address", word)


def _texts(block: Block) -> Iterator[Finding]:
    for value, field in _values(block, TEXTS):
        if _PROMPT.search(value):
            yield _finding("hidden.prompt", Level.WARN, "Prompt of a picture generator", value, field)
        else:
            level = Level.NOTE if _STOCK.fullmatch(value) else Level.WARN
            yield _finding("who.text", level, "Text", value, field, field=field)
        yield from _contacts(value)


def _document_ids(block: Block) -> Iterator[Finding]:
    for tag, kind in DOCUMENT_IDS.items():
        for field in block.all(tag):
            value = block.raw(field, 16).hex() if tag == 0xC65D else text(block, field)
            if value.strip("0 "):
                yield _finding("hidden.document-id", Level.WARN, "Number of this picture", value, kind=kind)


def _maker_notes(block: Block) -> Iterator[Finding]:
    notes = [field for tag in (MAKER_NOTE, DNG_PRIVATE) for field in block.all(tag)]
    if not notes:
        return
    values = exif_tags.maker_values(block.data) if notes[0].tag == MAKER_NOTE else {}
    for name, tag in values.items():
        yield from _maker_value(name, exif_tags.maker_text(tag), tag)
    for found in (found for note in notes for found in _UUID.finditer(block.raw(note, 65536))):
        uuid = found.group().decode()
        yield _finding("hidden.document-id", Level.WARN, "Number of this picture", uuid, "", "EXIF MakerNote", kind="maker's")
    length = sum(min(note.size, len(block.data)) for note in notes)
    decoded = f"; {counted(len(values), 'value')} of it could be decoded" if values else ""
    detail = f"{size(length)} of the maker's own notes, which may hold serial numbers, places and names{decoded}"
    facts = {"bytes": length, "values": len(values)}
    yield Finding("hidden.maker-notes", Level.WARN, "Maker's notes", detail, where="EXIF MakerNote", facts=facts)


def _maker_value(name: str, value: str, tag: Any) -> Iterator[Finding]:
    """The findings, if any, that one value of the maker's notes gives."""
    where = "EXIF MakerNote"
    if not value.strip("0 .-[],"):
        return
    if name.endswith("SerialNumber"):
        of_what = "lens" if name.startswith("Lens") else "camera"
        yield _finding("device.serial", Level.WARN, "Serial number", value, of_what, where, of=of_what)
    elif name == "OwnerName":
        yield _finding(
            "who.name", Level.RISK, "Name of a person", value, "owner of the camera", where, field="owner of the camera"
        )
        yield from _contacts(value)
    elif name == "ImageUniqueID":
        yield _finding("hidden.document-id", Level.WARN, "Number of this picture", _hex(tag) or value, "", where, kind="maker's")
    elif name == "LensModel":
        yield _finding("device.lens", Level.WARN, "Lens", value, where=where)
    elif name in ("FirmwareVersion", "FirmwareDate"):
        yield _finding("device.software", Level.NOTE, "Camera's software", value, where=where)


def _hex(tag: Any) -> str:
    """Hexadecimal digits of a value that is a list of bytes, or ""."""
    values = getattr(tag, "values", None)
    if isinstance(values, list) and all(isinstance(value, int) and 0 <= value < 256 for value in values):
        return bytes(values[:32]).hex()
    return ""


def _blocks_within(block: Block) -> Iterator[Finding]:
    """XMP, IPTC and Photoshop data that stand in fields of the block."""
    for tag, (module, reader) in {
        XMP: ("xmp", "findings"),
        IPTC: ("iptc", "iim_findings"),
        PHOTOSHOP: ("iptc", "findings"),
    }.items():
        for field in block.all(tag):
            read = getattr(importlib.import_module(f".{module}", __package__), reader)
            yield from read(block.raw(field, exif_tags.LARGEST))


def _plain(block: Block) -> bool:
    """Whether the block holds rotation and colour space alone, and no byte beside them."""
    covered = bytearray(block.data[:4096])
    covered[:8] = bytes(8)
    for directory in block.directories:
        if not directory.fields.keys() <= PLAIN.get(directory.name, set()) or directory.next:
            return False
        rows = (directory.end - directory.start - 6) // 12
        if rows != len(directory.fields) or not all(_plain_value(block, field) for field in directory.fields.values()):
            return False
        covered[directory.start : directory.end] = bytes(len(covered[directory.start : directory.end]))
    return block.whole and len(block.data) <= 4096 and not any(covered)


def _plain_value(block: Block, field: Field) -> bool:
    """Whether a field that should be plain has one of the few usual values, inline, and zeros behind it."""
    if field.size > 4 or any(block.data[field.start + field.size : field.start + 4]):
        return False
    if field.tag in (1, 2):
        return block.raw(field).rstrip(b"\0") in _PLAIN_VALUES
    numbers = block.numbers(field)
    limit = {0x0112: (0, 1, 2, 3, 4, 5, 6, 7, 8), 0xA001: (1, 2, 0xFFFF)}.get(field.tag)
    return field.number == 1 and len(numbers) == 1 and (limit is None or numbers[0] in limit)


def _presence(block: Block, failed: bool) -> Finding:
    """That the block is there, whatever it says."""
    count = sum(len(directory.fields) for directory in block.directories)
    detail = f"a block with {counted(count, 'field')}, {size(len(block.data))}"
    if failed or not block.whole:
        detail += "; a part of the EXIF data could not be read"
    return Finding("hidden.exif", Level.WARN, "EXIF data", detail, where="EXIF", facts={"tags": count, "bytes": len(block.data)})


GROUPS = (where, _people, _texts, _device, when, _software, _document_ids, _blocks_within, _maker_notes)


def of(block: Block) -> Iterator[Finding]:
    """All that a block tells, each thing once; nothing for one that holds rotation and colour alone."""
    if _plain(block):
        return
    told: dict[tuple[str, str], Finding] = {}
    failed = False
    for group in GROUPS:
        try:
            for finding in group(block):
                told.setdefault((finding.id, str(finding.facts.get("value", finding))), finding)
        except Exception:  # one strange field must not hide what all others tell; that it failed is told
            failed = True
    yield from told.values()
    yield _presence(block, failed)
