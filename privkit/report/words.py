"""Sentences that several renderers share. What came out of a file is still raw here: renderers make it safe."""

from __future__ import annotations

from privkit.model import Finding, Level, Outcome, State, Topic
from privkit.report import ELSE, TITLES, Tally, topic_of
from privkit.text import counted, listed, safe_path, size

SHOWN = 5
"""How many things that were removed are named before the rest is counted."""
STATES = {
    State.DONE: "looked at",
    State.UNCHANGED: "already clean",
    State.SKIPPED: "skipped",
    State.REFUSED: "refused",
    State.UNKNOWN: "not understood",
    State.FAILED: "failed",
}


def topic_title(finding: Finding) -> str:
    topic = topic_of(finding)
    return TITLES[Topic(topic)] if topic else ELSE


def type_words(outcome: Outcome) -> str:
    """`JPEG, 4032 x 3024, 3.1 MB`, as far as it is known."""
    facts = outcome.facts
    words = [str(facts["type"])] if facts.get("type") else []
    if facts.get("width") and facts.get("height"):
        words.append(f"{facts['width']} x {facts['height']}")
    if isinstance(facts.get("bytes"), int):
        words.append(size(int(str(facts["bytes"]))))
    return ", ".join(words)


def named(outcome: Outcome, key: str, shown: int = SHOWN) -> str:
    """The list in the facts as words: `EXIF, XMP and 3 more`; "" where there is none."""
    items = outcome.facts.get(key)
    if not isinstance(items, list) or not items:
        return ""
    if len(items) <= shown:
        return listed(items)
    return listed([*items[: shown - 1], f"{len(items) - shown + 1} more"])


def done_words(outcome: Outcome, would: bool = False) -> str:
    """What a scrubber did: `removed EXIF and 2 comments, kept rotation`; "" where it was not asked to clean."""
    removed, kept = named(outcome, "removed"), named(outcome, "kept")
    would = would or bool(outcome.facts.get("dry_run"))
    if "removed" not in outcome.facts:
        return ""
    words = f"{'would remove' if would else 'removed'} {removed}" if removed else "nothing to remove"
    return f"{words}, {'would keep' if would else 'kept'} {kept}" if kept and removed else words


def place_words(outcome: Outcome) -> str:
    """`written to clean/beach.jpg`; "" where no other file was written."""
    target = outcome.facts.get("target")
    return f"written to {safe_path(str(target))}" if target and target != outcome.subject else ""


def level_words(tally: Tally) -> str:
    """`2 risks, 1 warning, 3 notes`; "" where there is none."""
    names = {Level.RISK: "risk", Level.WARN: "warning", Level.NOTE: "note"}
    return ", ".join(counted(tally.levels[level], name) for level, name in names.items() if tally.levels[level])


def state_words(tally: Tally, names: dict[State, str] = STATES) -> str:
    """`3 looked at, 1 refused`."""
    return ", ".join(f"{tally.states[state]} {name}" for state, name in names.items() if tally.states[state])


def summary_words(tally: Tally, command: str = "inspect") -> str:
    """The last line of a report. Only of files that were looked at for it is it said that nothing was found."""
    looked = command == "inspect" and tally.states[State.DONE]
    names = STATES if command == "inspect" else {state: state.value for state in State}
    words = [state_words(tally, names) or "no files", level_words(tally) or ("nothing found" if looked else "")]
    return ": ".join(word for word in words if word) + "."
