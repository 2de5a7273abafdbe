"""Workers: one bad file costs one worker, never the run."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from concurrent.futures import CancelledError

import pytest

from privkit.errors import Broken, Refused
from privkit.workers import Workers


def double(number: int) -> int:
    return 2 * number


def refuse() -> None:
    raise Refused("not this one", "try another")


def hang_in_python() -> None:
    while True:
        pass


def hang_in_c() -> None:
    ctypes.CDLL(None).sleep(60)


def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def eat() -> int:
    return len(bytearray(8 * 1024**3))


def odd() -> None:
    raise ZeroDivisionError


def test_results_come_back_for_each_task() -> None:
    with Workers(2) as workers:
        assert list(workers.map(double, range(200))) == [2 * number for number in range(200)]


def test_errors_cross_with_their_words() -> None:
    with Workers(1) as workers:
        error = workers.submit(refuse).exception()
        assert isinstance(error, Refused)
        assert (error.message, error.hint) == ("not this one", "try another")
        assert isinstance(workers.submit(odd).exception(), ZeroDivisionError)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (hang_in_python, "longer than 1 seconds"),
        (hang_in_c, "longer than 1 seconds"),
        (crash, "sudden end"),
        (eat, "more memory"),
    ],
)
def test_a_bad_task_fails_alone(bad: object, sentence: str) -> None:
    with Workers(2, seconds=1) as workers:
        before = [workers.submit(double, number) for number in range(5)]
        culprit = workers.submit(bad)  # type: ignore[arg-type]
        after = [workers.submit(double, number) for number in range(20)]
        assert [future.result(30) for future in before + after] == [2 * n for n in (*range(5), *range(20))]
        error = culprit.exception(30)
        assert isinstance(error, Broken)
        assert sentence in str(error)


def test_all_workers_may_die_again_and_again() -> None:
    with Workers(2) as workers:
        bad = [workers.submit(crash) for _ in range(4)]
        assert workers.submit(double, 21).result(60) == 42
        assert all(isinstance(future.exception(30), Broken) for future in bad)


def test_stopping_at_once_does_not_wait_for_a_hanging_task() -> None:
    workers = Workers(1)
    workers.submit(hang_in_python)
    waiting = [workers.submit(double, number) for number in range(5)]
    start = time.monotonic()
    workers.shutdown(cancel_futures=True)
    assert time.monotonic() - start < 5
    with pytest.raises(CancelledError):
        waiting[-1].result(5)


def test_nothing_is_taken_after_the_end() -> None:
    workers = Workers(1)
    workers.shutdown()
    with pytest.raises(RuntimeError):
        workers.submit(double, 1)
