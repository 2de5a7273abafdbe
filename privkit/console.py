"""Where words go: data to stdout, messages to stderr; with colour or without."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from privkit.settings import Settings

Paint = Callable[[str, str], str]
"""Gives a text a style: `paint("RISK", "risk")`."""

STYLES = {
    "risk": "1;31",
    "warn": "33",
    "note": "36",
    "ok": "32",
    "name": "1",
    "title": "1",
    "dim": "2",
    "done": "32",
    "unchanged": "32",
    "skipped": "2",
    "refused": "33",
    "unknown": "33",
    "failed": "31",
}


def plain(text: str, style: str) -> str:
    """The text as it is."""
    return text


def colored(text: str, style: str) -> str:
    """The text between escape codes. Source: ECMA-48, section 8.3.117 (SGR)."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


class Console:
    """How this run talks: what the general options said, and the streams."""

    def __init__(self) -> None:
        self.color = ""
        """The `--color` option, or "" where it was not given."""
        self.quiet = False
        self.verbose = False
        self.no_input = False
        self.debug = False

    @cached_property
    def settings(self) -> Settings:
        """The user's settings, read when they are first needed."""
        from privkit.settings import load

        return load(os.environ)

    def has_color(self, stream: TextIO) -> bool:
        """Whether to colour what goes to `stream`: option, settings, NO_COLOR, TERM=dumb, then whether it is a terminal."""
        choice = self.color or self.settings.color
        if choice != "auto":
            return choice == "always"
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return stream.isatty()

    def paint(self, stream: TextIO) -> Paint:
        return colored if self.has_color(stream) else plain

    def say(self, text: str = "") -> None:
        """A message to stderr, unless the user asked for quiet."""
        if not self.quiet:
            self.complain(text)

    def complain(self, text: str) -> None:
        """A message to stderr that is always shown."""
        sys.stdout.flush()
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def tell(self, lines: Iterable[str]) -> None:
        """Data to stdout, each piece as it comes when a person watches."""
        watched = sys.stdout.isatty()
        for line in lines:
            sys.stdout.write(line)
            if watched:
                sys.stdout.flush()

    def emit(self, chunks: Iterable[str]) -> None:
        """A document to stdout: UTF-8 and `\\n` on every system."""
        sys.stdout.flush()
        for chunk in chunks:
            sys.stdout.buffer.write(chunk.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer a question."""
        return not self.no_input and sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, question: str) -> str:
        """Asks on stderr and gives the answer, "" at the end of input. Ask only where `can_ask`."""
        sys.stderr.write(question + " ")
        sys.stderr.flush()
        return sys.stdin.readline().strip()


def prepare_streams() -> None:
    """Let no name of a file crash the output: what a stream cannot show becomes an escape; closed streams become nothing."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - lives as long as the program
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace", newline="\n")


def drop_stdout() -> None:
    """Nobody reads any more: let what is still buffered go nowhere instead of failing at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
