"""Real programs as judges: found on the machine, called with fixed arguments, skipped with a reason where missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PACKAGES = {
    "exiftool": "libimage-exiftool-perl",
    "exiv2": "exiv2",
    "jhead": "jhead",
    "djpeg": "libjpeg-turbo-progs",
    "webpinfo": "webp",
    "pngcheck": "pngcheck",
    "tiffinfo": "libtiff-tools",
    "setfattr": "attr",
    "mkfs.exfat": "exfatprogs",
    "mount.exfat-fuse": "exfat-fuse",
}
"""The Debian package that brings each program, where its name differs or is worth saying."""

LINE = re.compile(r"\[(.+?)\]\s+(\S+?)\s*: (.*)")
"""One line of `exiftool -G1 -s`: group, tag, value."""


def missing(program: str) -> str:
    """Why a test cannot run and how to change that, or "" when the program is there."""
    if shutil.which(program):
        return ""
    return f"{program} is not installed: apt-get install {PACKAGES.get(program, program)}"


def needs(program: str) -> pytest.MarkDecorator:
    """Marks tests that ask a real program: skipped without it, failed while collecting where PRIVKIT_NO_SKIP=1 forbids that."""
    reason = missing(program)
    if reason and os.environ.get("PRIVKIT_NO_SKIP") == "1":
        pytest.fail(reason, pytrace=False)
    return pytest.mark.skipif(bool(reason), reason=reason)


def exiftool(path: str | Path, *options: str) -> dict[str, str]:
    """Every tag that ExifTool reports for a file, as `Group:Tag` and its text; a tag that comes twice gets ` (2)`.

    Tags about the file on the disk (its name, dates, rights) and about ExifTool itself are left out.
    """
    call = ["exiftool", "-a", "-G1", "-s", "-ee3", "-api", "largefilesupport", *options, "--", os.fspath(path)]
    done = subprocess.run(call, capture_output=True, timeout=60, check=False)
    tags: dict[str, str] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        found = LINE.match(line)
        if found and found[1] not in ("System", "ExifTool"):
            tags[_fresh(f"{found[1]}:{found[2]}", tags)] = found[3]
    return tags


def _fresh(name: str, taken: dict[str, str]) -> str:
    """`name`, or with the first number that is not taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def exiftool_dump(path: str | Path) -> bytes:
    """All that ExifTool can pull out of a file, unknown tags and binary values too, as JSON: to search for planted words."""
    call = ["exiftool", "-a", "-G1", "-b", "-j", "-U", "-ee3", "-api", "largefilesupport", "--", os.fspath(path)]
    return subprocess.run(call, capture_output=True, timeout=60, check=False).stdout
