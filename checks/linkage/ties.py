"""What can tie files together, and which findings hold it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from privkit.model import Finding, Level, Scalar

from .values import origins, raw, same, same_contact, same_id, same_name, same_serial

SHORTEST_TEXT = 12
"""Characters from which two equal texts are hardly chance."""

CLEAN = "Clean them all before you send any: privkit scrub"
PICTURES = "Clean them all before you send any: privkit scrub. The same scene ties pictures together in clean copies too."
RENAME = "Give the copies other names: privkit scrub --rename random"
STAYS = "A weak sign, which many files share; it stays in clean copies."
_WIDE = re.compile(r"(?i)(?:city|ctry|country|countryname|countrycode|country code|region|state|continent|worldregion)$")
"""Fields whose value thousands of people share."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A kind of thing that files can share."""

    id: str
    title: str
    level: Level
    advice: str = CLEAN


@dataclass(frozen=True, slots=True)
class Trait:
    """One such thing in one file. Files with the same `tie` and `key` are tied."""

    tie: Tie
    key: str
    value: str
    """As it stands in the file."""
    level: Level


@dataclass(frozen=True, slots=True)
class Group:
    """Files (by position) that share something."""

    tie: Tie
    level: Level
    files: tuple[int, ...]
    values: tuple[str, ...]


CAMERA_SERIAL = Tie("link.serial", "Same camera, by its serial number", Level.RISK)
LENS_SERIAL = Tie("link.serial", "Same lens, by its serial number", Level.RISK)
SCREEN_SERIAL = Tie("link.serial", "Same screen, by its serial number", Level.RISK)
OTHER_SERIAL = Tie("link.serial", "Same device, by its serial number", Level.RISK)
NAME = Tie("link.name", "Same name of a person", Level.RISK)
CONTACT = Tie("link.contact", "Same contact", Level.RISK)
DOCUMENT_ID = Tie("link.document-id", "Same unique number", Level.RISK)
THUMBNAIL = Tie("link.thumbnail", "Same smaller copy inside", Level.RISK, PICTURES)
PLACE = Tie("link.place", "Taken near one another", Level.RISK)
ORIGIN = Tie("link.origin", "Fetched from one address", Level.RISK)
PLACE_NAME = Tie("link.place-name", "Same name of a place", Level.WARN)
TEXT = Tie("link.text", "Same words", Level.WARN)
COMPUTER = Tie("link.computer", "Same computer or phone", Level.WARN)
TIME = Tie("link.time", "Taken in one run", Level.WARN)
CAMERA = Tie("link.camera", "Same model of camera", Level.WARN, f"A weak sign: many people own one. {CLEAN}")
LENS = Tie("link.lens", "Same lens", Level.WARN, f"A weak sign: many people own one. {CLEAN}")
SERIES = Tie("link.series", "Names from one series", Level.WARN, RENAME)
DAY = Tie("link.day", "Same day", Level.NOTE)
FILE_NAME = Tie("link.filename", "Same file name", Level.NOTE, RENAME)
TABLES = Tie("link.tables", "Compressed in the same way", Level.NOTE, STAYS)
STRENGTH = (
    *("link.serial", "link.name", "link.contact", "link.document-id", "link.thumbnail", "link.place", "link.origin"),
    *("link.place-name", "link.text", "link.computer", "link.time", "link.camera", "link.lens", "link.series"),
    *("link.day", "link.filename", "link.tables"),
)
"""Of equal level, the strongest first."""

SERIALS = {"camera": CAMERA_SERIAL, "lens": LENS_SERIAL, "screen": SCREEN_SERIAL}
_NEVER_SET = {"1904-01-01", "1970-01-01", "1980-01-01", "2000-01-01"}
"""Days on which the clocks of cameras begin."""
Facts = Mapping[str, Scalar]


def traits(finding: Finding) -> Iterator[Trait]:
    """What in a finding can tie its file to others. Times and places are compared elsewhere. Never raises."""
    read = READERS.get(finding.id)
    return read(finding) if read else iter(())


def day_only(time: str) -> str:
    """`2014-03-05` where that is all that is known of a time; midnight to the second is what programs make of it."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?)?", time)
    return found[1] if found else ""


def _trait(tie: Tie, key: str, value: str, level: Level | None = None) -> Iterator[Trait]:
    if key:
        yield Trait(tie, key, value, tie.level if level is None else level)


def _value(finding: Finding) -> str:
    return raw(finding.facts.get("value"))


def _serial(finding: Finding) -> Iterator[Trait]:
    value, of = _value(finding), raw(finding.facts.get("of"))
    return _trait(SERIALS.get(of, OTHER_SERIAL), same_serial(value), value)


def _name(finding: Finding) -> Iterator[Trait]:
    return _trait(NAME, same_name(_value(finding)), _value(finding))


def _contact(finding: Finding) -> Iterator[Trait]:
    wide = _WIDE.search(raw(finding.facts.get("field")))
    return _trait(CONTACT, same_contact(_value(finding)), _value(finding), Level.NOTE if wide else None)


def _document_id(finding: Finding) -> Iterator[Trait]:
    return _trait(DOCUMENT_ID, same_id(_value(finding)), _value(finding))


def _id_in_name(finding: Finding) -> Iterator[Trait]:
    value = raw(finding.facts.get("id"))
    return _trait(DOCUMENT_ID, same_id(value), value)


def _thumbnail(finding: Finding) -> Iterator[Trait]:
    value = raw(finding.facts.get("sha256"))
    return _trait(THUMBNAIL, same(value), f"digest {value[:16]}")


def _origin(finding: Finding) -> Iterator[Trait]:
    for origin in origins(_value(finding)):
        yield from _trait(ORIGIN, origin, origin)


def _place_name(finding: Finding) -> Iterator[Trait]:
    wide = _WIDE.search(raw(finding.facts.get("field")))
    return _trait(PLACE_NAME, same(_value(finding)), _value(finding), Level.NOTE if wide else None)


def _text(finding: Finding) -> Iterator[Trait]:
    """Texts that the makers of cameras and programs put into every file are only worth a note."""
    value = _value(finding)
    key = same(value) if len(value) >= SHORTEST_TEXT else ""
    return _trait(TEXT, key, value, min(TEXT.level, max(finding.level, Level.NOTE)))


def _computer(finding: Finding) -> Iterator[Trait]:
    """Programs are shared by too many; the names of computers are not."""
    is_computer = raw(finding.facts.get("of")) == "computer"
    return _trait(COMPUTER, same(_value(finding)) if is_computer else "", _value(finding))


def _camera(finding: Finding) -> Iterator[Trait]:
    make, model = (raw(finding.facts.get(key)) for key in ("make", "model"))
    first = make.casefold().split(" ")[0]
    value = model if model.casefold().startswith(first) else f"{make} {model}"
    return _trait(CAMERA, same(value) if same(model) else "", value)


def _lens(finding: Finding) -> Iterator[Trait]:
    return _trait(LENS, same(_value(finding)), _value(finding))


def _day(finding: Finding) -> Iterator[Trait]:
    day = day_only(raw(finding.facts.get("time")))
    return _trait(DAY, "" if day in _NEVER_SET else day, day)


def _tables(finding: Finding) -> Iterator[Trait]:
    value = raw(finding.facts.get("tables"))
    return _trait(TABLES, same(value), value)


READERS: dict[str, Callable[[Finding], Iterator[Trait]]] = {
    "device.serial": _serial,
    "who.name": _name,
    "who.contact": _contact,
    "who.origin": _origin,
    "who.text": _text,
    "hidden.comment": _text,
    "hidden.prompt": _text,
    "hidden.document-id": _document_id,
    "hidden.name": _id_in_name,
    "cut.thumbnail": _thumbnail,
    "where.named": _place_name,
    "device.software": _computer,
    "device.camera": _camera,
    "device.lens": _lens,
    "when.taken": _day,
    "remains.quantisation": _tables,
}
