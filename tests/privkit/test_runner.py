"""The runner on real folders: links, odd names, full disks, files that change, many files, any executor."""

from __future__ import annotations

import io
import os
import subprocess
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from privkit import files, runner
from privkit.errors import WrongUse
from privkit.files import Subject
from privkit.inspect.look import InspectOptions, inspect_stream
from privkit.model import Outcome, State
from privkit.plugin import Policy
from privkit.scrub import job
from privkit.scrub.job import ScrubOptions
from privkit.scrub.work import check_name, scrub_file, scrub_stream
from privkit.source import Source
from privkit.workers import Workers
from tests.scrubbers.make_jpeg import EXIF_WORDS, dirty, exif_block, insert, picture, segment, word

DIRTY, WORDS = dirty()
PLAIN = ScrubOptions()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(DIRTY)
    return path


def listing(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in sorted(os.listdir(folder)) if (folder / name).is_file()}


def scrub(path: Path | str, options: ScrubOptions = PLAIN, root: str = "") -> Outcome:
    return scrub_file(Subject(str(path), root), options)


def test_a_copy_stands_beside_the_original(photo: Path) -> None:
    outcome = scrub(photo)
    assert outcome.state is State.DONE
    assert outcome.facts["target"] == str(photo.with_name("photo.clean.jpg"))
    assert photo.read_bytes() == DIRTY
    assert scrub(photo).facts["target"] == str(photo.with_name("photo.clean-2.jpg"))


def test_a_clean_copy_is_not_copied_again_beside_itself(photo: Path) -> None:
    scrub(photo)
    before = listing(photo.parent)
    outcome = scrub(photo.with_name("photo.clean.jpg"))
    assert outcome.state is State.UNCHANGED
    assert listing(photo.parent) == before


def test_a_tree_is_kept_in_the_folder_of_the_copies(tmp_path: Path) -> None:
    (tmp_path / "in" / "a" / "b").mkdir(parents=True)
    (tmp_path / "in" / "a" / "b" / "x.jpg").write_bytes(DIRTY)
    options = replace(PLAIN, folder=str(tmp_path / "out"))
    outcome = scrub(tmp_path / "in" / "a" / "b" / "x.jpg", options, str(tmp_path / "in"))
    assert outcome.facts["target"] == str(tmp_path / "out" / "a" / "b" / "x.jpg")


def test_names_and_times_on_wish(photo: Path) -> None:
    os.utime(photo, (1_000_000, 1_000_000))
    kept = scrub(photo, replace(PLAIN, times="keep", name="{stem}_x{suffix}")).facts["target"]
    assert str(kept).endswith("photo_x.jpg")
    assert os.stat(str(kept)).st_mtime == 1_000_000
    assert os.stat(str(scrub(photo, replace(PLAIN, times="epoch")).facts["target"])).st_mtime == 0
    random_name = os.path.basename(str(scrub(photo, replace(PLAIN, rename="random")).facts["target"]))
    assert "photo" not in random_name and len(random_name) == 20


@pytest.mark.parametrize("pattern", ["x.jpg", "../{stem}", "a/{stem}", "{stem}\0", ""])
def test_a_pattern_that_leads_elsewhere_is_refused(pattern: str) -> None:
    with pytest.raises(WrongUse):
        check_name(pattern)


def test_one_output_file_is_never_written_over(photo: Path) -> None:
    target = photo.with_name("out.jpg")
    assert scrub(photo, replace(PLAIN, output=str(target))).state is State.DONE
    again = scrub(photo, replace(PLAIN, output=str(target)))
    assert again.state is State.FAILED
    assert "nothing is written over" in again.reason


def test_a_dry_run_writes_nothing(photo: Path) -> None:
    before = listing(photo.parent)
    outcome = scrub(photo, replace(PLAIN, dry_run=True))
    assert "EXIF" in outcome.facts["removed"]  # type: ignore[operator]
    assert listing(photo.parent) == before


def test_in_place_keeps_rights_and_names_other_names(photo: Path) -> None:
    photo.chmod(0o640)
    os.link(photo, photo.with_name("other.jpg"))
    outcome = scrub(photo, replace(PLAIN, in_place=True))
    assert outcome.state is State.DONE
    assert photo.stat().st_mode & 0o777 == 0o640
    assert photo.read_bytes() != DIRTY
    assert photo.with_name("other.jpg").read_bytes() == DIRTY
    assert [finding.id for finding in outcome.findings if finding.id == "remains.hard-link"]
    assert sorted(os.listdir(photo.parent)) == ["other.jpg", "photo.jpg"]


def test_a_link_is_read_but_never_replaced(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    link = tmp_path / "sub" / "link.jpg"
    link.symlink_to(photo)
    assert scrub(link, replace(PLAIN, in_place=True)).state is State.REFUSED
    assert scrub(link).facts["target"] == str(tmp_path / "sub" / "link.clean.jpg")
    assert photo.read_bytes() == DIRTY


def test_attributes_are_not_carried_over(photo: Path) -> None:
    try:
        os.setxattr(photo, "user.xdg.origin.url", b"https://example.org/secret")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    assert os.listxattr(str(scrub(photo).facts["target"])) == []
    outcome = scrub(photo, replace(PLAIN, in_place=True))
    assert "attributes beside the content" in outcome.facts["removed"]  # type: ignore[operator]
    assert [name for name in os.listxattr(photo) if name.startswith("user.")] == []


@pytest.mark.parametrize(
    "name", ["new\nline.jpg", "\u202egpj.exe", b"\xff\xfe bytes.jpg", "-dash.jpg", "x" * 251 + ".jpg", " .jpg", "日本.JPG"]
)
def test_odd_names(name: str | bytes, tmp_path: Path) -> None:
    path = os.path.join(str(tmp_path), os.fsdecode(name))
    Path(path).write_bytes(DIRTY)
    outcome = scrub(path)
    assert outcome.state is State.DONE, outcome.reason
    assert len(os.listdir(tmp_path)) == 2


def test_nonsense_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    for name, data in {
        "a.jpg": b"",
        "b.jpg": b"nothing known",
        "c.jpg": DIRTY[:5000],
        "d.pdf": b"%PDF-1.7",
        "e.raf": b"FUJIFILMCCD-RAW",
    }.items():
        (tmp_path / name).write_bytes(data)
    before = listing(tmp_path)
    outcomes = {name: scrub(tmp_path / name) for name in before}
    assert listing(tmp_path) == before
    assert all(outcome.state in (State.REFUSED, State.FAILED) and outcome.reason for outcome in outcomes.values())
    assert "Export a JPEG first" in outcomes["e.raf"].reason


def test_a_read_only_folder(photo: Path) -> None:
    if os.geteuid() == 0:
        options = replace(PLAIN, folder="/proc")
        assert scrub(photo, options).state is State.FAILED
        return
    photo.parent.chmod(0o500)
    try:
        outcome = scrub(photo)
    finally:
        photo.parent.chmod(0o700)
    assert outcome.state is State.FAILED
    assert "permission" in outcome.reason


def test_a_full_disk(photo: Path, tmp_path: Path) -> None:
    """A real one: a memory file system of one page more than nothing."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system needs root: sudo make test")
    place = tmp_path / "full"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)], check=True)
    try:
        (place / "big.jpg").write_bytes(insert(picture((300, 200), quality=95), segment(0xFE, b"comment")))
        fill = place / "fill"
        with fill.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(b"x" * 4096)
        before = listing(place)
        outcome = scrub(place / "big.jpg")
        in_place = scrub(place / "big.jpg", replace(PLAIN, in_place=True))
        assert listing(place) == before
    finally:
        subprocess.run(["umount", str(place)], check=True)
    assert outcome.state is in_place.state is State.FAILED
    assert "no space left" in outcome.reason


def test_a_file_that_changes_while_it_is_read(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = job.write

    def meddle(*arguments: object) -> None:
        read(*arguments)  # type: ignore[arg-type]
        with photo.open("r+b") as file:
            file.write(b"\xff\xd8\xff\xe0meddled")
        os.utime(photo, (5, 5))

    monkeypatch.setattr(job, "write", meddle)
    for options in (PLAIN, replace(PLAIN, in_place=True)):
        photo.write_bytes(DIRTY)
        outcome = scrub(photo, options)
        assert outcome.state is State.FAILED
        assert "changed while" in outcome.reason
    assert os.listdir(photo.parent) == ["photo.jpg"]


def test_a_file_that_shrinks_while_it_is_read(photo: Path) -> None:
    with files.open_input(str(photo)) as file, Source(file) as source:
        photo.write_bytes(b"\xff\xd8")
        outcome = runner.guarded("x", lambda: Outcome("x", State.DONE, reason=str(source.read(0, 1000))))
    assert outcome.state is State.FAILED
    assert "shorter" in outcome.reason


class Leaky:
    """A scrubber's clean copy spoiled in one way; each must be caught before anything is published."""

    def __init__(self, spoil: str) -> None:
        self.spoil = spoil

    def __call__(self, pieces: object, source: Source, target: io.BytesIO) -> None:
        buffer = io.BytesIO()
        runner_write(pieces, source, buffer)  # type: ignore[arg-type]
        data = bytearray(buffer.getvalue())
        if self.spoil == "comment":
            data = bytearray(insert(bytes(data), segment(0xFE, b"left")))
        elif self.spoil == "exif":
            data = bytearray(
                insert(bytes(data), segment(0xE1, b"Exif\0\0" + exif_block({name: word(name) for name in NAMES})[6:]))
            )
        elif self.spoil == "pixel":
            data[-20] ^= 1
        elif self.spoil == "tail":
            data += b"left behind"
        elif self.spoil == "short":
            del data[-30:]
        target.write(data)


runner_write = job.write
NAMES = EXIF_WORDS


@pytest.mark.parametrize("spoil", ["comment", "exif", "pixel", "tail", "short"])
def test_a_copy_that_is_not_clean_and_equal_is_never_published(spoil: str, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "write", Leaky(spoil))
    for options in (PLAIN, replace(PLAIN, in_place=True), replace(PLAIN, policy=Policy(only_location=True))):
        if options.policy.only_location and spoil == "comment":
            continue  # a comment stays there, and is said to
        outcome = scrub(photo, options)
        assert outcome.state is State.FAILED, outcome
    assert listing(photo.parent) == {"photo.jpg": DIRTY}


def test_stdin_to_stdout() -> None:
    out = io.BytesIO()
    outcome = scrub_stream(io.BytesIO(DIRTY), out, PLAIN)
    assert outcome.state is State.DONE
    assert out.getvalue().startswith(b"\xff\xd8")
    nothing = io.BytesIO()
    assert scrub_stream(io.BytesIO(b"\xff\xd8\xff\xe0"), nothing, PLAIN).state is State.FAILED
    assert nothing.getvalue() == b""
    assert inspect_stream(io.BytesIO(DIRTY), InspectOptions()).findings


@pytest.mark.parametrize("kind", ["workers", "threads", "processes"])
def test_any_executor_gives_the_same_in_order(kind: str, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02}.jpg").write_bytes(DIRTY if number % 5 else b"broken")
    (tmp_path / "out").mkdir()
    task = partial(scrub_file, options=replace(PLAIN, folder=str(tmp_path / "out")))
    found = files.find([str(tmp_path)], recursive=True, leave_out=str(tmp_path / "out"))
    executor = {
        "workers": lambda: Workers(2),
        "threads": lambda: ThreadPoolExecutor(4),
        "processes": lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn")),
    }[kind]()
    with executor:
        outcomes = list(runner.run(task, found, executor, ahead=8))
    assert [os.path.basename(outcome.subject) for outcome in outcomes] == [f"{number:02}.jpg" for number in range(30)]
    assert [outcome.state for outcome in outcomes].count(State.DONE) == 24
    assert len(os.listdir(tmp_path / "out")) == 24


def test_two_runs_at_once_never_write_over_each_other(photo: Path) -> None:
    targets: list[str] = []
    threads = [threading.Thread(target=lambda: targets.append(str(scrub(photo).facts["target"]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(targets)) == 8
    assert {Path(target).read_bytes() for target in targets} == {Path(targets[0]).read_bytes()}


def test_a_file_larger_than_the_window(tmp_path: Path) -> None:
    body = picture((64, 64), quality=95)
    scan = b"".join(bytes((n % 251, n % 7 + 1)) for n in range(600))
    big = insert(body, segment(0xFE, b"left"))[:-2] + scan * 16_000 + b"\xff\xd9"
    assert len(big) > 2 * 8 * 1024 * 1024
    path = tmp_path / "big.jpg"
    path.write_bytes(big)
    outcome = scrub(path)
    assert outcome.state is State.DONE, outcome.reason
    clean = Path(str(outcome.facts["target"])).read_bytes()
    assert clean.endswith(big[-16_000_000:])
    assert b"left" not in clean


def test_the_original_is_whole_and_its_words_gone_from_the_copy(photo: Path) -> None:
    target = Path(str(scrub(photo, replace(PLAIN, verify="full")).facts["target"]))
    assert not any(planted.encode() in target.read_bytes() for planted in WORDS)
