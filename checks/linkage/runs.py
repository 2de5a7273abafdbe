"""Files that follow one another closely: in time, or in the numbers that a camera gave them."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from privkit.inspect.names import series as numbered
from privkit.model import Finding

from .ties import FILE_NAME, SERIES, TIME, Group, Trait, day_only
from .values import raw, same

PAUSE = 30 * 60
"""Seconds: the longest pause within one run of pictures."""
APART = 20
"""How far two numbers of a camera may be apart to count as one series."""
_EPOCH = datetime(1, 1, 1)
_COPY = re.compile(r"(?i)(?:[ ._-](?:clean|edited|copy)| ?\(\d{1,3}\)|~\d)+$")
"""What programs put behind the name of a copy."""
_ANYONES = {
    *("image", "img", "photo", "picture", "pic", "download", "unnamed", "screenshot", "scan", "file", "document", "video"),
    *("thumbnail", "thumb", "new"),
}
"""Names that say nothing."""

Moment = tuple[float, int]
"""Seconds since the year 1, and the position of the file."""


def runs(findings: Sequence[Sequence[Finding]]) -> Iterator[Group]:
    """Files taken with pauses of at most PAUSE, by the clock of the camera; then by true time where the zone is known."""
    local, true = _moments(findings)
    member_of: dict[int, set[int]] = defaultdict(set)
    for number, (files, start, end) in enumerate(_stretches(local, PAUSE)):
        for file in files:
            member_of[file].add(number)
        yield Group(TIME, TIME.level, files, (_span(start, end),))
    for files, start, end in _stretches(true, PAUSE):
        if not set.intersection(*(member_of[file] for file in files)):
            yield Group(TIME, TIME.level, files, (f"{_span(start, end)} UTC",))


def _moments(findings: Sequence[Sequence[Finding]]) -> tuple[list[Moment], list[Moment]]:
    local: list[Moment] = []
    true: list[Moment] = []
    for file, found in enumerate(findings):
        for finding in found:
            time = _time(finding) if finding.id in ("when.taken", "when.name") else None
            if time:
                seconds = (time.replace(tzinfo=None) - _EPOCH).total_seconds()
                local.append((seconds, file))
                offset = time.utcoffset()
                if offset is not None:
                    true.append((seconds - offset.total_seconds(), file))
    return local, true


def _time(finding: Finding) -> datetime | None:
    """A time of day on a day, with its zone where that is known; None for less."""
    written, zone = raw(finding.facts.get("time")), raw(finding.facts.get("zone"))
    if day_only(written) or not re.match(r"\d{4}-\d\d-\d\d[T ]", written):
        return None
    for text in (written + zone, written):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            continue
    return None


def _span(start: float, end: float) -> str:
    """`2014-03-05 14:02 to 15:10`."""
    first, last = _clock(start), _clock(end)
    if first == last:
        return first
    return f"{first} to {last[11:] if first[:10] == last[:10] else last}"


def _clock(seconds: float) -> str:
    """To the minute. Zones can lead beyond the first and last year of the calendar."""
    try:
        return (_EPOCH + timedelta(seconds=seconds)).isoformat(" ", "minutes")
    except OverflowError:
        return "at the edge of the calendar"


def names(subjects: Sequence[str]) -> Iterator[Group]:
    """Files that one camera numbered one after the other."""
    pictures: dict[str, list[Moment]] = defaultdict(list)
    for file, subject in enumerate(subjects):
        if found := numbered(os.path.basename(subject)):
            pictures[found[0]].append((found[1], file))
    for start, numbers in pictures.items():
        for files, first, last in _stretches(numbers, APART):
            if first != last:
                yield Group(SERIES, SERIES.level, files, (f"{start}{first:04.0f} to {start}{last:04.0f}".upper(),))


def same_names(subjects: Iterable[str]) -> Iterator[tuple[int, Trait]]:
    """Position of each file and its name without ending; names that anyone's files have are left out."""
    for file, subject in enumerate(subjects):
        stem = os.path.splitext(os.path.basename(subject)[:255])[0]
        first = _COPY.sub("", raw(stem))
        key = same(first)
        if key and key not in _ANYONES:
            yield file, Trait(FILE_NAME, key, first, FILE_NAME.level)


def _stretches(marks: Iterable[Moment], apart: float) -> Iterator[tuple[tuple[int, ...], float, float]]:
    """Two or more files in which each mark lies at most `apart` behind the one before: the files, the first and last mark."""
    run: list[Moment] = []
    for mark in sorted(marks):
        if run and mark[0] - run[-1][0] > apart:
            yield from _tied(run)
            run = []
        run.append(mark)
    yield from _tied(run)


def _tied(run: list[Moment]) -> Iterator[tuple[tuple[int, ...], float, float]]:
    files = tuple(sorted({file for _, file in run}))
    if len(files) > 1:
        yield files, run[0][0], run[-1][0]
