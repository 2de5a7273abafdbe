"""`privkit inspect`: what a file tells."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from privkit.cli import Command, complete_files, pass_console, report_options
from privkit.console import Console
from privkit.errors import PrivkitError, WrongUse
from privkit.model import ExitCode, Finding, Level, Outcome, State
from privkit.report import Tally, render
from privkit.text import counted, safe_path

LINKAGE = "privkit.checks.linkage:link"
"""Compares files with each other; reached by name, as every plug-in."""
TOGETHER = "these files together"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    paths: tuple[str, ...]
    recursive: bool
    show_all: bool
    thumbnail: str
    link: bool
    form: str


@click.command(cls=Command, short_help="What do files tell about you?")
@click.argument("paths", nargs=-1, required=True, type=click.UNPROCESSED, metavar="PATH...|-", shell_complete=complete_files)
@click.option("-r", "--recursive", is_flag=True, help="Go through folders, and the folders in them.")
@click.option("--all", "show_all", is_flag=True, help="Show everything that was found, also what matters little.")
@click.option(
    "--thumbnail",
    default="",
    metavar="FILE",
    shell_complete=complete_files,
    help="Write the small picture inside to FILE, to look at it.",
)
@click.option("--link", is_flag=True, help="Would these files be tied together, or to one person?")
@report_options
@pass_console
def inspect(console: Console, /, **options: Any) -> int:
    """Shows what files tell: where, when, what with, who, what was cut away, what else is hidden.

    PATH is a file, or a folder with -r; - reads a file from standard input. Nothing is changed.

    \b
    Examples:
      privkit inspect beach.jpg
      privkit inspect -r photos/
      privkit inspect --link *.jpg
    """
    from privkit.batch import is_stream

    wish = Wish(**options)
    if wish.thumbnail:
        return _write_thumbnail(wish, console)
    if is_stream(wish.paths) and sys.stdin.isatty():
        return _help()
    tally = Tally()
    with contextlib.closing(_outcomes(wish, console)) as outcomes:
        _report(outcomes, wish, console, tally)
    if wish.form == "text":
        _sum_up(tally, wish, console)
    return tally.exit_code


def _help() -> int:
    click.echo(click.get_current_context().get_help())
    return ExitCode.ERROR


def _outcomes(wish: Wish, console: Console) -> Generator[Outcome, None, None]:
    from privkit import batch, files
    from privkit.inspect import look

    settings = console.settings
    options = look.InspectOptions(plugins=settings.plugins)
    if batch.is_stream(wish.paths):
        yield look.inspect_stream(sys.stdin.buffer, options)
        return
    task = functools.partial(look.inspect_file, options=options)
    found = files.find(wish.paths, wish.recursive)
    bar = batch.bar_on(console, silent=wish.link)
    with contextlib.closing(batch.run_watched(task, found, batch.Batch(settings.jobs, settings.plugins), bar)) as outcomes:
        yield from _linked(outcomes, wish.show_all) if wish.link else outcomes


def _linked(outcomes: Iterable[Outcome], show_all: bool) -> Iterator[Outcome]:
    """What ties the files together as one outcome, after those files that could not be looked at (or all of them)."""
    everything = list(outcomes)
    yield from (one for one in everything if show_all or one.state is not State.DONE)
    names = [one.subject for one in everything if one.state is State.DONE]
    yield Outcome(TOGETHER, State.DONE, tuple(_link(everything)), facts={"files": names})


def _link(outcomes: Sequence[Outcome]) -> Sequence[Finding]:
    module, _, name = LINKAGE.partition(":")
    compare: Callable[[Sequence[Outcome]], Sequence[Finding]] = getattr(importlib.import_module(module), name)
    return compare(outcomes)


def _report(outcomes: Iterable[Outcome], wish: Wish, console: Console, tally: Tally) -> None:
    if wish.form != "text":
        console.emit(render(wish.form, "inspect", outcomes, tally))
        return
    from privkit.report.terminal import PIPE_WIDTH, Look, told

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPE_WIDTH
    look = Look(console.paint(sys.stdout), width, wish.show_all, places=console.verbose)
    console.tell(told(tally.watch(outcomes), look))


def _sum_up(tally: Tally, wish: Wish, console: Console) -> None:
    from privkit.batch import is_stream, typed_again
    from privkit.inspect.words import summary

    console.say(summary(tally, wish.link))
    if tally.worst >= Level.WARN and not wish.link:
        again = "privkit scrub - < FILE > CLEAN" if is_stream(wish.paths) else typed_again("scrub", wish.paths, wish.recursive)
        console.say(f"Next: {again}")


def _write_thumbnail(wish: Wish, console: Console) -> int:
    """Write the small picture inside the one file named, never over another file."""
    from privkit.inspect import look
    from privkit.workers import Workers

    if len(wish.paths) != 1 or wish.recursive or wish.link or wish.paths[0] == "-":
        raise WrongUse("--thumbnail works with one file")
    path = wish.paths[0]
    options = look.InspectOptions(plugins=console.settings.plugins)
    with Workers(1) as worker:
        try:
            picture = worker.submit(look.first_thumbnail, path, options).result()
        except PrivkitError as error:
            raise PrivkitError(f"{safe_path(path)}: {error.message}", error.hint) from error
    if picture is None:
        raise PrivkitError(f"{safe_path(path)}: there is no small picture inside")
    _write_new(wish.thumbnail, picture)
    console.say(f"The small picture inside was written to {safe_path(wish.thumbnail)} ({counted(len(picture), 'byte')}).")
    console.say("It may tell as much as the file it came from. Delete it when you have seen it.")
    return ExitCode.OK


def _write_new(path: str, data: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError as error:
        raise WrongUse(f"{safe_path(path)} exists already, and nothing is written over", "give another name") from error
    with open(descriptor, "wb") as file:
        file.write(data)
