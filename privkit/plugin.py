"""The contract that what removes keeps: `Scrubber`, and how one is offered: `Format`.

A scrubber never sees a path. It reads a `Source`, says what is in it, and answers with the pieces of
the clean file: ranges of the source that are copied as they are, and bytes that are built anew. The
core writes the pieces, verifies the result and publishes it; so a scrubber cannot touch its input.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from privkit.model import Finding
from privkit.source import Source

D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file, known by its content."""

    id: str
    """Short and stable: `jpeg`."""
    name: str
    """As people call it: `JPEG`."""
    suffixes: tuple[str, ...]
    """Usual endings of its names, lower case, the first one the commonest: `(".jpg", ".jpeg")`."""


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes `start` to `end` (exclusive) of the source, copied as they are."""

    start: int
    end: int


Piece = Range | bytes


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user wants kept."""

    keep_orientation: bool = True
    keep_color: bool = True
    keep_date: bool = False
    strict: bool = False
    """Also removes what only *may* tell something; declared per format in `Scrubber.strict`."""
    only_location: bool = False
    """Takes out the place alone; everything else that is understood stays."""


@dataclass(frozen=True, slots=True)
class Clean:
    """How a clean file is made from a source."""

    pieces: Iterable[Piece]
    """In order; gone through several times, and never held as a whole, so that large ones may be made while they are
    asked for. Ranges must lie within the source."""
    removed: tuple[str, ...] = ()
    """What is left out or rebuilt, in words: `("EXIF", "2 comments")`. Empty: the source is clean already
    and the pieces reproduce it byte for byte."""
    kept: tuple[str, ...] = ()
    """What is carried over, built anew: `("rotation", "colours")`."""
    notes: tuple[Finding, ...] = ()
    """What the user must know of the result: what stays, what looks different."""


class Scrubber(ABC, Generic[D]):
    """Cleans one family of formats by an allow-list. `D` is what its reader makes of a file.

    Instances hold no state. Modules are cheap to import: heavy libraries are imported inside functions.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    types: ClassVar[tuple[FileType, ...]]
    removes: ClassVar[tuple[str, ...]]
    keeps: ClassVar[tuple[str, ...]]
    remains: ClassVar[tuple[str, ...]]
    """What may still tell something in a clean copy, honestly."""
    strict: ClassVar[tuple[str, ...]]
    """What `--level strict` removes beyond, and what that changes."""
    refuses: ClassVar[tuple[str, ...]]
    judges: ClassVar[tuple[str, ...]]
    """The independent readers that `objections` asks, and those that the tests ask."""

    @abstractmethod
    def read(self, source: Source) -> D:
        """Walk the whole container once, in bounded memory, depth and time.

        Raises Broken for a file that is cut off or lies, Refused for one that is not understood.
        """

    @abstractmethod
    def inspect(self, document: D) -> Iterator[Finding]:
        """What the file tells. In a clean copy, nothing above NOTE."""

    def dimensions(self, document: D) -> tuple[int, int] | None:
        """Width and height of the picture in pixels, as stored; None where there is no such thing."""
        return None

    def thumbnails(self, document: D) -> Iterator[bytes]:
        """The small pictures inside, each as a whole file (JPEG mostly), largest sizes bounded by the reader."""
        return iter(())

    @abstractmethod
    def clean(self, document: D, policy: Policy) -> Clean:
        """How the clean file is made. What is not on the allow-list is left out."""

    @abstractmethod
    def shown(self, document: D) -> Iterator[Piece]:
        """All that decides what is shown, in order: must be equal, byte for byte, in source and clean copy.

        Neighbouring pieces run together: only their concatenation counts.
        """

    @abstractmethod
    def objections(self, clean: Source, policy: Policy) -> Iterator[str]:
        """What independent readers (not our own walker) still find in a clean copy outside the allow-list."""

    @abstractmethod
    def frames(self, source: Source) -> Iterator[bytes]:
        """A digest of each decoded frame, for `--verify full`; made by an independent decoder."""


@dataclass(frozen=True, slots=True)
class Format:
    """What a module in `scrubbers/` offers, as `FORMAT`: how its files begin, and where their scrubber is.

    So a file loads the one scrubber that it needs, and none of the others.
    """

    types: tuple[FileType, ...]
    sniff: Callable[[bytes], FileType | None]
    """The type of a file that starts with these bytes (up to 4,096), or None if it is not ours."""
    scrubber: str
    """Module and class, `privkit.scrubbers.jpeg.scrubber:JpegScrubber`."""

    def load(self) -> Scrubber[Any]:
        """The scrubber itself. Its modules are imported when it is first asked for."""
        return _loaded(self.scrubber)


@cache
def _loaded(scrubber: str) -> Scrubber[Any]:
    module, _, name = scrubber.partition(":")
    made: Scrubber[Any] = getattr(importlib.import_module(module), name)()
    return made
