"""Processes that each read one untrusted file at a time, with a limit of time and of memory.

A file that makes its reader hang, crash or eat memory costs one worker and gets one calm line; the run
goes on. A `concurrent.futures.Executor`, so any other executor can stand in its place.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from privkit.errors import Broken

SECONDS = 120.0
MEMORY = 2 * 1024**3
GOODBYE = b""
AHEAD, FAR_AHEAD = 2, 16
"""Tasks that a worker has in its pipe, so that it never waits for the next one; and where they are quick."""
PAUSE = 0.004
"""Seconds for which the answers of quick workers gather, so that not each one wakes this process."""

Task = tuple[Future[Any], bytes]
"""A future, and what is to be done for it: pickled function, arguments and keyword arguments."""


@dataclass(slots=True)
class _Worker:
    process: Any
    pipe: Connection
    under_way: deque[Task] = field(default_factory=deque)
    ahead: int = AHEAD


class Workers(Executor):
    """`count` processes; each task may take `seconds` and each process `memory` bytes of address space.

    A task that oversteps ends with Broken. Tasks and results must be picklable.
    """

    def __init__(self, count: int, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._limits = (seconds, memory)
        self._lock = threading.RLock()
        self._waiting: deque[Task] = deque()
        self._closing = False
        self._workers: list[_Worker] = []
        first = "fork" if sys.platform.startswith("linux") else "spawn"
        self._count = max(1, count)
        for _ in range(self._count):  # forked before the thread below starts: safe, and at once ready
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
        task = future, pickle.dumps((fn, args, kwargs))
        with self._lock:
            if self._closing:
                raise RuntimeError("the workers have been shut down")
            self._waiting.append(task)
            self._feed()
        return future

    def _feed(self) -> None:
        """Hand waiting tasks to the workers that have the fewest. The lock is held."""
        while self._waiting:
            self._replace_dead()
            worker = min(self._workers, key=lambda one: len(one.under_way), default=None)
            if worker is not None and len(worker.under_way) >= worker.ahead:
                return
            future, task = self._waiting.popleft()
            if not future.running() and not future.set_running_or_notify_cancel():
                continue
            if worker is None:
                future.set_exception(Broken("the system lets no further program start, so this file was not read"))
                continue
            worker.under_way.append((future, task))
            with contextlib.suppress(OSError):  # it died: `_collect` sees that and deals with what it had
                worker.pipe.send_bytes(task)

    def _replace_dead(self) -> None:
        """Start a worker for one that died, when there is work for it."""
        if len(self._workers) < self._count and all(worker.under_way for worker in self._workers):
            with contextlib.suppress(OSError):  # the others go on
                self._workers.append(self._start("spawn"))  # there are threads now: no fork
                self._wake.send_bytes(b"x")

    def _collect(self) -> None:
        """Take results as they come, until shut down. Runs in a thread."""
        while True:
            with self._lock:
                if self._closing and not self._waiting and not any(worker.under_way for worker in self._workers):
                    return
                pipes = {worker.pipe: worker for worker in self._workers}
            found = wait([*pipes, self._wake_end])
            if any(worker.ahead > AHEAD for worker in pipes.values()):
                time.sleep(PAUSE)
            for ready in found:
                if ready is self._wake_end:
                    self._wake_end.recv_bytes()
                else:
                    self._take_answers(pipes[ready])  # type: ignore[index]

    def _take_answers(self, worker: _Worker) -> None:
        """All answers that a worker has given by now; then it gets more to do, the more the quicker it was."""
        given, answers = len(worker.under_way), 0
        try:
            while answers < given or not given:
                self._answer(worker, worker.pipe.recv_bytes())
                answers += 1
                if not worker.pipe.poll():
                    break
        except (EOFError, OSError):
            self._bury(worker)
            return
        with self._lock:
            if answers == given:
                worker.ahead = min(2 * worker.ahead, FAR_AHEAD)
            elif answers * 4 < given:
                worker.ahead = AHEAD
            self._feed()

    def _answer(self, worker: _Worker, answer: bytes) -> None:
        with self._lock:
            if not worker.under_way:  # stopped meanwhile
                return
            future, _ = worker.under_way.popleft()
        try:
            good, value = pickle.loads(answer)  # noqa: S301 (from our own process, as Connection.recv does)
        except Exception as error:  # there are errors that go into a pickle and do not come out
            good, value = False, error
        if good:
            future.set_result(value)
        else:
            future.set_exception(value)

    def _bury(self, worker: _Worker) -> None:
        """A worker died: its task failed, and those behind it go to others."""
        worker.process.kill()
        worker.process.join()
        with self._lock:
            worker.pipe.close()
            self._workers.remove(worker)
            culprit = worker.under_way.popleft()[0] if worker.under_way else None
            self._waiting.extendleft(reversed(worker.under_way))
            self._feed()
        if culprit is not None:
            culprit.set_exception(Broken(_last_words(worker.process.exitcode, self._limits[0])))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop. With cancel_futures, what is under way is stopped in its middle and leaves nothing behind."""
        with self._lock:
            self._closing = True
            if cancel_futures:
                self._stop()
            self._wake.send_bytes(b"x")
        if wait:
            self._thread.join()
            for worker in self._workers:
                with contextlib.suppress(OSError):
                    worker.pipe.send_bytes(GOODBYE)
                worker.pipe.close()
                worker.process.join()

    def _stop(self) -> None:
        """End all workers in the middle of what they do. The lock is held."""
        for worker in self._workers:
            worker.process.kill()
            self._waiting.extend(worker.under_way)
            worker.under_way.clear()
        for future, _ in self._waiting:
            if not future.cancel():
                future.set_exception(CancelledError())
        self._waiting.clear()


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
    _silence()
    _limit_memory(memory)
    while True:
        try:
            task = pipe.recv_bytes()
            if task == GOODBYE:
                return
            _alarm(seconds)
            answer = _call(task)
            _alarm(0)
            pipe.send_bytes(answer)
        except (EOFError, OSError):
            return


def _call(task: bytes) -> bytes:
    """Do a task. The answer is pickled: whether it went well, and the result or the error."""
    error: Exception
    try:
        function, args, kwargs = pickle.loads(task)  # noqa: S301 (from our own process)
        return pickle.dumps((True, function(*args, **kwargs)))
    except MemoryError:
        error = Broken("reading this file would take more memory than privkit allows itself")
    except Exception as raised:
        error = raised
    try:
        return pickle.dumps((False, error))
    except Exception:  # it holds something that cannot travel
        return pickle.dumps((False, Broken(f"something went wrong while this file was read ({type(error).__name__})")))


def _silence() -> None:
    """What libraries in C print of a damaged file is not for the user: what is wrong comes as an answer."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


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
