"""Finding and publishing files: nothing written over, nothing half there, nothing followed that should not be."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privkit import files
from privkit.errors import PrivkitError, Refused
from privkit.files import Draft, Subject
from privkit.model import Outcome, State
from tests.real import needs


def names(found: list[Subject | Outcome]) -> list[str]:
    return [os.path.basename(one.path) for one in found if isinstance(one, Subject)]


def reasons(found: list[Subject | Outcome]) -> list[str]:
    return [one.reason for one in found if isinstance(one, Outcome)]


def test_folders_are_entered_only_on_wish(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    assert "use -r" in reasons(list(files.find([str(tmp_path)], recursive=False)))[0]
    assert names(list(files.find([str(tmp_path)], recursive=True))) == ["a.jpg"]


def test_the_walk_follows_no_link_and_takes_no_device(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "b.jpg").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "root").symlink_to("/")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "deep" / "er" / "b.jpg")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / ".privkit-00.part").touch()
    found = list(files.find([str(tmp_path)], recursive=True))
    assert names(found) == ["b.jpg"]
    assert len([one for one in found if isinstance(one, Outcome) and one.state is State.SKIPPED]) == 4


def test_a_file_that_vanishes_during_the_walk_costs_no_other(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.jpg").touch()
    walk = files.find([str(tmp_path)], recursive=True)
    first = next(walk)
    (tmp_path / "b.jpg").unlink()
    rest = list(walk)
    assert names([first, *rest]) == ["a.jpg", "c.jpg"]
    assert reasons(rest) == ["there is no such file"]


def test_a_system_without_proc_publishes_under_a_hidden_name_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "OPEN_FILES", str(tmp_path / "none"))
    assert draft(tmp_path, b"new", "a") == str(tmp_path / "a")
    assert os.listdir(tmp_path) == ["a"]


def test_the_folder_of_the_copies_is_never_entered(tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean" / "a.jpg").touch()
    (tmp_path / "b.jpg").touch()
    found = list(files.find([str(tmp_path)], recursive=True, leave_out=str(tmp_path / "clean")))
    assert names(found) == ["b.jpg"]


def test_a_folder_that_is_to_hold_its_own_copies_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "one.jpg").touch()
    found = list(files.find([str(tmp_path)], recursive=True, leave_out=str(tmp_path)))
    assert "this very folder" in reasons(found)[0]


def test_what_is_not_there_and_cannot_be_is_said(tmp_path: Path) -> None:
    found = list(files.find([str(tmp_path / "none"), "nul\0", "x" * 5000], recursive=True))
    assert [one.state for one in found if isinstance(one, Outcome)] == [State.FAILED] * 3
    assert "no such file" in reasons(found)[0]


def test_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (named,) = files.find([str(tmp_path / "pipe")], recursive=False)
    assert isinstance(named, Outcome) and named.state is State.REFUSED
    with pytest.raises(Refused):
        files.open_input(str(tmp_path / "pipe"))


def draft(folder: Path, data: bytes, *wished: str) -> str:
    with Draft(str(folder)) as made:
        made.file.write(data)
        return made.publish(wished)


@pytest.fixture(params=["unnamed", "hidden name", "no links"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way in which a file system can give a file its name."""
    if request.param != "unnamed":
        monkeypatch.delattr(os, "O_TMPFILE")
    if request.param == "no links":

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(1, "no hard links here")

        monkeypatch.setattr(os, "link", refuse)
        monkeypatch.setattr(os, "supports_dir_fd", os.supports_dir_fd | {refuse})
    return str(request.param)


def test_nothing_is_written_over(way: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"mine")
    (tmp_path / "a-2.jpg").symlink_to("nowhere")
    made = draft(tmp_path, b"new", *[name for name, _ in zip(files.numbered("a", ".jpg"), range(5), strict=False)])
    assert made == str(tmp_path / "a-3.jpg")
    assert (tmp_path / "a.jpg").read_bytes() == b"mine"
    assert (tmp_path / "a-3.jpg").read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path)) == ["a-2.jpg", "a-3.jpg", "a.jpg"]


def test_a_draft_that_is_not_published_vanishes(way: str, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Draft(str(tmp_path)) as made:
        made.file.write(b"half")
        raise RuntimeError
    assert os.listdir(tmp_path) == []


def test_replacing_is_one_step(way: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"old")
    with Draft(str(tmp_path)) as made:
        made.file.write(b"new")
        made.replace("a.jpg")
    assert (tmp_path / "a.jpg").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.jpg"]


def test_no_free_name_is_an_error_not_a_loss(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(PrivkitError, match="no free name"):
        draft(tmp_path, b"new", "a")
    assert (tmp_path / "a").read_bytes() == b"mine"


def test_parts_of_a_killed_run_are_swept_and_those_in_use_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".privkit-dead.part").write_bytes(b"half")
    (tmp_path / "other.part").touch()
    monkeypatch.delattr(os, "O_TMPFILE")
    with Draft(str(tmp_path)):
        files.sweep(str(tmp_path))
        left = sorted(os.listdir(tmp_path))
        assert len(left) == 2
        assert ".privkit-dead.part" not in left


@needs("mkfs.exfat")
@needs("mount.exfat-fuse")
def test_a_file_system_without_links_and_unnamed_files(tmp_path: Path) -> None:
    """exFAT, as memory cards and sticks have it: a real one, in an image file."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system needs root: sudo make test")
    with exfat(tmp_path) as place:
        (place / "a.jpg").write_bytes(b"mine")
        assert draft(place, b"new", "a.jpg", "a-2.jpg") == str(place / "a-2.jpg")
        assert sorted(os.listdir(place)) == ["a-2.jpg", "a.jpg"]
        with Draft(str(place)) as part:
            part.file.write(b"newer")
            part.replace("a.jpg")
        assert (place / "a.jpg").read_bytes() == b"newer"
        assert (place / "a-2.jpg").read_bytes() == b"new"


@contextlib.contextmanager
def exfat(folder: Path) -> Iterator[Path]:
    """A small exFAT file system, mounted."""

    def run(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    image, place = folder / "disk", folder / "mounted"
    place.mkdir()
    image.write_bytes(b"\0" * 8 * 1024 * 1024)
    run("mkfs.exfat", str(image))
    device = run("losetup", "--find", "--show", str(image))
    try:
        run("mount.exfat-fuse", device, str(place))
        try:
            yield place
        finally:
            run("umount", str(place))
    finally:
        run("losetup", "--detach", device)


@given(st.text(min_size=1, max_size=300).filter(lambda name: "/" not in name and "\0" not in name))
def test_fuzz_numbered_names_fit_and_differ(stem: str) -> None:
    stem = stem.encode("utf-8", "surrogateescape" if stem.isascii() else "replace").decode("utf-8", "replace")
    made = [name for name, _ in zip(files.numbered(stem, ".jpg"), range(12), strict=False)]
    assert len(set(made)) == 12
    assert all(len(os.fsencode(name)) <= 255 and name.endswith(".jpg") for name in made)
