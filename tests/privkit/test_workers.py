"""Workers: one bad file costs one worker, never the run."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pickle
import signal
import threading
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


class Stubborn(Exception):
    """Goes into a pickle and does not come out."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__("stubborn")


def stubborn() -> None:
    raise Stubborn(1, 2)


class Unpackable(Exception):
    def __reduce__(self) -> str:
        raise TypeError("not this one")


def unpackable() -> None:
    raise Unpackable


def no_result() -> object:
    return lambda: None


def huge(number: int) -> bytes:
    return bytes(number)


def process() -> int:
    return os.getpid()


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


def test_what_cannot_travel_fails_alone() -> None:
    with Workers(1) as workers:
        with pytest.raises((AttributeError, TypeError, pickle.PicklingError)):
            workers.submit(lambda: None)
        futures = [workers.submit(task) for task in (stubborn, unpackable, no_result)]
        assert workers.submit(double, 21).result(30) == 42
        assert all(future.exception(30) is not None for future in futures)


def test_large_results_come_whole() -> None:
    with Workers(2) as workers:
        futures = [workers.submit(huge, 5_000_000) for _ in range(8)]
        assert all(len(future.result(30)) == 5_000_000 for future in futures)


def test_a_worker_that_dies_while_idle_is_replaced_when_needed() -> None:
    with Workers(1) as workers:
        os.kill(workers.submit(process).result(30), signal.SIGKILL)
        time.sleep(0.1)
        assert workers.submit(double, 21).result(30) == 42


def test_no_process_left_and_none_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(method: str) -> None:
        raise BlockingIOError

    with Workers(1) as workers:
        monkeypatch.setattr(workers, "_start", none)
        futures = [workers.submit(crash), *(workers.submit(double, number) for number in range(3))]
        assert all(isinstance(future.exception(30), Broken) for future in futures)


def test_two_groups_at_once_end_one_by_one() -> None:
    one, two = Workers(1), Workers(1)
    for workers in (one, two):
        assert workers.submit(double, 21).result(30) == 42
    ended = threading.Thread(target=one.shutdown, daemon=True)
    ended.start()
    ended.join(10)
    assert not ended.is_alive()
    two.shutdown()


def test_stopping_starts_nothing_new_and_leaves_no_future_waiting() -> None:
    workers = Workers(2)
    futures = [workers.submit(hang_in_python) for _ in range(8)]
    workers.shutdown(cancel_futures=True)
    for future in futures:
        with pytest.raises(CancelledError):
            future.result(5)
    assert not any(child.is_alive() for child in multiprocessing.active_children())
