"""Killed with no warning at random moments: every original whole, every copy whole, and nothing else there."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.made_clean import cleaned
from tests.scrubbers.make_jpeg import dirty

FILES = 24
MOMENTS = 25
"""A round; 8 rounds make the 200 moments."""
DIRTY, _ = dirty()
CLEAN = cleaned(DIRTY)[0]


def start(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "privkit", "scrub", "-q", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def kill(process: subprocess.Popen[bytes], group: bool) -> None:
    """The whole process group; or the main process alone, as the system does when memory runs out: then its workers
    must end by themselves, soon."""
    with contextlib.suppress(ProcessLookupError):
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    patience = time.monotonic() + 10
    while alive(process.pid):
        assert time.monotonic() < patience, "the workers outlive the run"
        time.sleep(0.01)


def alive(group: int) -> bool:
    """Whether a process group still has a member that runs (proc(5), stat: state and process group)."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, member = entry.read_text().rpartition(")")[2].split()[:3]
            if int(member) == group and state not in "ZX":
                return True
    return False


def duration(*arguments: str) -> float:
    begun = time.monotonic()
    assert start(*arguments).wait() in (0, 1)
    return time.monotonic() - begun


@pytest.mark.parametrize("seed", range(4))
def test_kill_while_copying(seed: int, tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for number in range(FILES):
        (source / f"{number}.jpg").write_bytes(DIRTY)
    out.mkdir()
    whole = duration("-r", str(source), "-O", str(out))
    chance = random.Random(seed)
    for moment in range(MOMENTS):
        shutil.rmtree(out)
        out.mkdir()
        process = start("-r", str(source), "-O", str(out))
        time.sleep(chance.uniform(0.3, 1.0) * whole)
        kill(process, group=bool(moment % 2))
        assert {path.read_bytes() for path in out.iterdir()} <= {CLEAN}
        assert {path.read_bytes() for path in source.iterdir()} == {DIRTY}
        assert all(path.suffix == ".jpg" for path in out.iterdir())


@pytest.mark.parametrize("seed", range(4))
def test_kill_while_replacing(seed: int, tmp_path: Path) -> None:
    for number in range(FILES):
        (tmp_path / f"{number}.jpg").write_bytes(DIRTY)
    whole = duration("-r", str(tmp_path), "--in-place", "--yes")
    chance = random.Random(seed)
    for moment in range(MOMENTS):
        for number in range(FILES):
            (tmp_path / f"{number}.jpg").write_bytes(DIRTY)
        process = start("-r", str(tmp_path), "--in-place", "--yes")
        time.sleep(chance.uniform(0.3, 1.0) * whole)
        kill(process, group=bool(moment % 2))
        originals = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path) if name.endswith(".jpg")}
        assert len(originals) == FILES
        assert set(originals.values()) <= {DIRTY, CLEAN}
    assert start("-r", str(tmp_path), "--in-place", "--yes").wait() in (0, 1)
    assert sorted(os.listdir(tmp_path)) == sorted(f"{number}.jpg" for number in range(FILES))
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {CLEAN}


def test_ctrl_c_ends_calmly(tmp_path: Path) -> None:
    for number in range(400):
        (tmp_path / f"{number}.jpg").write_bytes(DIRTY)
    out = tmp_path / "out"
    out.mkdir()
    command = [sys.executable, "-m", "privkit", "scrub", "-r", str(tmp_path), "-O", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    while not os.listdir(out):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    told, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in told + said
    assert b"stopped" in said
    assert {path.read_bytes() for path in out.iterdir()} == {CLEAN}
