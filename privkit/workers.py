"""Processes that each read one untrusted file at a time, with a limit of time and of memory.

A file that makes its reader hang, crash or eat memory costs one worker and gets one calm line; the run
goes on. A `concurrent.futures.Executor`, so any other executor can stand in its place.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from privkit.errors import Broken

SECONDS = 120.0
MEMORY = 2 * 1024**3
AHEAD = 2
"""Tasks that a worker has in its pipe, so that it never waits for the next one."""

Task = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


@dataclass(slots=True)
class _Worker:
    process: Any
    pipe: Connection
    under_way: deque[tuple[Future[Any], Task]] = field(default_factory=deque)


class Workers(Executor):
    """`count` processes; each task may take `seconds` and each process `memory` bytes of address space.

    A task that oversteps ends with Broken. Tasks and results must be picklable.
    """

    def __init__(self, count: int, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._limits = (seconds, memory)
        self._lock = threading.RLock()
        self._waiting: deque[tuple[Future[Any], Task]] = deque()
        self._closing = False
        self._workers: list[_Worker] = []
        first = "fork" if sys.platform.startswith("linux") else "spawn"
        for _ in range(max(1, count)):  # forked before the thread below starts: safe, and at once ready
            self._workers.append(self._start(first))
        self._wake_end, self._wake = multiprocessing.Pipe(duplex=False)
        self._thread = threading.Thread(target=self._collect, name="privkit-workers", daemon=True)
        self._thread.start()

    def _start(self, method: str) -> _Worker:
        context: Any = multiprocessing.get_context(method)
        ours, theirs = context.Pipe()
        inherited = [worker.pipe for worker in self._workers] + [ours] if method == "fork" else []
        process = context.Process(target=_serve, args=(theirs, *self._limits, inherited), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        with self._lock:
            if self._closing:
                raise RuntimeError("the workers have been shut down")
            self._waiting.append((future, (fn, args, kwargs)))
            self._feed()
        return future

    def _feed(self) -> None:
        """Hand waiting tasks to the workers that have the fewest. The lock is held."""
        while self._waiting:
            worker = min(self._workers, key=lambda one: len(one.under_way))
            if len(worker.under_way) >= AHEAD:
                return
            future, task = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            worker.under_way.append((future, task))
            with contextlib.suppress(OSError):  # it died: `_collect` sees that and deals with what it had
                worker.pipe.send(task)

    def _collect(self) -> None:
        """Take results as they come, until shut down. Runs in a thread."""
        while True:
            with self._lock:
                if self._closing and not self._waiting and not any(worker.under_way for worker in self._workers):
                    return
                pipes = {worker.pipe: worker for worker in self._workers}
            for ready in wait([*pipes, self._wake_end]):
                if ready is self._wake_end:
                    self._wake_end.recv_bytes()
                    continue
                try:
                    answer = pipes[ready].pipe.recv()  # type: ignore[index]
                except (EOFError, OSError):
                    self._bury(pipes[ready])  # type: ignore[index]
                else:
                    self._answer(pipes[ready], answer)  # type: ignore[index]

    def _answer(self, worker: _Worker, answer: tuple[bool, Any]) -> None:
        with self._lock:
            future, _ = worker.under_way.popleft()
            self._feed()
        good, value = answer
        if good:
            future.set_result(value)
        else:
            future.set_exception(value)

    def _bury(self, worker: _Worker) -> None:
        """A worker died: its task failed, those behind it go to others, and a new worker takes its place."""
        worker.process.join()
        with self._lock:
            worker.pipe.close()
            self._workers.remove(worker)
            if self._closing and not self._waiting and not worker.under_way:
                return
            culprit = worker.under_way.popleft()[0] if worker.under_way else None
            for future, task in reversed(worker.under_way):
                again: Future[Any] = Future()
                _chain(again, future)
                self._waiting.appendleft((again, task))
            self._workers.append(self._start("spawn"))  # there are threads now: no fork
            self._feed()
        if culprit is not None:
            culprit.set_exception(Broken(_last_words(worker.process.exitcode, self._limits[0])))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop. With cancel_futures, what is under way is stopped in its middle and leaves nothing behind."""
        with self._lock:
            self._closing = True
            if cancel_futures:
                for future, _ in self._waiting:
                    future.cancel()
                self._waiting.clear()
                for worker in self._workers:
                    worker.process.kill()
            self._wake.send_bytes(b"x")
        if wait and not cancel_futures:
            self._thread.join()
            for worker in self._workers:
                worker.pipe.close()
                worker.process.join()


def _chain(again: Future[Any], first: Future[Any]) -> None:
    def pass_on(done: Future[Any]) -> None:
        error = done.exception()
        if error is not None:
            first.set_exception(error)
        else:
            first.set_result(done.result())

    again.add_done_callback(pass_on)


def _last_words(code: int | None, seconds: float) -> str:
    alarm = -getattr(signal, "SIGALRM", 0)
    if code == alarm or (code == 1 and sys.platform == "win32"):
        return f"reading this file took longer than {seconds:.0f} seconds, so it was stopped"
    return "the program that read this file came to a sudden end; the file may be made to cause that"


def _serve(pipe: Connection, seconds: float, memory: int, inherited: Sequence[Connection]) -> None:
    """The life of a worker: one task after another, until the pipe is closed."""
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory(memory)
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return
        _alarm(seconds)
        answer = _call(function, args, kwargs)
        _alarm(0)
        try:
            pipe.send(answer)
        except OSError:
            return


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[bool, Any]:
    try:
        return True, function(*args, **kwargs)
    except MemoryError:
        return False, Broken("reading this file would take more memory than privkit allows itself")
    except Exception as error:
        return False, error


def _limit_memory(memory: int) -> None:
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold the user's picture


def _alarm(seconds: float) -> None:
    """End this process after so many seconds, whatever it is doing; 0 calls it off."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
        return
    import faulthandler

    if seconds:
        faulthandler.dump_traceback_later(seconds, exit=True, file=open(os.devnull, "w"))  # noqa: SIM115
    else:
        faulthandler.cancel_dump_traceback_later()


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
