"""Groups of files that share something which ties them together, the strongest tie first."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from privkit.inspect.names import series
from privkit.model import Finding, Level, Outcome, Scalar
from privkit.text import counted

from .places import NEAR, near

RUN = timedelta(minutes=30)
"""Longest pause within one run of pictures."""
NUMBERS_APART = 20
"""How far two numbers of a camera may be apart to count as one series."""
SHOWN = 5
"""Names of files that are listed; the others are counted."""

SCRUB = "Clean copies no longer share it: privkit scrub"
RENAME = "Give the copies other names: privkit scrub --rename random"
SAME_PICTURE = "Send clean copies, and do not send pictures under two identities that show the same scene."
_RUBBISH = {
    "",
    "unknown",
    "unbekannt",
    "none",
    "null",
    "n/a",
    "na",
    "nil",
    "default",
    "undefined",
    "user",
    "owner",
    "author",
    "test",
}

T = TypeVar("T")
Facts = Mapping[str, Scalar]
Group = tuple[str, list[int]]
"""What is shared, for people, and the positions of the files that share it."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A kind of fact that ties files together when it is the same in two of them."""

    id: str
    finding: str
    """The id of the findings that hold it."""
    value: Callable[[Facts], str]
    level: Level
    title: str
    advice: str = SCRUB


def link(outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
    """What ties these files together: one finding for each group of two or more, the strongest first.

    facts: value (what is shared) and files (how many). Works on findings alone, in about n log n time.
    """
    called = _short_names(outcomes)
    findings: list[Finding] = []
    by_finding = _by_finding(outcomes)
    for tie in TIES:
        findings += _told(tie.id, tie.level, tie.title, tie.advice, _shared(tie, by_finding[tie.finding]), called)
    findings += _told("link.place", Level.RISK, "Taken at one place", SCRUB, _places(by_finding["where.gps"]), called)
    findings += _told("link.time", Level.WARN, "Taken in one run", SCRUB, _runs(by_finding), called)
    findings += _told("link.series", Level.WARN, "Numbered in one series", RENAME, _series(outcomes), called)
    findings += _told("link.filename", Level.NOTE, "The same file name", RENAME, _same_names(outcomes), called)
    return tuple(sorted(findings, key=_strength))


def _strength(finding: Finding) -> tuple[int, int, int, str]:
    return -finding.level, ORDER.index(finding.id), -int(str(finding.facts["files"])), str(finding.facts["value"])


def _told(id: str, level: Level, title: str, advice: str, groups: Iterable[Group], called: list[str]) -> Iterator[Finding]:
    for value, members in groups:
        names = [called[member] for member in members[:SHOWN]]
        more = f" … and {len(members) - SHOWN} more" if len(members) > SHOWN else ""
        detail = f"{value}: {counted(len(members), 'file')}: {', '.join(names)}{more}"
        yield Finding(id, level, title, detail, advice, facts={"value": value, "files": len(members)})


def _short_names(outcomes: Sequence[Outcome]) -> list[str]:
    """The name without folder where that tells the files apart, else the whole path."""
    names = [os.path.basename(outcome.subject) for outcome in outcomes]
    often = Counter(names)
    return [name if name and often[name] == 1 else outcome.subject for name, outcome in zip(names, outcomes, strict=True)]


def _by_finding(outcomes: Sequence[Outcome]) -> dict[str, list[tuple[int, Facts]]]:
    """For each id of a finding: position of the file and facts."""
    found: dict[str, list[tuple[int, Facts]]] = defaultdict(list)
    for number, outcome in enumerate(outcomes):
        for finding in outcome.findings:
            found[finding.id].append((number, finding.facts))
    return found


def _groups(pairs: Iterable[tuple[str, int, str]]) -> Iterator[Group]:
    """(key, position, words) in groups of equal key and two or more files; the words of the first stand for all."""
    members: dict[str, dict[int, None]] = defaultdict(dict)
    words: dict[str, str] = {}
    for key, number, word in pairs:
        members[key][number] = None
        words.setdefault(key, word)
    for key, numbers in members.items():
        if len(numbers) > 1:
            yield words[key], sorted(numbers)


def _shared(tie: Tie, found: Iterable[tuple[int, Facts]]) -> Iterator[Group]:
    values = ((tie.value(facts), number) for number, facts in found)
    return _groups((_plain(value), number, value) for value, number in values if not _is_rubbish(value))


def _plain(value: str) -> str:
    """The same for all spellings of one value."""
    return re.sub(r"\s+", " ", value).strip().casefold()


def _is_rubbish(value: str) -> bool:
    """Whether programs and cameras write this where they know nothing: `unknown`, `0000000`, `----`."""
    plain = re.sub(r"[^\w/]", "", _plain(value))
    return plain in _RUBBISH or len(set(plain)) < 2


def _text(facts: Facts, key: str = "value") -> str:
    value = facts.get(key)
    return "" if value is None else str(value).strip()[:200]


def _document(facts: Facts) -> str:
    """A document id without what only says its kind: `xmp.did:`, `uuid:`."""
    return re.sub(r"(?i)^(?:(?:xmp\.[a-z]+|uuid|adobe|docid|photoshop|urn):)+", "", _text(facts))


def _camera(facts: Facts) -> str:
    make, model = _text(facts, "make"), _text(facts, "model")
    if _is_rubbish(model):
        return ""
    return model if model.casefold().startswith(make.casefold()) else f"{make} {model}"


def _computer(facts: Facts) -> str:
    return _text(facts) if facts.get("of") == "computer" else ""


TIES = (
    Tie("link.serial", "device.serial", _text, Level.RISK, "The same serial number"),
    Tie("link.name", "who.name", _text, Level.RISK, "The same name of a person"),
    Tie("link.contact", "who.contact", _text, Level.RISK, "The same contact"),
    Tie("link.document-id", "hidden.document-id", _document, Level.RISK, "Made from one document"),
    Tie(
        "link.thumbnail",
        "cut.thumbnail",
        lambda facts: _text(facts, "sha256")[:16],
        Level.RISK,
        "The same smaller copy inside",
        SAME_PICTURE,
    ),
    Tie("link.origin", "who.origin", _text, Level.RISK, "Fetched from the same address"),
    Tie("link.computer", "device.software", _computer, Level.WARN, "The same computer or phone"),
    Tie("link.camera", "device.camera", _camera, Level.WARN, "The same model of camera (many people own one)"),
    Tie("link.lens", "device.lens", _text, Level.WARN, "The same lens (many people own one)"),
    Tie(
        "link.tables",
        "remains.quantisation",
        lambda facts: _text(facts, "tables"),
        Level.NOTE,
        "Compressed in the same way",
        "A weak sign: all files of one program or model share it. It stays in clean copies.",
    ),
)
ORDER = (*(tie.id for tie in TIES[:6]), "link.place", *(tie.id for tie in TIES[6:]), "link.time", "link.series", "link.filename")
"""Of equal level, the strongest first."""


def _places(found: Iterable[tuple[int, Facts]]) -> Iterator[Group]:
    """Files taken within NEAR metres, from one to the next."""
    points: list[tuple[float, float]] = []
    numbers: list[int] = []
    for number, facts in found:
        latitude, longitude = facts.get("latitude"), facts.get("longitude")
        if not (isinstance(latitude, int | float) and isinstance(longitude, int | float)):
            continue
        if abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude or longitude):  # 0, 0: a receiver that knew nothing
            points.append((float(latitude), float(longitude)))
            numbers.append(number)
    for group in near(points):
        members = sorted({numbers[one] for one in group})
        if len(members) > 1:
            latitude, longitude = points[group[0]]
            yield f"within {NEAR} m of {latitude:.4f}, {longitude:.4f}", members


def _runs(by_finding: Mapping[str, list[tuple[int, Facts]]]) -> Iterator[Group]:
    """Files taken with pauses of at most RUN. The clock of the camera counts, whatever its zone."""
    times: dict[int, datetime] = {}
    for number, facts in (*by_finding["when.taken"], *by_finding["when.name"]):
        time = _time(_text(facts, "time"))
        if time:
            times.setdefault(number, time)
    ordered = sorted((time, number) for number, time in times.items())
    for run in _stretches(ordered, lambda one, next_one: next_one[0] - one[0] <= RUN):
        start, end = run[0][0], run[-1][0]
        yield f"{start:%Y-%m-%d %H:%M} to {end:%H:%M}", sorted(number for _, number in run)


def _time(text: str) -> datetime | None:
    """A time of day on a day; None for less than that, and for a clock that was never set."""
    try:
        time = datetime.fromisoformat(text).replace(tzinfo=None) if "T" in text or " " in text else None
    except ValueError:
        return None
    never_set = time is not None and (time.month, time.day, time.hour) == (1, 1, 0)
    return None if never_set else time


def _series(outcomes: Sequence[Outcome]) -> Iterator[Group]:
    """Files that one camera numbered one after the other."""
    numbered: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for position, outcome in enumerate(outcomes):
        if found := series(os.path.basename(outcome.subject)):
            numbered[found[0]].append((found[1], position))
    for start, pictures in numbered.items():
        for run in _stretches(sorted(pictures), lambda one, next_one: next_one[0] - one[0] <= NUMBERS_APART):
            if run[0][0] != run[-1][0]:
                yield f"{start}{run[0][0]:04} to {run[-1][0]:04}", sorted(position for _, position in run)


def _same_names(outcomes: Sequence[Outcome]) -> Iterator[Group]:
    names = ((os.path.basename(outcome.subject), number) for number, outcome in enumerate(outcomes))
    return _groups((name.casefold(), number, name) for name, number in names if name)


def _stretches(ordered: Sequence[T], together: Callable[[T, T], bool]) -> Iterator[Sequence[T]]:
    """Stretches of two or more in which each goes together with the next."""
    start = 0
    for end in range(1, len(ordered) + 1):
        if end == len(ordered) or not together(ordered[end - 1], ordered[end]):
            if end - start > 1:
                yield ordered[start:end]
            start = end
