"""The sentences of `privkit scrub`."""

from __future__ import annotations

import os

from privkit.model import State
from privkit.report import Tally
from privkit.report.terminal import ALIKE, NARROWEST
from privkit.report.words import state_words
from privkit.scrub.wish import Wish
from privkit.text import counted, safe, safe_path

STATES = {
    State.DONE: "cleaned",
    State.UNCHANGED: "already clean",
    State.SKIPPED: "skipped",
    State.REFUSED: "refused",
    State.UNKNOWN: "not understood",
    State.FAILED: "failed",
}

VERIFIED = "\nVerified: in each file written, what is shown is the same as before, bit for bit."
ONLY_PLACE = {State.DONE: "freed of its place", State.UNCHANGED: "without a place to take out"}
"""With `--only location` nothing is called clean."""
WOULD = {State.DONE: "would be cleaned"}
WOULD_ONLY = {State.DONE: "would be freed of its place"}


def columns(wish: Wish) -> tuple[int, int]:
    """How wide the names of the files and of their copies will be, as far as the wish tells."""
    names = [safe_path(path) for path in wish.paths[:100]]
    name = max(NARROWEST[0], *(len(name) for name in names))
    copies = [os.path.join(wish.folder, os.path.basename(name)) if wish.folder else f"{name}.clean" for name in names]
    return name, max(NARROWEST[1], *(len(f"-> {copy}") for copy in copies))


def summary(tally: Tally, wish: Wish) -> str:
    """`3 cleaned, 1 already clean, 1 refused.` and what is true of the originals. Claims nothing that was not verified."""
    sentences = [(state_words(tally, _names(wish)) or "No files found") + "."]
    if not tally.states:
        return sentences[0]
    if wish.dry_run:
        return " ".join([*sentences, "This was a dry run: nothing was written."])
    cleaned = tally.states[State.DONE]
    written = cleaned + tally.states[State.UNCHANGED]
    if wish.in_place:
        sentences += [f"{_originals(cleaned)} replaced; copies elsewhere (backups, clouds, chats) still tell."] if cleaned else []
    elif written:
        still = f"; {'it still tells' if written == 1 else 'they still tell'} everything." if cleaned else "."
        sentences += [f"{_originals(written)} not touched{still}"]
    if cleaned and wish.only:
        sentences.append("Only the place was taken out.")
    return " ".join(sentences) + (VERIFIED if cleaned else "") + _noted(tally)


def _names(wish: Wish) -> dict[State, str]:
    """What each state is called in the summary of this run."""
    if wish.only:
        return STATES | ONLY_PLACE | (WOULD_ONLY if wish.dry_run else {})
    return STATES | (WOULD if wish.dry_run else {})


def _originals(count: int) -> str:
    return "The original was" if count == 1 else "The originals were"


def _noted(tally: Tally) -> str:
    """The notes that were made for more files than they were shown for."""
    many = {title: count for title, count in tally.notes.items() if count > ALIKE}
    return "".join(f"\nnote for {counted(count, 'file')}: {safe(title)}" for title, count in many.items())


def next_step(tally: Tally, wish: Wish) -> str:
    """`Next: send only from clean/.`, or "" where there is none."""
    if not tally.states[State.DONE] + tally.states[State.UNCHANGED] or wish.in_place:
        return "Next: the same without --dry-run." if wish.dry_run and tally.states[State.DONE] else ""
    if wish.dry_run:
        return "Next: the same without --dry-run."
    if wish.output:
        return f"Next: send {safe_path(wish.output)}, not the original."
    if wish.folder:
        return f"Next: send only from {safe_path(_as_folder(wish.folder))}."
    return "Next: send the copies, not the originals."


def _as_folder(path: str) -> str:
    """The path with one separator at its end."""
    return os.path.join(path, "")
