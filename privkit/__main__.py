"""The way in, and the only place that turns results and errors into exit codes and calm sentences."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from privkit import __version__
from privkit.console import Console, drop_stdout, prepare_streams
from privkit.errors import PrivkitError
from privkit.model import ExitCode
from privkit.text import safe, safe_path

LONGEST = 2000


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs privkit with these arguments (those of the process by default) and gives the exit code."""
    prepare_streams()
    console = Console()
    try:
        code = _run(sys.argv[1:] if arguments is None else list(arguments), console)
        sys.stdout.flush()
    except BaseException as error:
        if console.debug:
            _show_trace(error)
        return _explain(error, console)
    return code


def _run(arguments: list[str], console: Console) -> int:
    if arguments in (["--version"], ["-V"]):  # answered before anything else is loaded
        sys.stdout.write(f"privkit {__version__}\n")
        return ExitCode.OK
    _quieten_libraries()
    from privkit.cli import cli

    result = cli.main(arguments, prog_name="privkit", standalone_mode=False, obj=console)
    return result if isinstance(result, int) else ExitCode.OK


def _quieten_libraries() -> None:
    """What libraries think of a damaged file is not said in their words. `python -W` turns their warnings on again."""
    import warnings

    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _explain(error: BaseException, console: Console) -> int:
    """One calm sentence for what went wrong, and its exit code."""
    match error:
        case BrokenPipeError() | SystemExit():  # Click answers a closed pipe with SystemExit
            drop_stdout()
            return ExitCode.ERROR
        case KeyboardInterrupt():
            return _say(console, "stopped. What was finished is whole; nothing half-done is left.", code=ExitCode.INTERRUPTED)
        case PrivkitError():
            return _say(console, error.message, error.hint)
        case OSError() if error.strerror:
            from privkit.files import explain

            name = f"{safe_path(os.fsdecode(error.filename))}: " if isinstance(error.filename, str | bytes) else ""
            return _say(console, f"{name}{explain(error)}")
        case _:
            return _explain_click(error, console)


def _explain_click(error: BaseException, console: Console) -> int:
    from click import Abort, ClickException, UsageError

    if isinstance(error, Abort):
        return _explain(KeyboardInterrupt(), console)
    if isinstance(error, ClickException):
        context = error.ctx if isinstance(error, UsageError) else None
        message = " ".join(error.format_message().split())
        hint = f"{context.command_path if context else 'privkit'} --help"
        return _say(console, message[:1].lower() + message[1:].removesuffix("."), hint)
    return _say(
        console,
        f"something went wrong inside privkit ({type(error).__name__}). Nothing was lost, and no unfinished copy is left.",
        "run it again with --debug and report what it shows (read it first: it may name your files)",
    )


def _say(console: Console, message: str, hint: str = "", code: ExitCode = ExitCode.ERROR) -> int:
    try:
        sys.stdout.flush()
    except OSError:  # what could not be written before cannot be now
        drop_stdout()
    with contextlib.suppress(OSError):  # nobody reads the messages either: the exit code still tells
        console.complain(f"privkit: {safe(message, LONGEST)}" + (f"\n  Try: {safe(hint, LONGEST)}" if hint else ""))
    return code


def _show_trace(error: BaseException) -> None:
    import traceback

    sys.stderr.write("".join(traceback.format_exception(error)))


if __name__ == "__main__":
    sys.exit(main())
