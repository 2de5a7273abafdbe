"""The small commands: `privkit formats` and `privkit completion`."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict
from typing import Any

import click

from privkit.cli import Command, pass_console
from privkit.console import Console
from privkit.errors import WrongUse
from privkit.model import ExitCode

SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command(cls=Command, short_help="What can be cleaned, and what that means for each format.")
@click.argument("names", nargs=-1, metavar="[FORMAT]...")
@click.option("--json", "form", flag_value="json", default="text", help="Short for --format json.")
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "md")), default="text", help="How to write it.  [default: text]"
)
@pass_console
def formats(console: Console, names: tuple[str, ...], form: str) -> int:
    """Lists the formats that can be cleaned; of FORMAT it tells what goes, what stays and what is refused."""
    from privkit.formats import formats as known
    from privkit.formats import markdown

    found = known(console.settings.plugins)
    chosen = tuple(one for one in found if not names or {name.lower() for name in names} & _called(one))
    if names and not chosen:
        raise WrongUse("there is no such format", f"one of {', '.join(one.id for one in found)}")
    if form == "md":
        console.emit([markdown(chosen)])
    elif form == "json":
        console.emit([json.dumps({"schema": "privkit.formats/1", "formats": [asdict(one) for one in chosen]}, indent=1) + "\n"])
    else:
        _show(console, chosen, in_full=bool(names))
    return ExitCode.OK


def _called(one: Any) -> set[str]:
    """What a format may be called: id, title, names of its types, endings."""
    names = {one.id, one.title, *one.types, *one.suffixes, *(suffix.lstrip(".") for suffix in one.suffixes)}
    return {name.lower() for name in names}


def _show(console: Console, chosen: tuple[Any, ...], in_full: bool) -> None:
    from rich.console import Console as RichConsole
    from rich.table import Table

    color = console.has_color(sys.stdout)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
    rich = RichConsole(width=width, no_color=not color, force_terminal=color, highlight=False, markup=False, emoji=False)
    for one in chosen if in_full else ():
        grid = Table(title=one.title, title_justify="left", title_style="bold", box=None, show_header=False, padding=(0, 2, 0, 0))
        grid.add_column(width=18)
        grid.add_column()
        for heading, items in one.parts:
            grid.add_row(heading, "\n".join(items) or "-")
        rich.print(grid, "")
    if not in_full:
        table = Table("format", "names end in", "may still tell something in a clean copy", box=None, padding=(0, 2, 0, 0))
        for one in chosen:
            table.add_row(one.title, " ".join(one.suffixes), "; ".join(one.remains) or "nothing known")
        rich.print(table)
        console.say("\nNext: privkit formats NAME tells what goes, what stays and what is refused.")


@click.command(cls=Command, short_help="Print the script for completion in your shell.")
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
@pass_console
def completion(console: Console, shell: str) -> int:
    """Prints the script that lets SHELL (bash, zsh, fish or powershell) complete commands and options.

    \b
    bash:        privkit completion bash > ~/.local/share/bash-completion/completions/privkit
    zsh:         privkit completion zsh > ~/.zfunc/_privkit
    fish:        privkit completion fish > ~/.config/fish/completions/privkit.fish
    powershell:  privkit completion powershell >> $PROFILE
    """
    from click.shell_completion import get_completion_class

    from privkit.cli import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise WrongUse(f"the installed version of Click has no completion for {shell}", "update it: pip install -U click")
    console.emit([kind(cli, {}, "privkit", "_PRIVKIT_COMPLETE").source() + "\n"])
    return ExitCode.OK
