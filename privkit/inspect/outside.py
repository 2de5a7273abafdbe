"""What tells beyond the content of a file: its name, its dates, what the system keeps about it, and what lies beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from privkit.inspect.attributes import attributes, zone
from privkit.inspect.names import tells
from privkit.model import Finding, Level
from privkit.plugin import FileType

SIDECARS = {
    ".xmp": "what a photo program noted about it",
    ".aae": "how it was edited on an Apple device",
    ".thm": "a small picture of it",
}
"""Beside `name.jpg`: `name.xmp`, and also `name.jpg.xmp`."""
TAILS = {
    "_original": "a copy from before ExifTool changed it, with all that was in it",
    ".json": "what Google Photos knows about it",
    ".supplemental-metadata.json": "what Google Photos knows about it",
}
"""Beside `name.jpg`: `name.jpg_original`."""


def outside(path: str, kind: FileType | None, found: os.stat_result) -> Iterator[Finding]:
    """What a file at `path` tells without being opened. Never raises; what cannot be looked at gives no finding.

    kind: what its content is, None where that is not known. found: what `stat` said of it.
    """
    folder, name = os.path.split(path)
    yield from _mismatch(name, kind)
    yield from tells(name)
    yield from _dates(found)
    yield from attributes(path)
    yield from zone(path)
    yield from _beside(folder, name)


def _mismatch(name: str, kind: FileType | None) -> Iterator[Finding]:
    suffix = os.path.splitext(name)[1].lower().removesuffix("_original")
    if kind and not suffix[1:].isdigit() and suffix[1:] and suffix not in kind.suffixes:  # `11.07.2026` has no ending
        detail = f"it is called {suffix[:20]}, but it is {kind.name}"
        facts = {"suffix": suffix[:20], "type": kind.id}
        advice = "Programs that go by the name may treat it wrongly, or not clean it at all."
        yield Finding("hidden.type-mismatch", Level.WARN, "Not what its name says", detail, advice, "file name", facts)


def _dates(found: os.stat_result) -> Iterator[Finding]:
    """The date of the last change, which travels in archives, on sticks and through many shares."""
    try:
        changed = datetime.fromtimestamp(found.st_mtime, UTC)
    except (OverflowError, OSError, ValueError):
        return
    time = changed.isoformat(timespec="seconds")
    detail = f"last changed {changed:%Y-%m-%d %H:%M:%S} UTC"
    advice = "A clean copy can have another one: privkit scrub --times"
    yield Finding("when.file", Level.NOTE, "File date", detail, advice, "file", {"value": time, "time": time})


def _beside(folder: str, name: str) -> Iterator[Finding]:
    """Files of known names that tell more about this one. macOS keeps its attributes in `._name` on foreign disks."""
    stem = os.path.splitext(name)[0]
    tails = [(form, words) for tail, words in SIDECARS.items() for form in (tail, tail.upper())]
    known = [(start + tail, words) for tail, words in tails for start in (stem, name)]
    known += [(name + tail, words) for tail, words in TAILS.items()] + [(f"._{name}", "what macOS keeps about it")]
    told: set[str] = {name.casefold()}
    for beside, words in known:
        if beside.casefold() not in told and os.path.lexists(os.path.join(folder, beside)):
            told.add(beside.casefold())
            advice = "Do not send it along; delete it with the original."
            yield Finding(
                "hidden.sidecar", Level.NOTE, "A file beside it tells more", f"{beside}: {words}", advice, "", {"name": beside}
            )
