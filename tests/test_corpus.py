"""Real files from cameras and phones, read in place: cleaned and confirmed by ExifTool, or refused with a reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from privkit.files import Subject
from privkit.inspect.look import InspectOptions, inspect_file
from privkit.model import Level, State
from privkit.plugin import Policy
from privkit.registry import HEAD, recognise
from privkit.scrub.job import ScrubOptions
from privkit.scrub.work import scrub_file
from tests.made_clean import ONLY_LOCATION, STRICT
from tests.real import exiftool, needs
from tests.structure import beyond_structure

CORPUS = os.environ.get("PRIVKIT_CORPUS", "")
WHY = "set PRIVKIT_CORPUS to a folder of real camera files"
FOLDERS = ("jpg", "png", "webp", "gif", "tif", "bmp")
DAMAGED = "ImageTestSuite"
"""A part of the corpus that was damaged on purpose: cleaned or refused, both are right."""
REFUSED = {"ARROWS.ICO", "AddrBk-1.ICO", "badrlebis.bmp", "ba-bm.bmp", "pal8oversizepal.bmp"}
"""OS/2 icons and arrays, pixels outside the picture, a colour table that Pillow does not take. An MP3 is none of ours."""
POLICIES = {"share": Policy(), "strict": STRICT, "date": Policy(keep_date=True), "location": ONLY_LOCATION}


def pictures(folder: str) -> list[Path]:
    return [path for path in sorted((Path(CORPUS) / folder).rglob("*")) if path.is_file() and path.suffix not in (".txt", ".md")]


def ours(path: Path) -> bool:
    return recognise(path.read_bytes()[:HEAD]) is not None


@needs("exiftool")
@pytest.mark.skipif(not CORPUS, reason=WHY)
@pytest.mark.parametrize("folder", FOLDERS)
def test_clean_copies_of_real_files(folder: str, tmp_path: Path) -> None:
    for path in filter(ours, pictures(folder)):
        outcome = scrub_file(Subject(str(path)), ScrubOptions(folder=str(tmp_path), verify="full"))
        cleaned = outcome.state in (State.DONE, State.UNCHANGED)
        assert cleaned or (outcome.reason and (DAMAGED in path.parts or path.name in REFUSED)), f"{path}: {outcome.reason}"
        assert "did not" not in outcome.reason and "still" not in outcome.reason, f"{path}: {outcome.reason}"
        if "target" in outcome.facts:
            left = beyond_structure(exiftool(str(outcome.facts["target"])))
            assert not left, f"{path}: {left}"
            told = inspect_file(Subject(str(outcome.facts["target"])), InspectOptions())
            assert all(finding.level <= Level.NOTE for finding in told.findings), path


@pytest.mark.skipif(not CORPUS, reason=WHY)
@pytest.mark.parametrize("policy", ["strict", "date", "location"])
def test_other_policies_on_real_files(policy: str, tmp_path: Path) -> None:
    for folder in FOLDERS:
        for path in filter(ours, pictures(folder)):
            outcome = scrub_file(Subject(str(path)), ScrubOptions(folder=str(tmp_path), policy=POLICIES[policy]))
            assert outcome.state in (State.DONE, State.UNCHANGED) or outcome.reason, path
            assert "still" not in outcome.reason and "differ from" not in outcome.reason, f"{path}: {outcome.reason}"


@pytest.mark.skipif(not CORPUS, reason=WHY)
def test_inspect_has_an_answer_for_every_real_file() -> None:
    for path in sorted(Path(CORPUS).rglob("*")):
        if path.is_file():
            outcome = inspect_file(Subject(str(path)), InspectOptions())
            assert outcome.state is State.DONE or outcome.reason, path
