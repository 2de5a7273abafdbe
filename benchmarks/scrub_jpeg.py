"""Cleaning many JPEGs, against `cp -r` and the peers: medians of rounds, each round runs every competitor once, each right
after a `cp -r` of its own.

Usage: scrub_jpeg.py [--folder DIR] [--rounds N] [--only large|small]
The folder (made, and removed again) should be on the disk in question. privkit scans, verifies and makes
all durable; the peers do none of these. Peers that work in place get a fresh copy, which is not timed.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

SETS = {"large": (500, 4032, 3024, 64, 3), "small": (2000, 1024, 768, 60, 4)}
"""Name: files, width, height, JPEG quality, coarseness of the made picture."""
PIEXIF_LOOP = """
import os, sys, piexif
source, target = sys.argv[1:]
for name in os.listdir(source):
    piexif.remove(os.path.join(source, name), os.path.join(target, name))
"""


def picture(width: int, height: int, quality: int, coarse: int) -> bytes:
    """A JPEG with the texture of a real photo and a phone's EXIF."""
    import piexif
    from PIL import Image

    planes = [Image.effect_noise((width // k, height // k), 80).resize((width, height)) for k in (coarse, coarse + 2, coarse)]
    exif = piexif.dump(
        {
            "0th": {271: b"Example", 272: b"Phone", 274: 6},
            "Exif": {36867: b"2026:07:11 18:42:07", 37500: b"\0" * 20000},
            "GPS": {1: b"N", 2: ((38, 1), (42, 1), (50, 1)), 3: b"W", 4: ((9, 1), (8, 1), (0, 1))},
        }
    )
    out = io.BytesIO()
    Image.merge("RGB", planes).save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def make(folder: Path, name: str) -> Path:
    count, width, height, quality, coarse = SETS[name]
    kinds = [picture(width, height, quality, coarse) for _ in range(4)]
    source = folder / name
    source.mkdir()
    for number in range(count):
        (source / f"IMG_{number:04}.jpg").write_bytes(kinds[number % 4])
    return source


def competitors(source: Path, target: Path) -> Iterator[tuple[str, Callable[[], list[str]], bool]]:
    """Name, command (built when the files are there), and whether it works in place on a copy."""

    def listed() -> list[str]:
        return sorted(str(path) for path in target.iterdir())

    privkit = [sys.executable, "-m", "privkit", "scrub", "-q", "-r", str(source), "-O", str(target)]
    durable = f"cp -r '{source}/.' '{target}' && sync -f '{target}'"
    yield "cp -r, made durable", lambda: ["sh", "-c", durable], False
    yield "privkit scrub", lambda: privkit, False
    yield "privkit scrub --jobs 1", lambda: [*privkit, "--jobs", "1"], False
    yield "piexif.remove loop", lambda: [sys.executable, "-c", PIEXIF_LOOP, str(source), str(target)], False
    if shutil.which("jhead"):
        yield "jhead -purejpg", lambda: ["jhead", "-q", "-purejpg", *listed()], True
    if shutil.which("exiftool"):
        yield "exiftool -all= (one call)", lambda: ["exiftool", "-q", "-all=", "-o", f"{target}/", str(source)], False
    if shutil.which("exiv2"):
        yield "exiv2 rm", lambda: ["exiv2", "rm", *listed()], True
    if shutil.which("mat2"):
        yield "mat2 --inplace", lambda: ["mat2", "--inplace", *listed()], True


def timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def fresh(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    os.sync()


def copied(source: Path, target: Path) -> float:
    """Seconds that `cp -r` takes, as far as can be in the same state of the machine as what is measured next."""
    shutil.rmtree(target, ignore_errors=True)
    os.sync()
    return timed(["cp", "-r", str(source), str(target)])


def measure(source: Path, target: Path, rounds: int) -> None:
    count = len(list(source.iterdir()))
    total = sum(path.stat().st_size for path in source.iterdir())
    print(f"\n{source.name}: {count} files, {total / 1e6:.0f} MB, {total / count / 1e3:.0f} kB each, {rounds} rounds")
    copies: list[float] = []
    times: dict[str, list[float]] = {}
    ratios: dict[str, list[float]] = {}
    copied(source, target)  # memory that was never used is slow to be had: not counted
    for _ in range(rounds):
        for name, command, in_place in competitors(source, target):
            copies.append(copied(source, target))
            fresh(target)
            if in_place:
                subprocess.run(["cp", "-r", f"{source}/.", str(target)], check=True)
                os.sync()
            seconds = timed(command())
            times.setdefault(name, []).append(seconds)
            ratios.setdefault(name, []).append(seconds / copies[-1])
            done = len(list(target.iterdir()))
            if done != count:
                print(f"  {name} wrote {done} of {count} files")
    print(f"  {'':28}{'ms a file':>10}{'x cp':>8}   (lowest to highest; each against the cp run just before it)")
    print(f"  {'cp -r':28}{statistics.median(copies) / count * 1000:10.2f}{1:8.2f}")
    for name, seconds in times.items():
        each = statistics.median(seconds) / count * 1000
        low, middle, high = min(ratios[name]), statistics.median(ratios[name]), max(ratios[name])
        print(f"  {name:28}{each:10.2f}{middle:8.2f}   ({low:.2f} to {high:.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=SETS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder or ".", prefix="bench-") as made:
        for name in [options.only] if options.only else SETS:
            measure(make(Path(made), name), Path(made) / "out", options.rounds)


if __name__ == "__main__":
    main()
