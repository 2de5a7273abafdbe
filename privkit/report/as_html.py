"""The report as one HTML page that loads nothing, runs nothing and prints well."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape

from privkit import __version__
from privkit.model import Finding, Level, Outcome
from privkit.report import Tally
from privkit.report.words import done_words, place_words, summary_words, topic_title, type_words
from privkit.text import safe, safe_path

DETAIL = 1000
STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .2rem; overflow-wrap: anywhere; }
p { margin: .2rem 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
.risk { font-weight: bold; color: light-dark(#a40000, #ff8a80); }
.warn { font-weight: bold; color: light-dark(#7a4b00, #ffcc80); }
.advice { font-style: italic; }
@media print { body { margin: 0; max-width: none; } tr, h2 { break-inside: avoid; } h2 { break-after: avoid; } }
"""
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
"""Nothing is loaded or run but the one style sheet above, known by its digest. Source: CSP level 3."""
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>privkit {command}</title>
<style>{style}</style>
</head>
<body>
<h1>privkit {command}</h1>
"""


def _of(value: object) -> str:
    return escape(safe(value, DETAIL))


def render(command: str, outcomes: Iterable[Outcome], tally: Tally) -> Iterator[str]:
    yield _HEAD.format(policy=escape(POLICY, quote=False), style=STYLE, command=_of(command))
    for outcome in outcomes:
        yield _section(outcome)
    yield f"<p><strong>{_of(summary_words(tally, command))}</strong></p>\n"
    yield f"<p>Made by privkit {__version__}, on this computer only.</p>\n</body>\n</html>\n"


def _section(outcome: Outcome) -> str:
    parts = (outcome.state.value, type_words(outcome), done_words(outcome), place_words(outcome), outcome.reason)
    about = " · ".join(part for part in parts if part)
    rows = "".join(_row(finding) for finding in outcome.findings)
    head = "<thead><tr><th>Level</th><th>Topic</th><th>What</th><th>Detail</th></tr></thead>"
    table = f"<table>{head}\n<tbody>\n{rows}</tbody></table>\n" if rows else ""
    return f"<section>\n<h2>{escape(safe_path(outcome.subject))}</h2>\n<p>{_of(about)}</p>\n{table}</section>\n"


def _row(finding: Finding) -> str:
    css = {Level.RISK: ' class="risk"', Level.WARN: ' class="warn"'}.get(finding.level, "")
    advice = f'<br><span class="advice">{_of(finding.advice)}</span>' if finding.advice else ""
    cells = f"<td{css}>{finding.level.name}</td><td>{topic_title(finding)}</td><td>{_of(finding.title)}</td>"
    return f"<tr>{cells}<td>{_of(finding.detail)}{advice}</td></tr>\n"
