"""Looks at one file: what its scrubber tells, what was cut away, what is outside the content."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from privkit import files
from privkit.errors import Broken, Refused
from privkit.files import Subject
from privkit.model import Fact, Finding, Outcome, State, Topic
from privkit.plugin import FileType, Scrubber
from privkit.runner import guarded, recognised, spooled
from privkit.source import Source


@dataclass(frozen=True, slots=True)
class InspectOptions:
    plugins: tuple[str, ...] = ()


def inspect_file(subject: Subject, options: InspectOptions) -> Outcome:
    """What one file tells. Never raises for what is wrong with the file."""

    def look() -> Outcome:
        with files.open_input(subject.path) as file, Source(file) as source:
            found = os.fstat(file.fileno())
            return _inspected(subject.path, source, options, found)

    return guarded(subject.path, look)


def inspect_stream(stream: BinaryIO, options: InspectOptions) -> Outcome:
    """What the file on a stream (standard input) tells."""

    def look() -> Outcome:
        with spooled(stream) as file, Source(file) as source:
            return _inspected("-", source, options, None)

    return guarded("-", look)


def _inspected(path: str, source: Source, options: InspectOptions, found: os.stat_result | None) -> Outcome:
    from privkit.inspect.outside import outside

    facts: dict[str, Fact] = {"bytes": source.size}
    kind: FileType | None = None
    findings: list[Finding] = []
    reason, state = "", State.DONE
    try:
        scrubber, kind = recognised(source, options.plugins)
        document = scrubber.read(source)
        facts |= {"type": kind.name, **_dimensions(scrubber, document)}
        findings += scrubber.inspect(document)
        findings += _cut_away(scrubber, document, source)
    except Refused as error:
        state, reason = State.UNKNOWN, str(error)
    except Broken as error:
        state, reason = State.FAILED, str(error)
    if found is not None:
        findings += outside(path, kind, found)
    findings.sort(key=_urgency)
    return Outcome(path, state, tuple(findings), reason, facts)


def _urgency(finding: Finding) -> tuple[int, int]:
    """Worst first; among equals in the order of `Topic`."""
    topics = [topic.value for topic in Topic]
    return -finding.level, topics.index(finding.topic) if finding.topic in topics else len(topics)


def _dimensions(scrubber: Scrubber[Any], document: Any) -> dict[str, Fact]:
    found = scrubber.dimensions(document)
    return {} if found is None else {"width": found[0], "height": found[1]}


def _cut_away(scrubber: Scrubber[Any], document: Any, source: Source) -> Iterator[Finding]:
    from privkit.inspect.thumbnails import compare

    for thumbnail in scrubber.thumbnails(document):
        yield compare(thumbnail, source)


def first_thumbnail(path: str, options: InspectOptions) -> bytes | None:
    """The largest of the small pictures inside a file, as a whole file of its own; None if there is none."""
    with files.open_input(path) as file, Source(file) as source:
        scrubber, _ = recognised(source, options.plugins)
        found = list(scrubber.thumbnails(scrubber.read(source)))
        return max(found, key=len, default=None)
