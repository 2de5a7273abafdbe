"""The command line: the group, its table of commands, and the options that all commands share."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from privkit import __version__
from privkit.console import Console

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])

COMMANDS = {
    "inspect": "privkit.inspect.command:inspect",
    "scrub": "privkit.scrub.command:scrub",
    "formats": "privkit.command:formats",
    "completion": "privkit.command:completion",
}
"""Where each command lives. It is imported when it is used, so that starting costs nothing."""

WELCOME = """\
privkit shows what your files tell about you, and makes copies that do not. It works on this computer only.

  privkit inspect beach.jpg            what does this photo tell?
  privkit scrub beach.jpg              make a clean copy: beach.clean.jpg
  privkit scrub -r photos/ -O clean/   clean copies of a whole folder
  privkit --help                       everything else"""

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
FORMATS = ("text", "json", "md", "html")


def _note(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Write a general option down in the console; what was not given leaves an earlier mention alone."""
    if value and parameter.name:
        setattr(context.ensure_object(Console), parameter.name, value)


def _general_options(hidden: bool) -> list[click.Option]:
    """The options that may stand before or after the command."""

    def option(*names: str, help: str, **more: Any) -> click.Option:
        return click.Option(names, help=help, expose_value=False, callback=_note, hidden=hidden, **more)

    return [
        option("-q", "--quiet", is_flag=True, help="Say only what matters: the report and errors."),
        option("-v", "--verbose", is_flag=True, help="Say more."),
        option("--color", type=click.Choice(("auto", "always", "never")), help="Colour the output.  [default: auto]"),
        option("--no-input", is_flag=True, help="Never ask a question."),
        option("--debug", is_flag=True, help="Show what happened inside when something goes wrong."),
    ]


class Command(click.Command):
    """A command that also takes the general options after its name."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings.setdefault("context_settings", CONTEXT)
        settings.setdefault("epilog", "The general options (-q, -v, --color, --no-input, --debug) work here too.")
        super().__init__(*arguments, **settings)
        self.params.extend(_general_options(hidden=True))


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params.extend(_general_options(hidden=False))

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(self, context: click.Context, arguments: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = arguments[0]
        if name in COMMANDS or name.startswith("-") or context.resilient_parsing:
            return super().resolve_command(context, arguments)
        raise click.UsageError(f"there is no command '{name}'.{_suggestion(name)}", context)


def _suggestion(name: str) -> str:
    """A command spelt nearly like `name`, or, where `name` is a file, what can be done with it."""
    import difflib
    import os

    if os.path.exists(name):
        return f" To see what that file tells: privkit inspect {name}"
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings=CONTEXT)
@click.version_option(__version__, "-V", "--version", message="privkit %(version)s", help="Show the version.")
@click.pass_context
def cli(context: click.Context) -> int:
    """Shows what your files tell about you, and makes clean copies.

    privkit works on this computer only: it opens no connection, keeps no history and never changes an original unless
    you ask it to.

    Exit codes: 0 nothing to worry about, 1 findings, 2 wrong use or an error, 3 not everything could be established,
    130 stopped with Ctrl-C.
    """
    if context.invoked_subcommand is None:
        context.ensure_object(Console).tell([WELCOME + "\n"])
    return 0


def report_options(function: F) -> F:
    """`--format` and `--json`, for every command that reports. The function gets `form`."""
    function = click.option(
        "--format", "form", type=click.Choice(FORMATS), default="text", help="How to write the report.  [default: text]"
    )(function)
    return click.option("--json", "form", flag_value="json", help="Short for --format json.")(function)


def complete_files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Lets the shell complete names of files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def complete_folders(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Lets the shell complete names of folders."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="dir")]


pass_console = click.make_pass_decorator(Console, ensure=True)
