"""The texts of a PNG (tEXt, zTXt, iTXt), and what programs put into them.

Source: W3C PNG specification, third edition, section 11.3.3. The keywords of programs are known from their files.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from privkit.model import Finding, Level, Scalar
from privkit.source import Source

from ..metadata import exif, iptc, xmp
from .chunks import Chunk

TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
LARGEST_TEXT = 4 * 1024 * 1024
"""Bytes of one text that we look into, packed and unpacked."""
PLACES = frozenset({"location", "place", "city", "country", "address"})
XMP = "xml:com.adobe.xmp"
PACKET = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"
"""Stands in every XMP packet, whatever the entry is called."""
RAW = "raw profile type "
"""ImageMagick's way to store profiles: a length and hexadecimal digits."""
LONGEST_FACT = 200


@dataclass(frozen=True, slots=True)
class Text:
    """One text entry."""

    keyword: str
    value: bytes
    coding: str
    whole: bool
    """Whether the entry was understood to its last byte."""

    @property
    def key(self) -> str:
        return self.keyword.strip().lower()

    def words(self) -> str:
        return self.value[: 4 * LONGEST_FACT * 10].decode(self.coding, "replace").strip()


def inflated(data: bytes, most: int) -> tuple[bytes, bool]:
    """What a zlib stream holds, at most `most` bytes, and whether it is sound and fills `data` exactly."""
    inflater = zlib.decompressobj()
    try:
        result = inflater.decompress(data, most)
    except zlib.error:
        return b"", False
    return result, inflater.eof and not inflater.unused_data


def keyword(source: Source, chunk: Chunk) -> str:
    head = source.read(chunk.content, min(80, chunk.length))
    return head.partition(b"\0")[0].decode("latin-1")


def decoded(source: Source, chunk: Chunk) -> Text:
    """The text in a chunk; what is too large or broken comes as far as it can be read."""
    data = source.read(chunk.content, min(LARGEST_TEXT, chunk.length))
    whole = chunk.length <= LARGEST_TEXT
    name, _, rest = data.partition(b"\0")
    key, coding = name[:80].decode("latin-1"), "latin-1"
    packed = chunk.name == b"zTXt"
    if packed:
        rest = rest[1:]
    elif chunk.name == b"iTXt":
        packed, coding = rest[:1] == b"\1", "utf-8"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    if packed:
        rest, sound = inflated(rest, LARGEST_TEXT)
        whole = whole and sound
    return Text(key, rest, coding, whole)


def raw_profile(value: bytes) -> bytes:
    """The bytes behind ImageMagick's `Raw profile type`: a name, a length, then hexadecimal digits."""
    digits = re.sub(rb"\s", b"", b"".join(value.lstrip().split(b"\n", 2)[2:]))
    digits = digits[: len(digits) // 2 * 2]
    return bytes.fromhex(digits.decode("ascii")) if re.fullmatch(rb"[0-9A-Fa-f]*", digits) else b""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of metadata that another format knows."""

    kind: str
    """exif, xmp, iptc (a record by itself), 8bim (Photoshop's resources), or "" for another."""
    prefix: bytes
    data: bytes


def block(text: Text) -> Block | None:
    """The EXIF, XMP or IPTC in a text entry, if that is what it is."""
    if text.key == XMP or PACKET in text.value:
        return Block("xmp", b"", text.value)
    if not text.key.startswith(RAW):
        return None
    data, kind = raw_profile(text.value), text.key.removeprefix(RAW)
    for prefix, known in ((b"http://ns.adobe.com/xap/1.0/\0", "xmp"), (b"Exif\0\0", "exif")):
        if data.startswith(prefix):
            return Block(known, prefix, data.removeprefix(prefix))
    if data.startswith(b"8BIM"):
        return Block("8bim", b"", data)
    return Block({"exif": "exif", "app1": "exif", "iptc": "iptc", "xmp": "xmp"}.get(kind, ""), b"", data)


def block_findings(found: Block) -> Iterator[Finding]:
    """What the owner of that format finds in it."""
    if found.kind == "exif":
        yield from exif.findings(found.data)
    elif found.kind == "xmp":
        yield from xmp.findings(found.data)
    elif found.kind == "8bim":
        yield from iptc.findings(found.data)
    elif found.kind == "iptc":
        yield from iptc.iim_findings(found.data)


def block_thumbnails(found: Block) -> Iterator[bytes]:
    if found.kind == "exif":
        small = exif.thumbnail(found.data)
        if small is not None:
            yield small
    elif found.kind == "xmp":
        yield from xmp.thumbnails(found.data)
    elif found.kind == "8bim":
        yield from iptc.thumbnails(found.data)


# What a text entry tells, by its keyword

NAMES = {"author", "artist", "creator", "by-line", "byline", "owner", "copyright", "photographer", "credit", "contributor"}
CAPTIONS = {
    "title",
    "description",
    "caption",
    "subject",
    "headline",
    "disclaimer",
    "warning",
    "keywords",
    "label",
    "imagedescription",
}
PROGRAMS = {"software", "program", "creatortool", "creator tool", "generator", "encoder", "producer", "application"}
EDITED = {"modification time", "modify-date", "date:modify", "date:timestamp", "tiff:datetime", "thumb::mtime", "date:create"}
TAKEN = {"creation time", "create-date", "exif:datetimeoriginal", "exif:datetime", "date", "datetime"}
PROMPTS = {
    *("prompt", "workflow", "parameters", "negative_prompt", "sd-metadata", "dream", "invokeai", "invokeai_metadata"),
    *("invokeai_graph", "invokeai_workflow", "generation_data", "generation_time", "fooocus_scheme", "sui_image_params"),
}
DRAWINGS = ("mxfile", "mxgraphmodel", "application/vnd.excalidraw", "tldraw", "plantuml", "svg:", "workbook")
_HOME = re.compile(r"(?:/home/|/Users/|\\Users\\|\\Documents and Settings\\|/Users%2F|%2Fhome%2F)([^/\\%\s\"'<>]{1,64})")


def names_place(text: Text) -> bool:
    """Whether the entry is meant for a place."""
    return text.key in PLACES or any(part in text.key for part in ("gps", "geo", "latitude", "longitude"))


def moment(words: str) -> str:
    """A time as ISO 8601 where it is written in a known way, else as it stands."""
    with suppress(ValueError):
        return datetime.fromisoformat(words).isoformat()
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        return parsedate_to_datetime(words).isoformat()
    with suppress(ValueError):
        return datetime.strptime(words[:19], "%Y:%m:%d %H:%M:%S").isoformat()
    with suppress(ValueError, OverflowError):
        return datetime.fromtimestamp(int(words), UTC).isoformat() if words.isdigit() else words[:LONGEST_FACT]
    return words[:LONGEST_FACT]


def findings(text: Text) -> Iterator[Finding]:
    """What one text entry tells."""
    found = block(text)
    if found is not None and found.kind:
        yield from block_findings(found)
        return
    words = text.words()
    where = f"PNG text {text.keyword[:79]}"
    yield _by_keyword(text, words, where)
    home = _HOME.search(words)
    if home is not None:
        name = home.group(1)
        facts = {"value": name, "field": text.keyword}
        yield Finding("who.name", Level.RISK, "Name of a user", f"{name} (in the path of a file)", where=where, facts=facts)


def _by_keyword(text: Text, words: str, where: str) -> Finding:
    key, value = text.key, words[:LONGEST_FACT]
    named = {"value": value, "field": text.keyword}
    if key in NAMES:
        return Finding("who.name", Level.RISK, "Name of a person", value, where=where, facts=named)
    if key in PROGRAMS:
        return Finding("device.software", Level.NOTE, "Edited with", value, where=where, facts={"value": value})
    if key in EDITED | TAKEN:
        return _time(key, words, where)
    if key in PROMPTS or (key == "comment" and '"prompt"' in words):
        return Finding("hidden.prompt", Level.WARN, "AI prompt", value, where=where, facts=named)
    if names_place(text):
        return Finding("where.named", Level.RISK, "A place is named", value, where=where, facts={"value": value})
    if key in ("source", "exif:model", "exif:make"):
        facts = {"make": "", "model": value}
        return Finding("device.camera", Level.WARN, "Device", value, where=where, facts=facts)
    if key in CAPTIONS:
        return Finding("who.text", Level.WARN, "Text", value, where=where, facts=named)
    return _other(text, value, where)


def _other(text: Text, value: str, where: str) -> Finding:
    named = {"value": value, "field": text.keyword}
    if text.key.startswith(DRAWINGS):
        detail = "the whole drawing that this picture was made from can be opened again"
        facts: dict[str, Scalar] = {"name": text.keyword, "bytes": len(text.value)}
        return Finding("hidden.unknown", Level.WARN, "The drawing it was made from", detail, where=where, facts=facts)
    detail = f"{text.keyword}: {value}" if value else text.keyword
    return Finding("hidden.comment", Level.WARN, "Text that is not shown", detail, where=where, facts=named)


def _time(key: str, words: str, where: str) -> Finding:
    time = moment(words)
    if key in EDITED:
        return Finding("when.edited", Level.WARN, "When it was changed", time, where=where, facts={"time": time})
    return Finding("when.taken", Level.WARN, "When", time, where=where, facts={"time": time})
