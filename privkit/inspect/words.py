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


def summary(tally: Tally, linked: bool = False) -> str:
    """`2 risks, 1 warning, 3 notes in 4 files; 1 file that could not be read.`

    linked: the files were compared with each other. Where none could be looked at, it does not say that nothing was found.
    """
    if not tally.states:
        return "No files found."
    total = 1 if linked else tally.states.total()
    nothing = "Nothing found that ties them" if linked else "Nothing found"
    found = level_words(tally) or (nothing if tally.states[State.DONE] else "")
    words = [f"{found} in {counted(total, 'file')}" if found and total > 1 else found]
    words += [f"{counted(tally.states[state], 'file')} {name}" for state, name in LEFT.items() if tally.states[state]]
    return "; ".join(word for word in words if word) + "."
