"""The PNG scrubber: an allow-list of chunks; rotation and colour profile built anew.

What is kept as it is: the coded picture, and chunks of fixed length that decide how it looks. Built anew: iCCP
(colour only), eXIf (one tag or few). Cut: bytes behind the picture data and behind the end. All else goes.
What it does not remove: what is hidden in the pixels themselves, and the colours of fully transparent ones.
Source: W3C PNG specification, third edition.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from privkit.errors import Refused
from privkit.model import Finding, Level
from privkit.plugin import Clean, Piece, Policy, Range, Scrubber
from privkit.source import Source

from ..metadata import exif, icc, judges
from . import OTHERS, SIGNATURE, TYPES, pixels, telling
from .chunks import COLOURS, SHOWN, SRGB, Chunk, built
from .pixels import Stream
from .place import without_place
from .reader import Png, read
from .texts import TEXTS

MOST_WORDS = 12


@dataclass(slots=True)
class Copy(Iterable[Piece]):
    """The pieces of a clean copy, made again each time they are asked for; picture data are packed only then."""

    document: Png
    parts: list[Piece | Stream | Chunk] = field(default_factory=list)
    """Neighbouring ranges are joined; a Stream or an fcTL chunk is made when it is its turn."""

    def add(self, part: Piece | Stream | Chunk) -> None:
        last = self.parts[-1] if self.parts else None
        if isinstance(part, Range) and isinstance(last, Range) and last.end == part.start:
            self.parts[-1] = Range(last.start, part.end)
        else:
            self.parts.append(part)

    def __iter__(self) -> Iterator[Piece]:
        numbers = itertools.count()
        for part in self.parts:
            if isinstance(part, Stream):
                yield from pixels.pieces(self.document.source, part, numbers)
            elif isinstance(part, Chunk):
                yield built(part.name, struct.pack(">I", next(numbers)) + (part.data or b"")[4:])
            else:
                yield part


class PngScrubber(Scrubber[Png]):
    id = "png"
    title = "PNG pictures"
    types = TYPES
    removes = (
        "texts: author, comments, software, times, AI prompts, drawings, paths of files",
        "EXIF, XMP and IPTC in every form, thumbnails in them, the time of the last change",
        "content credentials, suggested palettes, every private or unknown part",
        "data behind the end (the rest of a cropped picture) and hidden in the picture data",
    )
    keeps = (
        "the coded picture and all frames of an animation, byte for byte",
        "rotation and colours (ICC profile reduced to colour), each built anew",
        "pixel density",
    )
    remains = (
        "how the picture was packed, which hints at the program",
        "the colours of fully transparent pixels and unused colours of a palette",
        "bits that fill up rows of pixels smaller than a byte",
        "what the picture shows",
    )
    strict = (
        "rotation (the picture may lie on its side)",
        "ICC profile, gamma and primaries (colours may look different)",
        "pixel density (printed size may differ)",
    )
    refuses = ("MNG and JNG", "pictures out of iPhone apps (CgBI)", "files that need parts which the standard does not know")
    judges = ("exifread", "Pillow", "ExifTool (tests)")

    def read(self, source: Source) -> Png:
        name = OTHERS.get(source.read(0, min(8, source.size)))
        if name is not None:
            raise Refused(f"{name} animations cannot be cleaned safely", "Export it as PNG, GIF or WebP first.")
        return read(source)

    def dimensions(self, document: Png) -> tuple[int, int] | None:
        return document.header.width, document.header.height

    def inspect(self, document: Png) -> Iterator[Finding]:
        return telling.findings(document)

    def thumbnails(self, document: Png) -> Iterator[bytes]:
        return telling.thumbnails(document)

    def clean(self, document: Png, policy: Policy) -> Clean:
        return _Cleaner(document, policy).clean()

    def shown(self, document: Png) -> Iterator[Piece]:
        """Header, palette, transparency, frames and the compressed rows of each; not how they are cut into chunks."""
        for part in document.parts:
            if isinstance(part, Stream):
                yield part.name
                yield from pixels.compressed(document.source, part)
            elif part.data is not None and part.name in SHOWN | {b"fcTL"}:
                data = part.data[4:] if part.name == b"fcTL" else part.data
                yield part.name + struct.pack(">I", len(data)) + data

    def objections(self, clean: Source, policy: Policy) -> Iterator[str]:
        if policy.only_location:
            return judges.place_objections(clean)
        return judges.objections(clean, _allowed_exif(policy))

    def frames(self, source: Source) -> Iterator[bytes]:
        return judges.frames(source)


def _allowed_exif(policy: Policy) -> frozenset[str]:
    """exifread's names of the tags that `exif.keepsakes` may build under this policy."""
    allowed = {"Image Orientation"} if policy.keep_orientation else set()
    if policy.keep_date:
        allowed |= {"Image ExifOffset", "EXIF DateTimeOriginal"}
    if policy.keep_color:
        allowed |= {
            "Image ExifOffset",
            "EXIF ColorSpace",
            "EXIF InteroperabilityOffset",
            "Interoperability InteroperabilityIndex",
        }
    return frozenset(allowed)


class _Cleaner:
    """Decides, chunk by chunk, what a clean copy holds."""

    def __init__(self, document: Png, policy: Policy) -> None:
        self.document = document
        self.policy = policy
        self.copy = Copy(document)
        self.removed: Counter[str] = Counter()
        self.kept: dict[str, None] = {}
        self.notes: list[Finding] = []
        self.texts = 0
        self.renumber = any(isinstance(part, Stream) and part.head and not part.plain for part in document.parts)

    def clean(self) -> Clean:
        self.copy.add(Range(0, len(SIGNATURE)))
        for part in self.document.parts:
            if isinstance(part, Stream):
                self._stream(part)
            else:
                self._chunk(part)
        if self.document.end < self.document.source.size:
            self.removed["data behind the end of the picture"] += 1
        if self.policy.only_location:
            self.kept = {"everything else that is understood": None}
            self.notes.append(_STAYS)
        return Clean(self.copy, tuple(self._words()), tuple(self.kept), tuple(self.notes))

    def _words(self) -> Iterator[str]:
        listed = list(self.removed.items())
        for name, count in listed[:MOST_WORDS]:
            yield name if count == 1 or name.isupper() else f"{name} ({count})"
        if len(listed) > MOST_WORDS:
            yield f"{len(listed) - MOST_WORDS} more kinds of data"

    def _stream(self, stream: Stream) -> None:
        if stream.plain and not (self.renumber and stream.head):
            self.copy.add(Range(stream.start, stream.end))
            return
        if not stream.exact:
            self.removed["rows or data hidden in the picture data"] += 1
        elif stream.behind:
            self.removed["data hidden behind the picture data"] += 1
        self.copy.add(stream)

    def _chunk(self, chunk: Chunk) -> None:
        if chunk.name == b"fcTL" and chunk.data is not None:
            self.copy.add(chunk if self.renumber else Range(chunk.start, chunk.end))
        elif self.policy.only_location and not chunk.critical and chunk.name not in SHOWN:
            self._put(chunk, self._without_place(chunk))
        elif chunk.name == b"iCCP":
            self._put(chunk, self._profile(chunk))
        elif chunk.name == b"eXIf":
            self._put(chunk, self._exif(chunk))
        elif chunk.data is None or not self._wanted(chunk):
            self._put(chunk, None)
        elif chunk.exact:
            self.copy.add(Range(chunk.start, chunk.end))
        else:
            self._put(chunk, built(chunk.name, chunk.data))

    def _without_place(self, chunk: Chunk) -> bytes | None:
        """The texts beyond a bound on the work are left out unread."""
        self.texts += chunk.name in TEXTS
        return without_place(self.document.source, chunk) if self.texts <= telling.MOST_TEXTS else None

    def _put(self, chunk: Chunk, new: bytes | None) -> None:
        """The chunk as it is to be; None leaves it out. What differs from the original is told."""
        old = chunk.end - chunk.start
        if new is not None and len(new) == old and new == self.document.source.read(chunk.start, old):
            self.copy.add(Range(chunk.start, chunk.end))
            return
        if new is not None:
            self.copy.add(new)
        self.removed[self._loss(chunk, new)] += 1

    def _loss(self, chunk: Chunk, new: bytes | None) -> str:
        name = telling.name(self.document, chunk)
        if new is None or chunk.name == b"IEND":
            return name
        if self.policy.only_location and chunk.name not in SHOWN:
            return f"the place and what may hold it in {name}"
        return {b"iCCP": "text in the colour profile", b"eXIf": "EXIF"}.get(chunk.name, f"unused values ({chunk.name.decode()})")

    def _wanted(self, chunk: Chunk) -> bool:
        if chunk.name in COLOURS and not self.policy.keep_color and chunk.data != SRGB.get(chunk.name):
            self._note("colours", "Colours may look different", "what it says of its colours is gone")
            return False
        if chunk.name == b"pHYs" and self.policy.strict:
            self._note("density", "Printed size may differ", "its pixel density is gone")
            return False
        return True

    def _note(self, what: str, title: str, detail: str, advice: str = "") -> None:
        note = Finding(f"remains.{what}", Level.NOTE, title, detail, advice)
        if all(note.id != there.id for there in self.notes):
            self.notes.append(note)

    def _profile(self, chunk: Chunk) -> bytes | None:
        """iCCP with the profile reduced to colour, under a neutral name."""
        if chunk.data is None:
            return None  # damaged, in a wrong place or a second one: no viewer uses it
        content = telling.profile(self.document, chunk)[1] if self.policy.keep_color else b""
        reduced = icc.reduced(content) if content else None
        if reduced is None:
            why = "was not understood and is gone" if self.policy.keep_color else "is gone"
            self._note("colours", "Colours may look different", f"its colour profile {why}")
            return None
        self.kept["colours"] = None
        return built(b"iCCP", telling.NEUTRAL.encode() + b"\0\0" + zlib.compress(reduced, 9))

    def _exif(self, chunk: Chunk) -> bytes | None:
        """eXIf with what the policy keeps of it."""
        if chunk.data is None:
            return None
        block = telling.exif_block(self.document, chunk)
        kept = exif.keepsakes(block, self.policy)
        self.kept.update(dict.fromkeys(kept.words))
        if exif.orientation(block) is not None and not self.policy.keep_orientation:
            why = "its rotation was only a tag, which is gone"
            self._note("turned", "The picture may lie on its side", why, "keep it with: --keep orientation")
        return built(b"eXIf", kept.tiff) if kept.tiff else None


_STAYS = Finding(
    "remains.all-but-place",
    Level.NOTE,
    "All but the place stays",
    "times, device, names, captions and comments are still there, and a text may name a place",
    "for a copy that tells nothing, leave out --only location",
)
