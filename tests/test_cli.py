"""The commands from end to end: what is printed where, what is written, and with which exit code."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import piexif
import pytest
from PIL import Image

from privkit.__main__ import main
from privkit.batch import nearest, shell_quoted, typed_again
from privkit.console import Console
from privkit.errors import WrongUse
from privkit.scrub.wish import Wish
from privkit.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
WORDS = {"ZqMaker", "ZqOwner", "ZqSerial", "ZqComment"}


def picture(size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(out, "JPEG", **more)
    return out.getvalue()


def dirty() -> bytes:
    """A JPEG with a place, a time, names, a small picture inside and a comment."""
    exif = {
        "0th": {271: b"ZqMaker", 274: 6, 315: b"ZqOwner"},
        "Exif": {36867: b"2026:07:11 18:42:07", 42033: b"ZqSerial"},
        "GPS": {1: b"N", 2: ((38, 1), (42, 1), (50, 1)), 3: b"W", 4: ((9, 1), (8, 1), (0, 1))},
        "1st": {259: 6},
        "thumbnail": picture((16, 12)),
    }
    return picture(exif=piexif.dump(exif), comment=b"ZqComment")


DIRTY = dirty()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test works in a folder of its own, without settings, with one dirty photo."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRIVKIT_CONFIG", str(tmp_path / ".none"))
    (tmp_path / "beach.jpg").write_bytes(DIRTY)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs privkit and gives exit code, standard output and standard error."""

    def runner(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        out, err = capsys.readouterr()
        assert "Traceback" not in err and "went wrong" not in err, err
        return code, out, err

    return runner


Run = Callable[..., tuple[int, str, str]]


def piped(*arguments: str, data: bytes) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "privkit", *arguments]
    return subprocess.run(command, input=data, capture_output=True, check=False, timeout=60, env=environment)


def clean(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8") and not any(word.encode() in data for word in WORDS)


# --- inspect -----------------------------------------------------------------------------------------


def test_inspect_tells_and_says_what_to_do_next(run: Run, here: Path) -> None:
    code, out, err = run("inspect", "beach.jpg")
    assert code == 1
    assert out.startswith("beach.jpg   JPEG, ")
    assert "RISK  " in out and "\n  Where\n" in out
    assert "risk" in err.splitlines()[0] and "note" in err.splitlines()[0]
    assert err.splitlines()[-1] == "Next: privkit scrub beach.jpg"
    assert (here / "beach.jpg").read_bytes() == DIRTY


def test_inspect_of_a_clean_file(run: Run, here: Path) -> None:
    (here / "plain.jpg").write_bytes(picture())
    code, out, err = run("inspect", "plain.jpg")
    assert code == 0
    assert "RISK" not in out and "WARN" not in out and "Next" not in err


def test_quiet_leaves_the_report_alone(run: Run) -> None:
    _, out, err = run("inspect", "beach.jpg", "-q")
    assert "RISK" in out and err == ""


@pytest.mark.parametrize("form", [["--json"], ["--format", "json"]])
def test_inspect_as_json(run: Run, form: list[str]) -> None:
    code, out, err = run("inspect", "beach.jpg", *form)
    report = json.loads(out)
    assert (code, report["exit_code"], err) == (1, 1, "")
    assert report["outcomes"][0]["facts"]["type"] == "JPEG"
    assert "where.gps" in {finding["id"] for finding in report["outcomes"][0]["findings"]}


@pytest.mark.parametrize(("form", "start"), [("md", "# privkit inspect"), ("html", "<!doctype html>")])
def test_inspect_in_other_forms(run: Run, form: str, start: str) -> None:
    code, out, _ = run("inspect", "beach.jpg", "--format", form)
    assert code == 1 and out.startswith(start)


def test_a_missing_file_gets_a_suggestion(run: Run) -> None:
    code, out, _ = run("inspect", "bech.jpg")
    assert code == 2
    assert "bech.jpg   failed: there is no such file. Did you mean beach.jpg?" in out


def test_a_kind_that_is_not_known(run: Run, here: Path) -> None:
    (here / "notes.txt").write_text("hello")
    code, out, err = run("inspect", "notes.txt")
    assert code == 3
    assert out.startswith("notes.txt   5 bytes   unknown: ")
    assert "1 file of a kind that privkit does not know" in err


def test_folders_need_a_wish(run: Run, here: Path) -> None:
    (here / "photos" / "deep").mkdir(parents=True)
    (here / "photos" / "deep" / "a.jpg").write_bytes(DIRTY)
    code, out, _ = run("inspect", "photos")
    assert code == 2 and "-r" in out
    code, out, err = run("inspect", "-r", "photos")
    assert code == 1 and os.path.join("photos", "deep", "a.jpg") in out
    assert "Next: privkit scrub -r photos" in err


def test_inspect_reads_standard_input() -> None:
    done = piped("inspect", "-", "--json", data=DIRTY)
    assert done.returncode == 1
    assert json.loads(done.stdout)["outcomes"][0]["subject"] == "-"


def test_standard_input_goes_alone(run: Run) -> None:
    for command in ("inspect", "scrub"):
        code, out, err = run(command, "-", "beach.jpg")
        assert (code, out) == (2, "") and "goes alone" in err


def test_the_small_picture_inside(run: Run, here: Path) -> None:
    code, out, err = run("inspect", "beach.jpg", "--thumbnail", "small.jpg")
    assert (code, out) == (0, "") and "small.jpg" in err
    assert (here / "small.jpg").read_bytes().startswith(b"\xff\xd8")
    code, _, err = run("inspect", "beach.jpg", "--thumbnail", "small.jpg")
    assert code == 2 and "exists already" in err


def test_no_small_picture_inside(run: Run, here: Path) -> None:
    (here / "plain.jpg").write_bytes(picture())
    code, _, err = run("inspect", "plain.jpg", "--thumbnail", "small.jpg")
    assert code == 2 and "no small picture inside" in err
    assert not (here / "small.jpg").exists()


@pytest.mark.parametrize("arguments", [("a", "b"), ("-r", "a"), ("-",), ("--link", "a")])
def test_the_small_picture_of_one_file_only(run: Run, arguments: tuple[str, ...]) -> None:
    code, _, err = run("inspect", *arguments, "--thumbnail", "small.jpg")
    assert code == 2 and "--thumbnail works with one file" in err


def test_linked_files(run: Run, here: Path) -> None:
    (here / "second.jpg").write_bytes(DIRTY)
    code, out, err = run("inspect", "--link", "beach.jpg", "second.jpg")
    assert code == 1
    assert out.startswith("these files together")
    assert "Next" not in err
    code, out, _ = run("inspect", "--link", "beach.jpg", "second.jpg", "--json")
    assert [outcome["subject"] for outcome in json.loads(out)["outcomes"]] == ["these files together"]


# --- scrub -------------------------------------------------------------------------------------------


def test_a_clean_copy_beside_the_original(run: Run, here: Path) -> None:
    code, out, err = run("scrub", "beach.jpg")
    assert code == 0
    assert out.startswith("done        beach.jpg     -> beach.clean.jpg  removed ")
    assert "1 cleaned. The original was not touched; it still tells everything." in err
    assert err.endswith("Next: send the copies, not the originals.\n")
    assert clean((here / "beach.clean.jpg").read_bytes())
    assert (here / "beach.jpg").read_bytes() == DIRTY
    assert run("inspect", "beach.clean.jpg")[0] == 0


def test_never_over_a_file(run: Run, here: Path) -> None:
    run("scrub", "beach.jpg")
    first = (here / "beach.clean.jpg").read_bytes()
    run("scrub", "beach.jpg")
    assert (here / "beach.clean.jpg").read_bytes() == first == (here / "beach.clean-2.jpg").read_bytes()
    code, out, err = run("scrub", "beach.jpg", "-o", "beach.clean.jpg")
    assert (code, out) == (2, "") and "beach.clean.jpg exists already, and nothing is written over" in err


@pytest.mark.parametrize("arguments", [("beach.jpg",), ("beach.jpg", "-n"), ("-",)])
@pytest.mark.parametrize("folder", ["new/", "there", "there/"])
def test_a_folder_is_no_clean_file(arguments: tuple[str, ...], folder: str, here: Path) -> None:
    (here / "there").mkdir()
    done = piped("scrub", *arguments, "-o", folder, data=DIRTY)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"{folder} is a folder, and -o names one clean file\n  Try: -O {folder} to write" in done.stderr.decode()
    assert sorted(os.listdir(here)) == ["beach.jpg", "there"] and not os.listdir(here / "there")


def test_a_folder_keeps_its_tree(run: Run, here: Path) -> None:
    (here / "photos" / "deep").mkdir(parents=True)
    (here / "photos" / "deep" / "a.jpg").write_bytes(DIRTY)
    (here / "photos" / "b.jpg").write_bytes(DIRTY)
    (here / "photos" / "notes.txt").write_text("hello")
    code, out, err = run("scrub", "-r", "photos", "-O", "out")
    assert code == 3
    assert out.count("done  ") == 2 and out.count("refused  ") == 1
    assert clean((here / "out" / "deep" / "a.jpg").read_bytes()) and clean((here / "out" / "b.jpg").read_bytes())
    assert "2 cleaned, 1 refused." in err and f"Next: send only from out{os.sep}." in err


def test_a_dry_run_writes_nothing(run: Run, here: Path) -> None:
    code, out, err = run("scrub", "beach.jpg", "-n", "-O", "out")
    assert code == 0 and "would remove" in out
    assert "1 would be cleaned. This was a dry run: nothing was written." in err
    assert sorted(os.listdir(here)) == ["beach.jpg"]
    assert json.loads(run("scrub", "-n", "--json", "beach.jpg")[1])["outcomes"][0]["facts"]["dry_run"] is True


def test_scrub_as_json(run: Run, here: Path) -> None:
    code, out, err = run("scrub", "beach.jpg", "--json")
    report = json.loads(out)
    assert (code, report["command"], report["summary"], err) == (0, "scrub", {"done": 1}, "")
    assert report["outcomes"][0]["facts"]["target"].endswith("beach.clean.jpg")
    assert "EXIF" in " ".join(report["outcomes"][0]["facts"]["removed"])


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        (["./beach.jpg"], "beach.clean.jpg"),
        (["-r", "."], "beach.clean.jpg"),
        (["beach.jpg", "-O", "./out//"], "out/beach.jpg"),
        (["beach.jpg", "-o", "./a.jpg"], "a.jpg"),
        (["./plain.clean.jpg"], "./plain.clean.jpg"),
    ],
)
def test_targets_are_written_plainly(arguments: list[str], target: str, run: Run, here: Path) -> None:
    if "plain" in target:
        run("scrub", "beach.jpg", "-o", "plain.clean.jpg")
    outcome = json.loads(run("scrub", *arguments, "--json")[1])["outcomes"][0]
    assert outcome["facts"]["target"] == target.replace("/", os.sep)


def test_only_the_place_is_never_called_clean(run: Run, here: Path) -> None:
    _, _, err = run("scrub", "beach.jpg", "--only", "location", "-o", "placeless.jpg")
    assert "1 freed of its place." in err and "Only the place was taken out." in err and "clean" not in err
    _, _, err = run("scrub", "placeless.jpg", "--only", "location", "-O", "out")
    assert "1 without a place to take out. The original was not touched." in err and "already clean" not in err
    assert "1 would be freed of its place." in run("scrub", "beach.jpg", "--only", "location", "-n")[2]


@pytest.mark.parametrize(
    ("words", "answer"), [("inspect be", "file,be"), ("scrub -o ", "file,"), ("scrub -O o", "dir,o"), ("scr", "plain,scrub")]
)
def test_names_of_files_are_completed(words: str, answer: str) -> None:
    typed = f"privkit {words}"
    environment = {"_PRIVKIT_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split(" ")) - 1)}
    call = [sys.executable, "-c", "import sys; from privkit.__main__ import main; sys.argv[0] = 'privkit'; main()"]
    done = subprocess.run(call, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, capture_output=True, check=False)
    assert done.stdout.decode().splitlines()[:1] == [answer], done.stderr


@pytest.mark.parametrize("form", ["md", "html"])
def test_scrub_as_a_page(form: str, run: Run, here: Path) -> None:
    _, page, _ = run("scrub", "beach.jpg", "bech.jpg", "-O", "out", "--format", form)
    page = page.replace("\\", "")
    assert f"written to {os.path.join('out', 'beach.jpg')}" in page and "1 done, 1 failed." in page
    assert "nothing found" not in page and "looked at" not in page
    _, page, _ = run("scrub", "beach.jpg", "-n", "--format", form)
    assert "would remove" in page and "written to" not in page


def test_the_proof_is_told(run: Run, here: Path) -> None:
    proof = "Verified: in each file written, what is shown is the same as before, bit for bit."
    assert proof in run("scrub", "beach.jpg")[2]
    assert proof not in run("scrub", "beach.jpg", "-n")[2]
    assert "Verified" not in run("scrub", "none.jpg")[2]


def test_what_was_not_looked_at_is_not_called_harmless(run: Run, here: Path) -> None:
    (here / "empty").mkdir()
    assert run("inspect", "-r", "empty") == (0, "", "No files found.\n")
    assert run("scrub", "-r", "empty")[2] == "\nNo files found.\n"
    assert run("inspect", "none.jpg")[2] == "1 file that could not be read.\n"
    for form in ("md", "html"):
        assert "othing found" not in run("inspect", "none.jpg", "--format", form)[1]


def test_each_advice_is_given_once(run: Run, here: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (here / name).write_bytes(DIRTY)
    out = " ".join(run("inspect", "--link", "a.jpg", "b.jpg")[1].split())
    assert out.count("Clean them all before you send any: privkit scrub Same") <= 1 and "Clean them all" in out
    assert "in 1 file" not in run("inspect", "--link", "a.jpg", "b.jpg")[2]


def test_a_clean_file_is_unchanged(run: Run, here: Path) -> None:
    (here / "beach.jpg").unlink()
    run("scrub", "beach.jpg")
    (here / "plain.jpg").write_bytes(picture())
    run("scrub", "plain.jpg", "-o", "once.jpg")
    code, out, err = run("scrub", "once.jpg")
    assert code == 0 and out.startswith("unchanged") and "1 already clean. The original was not touched." in err


def test_failures_have_a_line_and_a_code(run: Run, here: Path) -> None:
    (here / "broken.jpg").write_bytes(DIRTY[: len(DIRTY) // 2])
    code, out, err = run("scrub", "broken.jpg", "bech.jpg", "beach.jpg")
    assert code == 2
    assert [line.split()[0] for line in out.splitlines() if not line.startswith(" ")] == ["failed", "failed", "done"]
    assert "Did you mean beach.jpg?" in out
    assert "1 cleaned, 2 failed" in err
    assert not (here / "broken.clean.jpg").exists()


def test_in_place_needs_a_yes(run: Run, here: Path) -> None:
    code, _, err = run("scrub", "beach.jpg", "--in-place")
    assert code == 2 and "nobody is there to be asked" in err and "--yes" in err
    assert (here / "beach.jpg").read_bytes() == DIRTY
    code, out, err = run("scrub", "beach.jpg", "--in-place", "--yes")
    assert code == 0 and "->" not in out
    assert clean((here / "beach.jpg").read_bytes())
    assert "not touched" not in err and "The original was replaced" in err
    assert sorted(os.listdir(here)) == ["beach.jpg"]


@pytest.mark.parametrize(("answer", "replaced"), [("replace", True), ("y", False), ("", False)])
def test_in_place_asks(answer: str, replaced: bool, run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    questions: list[str] = []
    monkeypatch.setattr(Console, "can_ask", True)
    monkeypatch.setattr(Console, "ask", lambda self, question: questions.append(question) or answer)
    code, _, err = run("scrub", "beach.jpg", "--in-place")
    assert questions == ["This replaces 1 original. There is no way back. Type 'replace' to go on:"]
    assert ((here / "beach.jpg").read_bytes() != DIRTY) is replaced
    assert (code, "nothing was changed" in err) == ((0, False) if replaced else (2, True))


def test_in_place_dry_run_asks_nothing(run: Run, here: Path) -> None:
    code, out, _ = run("scrub", "beach.jpg", "--in-place", "-n")
    assert code == 0 and "would remove" in out
    assert (here / "beach.jpg").read_bytes() == DIRTY


def test_names_and_times(run: Run, here: Path) -> None:
    os.utime(here / "beach.jpg", (1_000_000_000, 1_000_000_000))
    run("scrub", "beach.jpg", "--name", "x-{stem}{suffix}", "--times", "keep")
    assert (here / "x-beach.jpg").stat().st_mtime == 1_000_000_000
    run("scrub", "beach.jpg", "-O", "out", "--rename", "random", "--times", "epoch")
    (made,) = (here / "out").iterdir()
    assert "beach" not in made.name and made.suffix == ".jpg" and made.stat().st_mtime == 0


def test_odd_names(run: Run, here: Path) -> None:
    for name in ("-dash.jpg", "a b'c.jpg", "line\nbreak.jpg", "bidi\u202e.jpg", os.fsdecode(b"bytes\xff.jpg")):
        (here / name).write_bytes(DIRTY)
        code, out, err = run("scrub", "--", name)
        assert code == 0, out + err
        assert out.count("\n") == 1 + out.count("\n   ") and out.replace("\n", "").isprintable()
        assert clean((here / (name.removesuffix(".jpg") + ".clean.jpg")).read_bytes())


def test_settings_are_the_defaults(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVKIT_OUTPUT", "out")
    run("scrub", "beach.jpg")
    assert clean((here / "out" / "beach.jpg").read_bytes())
    run("scrub", "beach.jpg", "-o", "here.jpg")
    assert (here / "here.jpg").exists()


# --- standard input ----------------------------------------------------------------------------------


def test_standard_input_to_standard_output() -> None:
    done = piped("scrub", "-", data=DIRTY)
    assert done.returncode == 0, done.stderr
    assert clean(done.stdout)
    assert done.stderr.startswith(b"done        standard input  removed ")


def test_standard_input_to_a_file(here: Path) -> None:
    done = piped("scrub", "-", "-o", "out.jpg", "--json", data=DIRTY)
    assert done.returncode == 0 and clean((here / "out.jpg").read_bytes())
    assert json.loads(done.stdout)["outcomes"][0]["facts"]["target"].endswith("out.jpg")
    assert piped("scrub", "-", "-o", "out.jpg", data=DIRTY).returncode == 2


def test_nothing_is_written_of_what_is_refused(here: Path) -> None:
    for arguments in (("scrub", "-"), ("scrub", "-", "-q")):
        done = piped(*arguments, data=b"hello")
        assert (done.returncode, done.stdout) == (3, b"") and b"refused" in done.stderr
    assert piped("scrub", "-", "-o", "out.jpg", data=DIRTY[:500]).returncode == 2
    assert not (here / "out.jpg").exists()


def test_standard_output_takes_the_file_alone() -> None:
    done = piped("scrub", "-", "--json", data=DIRTY)
    assert (done.returncode, done.stdout) == (2, b"")


# --- wishes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ["a", "-o", "b", "-O", "c"],
        ["a", "b", "-o", "c"],
        ["-r", "a", "-o", "c"],
        ["a", "-o", "-"],
        ["a", "-o", "b", "--rename", "random"],
        ["a", "--name", "{stem}x", "--rename", "date"],
        ["a", "--name", "x"],
        ["a", "--name", "x/{stem}"],
        ["a", "--in-place", "-O", "b"],
        ["a", "--in-place", "--rename", "random"],
        ["a", "--only", "location", "--keep", "date"],
        ["a", "--only", "location", "--level", "strict"],
        ["a", "--keep", "everything"],
        ["a", "-O", "beach.jpg"],
        ["-", "--in-place"],
        ["-", "-O", "b"],
    ],
)
def test_wishes_that_make_no_sense(options: list[str], run: Run, here: Path) -> None:
    code, out, err = run("scrub", *options)
    assert (code, out) == (2, "") and err.startswith("privkit: ")
    assert sorted(os.listdir(here)) == ["beach.jpg"]


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        (Wish(("a",)), "oc"),
        (Wish(("a",), level="strict"), ""),
        (Wish(("a",), keep="date"), "d"),
        (Wish(("a",), keep="rotation, colour,date", level="strict"), "ocd"),
        (Wish(("a",), keep="none"), ""),
        (Wish(("a",), keep=""), ""),
    ],
)
def test_what_is_kept(wish: Wish, kept: str) -> None:
    policy = wish.checked(Settings()).policy()
    flags = {"o": policy.keep_orientation, "c": policy.keep_color, "d": policy.keep_date}
    assert "".join(letter for letter, flag in flags.items() if flag) == kept
    assert policy.strict is (wish.level == "strict")


def test_the_level_of_the_settings_does_not_disturb_only() -> None:
    assert Wish(("a",), only="location").checked(Settings(level="strict")).policy().only_location
    assert Wish(("a",)).checked(Settings(level="strict")).policy().strict
    assert not Wish(("a",), level="share").checked(Settings(level="strict")).policy().strict


def test_a_stream_needs_a_place_to_go() -> None:
    with pytest.raises(WrongUse, match="terminal"):
        Wish(("-",)).check_stream(stdout_is_terminal=True)
    Wish(("-",), output="x.jpg").check_stream(stdout_is_terminal=True)


# --- small things ------------------------------------------------------------------------------------


def test_the_nearest_name(here: Path) -> None:
    assert nearest("bech.jpg") == "beach.jpg"
    assert nearest(str(here / "bech.jpg")) == str(here / "beach.jpg")
    assert nearest("zzz") == nearest("no/folder/beach.jpg") == nearest("nul\0") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="quoting for POSIX shells")
def test_commands_that_can_be_typed() -> None:
    assert typed_again("scrub", ["a b.jpg", "-x.jpg"], recursive=False) == "privkit scrub 'a b.jpg' ./-x.jpg"
    assert shlex.split(shell_quoted("it's $(here).jpg")) == ["it's $(here).jpg"]
    assert shell_quoted("line\nbreak") == ""
    assert typed_again("scrub", ["line\nbreak"], recursive=True) == "privkit scrub -r FILES"
    assert typed_again("scrub", ["a"] * 9, recursive=False) == "privkit scrub FILES"


def test_formats(run: Run) -> None:
    code, out, err = run("formats")
    assert code == 0 and "JPEG" in out and "Next: privkit formats NAME" in err
    assert "removes" in run("formats", "jpeg")[1]
    assert run("formats", ".jpg")[1] == run("formats", "JPEG")[1]
    assert json.loads(run("formats", "--json")[1])["formats"]
    assert run("formats", "--format", "md")[1].startswith("# Formats")
    assert run("formats", "docx")[0] == 2
