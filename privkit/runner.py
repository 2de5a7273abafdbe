"""Runs a task over many files: in any executor, in order, each file's troubles its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from typing import Any, BinaryIO

from privkit import files, registry
from privkit.errors import Broken, PrivkitError, Refused
from privkit.files import Subject
from privkit.filetypes import name_of
from privkit.model import Outcome, State
from privkit.plugin import FileType, Scrubber
from privkit.source import Source

PATIENCE = 0.1
"""Seconds for which results that are there may wait for others before they are shown."""
IN_MEMORY = 16 * 1024 * 1024
"""How much of standard input is held in memory; what is beyond goes to a file without a name."""


def run(
    task: Callable[[Subject], Outcome], found: Iterable[Subject | Outcome], executor: Executor, ahead: int = 64
) -> Iterator[Outcome]:
    """Do `task` for each subject in `executor` and give the outcomes in the order of the subjects.

    Any `concurrent.futures.Executor` serves. At most `ahead` subjects are under way, so that memory does
    not grow with their number. Outcomes among `found` (things that are no file) pass through.
    """
    under_way: deque[Future[Outcome] | Outcome] = deque()
    subjects: dict[int, Subject] = {}
    for one in found:
        if isinstance(one, Subject):
            future = executor.submit(task, one)
            subjects[id(future)] = one
            under_way.append(future)
        else:
            under_way.append(one)
        if len(under_way) >= ahead:
            _wait(under_way[ahead // 2])
            yield _collected(under_way.popleft(), subjects)
            while under_way and _is_done(under_way[0]):
                yield _collected(under_way.popleft(), subjects)
    while under_way:
        yield _collected(under_way.popleft(), subjects)


def _wait(one: Future[Outcome] | Outcome) -> None:
    """Wait for a result further on, but not long: being woken for each one costs more than quick results themselves."""
    if isinstance(one, Future):
        wait((one,), timeout=PATIENCE)


def _is_done(one: Future[Outcome] | Outcome) -> bool:
    return isinstance(one, Outcome) or one.done()


def _collected(one: Future[Outcome] | Outcome, subjects: dict[int, Subject]) -> Outcome:
    if isinstance(one, Outcome):
        return one
    subject = subjects.pop(id(one))
    return guarded(subject.path, one.result)


def guarded(subject: str, work: Callable[[], Outcome]) -> Outcome:
    """Turn what can go wrong with one file into its outcome."""
    try:
        return work()
    except Refused as error:
        return Outcome(subject, State.REFUSED, reason=_reason(error))
    except PrivkitError as error:
        return Outcome(subject, State.FAILED, reason=_reason(error))
    except OSError as error:
        return Outcome(subject, State.FAILED, reason=files.explain(error))


def _reason(error: PrivkitError) -> str:
    return f"{error}. {error.hint}" if error.hint else str(error)


def recognised(source: Source, plugins: tuple[str, ...] = ()) -> tuple[Scrubber[Any], FileType]:
    """The scrubber for a source, by its content. Raises Refused with the kind of file where it is known."""
    if not source.size:
        raise Broken("the file is empty")
    head = source.read(0, min(registry.HEAD, source.size))
    found = registry.recognise(head, plugins)
    if found is None:
        raise Refused(name_of(head))
    return found


def spooled(stream: BinaryIO) -> BinaryIO:
    """A seekable copy of a stream: in memory, beyond IN_MEMORY in a file without a name."""
    import shutil
    import tempfile

    spool = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    shutil.copyfileobj(stream, spool, 1024 * 1024)
    return spool  # type: ignore[return-value]
