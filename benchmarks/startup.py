"""What starting costs, what one photo costs, and how much memory a large file takes.

Usage: startup.py [--rounds N] [--largest MB]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scrub_jpeg import picture

PRIVKIT = [sys.executable, "-m", "privkit"]


def median(command: list[str], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def larger(data: bytes, size: int) -> bytes:
    """The same JPEG with its coded data repeated: large, and as hard to scan as a real one of that size."""
    head, tail = data[:-100_000], data[-100_000:-2]
    return head + tail * (size // len(tail)) + b"\xff\xd9"


def peak(command: list[str]) -> float:
    """The largest memory (MB) that any process of the command held."""
    child = os.fork()
    if child == 0:
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print(f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f}", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--largest", type=int, default=1000, help="MB")
    options = parser.parse_args()
    click = median([sys.executable, "-c", "import click"], options.rounds)
    version = median([*PRIVKIT, "--version"], options.rounds)
    print(f"python -c 'import click'   {click:6.0f} ms")
    print(f"privkit --version          {version:6.0f} ms   {version / click:.2f} x")
    with tempfile.TemporaryDirectory(dir=".", prefix="bench-") as made:
        folder = Path(made)
        data = picture(4032, 3024, 66, 3)
        (folder / "one.jpg").write_bytes(data)
        print(f"privkit scrub one photo    {median([*PRIVKIT, 'scrub', str(folder / 'one.jpg')], options.rounds):6.0f} ms")
        print(f"privkit inspect one photo  {median([*PRIVKIT, 'inspect', str(folder / 'one.jpg')], options.rounds):6.0f} ms")
        for megabytes in (len(data) // 1_000_000, 50, options.largest):
            path = folder / f"{megabytes}.jpg"
            path.write_bytes(larger(data, megabytes * 1_000_000))
            for command in ("scrub", "inspect"):
                print(f"memory, {command} of {megabytes:5} MB, at most (MB): ", end="", flush=True)
                peak([*PRIVKIT, command, str(path)])


if __name__ == "__main__":
    main()
