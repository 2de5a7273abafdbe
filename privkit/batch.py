"""Runs a task over the files that the user named: workers, progress, suggestions for misspelt names."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from privkit import registry, runner
from privkit.console import Console
from privkit.errors import WrongUse
from privkit.files import Subject
from privkit.model import Outcome, State
from privkit.text import safe_path
from privkit.workers import Workers, usable_cores

STREAM = "-"
"""How standard input is named on the command line."""
LISTED = 5000
"""How many names of a folder are compared with a misspelt one."""
NEAR = 0.75
"""How like a misspelt name another must be (of 1) to be offered: below, it would be a guess."""

Found = Iterable[Subject | Outcome]


@dataclass(frozen=True, slots=True)
class Batch:
    """How many files are worked on at once, and with which plug-ins."""

    jobs: int = 0
    plugins: tuple[str, ...] = ()


def is_stream(paths: Sequence[str]) -> bool:
    """Whether standard input is meant. Raises WrongUse where it is mixed with files."""
    if STREAM in paths and len(paths) > 1:
        raise WrongUse("'-' stands for standard input and goes alone", "name a file called '-' as ./-")
    return STREAM in paths


def run(task: Callable[[Subject], Outcome], found: Found, batch: Batch) -> Generator[Outcome, None, None]:
    """The outcome of `task` for each subject found, in order. Close it, and all that is under way stops."""
    jobs = batch.jobs or usable_cores()
    waiting = iter(found)
    first = list(islice(waiting, jobs))
    count = sum(isinstance(one, Subject) for one in first)
    if not count and len(first) < jobs:
        yield from map(helpful, (one for one in first if isinstance(one, Outcome)))
        return
    registry.formats(batch.plugins)  # what is enabled but not there is said before any file is touched
    workers = Workers(max(1, count))
    finished = False
    try:
        yield from map(helpful, runner.run(task, chain(first, waiting), workers))
        finished = True
    finally:
        workers.shutdown(cancel_futures=not finished)


def helpful(outcome: Outcome) -> Outcome:
    """The same, with the nearest name where the file that was named is not there."""
    if outcome.state is not State.FAILED or os.path.lexists(outcome.subject):
        return outcome
    near = nearest(outcome.subject)
    return replace(outcome, reason=f"{outcome.reason}. Did you mean {safe_path(near)}?") if near else outcome


def nearest(path: str) -> str:
    """The name of a file beside `path` that is spelt nearly like it, or ""."""
    folder, name = os.path.split(path)
    with contextlib.suppress(OSError, ValueError), os.scandir(folder or os.curdir) as entries:
        near = difflib.get_close_matches(name, [entry.name for entry in islice(entries, LISTED)], n=1, cutoff=NEAR)
        return os.path.join(folder, near[0]) if near else ""
    return ""


def run_watched(
    task: Callable[[Subject], Outcome], found: Found, batch: Batch, bar: Console | None
) -> Generator[Outcome, None, None]:
    """As `run`, with a bar on stderr while the outcomes come, if there is a console for it."""
    known = found if bar is None else list(found)
    outcomes = run(task, known, batch)
    with contextlib.closing(outcomes), contextlib.ExitStack() as stack:
        advance: Callable[[], None] | None = None
        for outcome in outcomes:
            if isinstance(known, list) and bar is not None:
                # only now: the workers were started before the bar's thread
                advance = advance or stack.enter_context(_bar(bar, len(known)))
                advance()
            yield outcome


def bar_on(console: Console, silent: bool = False) -> Console | None:
    """The console, if a person waits there and sees no lines pass by. silent: nothing is printed before the end."""
    lines_pass_by = sys.stdout.isatty() and not silent
    unwanted = console.quiet or lines_pass_by or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
    return None if unwanted else console


@contextlib.contextmanager
def _bar(console: Console, total: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console as RichConsole
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    rich = RichConsole(stderr=True, no_color=not console.has_color(sys.stderr))
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=rich, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def shell_quoted(path: str) -> str:
    """A path as it can be typed after a command; "" where it cannot be shown as it is."""
    if safe_path(path) != path:
        return ""
    path = os.path.join(os.curdir, path) if path.startswith("-") else path
    if sys.platform == "win32":
        return f'"{path}"' if " " in path else path
    import shlex

    return shlex.quote(path)


def typed_again(command: str, paths: Sequence[str], recursive: bool, limit: int = 3) -> str:
    """`privkit scrub -r photos`: the same paths for another command; `FILES` where they are too many."""
    quoted = [shell_quoted(path) for path in paths[: limit + 1]]
    names = " ".join(quoted) if all(quoted) and len(quoted) <= limit else "FILES"
    return f"privkit {command}{' -r' if recursive else ''} {names}"
