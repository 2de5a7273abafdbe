"""Turns what a block of metadata says into findings: each thing once, and not without end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from privkit.model import Finding, Level, Scalar

MOST_OF_A_KIND = 24
LONGEST = 200


@dataclass(slots=True)
class Teller:
    """Remembers what was told."""

    where: str
    """The place in the file that what comes next is told of."""
    seen: set[tuple[str, str]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def tell(self, id: str, level: Level, title: str, detail: str, /, **facts: Scalar) -> Iterator[Finding]:
        """The finding, unless it was told before or too many of its kind were."""
        facts = {key: value[:LONGEST] if isinstance(value, str) else value for key, value in facts.items()}
        mark = id, str(sorted(facts.items()))
        if mark in self.seen or self.counts[id] >= MOST_OF_A_KIND:
            return
        self.seen.add(mark)
        self.counts[id] += 1
        yield Finding(id, level, title, detail[:LONGEST], where=self.where, facts=facts)
