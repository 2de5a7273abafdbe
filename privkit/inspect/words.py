"""The sentences of `privkit inspect`."""

from __future__ import annotations

from privkit.model import State
from privkit.report import Tally
from privkit.report.words import level_words
from privkit.text import counted

LEFT = {
    State.SKIPPED: "skipped",
    State.REFUSED: "refused",
    State.UNKNOWN: "of a kind that privkit does not know",
    State.FAILED: "that could not be read",
}


def summary(tally: Tally) -> str:
    """`2 risks, 1 warning, 3 notes in 4 files; 1 file that could not be read.`"""
    total = tally.states.total()
    found = level_words(tally) or "Nothing found"
    words = [f"{found} in {counted(total, 'file')}" if total > 1 else found]
    words += [f"{counted(tally.states[state], 'file')} {name}" for state, name in LEFT.items() if tally.states[state]]
    return "; ".join(words) + "."
