"""10,000 files in one run: each gets its line, memory stays flat, the summary adds up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.scrubbers.make_jpeg import insert, picture, segment

MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
"""Runs a command and says how much memory (kB) it or its children held: a small process, since a fork counts its parent's."""


def test_ten_thousand_files(tmp_path: Path) -> None:
    data = insert(picture((8, 8)), segment(0xFE, b"a comment"))
    source, out = tmp_path / "in", tmp_path / "out"
    for number in range(10_000):
        folder = source / f"{number % 20}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.jpg").write_bytes(data if number % 100 else b"no picture")
    out.mkdir()
    command = [sys.executable, "-m", "privkit", "scrub", "-r", str(source), "-O", str(out), "--json"]
    done = subprocess.run([sys.executable, "-c", MEASURED, *command], capture_output=True, timeout=300, check=False)
    report = json.loads(done.stdout)
    assert len(report["outcomes"]) == 10_000
    assert report["summary"] == {"done": 9_900, "refused": 100}
    assert done.returncode == report["exit_code"] == 3
    assert sum(len(names) for _, _, names in os.walk(out)) == 9_900
    assert int(done.stderr.split()[-1]) // 1024 < 80, "memory grows with the number of files"
