"""The GIF scrubber: screen, colour tables, pictures, their control and the loop stay; everything else goes.

Sources: GIF89a specification; Netscape's looping extension; ICC.1, annex B.5 (profiles in GIF).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from privkit.model import Finding, Level
from privkit.plugin import Clean, Piece, Policy, Range, Scrubber
from privkit.source import Source
from privkit.text import size

from ..metadata import icc, judges, xmp
from . import TYPES, telling
from .blocks import EXTENSION, ICC, MAGIC, XMP, Gif, Kind, Part
from .subblocks import sub_blocks
from .walk import walk

APPLICATION_HEAD = bytes((EXTENSION, 0xFF, 11))
ALWAYS_GONE = {
    Kind.TEXT: "text block",
    Kind.OTHER: "other data block",
    Kind.STRAY: "control block without a picture",
}


STAYS = Finding(
    "remains.all-but-place",
    Level.NOTE,
    "All but the place stays",
    "comments, captions, names and dates are still there, and a caption or comment may name a place",
    "for a copy that tells nothing, leave out --only location",
)


@dataclass
class Document:
    """A GIF with what cleaning asks for, each made when it is first asked for."""

    gif: Gif

    @cached_property
    def profile(self) -> Part | None:
        """The colour profile, or None. Of several the first counts."""
        return next((part for part in self.gif.parts if part.kind is Kind.PROFILE), None)

    @cached_property
    def loop(self) -> tuple[Part, Piece] | None:
        """The place of the loop (that of the first block) and the loop: browsers go by the last block."""
        loops = [part for part in self.gif.parts if part.kind is Kind.LOOP]
        if not loops:
            return None
        first, last = loops[0], loops[-1]
        return first, first.piece if first.data == last.data else last.data


class GifScrubber(Scrubber[Document]):
    id = "gif"
    title = "GIF pictures and animations"
    types = TYPES
    removes = (
        "comments, XMP, blocks of programs (application extensions) but the loop, unknown extensions",
        "plain text blocks, which hardly any program shows",
        "data behind a picture's end code within its blocks, and behind the end of the file",
        "unused bits of the control blocks and picture headers",
    )
    keeps = (
        "every picture with its colour table, place, time and transparency, bit for bit",
        "the loop",
        "colours (ICC profile reduced to colour, built anew)",
    )
    remains = (
        "colours in the colour tables that no pixel uses",
        "the encoder's habits: order of colours, choice of codes, sizes of data blocks",
        "parts of pictures that a later picture, or the edge of the screen, covers",
        "what the picture shows",
    )
    strict = ("ICC profile (colours may look different in the few programs that heed it)",)
    refuses = (
        "files without their end mark or with damaged picture data",
        "files with bytes between their blocks, which programs read differently",
    )
    judges = ("Pillow", "ExifTool (tests)")

    def read(self, source: Source) -> Document:
        return Document(walk(source))

    def dimensions(self, document: Document) -> tuple[int, int] | None:
        return document.gif.width, document.gif.height

    def inspect(self, document: Document) -> Iterator[Finding]:
        return telling.findings(document.gif)

    def thumbnails(self, document: Document) -> Iterator[bytes]:
        for part in document.gif.parts:
            if part.kind is Kind.PACKET and part.data:
                yield from xmp.thumbnails(part.data)

    def clean(self, document: Document, policy: Policy) -> Clean:
        return _without_location(document) if policy.only_location else _bare(document, policy)

    def shown(self, document: Document) -> Iterator[Piece]:
        """The screen, the colour tables, each picture with its control, and the loop."""
        return (piece for piece in (_shown(document, part) for part in document.gif.parts) if piece is not None)

    def objections(self, clean: Source, policy: Policy) -> Iterator[str]:
        if policy.only_location:
            yield from judges.place_objections(clean)
            return
        for objection in judges.objections(clean, frozenset()):
            if not (policy.keep_color and objection.endswith(f"application extension {ICC.decode()}")):
                yield objection

    def frames(self, source: Source) -> Iterator[bytes]:
        return judges.frames(source)


# Cleaning


def _shown(document: Document, part: Part) -> Piece | None:
    """What stands for a part in every clean copy, or None."""
    if part.kind is Kind.LOOP and document.loop is not None:
        return document.loop[1] if part is document.loop[0] else None
    return part.piece if part.kind is Kind.SHOWN else None


def _bare(document: Document, policy: Policy) -> Clean:
    """Only what is shown, and the colours if the policy keeps them."""
    pieces: list[Piece] = []
    removed: Counter[str] = Counter()
    kept: list[str] = []
    for part in document.gif.parts:
        piece = _shown(document, part)
        if part is document.profile:
            piece = _colour(part, policy)
            kept += ["colours"] if piece else []
            removed.update(_profile_words(part, piece))
        elif piece is None:
            removed[ALWAYS_GONE.get(part.kind, part.kind.value)] += 1
        pieces += [piece] if piece else []
    notes = tuple(_notes(document, policy, bool(kept)))
    return Clean(pieces, tuple(_words(removed, document)), tuple(kept), notes)


def _colour(part: Part, policy: Policy) -> Piece | None:
    """The profile reduced to colour; the range of the source where that is what stands there."""
    reduced = icc.reduced(part.data) if policy.keep_color else None
    if reduced is None:
        return None
    same = reduced == part.data and part.regular
    return Range(part.start, part.end) if same else APPLICATION_HEAD + ICC + sub_blocks(reduced)


def _profile_words(part: Part, piece: Piece | None) -> tuple[str, ...]:
    if piece is None:
        return (part.kind.value,)
    return () if isinstance(piece, Range) else ("text in the colour profile",)


def _words(removed: Counter[str], document: Document) -> Iterator[str]:
    """What the clean copy lacks; each kind once, with its number where there are several."""
    gif = document.gif
    for word, count in removed.items():
        yield word if count == 1 else f"{word} ({count})"
    loop = document.loop
    if loop is not None and isinstance(loop[1], bytes):
        yield "odd bytes in the loop block"
    if gif.hidden:
        yield f"{size(gif.hidden)} behind the end of a picture's data"
    if gif.stray:
        yield "unused bits"
    if gif.source.size > gif.end:
        yield f"{size(gif.source.size - gif.end)} behind the end of the file's last block"


def _notes(document: Document, policy: Policy, coloured: bool) -> Iterator[Finding]:
    """What looks or works differently in the clean copy."""
    if document.profile is not None and not coloured:
        why = "was not understood and is gone" if policy.keep_color else "is gone"
        yield _note("remains.colours", "Colours may look different", f"its colour profile {why}; few programs heed one in a GIF")
    if any(part.kind is Kind.TEXT for part in document.gif.parts):
        yield _note("remains.text-blocks", "Text blocks are gone", "hardly any program ever showed them")
    if policy.keep_date:
        yield _note("remains.date", "No date to keep", "a GIF has no place of its own for a date")


def _note(identifier: str, title: str, detail: str) -> Finding:
    return Finding(identifier, Level.NOTE, title, detail)


def _without_location(document: Document) -> Clean:
    """Everything that is understood, but the place."""
    pieces: list[Piece] = []
    removed: Counter[str] = Counter()
    for part in document.gif.parts:
        piece = _shown(document, part)
        if part.kind in (Kind.COMMENT, Kind.PROFILE):
            piece = Range(part.start, part.end)
        elif part.kind is Kind.PACKET:
            piece = _packet_without_location(part)
            if isinstance(piece, bytes):
                removed["the place and what may hold it in XMP"] += 1
        if piece is None:
            removed[ALWAYS_GONE.get(part.kind, part.kind.value)] += 1
        else:
            pieces.append(piece)
    return Clean(pieces, tuple(_words(removed, document)), ("everything else that is understood",), (STAYS,))


def _packet_without_location(part: Part) -> Piece | None:
    """The XMP block without a place; None where it is not understood."""
    without = xmp.without_location(part.data) if part.data else None
    if not without or b"\0" in without:
        return None
    made = APPLICATION_HEAD + XMP + without + MAGIC
    return Range(part.start, part.end) if without == part.data and part.regular else made
