"""IPTC-IIM: the records that news agencies invented for captions and that programs write into pictures.

Source: IPTC-NAA Information Interchange Model, version 4.2, chapters 3 (data sets), 5 (record 1) and 6 (record 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from privkit.model import Finding, Level
from privkit.text import counted

from . import xmp_values as values
from .teller import Teller

MARK = 0x1C
MOST_SETS = 4096
LARGEST = 64 * 1024 * 1024
CHARSET = (1, 90)
UTF8 = b"\x1b%G"
"""The escape sequence of ISO 2022 that says: UTF-8."""
Key = tuple[int, int]
PLACES: dict[Key, str] = {
    (2, 26): "location code",
    (2, 27): "location name",
    (2, 90): "city",
    (2, 92): "sublocation",
    (2, 95): "state",
    (2, 100): "country code",
    (2, 101): "country",
}
PERSONS: dict[Key, str] = {(2, 80): "author", (2, 110): "credit", (2, 122): "caption writer"}
TEXTS: dict[Key, str] = {
    (1, 5): "destination",
    (1, 30): "service",
    (2, 5): "title",
    (2, 7): "edit status",
    (2, 12): "subject",
    (2, 15): "category",
    (2, 20): "category",
    (2, 25): "keyword",
    (2, 40): "instructions",
    (2, 85): "author's position",
    (2, 103): "job",
    (2, 105): "headline",
    (2, 115): "source",
    (2, 116): "copyright",
    (2, 120): "caption",
    (2, 121): "caption",
}
PRIVATE_TEXTS: dict[Key, str] = {(2, 230): "notes", (2, 231): "history", (2, 232): "camera"}
CONTACTS: dict[Key, str] = {(2, 118): "contact"}
IDENTITIES: dict[Key, str] = {
    (1, 100): "unique name of the object",
    (2, 22): "fixture",
    (2, 187): "document id",
    (2, 188): "owner id",
}
SOFTWARE: dict[Key, str] = {(2, 65): "program", (2, 70): "version of the program"}
DATES: dict[Key, tuple[str, Key | None]] = {
    (2, 55): ("taken", (2, 60)),
    (2, 62): ("taken", (2, 63)),
    (1, 70): ("edited", (1, 80)),
    (2, 30): ("edited", (2, 35)),
    (2, 37): ("edited", (2, 38)),
    (2, 47): ("edited", None),
}
"""Data sets with a date, and that with the time of day."""
PICTURE = (2, 202)
PLAIN = {
    (1, 0),
    (1, 20),
    (1, 22),
    (1, 40),
    (1, 50),
    (1, 60),
    (1, 80),
    CHARSET,
    (1, 120),
    (1, 122),
    (2, 0),
    (2, 3),
    (2, 4),
    (2, 8),
    (2, 10),
}
PLAIN |= {
    (2, 35),
    (2, 38),
    (2, 42),
    (2, 45),
    (2, 50),
    (2, 60),
    (2, 63),
    (2, 75),
    (2, 130),
    (2, 131),
    (2, 135),
    (2, 150),
    (2, 151),
}
PLAIN |= {(2, 152), (2, 153), (2, 154)}
KEPT = PLAIN | TEXTS.keys() | PERSONS.keys() | CONTACTS.keys() | SOFTWARE.keys() | DATES.keys() | {(1, 100), (2, 22)}
"""Data sets that the standard describes and that are no place: kept when the place alone is taken out."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """One value: its record and number, and its bytes."""

    key: Key
    data: bytes


@dataclass(frozen=True, slots=True)
class Sets:
    """All values of a block."""

    sets: tuple[DataSet, ...]
    whole: bool
    """Whether every length held."""
    between: int
    """Bytes that belong to no data set and are not zero."""
    charset: str = ""

    def text(self, data: bytes) -> str:
        """Text in the declared characters; without a declaration UTF-8 if it can be, else Latin-1."""
        data = data[:65536]
        try:
            return data.decode("utf-8", "replace" if self.charset == "utf-8" else "strict").strip("\0 \r\n\t")
        except UnicodeDecodeError:
            return data.decode("cp1252" if 0x81 not in data else "latin-1", "replace").strip("\0 \r\n\t")


def read(data: bytes) -> Sets:
    """The data sets of a block. Also where programs stored it in words of the wrong byte order (TIFF tag 33723 as LONG)."""
    if data[:1] != b"\x1c" and data[3:4] == b"\x1c":
        data = b"".join(data[at : at + 4][::-1] for at in range(0, min(len(data), 1 << 20), 4))
    sets: list[DataSet] = []
    at = between = 0
    whole = len(data) <= LARGEST
    while whole and at < len(data) and len(sets) < MOST_SETS:
        start = data.find(b"\x1c", at)
        gap = data[at : start if start >= 0 else len(data)]
        between += len(gap) - gap.count(0)
        if start < 0:
            break
        length, body = _extent(data, start)
        whole = length is not None and body + length <= len(data)
        if length is not None and whole:
            sets.append(DataSet((data[start + 1], data[start + 2]), data[body : body + length]))
            at = body + length
    declared = any(one.key == CHARSET and one.data.startswith(UTF8) for one in sets)
    return Sets(tuple(sets), whole and len(sets) < MOST_SETS, between, "utf-8" if declared else "")


def _extent(data: bytes, at: int) -> tuple[int | None, int]:
    """Length and start of the value whose mark stands at `at`; None for a length that cannot be (1.5.3, 1.5.4)."""
    if at + 5 > len(data):
        return None, at
    length = int.from_bytes(data[at + 3 : at + 5], "big")
    if not length & 0x8000:
        return length, at + 5
    wide = length & 0x7FFF
    if wide > 4:
        return None, at
    return int.from_bytes(data[at + 5 : at + 5 + wide], "big"), at + 5 + wide


def without_location(data: bytes) -> bytes | None:
    """The block with only the data sets that are known and no place; None where it is not understood, or nothing is left."""
    found = read(data)
    if not found.whole:
        return None
    gone = {found.text(one.data).casefold() for one in found.sets if one.key in PLACES} - {""}
    kept = [one for one in found.sets if _stays(one, found, gone)]
    if all(one.key in PLAIN for one in kept):
        return None
    return b"".join(bytes([MARK, *one.key]) + len(one.data).to_bytes(2, "big") + one.data for one in kept)


def _stays(one: DataSet, found: Sets, gone: set[str]) -> bool:
    text = found.text(one.data)
    if one.key not in KEPT or len(one.data) > 0x7FFF or values.has_place(text):
        return False
    limit = 64 if one.key in PLAIN or one.key in DATES else 0x7FFF
    if one.key == (2, 25):
        return values.branch(text) != "places" and not any(part.strip().casefold() in gone for part in re.split(r"[|/]", text))
    return len(one.data) <= limit


def findings(found: Sets, teller: Teller) -> Iterator[Finding]:
    """What the data sets tell, without the block itself."""
    by_key = {one.key: one.data for one in reversed(found.sets)}
    for one in found.sets:
        teller.where = f"IPTC {one.key[0]}:{one.key[1]}"
        text = found.text(one.data)
        if text and one.key in DATES:
            yield from _date(one.key, text, found, by_key, teller)
        elif text:
            yield from _one(one.key, text, len(one.data), teller)
    teller.where = "IPTC"
    if found.between:
        detail = f"{counted(found.between, 'byte')} between the IPTC fields"
        yield from teller.tell(
            "hidden.unknown", Level.WARN, "Bytes hidden in IPTC", detail, name="IPTC gaps", bytes=found.between
        )


def _one(key: Key, text: str, size: int, teller: Teller) -> Iterator[Finding]:
    """What one value tells by its number, then by its look."""
    for table, id, level, title in TABLES:
        if key in table:
            yield from teller.tell(id, level, title, text, value=text, **{FACT.get(id, "field"): f"IPTC {table[key]}"})
            break
    else:
        if key not in PLAIN:
            name = f"IPTC {key[0]}:{key[1]}"
            yield from teller.tell(
                "hidden.unknown", Level.WARN, "Unknown IPTC field", f"{name}, {size} bytes", name=name, bytes=size
            )
    if key not in PLACES and (values.has_place(text) or (key == (2, 25) and values.branch(text) == "places")):
        yield from teller.tell("where.named", Level.RISK, "Place in a text", text, value=text)
    if key == (2, 25) and values.branch(text) == "people":
        yield from teller.tell(
            "who.name", Level.RISK, "Name of a person", text, value=re.split(r"[|/]", text)[-1], field="IPTC keyword"
        )
    path, user = values.path(text)
    if user:
        yield from teller.tell("who.name", Level.RISK, "Name of a user", path, value=user, field="path in IPTC")


TABLES = (
    (PLACES, "where.named", Level.RISK, "Where it was taken"),
    (PERSONS, "who.name", Level.RISK, "Name of a person"),
    (CONTACTS, "who.contact", Level.RISK, "Contact"),
    (TEXTS | PRIVATE_TEXTS, "who.text", Level.WARN, "Text"),
    (IDENTITIES, "hidden.document-id", Level.WARN, "Number that ties copies together"),
    (SOFTWARE, "device.software", Level.NOTE, "Edited with"),
)
FACT = {"hidden.document-id": "kind"}


def _date(key: Key, text: str, found: Sets, by_key: dict[Key, bytes], teller: Teller) -> Iterator[Finding]:
    """A date with its time of day: `20260711` and `184207+0100` (chapter 6, 2:55 and 2:60)."""
    what, clock_key = DATES[key]
    clock = found.text(by_key.get(clock_key, b"")) if clock_key else ""
    day, hour = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", text), re.fullmatch(r"(\d\d)(\d\d)(\d\d)(?:([+-]\d\d)(\d\d))?", clock)
    time = "-".join(day.groups()) if day else text
    if day and hour:
        time += f"T{hour[1]}:{hour[2]}:{hour[3]}" + (f"{hour[4]}:{hour[5]}" if hour[4] else "")
    title = "When" if what == "taken" else "When it was edited"
    yield from teller.tell(f"when.{what}", Level.WARN, title, time, time=time, field=f"IPTC {key[0]}:{key[1]}")
