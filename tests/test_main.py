"""The way in: exit codes, calm sentences, streams that are closed, full or not UTF-8."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from privkit import __version__, cli
from privkit.__main__ import main
from privkit.console import Console
from privkit.errors import PrivkitError

ROOT = Path(__file__).resolve().parent.parent
PRIVKIT = [sys.executable, "-m", "privkit"]


def run(*arguments: str | bytes, **settings: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PRIVKIT_CONFIG": "/none/none", **settings.pop("env", {})}  # type: ignore[dict-item]
    settings = {"capture_output": True, "text": True, "timeout": 60, "errors": "surrogateescape", **settings}
    return subprocess.run([*PRIVKIT, *arguments], env=environment, check=False, **settings)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Lets `privkit formats` raise something."""

    def prepare(error: BaseException) -> None:
        def broken(plugins: object) -> None:
            raise error

        monkeypatch.setattr("privkit.formats.formats", broken)

    return prepare


# --- versions and help ---------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], ["-q", "--version"]])
def test_version(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr() == (f"privkit {__version__}\n", "")


def test_alone_it_says_six_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 6


@pytest.mark.parametrize("command", ["", *cli.COMMANDS])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_everywhere(command: str, flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, flag] if command else [flag]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: privkit {command}")


# --- wrong use -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["scurb"], "there is no command 'scurb'. Did you mean 'scrub'?"),
        (["scrub", "--jbos", "2", "x"], "--jobs"),
        (["scrub", "--lev", "strict", "x"], "no such option '--lev'"),
        (["scrub", "--level", "high", "x"], "'share', 'strict'"),
        (["inspect"], "missing argument"),
        (["insp", "x"], "there is no command 'insp'"),
        (["\udcff\x1b[31m"], "there is no command"),
    ],
)
def test_wrong_use_is_one_calm_line_and_a_hint(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.startswith("privkit: ") and "\n  Try: privkit" in err and err.count("\n") == 2
    assert "\x1b" not in err


def test_a_file_where_a_command_belongs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jpg").touch()
    assert main([str(tmp_path / "a.jpg")]) == 2
    assert "privkit inspect" in capsys.readouterr().err


# --- what can go wrong -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (PrivkitError("no \x1b[31mred", "wait"), 2, "privkit: no ?[31mred\n  Try: wait\n"),
        (PrivkitError("no"), 2, "privkit: no\n"),
        (KeyboardInterrupt(), 130, "privkit: stopped. What was finished is whole; nothing half-done is left.\n"),
        (PermissionError(13, "Permission denied", "a\nb"), 2, "privkit: a?b: you have no permission for this\n"),
        (OSError(28, "No space left on device"), 2, "privkit: there is no space left on the disk\n"),
    ],
)
def test_what_is_understood_is_said_calmly(
    error: BaseException, code: int, words: str, raising: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    raising(error)
    assert main(["formats"]) == code
    out, err = capsys.readouterr()
    assert (out, err.lstrip("\n")) == ("", words)


@pytest.mark.parametrize("error", [ValueError("secret.jpg"), RecursionError(), MemoryError(), OSError("odd")])
def test_what_is_not_understood_is_said_calmly_too(
    error: BaseException, raising: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    raising(error)
    assert main(["formats"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"privkit: something went wrong inside privkit ({type(error).__name__}).")
    assert "--debug" in err and "Traceback" not in err and "secret" not in err


@pytest.mark.parametrize("arguments", [["--debug", "formats"], ["formats", "--debug"]])
def test_debug_shows_the_trace(
    arguments: list[str], raising: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    raising(ValueError("inside"))
    assert main(arguments) == 2
    assert "Traceback" in capsys.readouterr().err


def test_settings_that_are_wrong(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("levle = 1")
    done = run("formats", env={"PRIVKIT_CONFIG": str(config)})
    assert done.returncode == 2
    assert done.stderr == f"privkit: {config}: there is no setting 'levle'\n  Try: did you mean 'level'?\n"


# --- streams ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [(b"\xff\xfe.jpg",), (b"inspect", b"\xff\xfe.jpg"), (b"scrub", b"\xff", b"--level", b"\xfe")]
)
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_names_that_are_not_utf_8_never_crash(arguments: tuple[bytes, ...], locale: str) -> None:
    for more in ({}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        done = run(*arguments, env={"LC_ALL": locale, **more})
        assert done.returncode == 2
        assert "Traceback" not in done.stderr and "went wrong" not in done.stderr


def test_a_closed_pipe_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run("--help", stdout=writing, stderr=subprocess.PIPE, capture_output=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (2, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_a_full_disk_is_told(argument: str) -> None:
    with open("/dev/full", "w") as full:
        done = run(argument, stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert (done.returncode, done.stderr) == (2, "privkit: there is no space left on the disk\n")


def test_closed_streams() -> None:
    command = shlex.join(PRIVKIT)
    for closed in (">&-", "2>&-", "<&-", "<&- >&- 2>&-"):
        for arguments in ("--version", "--help", "scurb"):
            shell = ["sh", "-c", f"{command} {arguments} {closed}"]
            done = subprocess.run(shell, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == (2 if arguments == "scurb" else 0)
            assert "Traceback" not in done.stderr


def test_ctrl_c_ends_with_130(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*PRIVKIT, "inspect", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert err.lstrip() == "privkit: stopped. What was finished is whole; nothing half-done is left.\n"


# --- colour ----------------------------------------------------------------------------------------------


def on_a_terminal(*arguments: str, stdout: object = None, **environment: str) -> str:
    """What privkit writes when its output is a terminal; with `stdout`, what it writes to stderr only."""
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    settings = {**os.environ, "PRIVKIT_CONFIG": "/none/none", "TERM": "xterm", **environment}
    settings = {name: value for name, value in settings.items() if value or name == "NO_COLOR"}
    process = subprocess.Popen(
        [*PRIVKIT, *arguments], stdin=follower, stdout=stdout or follower, stderr=follower, cwd=ROOT, env=settings
    )
    os.close(follower)
    written = b""
    try:
        while chunk := os.read(leader, 4096):
            written += chunk
    except OSError:  # the other end was closed
        pass
    process.wait(20)
    os.close(leader)
    return written.decode()


def test_colour_on_a_terminal(tmp_path: Path) -> None:
    missing = ("inspect", str(tmp_path / "none.jpg"))
    assert "\x1b[" in on_a_terminal(*missing, NO_COLOR="")
    assert "\x1b[" not in on_a_terminal(*missing, NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(*missing, TERM="dumb")
    assert "\x1b[" not in on_a_terminal("--color", "never", *missing)
    assert "\x1b[" not in on_a_terminal(*missing, PRIVKIT_COLOR="never")
    assert "\x1b[" in on_a_terminal(*missing, "--color", "always", NO_COLOR="1")


def test_a_bar_while_many_files_are_done(tmp_path: Path) -> None:
    missing = [str(tmp_path / f"{number}.jpg") for number in range(3)]
    with open(tmp_path / "report", "w+") as report:
        assert "3/3" in on_a_terminal("inspect", *missing, stdout=report, NO_COLOR="1")
        report.seek(0)
        assert report.read().count("failed") == 3
        assert "3/3" not in on_a_terminal("inspect", "-q", *missing, stdout=report)
        assert "3/3" not in on_a_terminal("inspect", *missing, stdout=report, TERM="dumb")
    assert "3/3" not in on_a_terminal("inspect", *missing)


def test_standard_input_on_a_terminal_shows_help() -> None:
    for command in ("inspect", "scrub"):
        with open(os.devnull, "w") as nowhere:
            shown = on_a_terminal(command, "-", stdout=nowhere if command == "scrub" else None)
        assert f"Usage: privkit {command}" in shown


def test_colour_elsewhere(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.jpg")
    assert "\x1b[" not in run("inspect", missing).stdout
    assert "\x1b[" in run("--color", "always", "inspect", missing).stdout


@pytest.mark.parametrize(
    ("option", "environment", "colored"),
    [
        ("", {}, True),
        ("", {"NO_COLOR": "1"}, False),
        ("", {"NO_COLOR": ""}, True),
        ("", {"TERM": "dumb"}, False),
        ("", {"PRIVKIT_COLOR": "never"}, False),
        ("", {"PRIVKIT_COLOR": "always", "NO_COLOR": "1"}, True),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, True),
        ("never", {}, False),
        ("never", {"PRIVKIT_COLOR": "always"}, False),
    ],
)
def test_who_decides_about_colour(
    option: str, environment: dict[str, str], colored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "PRIVKIT_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", "PRIVKIT_CONFIG": "/none/none", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    console = Console()
    console.color = option
    assert console.has_color(sys.stdout) is colored


# --- completion ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_scripts(shell: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["completion", shell]) == 0
    assert b"_PRIVKIT_COMPLETE" in capfdbinary.readouterr().out


@pytest.mark.parametrize(("words", "index", "expected"), [("privkit sc", "1", "scrub"), ("privkit scrub --lev", "2", "--level")])
def test_completion_completes(words: str, index: str, expected: str) -> None:
    done = run(env={"_PRIVKIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": index})
    assert expected in done.stdout
