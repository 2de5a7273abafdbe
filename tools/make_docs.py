"""Writes what follows from the code: docs/formats.md, and the sample output in README.md. With --check it only compares."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from privkit.formats import formats, markdown

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "formats.md"
README = ROOT / "README.md"
SAMPLE = re.compile(r"^```\n(\$ privkit [^\n]*)\n.*?^```$", re.MULTILINE | re.DOTALL)
"""A block of code that starts with one command, and holds what it prints."""
TAKEN = 1783791727
"""2026-07-11 17:42:07 UTC: the date of the sample photo."""


def with_samples(text: str) -> str:
    """The text, each sample with the output of its command, run one after another on the first photo of `make demo`."""
    sys.path.insert(0, str(ROOT))
    from tools.demo import photo

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "beach.jpg")
        path.write_bytes(photo(0))
        os.utime(path, (TAKEN, TAKEN))
        return SAMPLE.sub(lambda match: f"```\n{match[1]}\n{output(match[1].split()[2:], folder)}```", text)


def output(arguments: list[str], folder: str) -> str:
    """What privkit prints, as a person sees it: the report, then the messages."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PRIVKIT_CONFIG": os.devnull, "PYTHONUTF8": "1"}
    call = [sys.executable, "-m", "privkit", *arguments]
    done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode > 1:
        raise SystemExit(f"privkit {' '.join(arguments)}: {done.stderr}")
    return done.stdout + done.stderr


def settled(text: str) -> str:
    """The text without what differs from run to run: dates of files, and sizes, which depend on the JPEG encoder."""
    return re.sub(r"(?<=last changed )\S+ \S+ UTC|\d[\d.]* (bytes|kB|MB)", "…", text)


def pages() -> dict[Path, str]:
    """What each page should be."""
    return {PAGE: markdown(formats()), README: with_samples(README.read_text(encoding="utf-8"))}


def main() -> int:
    stale = 0
    for path, wanted in pages().items():
        current = path.read_text(encoding="utf-8") if path.exists() else ""
        if settled(current) == settled(wanted):
            continue
        stale += 1
        if "--check" in sys.argv:
            print(f"{path.relative_to(ROOT)} is not what the code says: run python tools/make_docs.py")
        else:
            path.write_text(wanted, encoding="utf-8", newline="\n")
    return int("--check" in sys.argv and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
