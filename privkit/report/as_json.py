"""The report for programs: one JSON document, in pieces. Its form is in `privkit/data/report.schema.json`."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping

from privkit import __version__
from privkit.model import Finding, Outcome
from privkit.report import SCHEMA, Tally

PATHS = {"subject", "target"}
"""Keys that hold a path: where it is not UTF-8, its bytes stand beside it, in hexadecimal."""


def render(command: str, outcomes: Iterable[Outcome], tally: Tally) -> Iterator[str]:
    head = {"schema": SCHEMA, "command": command, "privkit": __version__}
    yield json.dumps(head)[:-1] + ', "outcomes": ['
    separator = "\n"
    for outcome in outcomes:
        yield separator + json.dumps(as_dict(outcome), allow_nan=False)
        separator = ",\n"
    yield f'\n], "summary": {json.dumps(tally.summary)}, "exit_code": {int(tally.exit_code)}}}\n'


def as_dict(outcome: Outcome) -> dict[str, object]:
    """An outcome in plain types. Texts are raw: who prints them must make them safe."""
    return _plain(
        {
            "subject": outcome.subject,
            "state": outcome.state.value,
            "reason": outcome.reason,
            "facts": _plain(outcome.facts),
            "findings": [_finding(finding) for finding in outcome.findings],
        }
    )


def _finding(finding: Finding) -> dict[str, object]:
    return _plain(
        {
            "id": finding.id,
            "level": finding.level.name.lower(),
            "title": finding.title,
            "detail": finding.detail,
            "advice": finding.advice,
            "where": finding.where,
            "topic": finding.topic,
            "facts": _plain(finding.facts),
        }
    )


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    """The same values, each fit for JSON of any reader: no lone surrogates, no NaN."""
    plain: dict[str, object] = {}
    for key, value in values.items():
        plain[key] = _value(value)
        if key in PATHS and plain[key] != value:
            plain[f"{key}_hex"] = os.fsencode(str(value)).hex()
    return plain


def _value(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if not value.isascii() else value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, tuple | list):
        return [_value(item) for item in value]
    return value
