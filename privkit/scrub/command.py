"""`privkit scrub`: clean copies."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Generator, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from privkit.cli import Command, complete_files, complete_folders, pass_console, report_options
from privkit.console import Console
from privkit.errors import WrongUse
from privkit.model import ExitCode, Outcome
from privkit.report import Tally, render
from privkit.scrub.wish import Wish
from privkit.text import counted, short_path

if TYPE_CHECKING:
    from privkit.scrub.job import ScrubOptions


@click.command(cls=Command, short_help="Write clean copies of files.")
@click.argument("paths", nargs=-1, required=True, type=click.UNPROCESSED, metavar="PATH...|-", shell_complete=complete_files)
@click.option("-r", "--recursive", is_flag=True, help="Go through folders, and the folders in them.")
@click.option(
    "-o", "--output", default="", metavar="FILE", shell_complete=complete_files, help="Write the one clean copy to FILE."
)
@click.option(
    "-O",
    "--output-folder",
    "folder",
    default="",
    metavar="DIR",
    shell_complete=complete_folders,
    help="Write all clean copies below DIR.",
)
@click.option("--name", default="", metavar="PATTERN", help="Names of the copies.  [default: {stem}.clean{suffix}]")
@click.option("--rename", type=click.Choice(("random", "date")), default=None, help="Give the copies names that tell nothing.")
@click.option("--keep", default=None, metavar="LIST", help="Keep only these: orientation, color, date (with commas), or none.")
@click.option("--level", type=click.Choice(("share", "strict")), default=None, help="How much goes.  [default: share]")
@click.option("--only", type=click.Choice(("location",)), default=None, help="Take out the place alone; the rest stays.")
@click.option("--in-place", is_flag=True, help="Replace the originals. There is no way back.")
@click.option("--yes", is_flag=True, help="Do not ask before replacing originals.")
@click.option(
    "--times", type=click.Choice(("keep", "now", "epoch")), default="now", help="The copies' date of change.  [default: now]"
)
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would be done; write nothing.")
@click.option("--jobs", type=click.IntRange(1, 64), default=None, metavar="N", help="How many files at once.")
@click.option(
    "--verify",
    type=click.Choice(("fast", "full")),
    default="fast",
    help="Compare the coded picture data, or also the decoded pixels.  [default: fast]",
)
@report_options
@pass_console
def scrub(console: Console, /, **options: Any) -> int:
    """Writes clean copies of files: without place, time, device, names, and what else is hidden.

    A copy stands beside its original as NAME.clean.jpg, or below DIR with -O; it is never written over another file.
    What is shown stays the same, bit for bit; each copy is read back and verified before it gets its name. Originals
    are changed only with --in-place.

    PATH is a file, or a folder with -r; - cleans standard input to standard output.

    \b
    Examples:
      privkit scrub beach.jpg
      privkit scrub -r photos/ -O clean/
      privkit scrub --only location beach.jpg
      privkit scrub - < beach.jpg > clean.jpg
    """
    from privkit.batch import is_stream

    wish = Wish(**options).checked(console.settings)
    if is_stream(wish.paths):
        return _stream(wish, console)
    tally = Tally()
    folders: set[str] = set()
    try:
        with contextlib.closing(_outcomes(wish, console, folders)) as outcomes:
            _report(outcomes, wish, console, tally)
    finally:
        _settle(folders)
    if wish.form == "text":
        _sum_up(tally, wish, console)
    return tally.exit_code


# --- files -------------------------------------------------------------------------------------------


def _outcomes(wish: Wish, console: Console, folders: set[str]) -> Generator[Outcome, None, None]:
    """One outcome for each file; the folders that got copies are noted in `folders`."""
    from privkit import batch, files
    from privkit.scrub import work

    found: Iterable[files.Subject | Outcome] = files.find(wish.paths, wish.recursive, wish.folder)
    if wish.in_place and not wish.dry_run:
        found = list(found)
        _confirm(sum(isinstance(one, files.Subject) for one in found), wish, console)
    _prepare_folders(wish)
    task = functools.partial(work.scrub_file, options=wish.scrub_options())
    many = batch.Batch(wish.jobs or 0, wish.plugins)
    with contextlib.closing(batch.run_watched(task, found, many, batch.bar_on(console))) as outcomes:
        for outcome in outcomes:
            target = outcome.facts.get("target")
            if isinstance(target, str):
                folders.add(os.path.dirname(target))
                outcome = _plainly_placed(outcome, target)
            yield _marked(outcome) if wish.dry_run else outcome


def _plainly_placed(outcome: Outcome, target: str) -> Outcome:
    """`clean/a.jpg` instead of `./clean/a.jpg`; a file that is its own clean copy keeps the name it was given."""
    plain = target if target == outcome.subject else short_path(target)
    return outcome if plain == target else replace(outcome, facts={**outcome.facts, "target": plain})


def _marked(outcome: Outcome) -> Outcome:
    """So that nobody takes the report of a dry run for one of work done."""
    return replace(outcome, facts={**outcome.facts, "dry_run": True})


def _confirm(count: int, wish: Wish, console: Console) -> None:
    """Let the user type a word before originals are replaced. Raises WrongUse where the answer is another, or nobody answers."""
    if wish.yes or not count:
        return
    if not console.can_ask:
        raise WrongUse(
            f"--in-place would replace {counted(count, 'original')}, and nobody is there to be asked",
            "--yes, if you are sure; or leave --in-place out to get copies",
        )
    question = f"This replaces {counted(count, 'original')}. There is no way back. Type 'replace' to go on:"
    if console.ask(question).lower() not in ("replace", "'replace'"):
        raise WrongUse("nothing was changed")


def _prepare_folders(wish: Wish) -> None:
    """Make the folder for the copies; clear away what a killed run may have left unfinished."""
    from privkit import files

    if wish.dry_run:
        return
    if wish.folder:
        os.makedirs(wish.folder, exist_ok=True)
    beside = {path if os.path.isdir(path) else os.path.dirname(path) for path in wish.paths}
    for folder in {wish.folder} if wish.folder else beside:
        files.sweep(folder)


def _settle(folders: set[str]) -> None:
    """Make the new copies durable, once for all of them."""
    if folders:
        from privkit import files

        files.settle(sorted(folders))


def _report(outcomes: Iterable[Outcome], wish: Wish, console: Console, tally: Tally) -> None:
    if wish.form != "text":
        console.emit(render(wish.form, "scrub", outcomes, tally))
        return
    from privkit.report.terminal import Look, cleaned
    from privkit.scrub.words import columns

    look = Look(console.paint(sys.stdout), show_all=console.verbose)
    console.tell(cleaned(tally.watch(outcomes), look, would=wish.dry_run, columns=columns(wish)))


def _sum_up(tally: Tally, wish: Wish, console: Console) -> None:
    from privkit.scrub.words import next_step, summary

    console.say("\n" + summary(tally, wish))
    if step := next_step(tally, wish):
        console.say(step)


# --- standard input ----------------------------------------------------------------------------------


def _stream(wish: Wish, console: Console) -> int:
    """Clean standard input to standard output, or to a new file. All words go to stderr."""
    from privkit import registry

    if sys.stdin.isatty():
        click.echo(click.get_current_context().get_help(), err=True)
        return ExitCode.ERROR
    wish.check_stream(sys.stdout.isatty())
    options = wish.scrub_options()
    registry.formats(options.plugins)
    outcome = _stream_to_file(options) if options.output else _stream_to_stdout(options)
    tally = Tally()
    tally.count(outcome)
    if wish.form != "text":
        console.emit(render(wish.form, "scrub", [outcome], Tally()))
    elif not console.quiet or outcome.reason or outcome.findings:
        from privkit.report.terminal import Look, cleaned

        console.complain("".join(cleaned([outcome], Look(console.paint(sys.stderr)), would=wish.dry_run)).rstrip("\n"))
    return tally.exit_code


def _stream_to_stdout(options: ScrubOptions) -> Outcome:
    from privkit.scrub import work

    return work.scrub_stream(sys.stdin.buffer, sys.stdout.buffer, options)


def _stream_to_file(options: ScrubOptions) -> Outcome:
    from privkit import files
    from privkit.model import State
    from privkit.scrub import work

    folder, name = os.path.split(options.output)
    if os.path.lexists(options.output):
        raise WrongUse("the file to write exists already, and nothing is written over", "another name with -o")
    with files.Draft(folder) as draft:
        outcome = work.scrub_stream(sys.stdin.buffer, draft.file, options)
        if outcome.state not in (State.DONE, State.UNCHANGED) or options.dry_run:
            return outcome
        target = draft.publish([name])
    files.settle([folder])
    return replace(outcome, facts={**outcome.facts, "target": target})
