"""Reports: one renderer each for a terminal, for programs (JSON), and for people elsewhere (Markdown, HTML).

Each renderer takes outcomes as they come and gives text piece by piece, so that a report of any length
costs no memory.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from privkit.model import ExitCode, Finding, Level, Outcome, State, Topic, exit_code

SCHEMA = "privkit.report/1"
TITLES = {
    Topic.WHERE: "Where",
    Topic.CUT: "What was cut away",
    Topic.WHO: "Who",
    Topic.WHEN: "When",
    Topic.DEVICE: "What with",
    Topic.HIDDEN: "What else is hidden",
    Topic.REMAINS: "What stays in a clean copy",
}
"""The topics as a person would ask."""
ELSE = "Also"
"""The title of what is about none of these."""
_RENDERERS = {
    "json": "privkit.report.as_json",
    "md": "privkit.report.as_markdown",
    "html": "privkit.report.as_html",
}


def topic_of(finding: Finding) -> str:
    """The topic of a finding; "" where it is none of a file's."""
    return finding.topic if finding.topic in TITLES else ""


class Tally:
    """Counts outcomes and findings as they pass by, for the summary and the exit code."""

    def __init__(self) -> None:
        self.states: Counter[State] = Counter()
        self.levels: Counter[Level] = Counter()
        self.worst = Level.OK
        self.notes: Counter[str] = Counter()
        """How often each note was made, by its title, in the order they were met."""

    def watch(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        for outcome in outcomes:
            self.count(outcome)
            yield outcome

    def count(self, outcome: Outcome) -> None:
        self.states[outcome.state] += 1
        for finding in outcome.findings:
            self.levels[finding.level] += 1
            self.worst = max(self.worst, finding.level)
            if finding.level is Level.NOTE:
                self.notes[finding.title] += 1

    @property
    def summary(self) -> dict[str, int]:
        """How many outcomes are in each state that occurred."""
        return {state.value: self.states[state] for state in State if self.states[state]}

    @property
    def exit_code(self) -> ExitCode:
        return exit_code(set(self.states), self.worst)


def render(form: str, command: str, outcomes: Iterable[Outcome], tally: Tally) -> Iterator[str]:
    """The report of `command` as `json`, `md` or `html`, in pieces. `tally` counts what passes."""
    renderer: Callable[[str, Iterable[Outcome], Tally], Iterator[str]]
    renderer = importlib.import_module(_RENDERERS[form]).render
    return renderer(command, tally.watch(outcomes), tally)
