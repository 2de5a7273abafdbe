"""Walks a PNG or APNG once, checks it, and says what each part is.

Source: W3C PNG specification, third edition, sections 5.6 (chunk ordering), 11.3.6 (animation), 13.2 (error handling).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from privkit.errors import Broken, Refused
from privkit.source import Source

from . import SIGNATURE, chunks
from .chunks import RULES, Chunk, Header
from .pixels import Rows, Stream

MOST_PARTS = 20_000
"""Chunks other than picture data, and frames, beyond which we refuse."""
LARGEST_REBUILT = 4 * 1024 * 1024
"""Bytes of a colour profile or EXIF block that we look into; a larger one is left out."""
REBUILT = frozenset({b"iCCP", b"eXIf"})


@dataclass(slots=True)
class Png:
    """A PNG as it was read: its parts in order, and where it ends."""

    source: Source
    header: Header
    parts: list[Chunk | Stream] = field(default_factory=list)
    animated: bool = False
    end: int = 0
    """Behind IEND; what follows is no part of the picture."""


class Reader:
    """Reads one PNG; see `read`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.parts: list[Chunk | Stream] = []
        self.header = self._header()
        self.entries = self.count = 0
        self.seen: set[bytes] = set()
        self.open: tuple[Rows, Stream] | None = None  # the picture data that are being followed
        self.pictured = False  # an IDAT was seen
        self.frames: int | None = None  # announced by acTL
        self.controls = self.number = 0  # fcTL chunks seen, next sequence number
        self.waiting: tuple[int, int] | None = None  # size of the frame that the last fcTL announced

    def read(self) -> Png:
        for chunk in chunks.walk(self.source, self.parts[0].end):
            self._chunk(chunk)
        self._close()
        if not self.pictured:
            raise Broken("there is no picture in this PNG")
        if self.waiting or self.controls != (self.frames or 0):
            raise Broken("the animation holds another number of frames than it announces")
        return Png(self.source, self.header, self.parts, self.frames is not None, chunk.end)

    def _header(self) -> Header:
        """The signature and IHDR, which is the first chunk."""
        if self.source.read(0, min(8, self.source.size)) != SIGNATURE:
            raise Broken("this is not a PNG")
        chunk = next(chunks.walk(self.source, 8))
        if chunk.name == b"CgBI":
            raise Refused("this is a picture out of an iPhone app, not a standard PNG", "Export it as PNG first.")
        if chunk.name != b"IHDR":
            raise Broken("the PNG does not start with its header")
        data = self._content(chunk)
        self._keep(chunk, data, data)
        self.parts.append(chunk)
        return chunks.header(data)

    def _chunk(self, chunk: Chunk) -> None:
        self.count += 1
        if self.count > chunks.MOST_CHUNKS or len(self.parts) > MOST_PARTS:
            raise Refused("this PNG is made of more pieces than any real one")
        if chunk.name in (b"IDAT", b"fdAT"):
            self._data(chunk)
            return
        self._close_picture(chunk)
        handler = {
            b"IHDR": self._ihdr,
            b"PLTE": self._plte,
            b"IEND": self._iend,
            b"acTL": self._actl,
            b"fcTL": self._fctl,
        }.get(chunk.name, self._other)
        handler(chunk)
        self.seen.add(chunk.name)
        self.parts.append(chunk)

    def _content(self, chunk: Chunk, most: int = 1024) -> bytes:
        """The data of a chunk that nothing works without."""
        if chunk.length > most or not chunks.is_sound(self.source, chunk):
            raise Broken(f"a part of the file that is needed is damaged ({chunk.name.decode()})")
        return self.source.read(chunk.content, chunk.length)

    def _keep(self, chunk: Chunk, data: bytes, canonical: bytes | None) -> None:
        chunk.data, chunk.exact = canonical, canonical == data

    def _ihdr(self, chunk: Chunk) -> None:
        raise Broken("the PNG has two headers")

    def _plte(self, chunk: Chunk) -> None:
        if b"PLTE" in self.seen or self.pictured:
            raise Broken("the PNG has its colour table twice or in a wrong place")
        data = self._content(chunk)
        canonical = chunks.palette(self.header, data)
        self.entries = len(canonical or b"") // 3
        self._keep(chunk, data, canonical)

    def _iend(self, chunk: Chunk) -> None:
        if not chunks.is_sound(self.source, chunk):
            raise Broken("the end of the PNG is damaged")
        self._keep(chunk, self.source.read(chunk.content, min(1, chunk.length)), b"")

    def _other(self, chunk: Chunk) -> None:
        """An ancillary chunk: what is not on the allow-list, damaged, out of place or there twice is left out."""
        if chunk.critical:
            raise Refused(f"this PNG needs a part that we do not know ({chunk.name.decode()}): left out, it could look different")
        if chunk.name == b"tRNS":
            self._trns(chunk)
        elif self._allowed(chunk) and chunk.name in REBUILT:
            chunk.data = b""
        elif self._allowed(chunk) and chunk.name in RULES and chunk.length <= 1024:
            data = self.source.read(chunk.content, chunk.length)
            self._keep(chunk, data, RULES[chunk.name](self.header, self.entries, data))

    def _allowed(self, chunk: Chunk) -> bool:
        """The first one of its kind, whole, before the picture (EXIF: anywhere)."""
        place = chunk.name == b"eXIf" or not self.pictured
        return chunk.name not in self.seen and place and chunk.length <= LARGEST_REBUILT and chunks.is_sound(self.source, chunk)

    def _trns(self, chunk: Chunk) -> None:
        """Transparency. Decoders do not agree on what to do with a wrong one."""
        if self.header.colour in (4, 6):
            return
        canonical = None
        if self._allowed(chunk) and chunk.length <= 256:
            data = self.source.read(chunk.content, chunk.length)
            canonical = RULES[b"tRNS"](self.header, self.entries, data)
            self._keep(chunk, data, canonical)
        if canonical is None:
            raise Refused("the transparency of this PNG is damaged: programs show it in different ways")

    # Picture data

    def _start(self, chunk: Chunk, width: int, height: int) -> None:
        if self.header.colour == chunks.PALETTE and not self.entries:
            raise Broken("the PNG has no colour table")
        rows = Rows(self.header, width, height)
        stream = Stream(chunk.name, chunk.start, chunk.start, rows.expected)
        self.open = rows, stream
        self.parts.append(stream)
        self.waiting = None

    def _data(self, chunk: Chunk) -> None:
        """IDAT or fdAT. What belongs to no picture is left out."""
        if chunk.name == b"fdAT" or self.pictured:
            self._close_picture(chunk)
        if chunk.name == b"fdAT" and self.frames is not None:
            self._frame_data(chunk)
        elif chunk.name == b"IDAT" and not self.pictured:
            self.pictured = True
            self._start(chunk, self.header.width, self.header.height)
        if self.open is not None and self.open[1].name == chunk.name:
            self._feed(chunk, *self.open)
        else:
            self.parts.append(chunk)

    def _frame_data(self, chunk: Chunk) -> None:
        """fdAT: the data of a frame that is not the first picture. Section 11.3.6.3."""
        if self.waiting is not None:
            self._start(chunk, *self.waiting)
        if self.open is None or chunk.length < 4:
            raise Broken("the animation has picture data that belong to no frame")
        self._sequence(self.source.read(chunk.content, 4))

    def _feed(self, chunk: Chunk, rows: Rows, stream: Stream) -> None:
        """The data of a chunk to the stream that is open, and to its CRC."""
        done, crc, skipped = rows.ended or rows.surplus, zlib.crc32(chunk.name), stream.head
        for view in self.source.chunks(chunk.content, chunk.end - 4):
            crc = zlib.crc32(view, crc)
            rows.feed(view[skipped:])
            skipped = 0
        if crc != chunks.stored_crc(self.source, chunk):
            raise Broken("the picture data are damaged")
        stream.behind += chunk.length - stream.head
        stream.plain = stream.plain and not done and stream.end == chunk.start
        stream.end = stream.end if done else chunk.end

    def _close_picture(self, chunk: Chunk) -> None:
        """IDAT chunks stand together; the data of a frame reach to the next fcTL or the end."""
        if self.open is None:
            return
        if (self.open[1].name == b"IDAT" and chunk.name != b"IDAT") or chunk.name in (b"fcTL", b"IEND"):
            self._close()

    def _close(self) -> None:
        if self.open is None:
            return
        rows, stream = self.open
        rows.finish()
        stream.used, stream.checksum, stream.exact = rows.used, rows.checksum, not rows.surplus
        stream.behind -= stream.used
        stream.plain = stream.plain and stream.exact and not stream.behind
        self.open = None

    # Animation

    def _sequence(self, data: bytes) -> None:
        if int.from_bytes(data, "big") != self.number:
            raise Broken("the parts of the animation are not in order")
        self.number += 1

    def _actl(self, chunk: Chunk) -> None:
        """Announces an animation, before the picture; elsewhere it means nothing. Section 11.3.6.1."""
        if self.pictured:
            return
        if self.frames is not None or chunk.length != 8:
            raise Refused("the animation in this PNG is announced in a way that is not understood")
        data = self._content(chunk)
        self.frames = int.from_bytes(data[:4], "big")
        if not self.frames:
            raise Broken("the animation announces no frame")
        self._keep(chunk, data, data)

    def _fctl(self, chunk: Chunk) -> None:
        """A frame: its size, place, time. Section 11.3.6.2."""
        if self.frames is None:
            return
        data = self._content(chunk)
        if self.waiting is not None or len(data) != 26:
            raise Broken("the animation has a frame without a picture")
        number, width, height, x, y, _, _, dispose, blend = struct.unpack(">4sIIIIHHBB", data)
        self._sequence(number)
        whole = (width, height, x, y) == (self.header.width, self.header.height, 0, 0)
        inside = width and height and x + width <= self.header.width and y + height <= self.header.height
        if not inside or dispose > 2 or blend > 1 or not (self.pictured or whole):
            raise Broken("the animation has a frame that makes no sense")
        self.waiting = (width, height)
        self.controls += 1
        self._keep(chunk, data, data)


def read(source: Source) -> Png:
    """The PNG in `source`. Raises Broken or Refused."""
    return Reader(source).read()
