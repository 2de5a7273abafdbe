"""The report for a person at a terminal. Plain lines: ten thousand of them cost next to nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from privkit.console import Paint, plain
from privkit.model import Finding, Level, Outcome, State, Topic
from privkit.report import ELSE, TITLES, topic_of
from privkit.report.words import done_words, topic_title, type_words
from privkit.text import listed, safe, safe_path, short_path

MARGIN = "    "
WIDEST_TITLE = 26
WIDEST_NAME = 40
NARROWEST = 12, 18
"""Columns of a file's name and of its copy's, where nothing is known of them."""
STREAM = "standard input"
"""How a person calls what `-` stands for."""
ALIKE = 3
"""How many findings of one kind are shown before the rest is counted."""
DETAIL = 300
DETAIL_OF_ALL = 4000
PIPE_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Look:
    """How text is laid out."""

    paint: Paint = field(default=plain)
    width: int = PIPE_WIDTH
    show_all: bool = False
    places: bool = False
    """Say where in the file each finding stands, in the format's own terms."""


# --- what files tell --------------------------------------------------------------------------------


def told(outcomes: Iterable[Outcome], look: Look) -> Iterator[str]:
    """What each file tells: a line about the file, then its findings by topic, the worst first."""
    for outcome in outcomes:
        yield _headline(outcome, look)
        if outcome.findings:
            yield "".join(_topics(outcome.findings, look)) + "\n"


def _headline(outcome: Outcome, look: Look) -> str:
    name = look.paint(_called(outcome), "name")
    about = [part for part in (type_words(outcome),) if part]
    if outcome.state is not State.DONE:
        about.append(f"{look.paint(outcome.state.value, outcome.state.value)}: {safe(outcome.reason, DETAIL)}")
    elif not outcome.findings:
        about.append("nothing found")
    return "   ".join([name, *about]) + "\n"


def _called(outcome: Outcome) -> str:
    return STREAM if outcome.subject == "-" else safe_path(outcome.subject)


def _topics(findings: Iterable[Finding], look: Look) -> Iterator[str]:
    """The findings under the titles of their topics; the topic with the worst finding first."""
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[topic_title(finding)].append(finding)
    titles = [*TITLES.values(), ELSE]
    order = sorted(groups, key=lambda title: (-max(one.level for one in groups[title]), titles.index(title)))
    shown = {title: list(_advised_once(_shortened(groups[title], look))) for title in order}
    column = min(WIDEST_TITLE, max(_cells(safe(one.title)) for group in shown.values() for one in group))
    for title in order:
        if title != ELSE or len(order) > 1:
            yield f"  {look.paint(title, 'title')}\n"
        for finding in shown[title]:
            yield _row(finding, column, look)


def _shortened(findings: list[Finding], look: Look) -> Iterator[Finding]:
    """The worst first. Unless all are asked for, many of one kind become few, and traces that remain one line."""
    findings = sorted(findings, key=lambda finding: -finding.level)
    if look.show_all:
        yield from findings
        return
    quiet: list[Finding] = []
    seen: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        trace = topic_of(finding) == Topic.REMAINS and finding.level <= Level.NOTE
        (quiet if trace else seen[finding.id]).append(finding)
    for alike in seen.values():
        yield from alike[:ALIKE]
        if len(alike) > ALIKE:
            yield Finding(alike[0].id, alike[ALIKE].level, "", f"and {len(alike) - ALIKE} more like this (--all shows them)")
    if quiet:
        names = listed(list(dict.fromkeys(one.title for one in quiet)))
        yield Finding("remains.traces", Level.NOTE, "Traces", f"{names} (--all says more)")


def _advised_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each advice at the first finding that it is for: said five times it would only be noise."""
    given: set[str] = set()
    for finding in findings:
        yield replace(finding, advice="") if finding.advice in given else finding
        given.add(finding.advice)


def _row(finding: Finding, column: int, look: Look) -> str:
    """`RISK  Where it was taken     38.7139 N, 9.1334 W`, with what does not fit below, indented."""
    level = look.paint(f"{finding.level.name:<4}", finding.level.name.lower())
    title = safe(finding.title)
    longest = DETAIL_OF_ALL if look.show_all else DETAIL
    width = look.width - column - len(MARGIN) - 8
    detail = f"{finding.detail} ({finding.where})" if look.places and finding.where else finding.detail
    lines = wrapped(safe(detail, longest), width)
    if finding.advice and (look.show_all or finding.level > Level.NOTE):
        lines += wrapped(safe(finding.advice, longest), width)
    indent = "\n" + " " * (len(MARGIN) + 8 + column)
    gap = "  " if _cells(title) <= column else indent
    return (f"{MARGIN}{level}  {_padded(title, column)}{gap}" + indent.join(lines)).rstrip() + "\n"


def _cells(text: str) -> int:
    """Columns that a text takes on a terminal. Source: Unicode Annex 11."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, column: int) -> str:
    return text + " " * max(0, column - _cells(text))


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces where there are any."""
    width = max(width, 16)
    if _cells(text) <= width:
        return [text] if text else []
    lines, line = [], ""
    for word in re.findall(r"\S+\s*", text):
        while _cells(line + word.rstrip()) > width:
            if line:
                lines.append(line.rstrip())
                line = ""
            else:
                cut = _fitting(word, width)
                lines.append(word[:cut])
                word = word[cut:]
        line += word
    return [*lines, line.rstrip()] if line.strip() else lines


def _fitting(word: str, width: int) -> int:
    """How many characters of a word fit into `width` columns; at least one."""
    used = 0
    for count, character in enumerate(word):
        used += _cells(character)
        if used > width:
            return max(count, 1)
    return len(word)


# --- what was cleaned --------------------------------------------------------------------------------


def cleaned(outcomes: Iterable[Outcome], look: Look, would: bool = False, columns: tuple[int, int] = NARROWEST) -> Iterator[str]:
    """One line for each file: what became of it, where the clean copy is, what was removed.

    columns: how wide names and names of copies are, as far as that is known before.
    """
    name_column, target_column = (min(column, WIDEST_NAME) for column in columns)
    made: Counter[str] = Counter()
    for outcome in outcomes:
        name, target = _called(outcome), _target(outcome)
        name_column = max(name_column, min(_cells(name), WIDEST_NAME))
        target_column = max(target_column, min(_cells(target), WIDEST_NAME))
        state = look.paint(f"{outcome.state.value:<10}", outcome.state.value)
        places = _padded(name, name_column) + (f"  {_padded(target, target_column)}" if target else "")
        yield f"{state}  {places}  {_what(outcome, would)}\n" + "".join(_notes(outcome, look, made))


def _target(outcome: Outcome) -> str:
    target = outcome.facts.get("target")
    return f"-> {safe_path(short_path(str(target)))}" if target and target != outcome.subject else ""


def _what(outcome: Outcome, would: bool) -> str:
    if outcome.reason:
        return safe(outcome.reason, DETAIL)
    words = safe(done_words(outcome, would), DETAIL)
    copied = outcome.state is State.UNCHANGED and _target(outcome)
    return f"{words}; copied as it is" if copied else words


def _notes(outcome: Outcome, look: Look, made: Counter[str]) -> Iterator[str]:
    """What the user must know of this copy. A note that is made again and again is counted at the end of the run instead."""
    for finding in outcome.findings:
        made[finding.title] += 1
        if look.show_all or finding.level > Level.NOTE or made[finding.title] <= ALIKE:
            title, detail = safe(finding.title), safe(finding.detail, DETAIL)
            label = look.paint(finding.level.name.lower(), finding.level.name.lower())
            yield f"            {label}: {title}{': ' if detail else ''}{detail}\n"
            if finding.advice:
                yield f"                  {safe(finding.advice, DETAIL)}\n"
