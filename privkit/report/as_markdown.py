"""The report in Markdown, to be pasted into a message or an issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from privkit import __version__
from privkit.model import Finding, Outcome
from privkit.report import Tally
from privkit.report.words import done_words, place_words, summary_words, topic_title, type_words
from privkit.text import safe, safe_path

DETAIL = 1000
_SIGNS = re.compile(r"([\\`*_{}\[\]<>()#+!|~&:@$^=-]|(?<=www)\.)", re.IGNORECASE)


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, in a paragraph or a table cell. Source: CommonMark 0.31, section 2.4; GFM 6.9."""
    return _SIGNS.sub(r"\\\1", text)


def _of(value: object) -> str:
    return escaped(safe(value, DETAIL))


def render(command: str, outcomes: Iterable[Outcome], tally: Tally) -> Iterator[str]:
    yield f"# privkit {command}\n"
    for outcome in outcomes:
        yield "\n" + _section(outcome)
    yield f"\n{_of(summary_words(tally, command))}\n\nMade by privkit {__version__}, on this computer only.\n"


def _section(outcome: Outcome) -> str:
    lines = [f"## {escaped(safe_path(outcome.subject))}\n", f"**{outcome.state.value}** {_of(_about(outcome))}".rstrip() + "\n"]
    if outcome.findings:
        lines += ["| level | topic | what | detail |", "|---|---|---|---|"]
        lines += [_row(finding) for finding in outcome.findings]
        lines.append("")
    return "\n".join(lines)


def _about(outcome: Outcome) -> str:
    parts = (type_words(outcome), done_words(outcome), place_words(outcome), outcome.reason)
    return " · ".join(part for part in parts if part)


def _row(finding: Finding) -> str:
    detail = "<br>".join(_of(part) for part in (finding.detail, finding.advice) if part)
    return f"| {finding.level.name} | {topic_title(finding)} | {_of(finding.title)} | {detail} |"
