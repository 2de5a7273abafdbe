"""Groups of files that share something which ties them together, the strongest tie first."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from privkit.model import Finding, Level, Outcome, Scalar, State
from privkit.text import counted, safe_path

from .places import places
from .runs import names, runs, same_names
from .ties import STRENGTH, Group, Tie, Trait, traits

SHOWN = 5
"""Names of files that are listed; the others are counted."""
SHOWN_VALUES = 3
LONGEST_VALUE = 160
LONGEST_FACT = 200


def link(outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
    """What ties these files together: one finding for each group of two or more, the strongest first.

    facts: value (what is shared; the first, where a group shares several of a kind) and files (how many).
    Works on findings alone, in about n log n time. Never raises. Files that were not read are not compared, and it says so.
    """
    read = list({one.subject: one for one in outcomes if one.state is State.DONE}.values())
    groups = sorted(_merged(_groups(read)), key=_strength)
    called = _names([one.subject for one in read])
    found = [_told(group, called) for group in groups]
    return (*found, *_not_compared(len(read), sum(one.state is not State.DONE for one in outcomes)))


def _groups(read: Sequence[Outcome]) -> Iterator[Group]:
    findings = [one.findings for one in read]
    subjects = [one.subject for one in read]
    told = ((file, trait) for file, found in enumerate(findings) for finding in found for trait in traits(finding))
    yield from _shared(chain(told, same_names(subjects)))
    yield from places(findings)
    yield from runs(findings)
    yield from names(subjects)


def _shared(told: Iterable[tuple[int, Trait]]) -> Iterator[Group]:
    """Two or more files with the same trait. Where fields differ in what the value is worth, the strongest counts."""
    members: dict[tuple[Tie, str], dict[int, Trait]] = defaultdict(dict)
    for file, trait in told:
        known = members[trait.tie, trait.key].get(file)
        if known is None or trait.level > known.level:
            members[trait.tie, trait.key][file] = trait
    for (tie, _), by_file in members.items():
        if len(by_file) > 1:
            level = max(trait.level for trait in by_file.values())
            yield Group(tie, level, tuple(sorted(by_file)), (min(trait.value for trait in by_file.values()),))


def _merged(groups: Iterable[Group]) -> Iterator[Group]:
    """One group where the same files share several things of one kind."""
    values: dict[tuple[Tie, Level, tuple[int, ...]], set[str]] = defaultdict(set)
    for group in groups:
        values[group.tie, group.level, group.files].update(group.values)
    for (tie, level, files), shared in values.items():
        yield Group(tie, level, files, tuple(sorted(shared)))


def _strength(group: Group) -> tuple[int, int, str, int, tuple[str, ...], tuple[int, ...]]:
    return -group.level, STRENGTH.index(group.tie.id), group.tie.title, -len(group.files), group.values, group.files


def _told(group: Group, called: Sequence[str]) -> Finding:
    tie, count = group.tie, len(group.files)
    names = _listed([called[file] for file in group.files[:SHOWN]], count)
    values = _listed([_cut(value, LONGEST_VALUE) for value in group.values[:SHOWN_VALUES]], len(group.values))
    facts: dict[str, Scalar] = {"value": group.values[0][:LONGEST_FACT], "files": count}
    return Finding(tie.id, group.level, tie.title, f"{values} ({counted(count, 'file')}: {names})", tie.advice, facts=facts)


def _listed(shown: Sequence[str], count: int) -> str:
    """`a, b … and 12 more`."""
    return ", ".join(shown) + (f" … and {count - len(shown)} more" if count > len(shown) else "")


def _cut(value: str, longest: int) -> str:
    return value if len(value) <= longest else value[: longest - 1] + "…"


def _names(subjects: Sequence[str]) -> list[str]:
    """The name without folder where that tells the files apart, else the whole path."""
    short = [os.path.basename(subject) for subject in subjects]
    often = Counter(short)
    pairs = zip(short, subjects, strict=True)
    return [safe_path(name if name and often[name] == 1 else subject) for name, subject in pairs]


def _not_compared(read: int, unread: int) -> Iterator[Finding]:
    """Silence would sound like 'nothing ties them'."""
    if unread:
        detail = f"{counted(unread, 'file')} could not be looked at, and may share anything"
        advice = "Do not take them for untied; each is named with the reason."
        yield Finding("link.unread", Level.NOTE, "Not compared", detail, advice, facts={"files": unread})
    if read < 2:
        detail = "it takes two files that privkit can read"
        yield Finding("link.alone", Level.NOTE, "Nothing to compare", detail, facts={"files": read})
