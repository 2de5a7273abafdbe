"""Walks the blocks of a GIF file and sorts them into parts: what is shown, and what stands beside.

Source: GIF89a specification, sections 17 to 27 and appendix F; XMP specification part 3, section 1.1.2.
"""

from __future__ import annotations

from dataclasses import dataclass

from privkit.errors import Broken, Refused
from privkit.source import Source

from . import SIGNATURES
from .blocks import (
    APPLICATION,
    COMMENT,
    CONTROL,
    EXTENSION,
    ICC,
    IMAGE,
    LOOPS,
    MAGIC,
    PLAIN_TEXT,
    TRAILER,
    XMP,
    Gif,
    Kind,
    Part,
)
from .lzw import MOST_SEGMENTS, End, measure
from .subblocks import SubBlocks, sub_blocks

MOST_BLOCKS = 60_000
LARGEST_TEXT = 2_000
LARGEST_DATA = 8 * 1024 * 1024
"""Bytes of texts, profiles and XMP packets that are looked at, all together."""


def walk(source: Source) -> Gif:
    """Read a GIF from its header to its trailer. Raises Broken where it ends early or contradicts itself."""
    head = source.read(0, 13)
    if not head.startswith(SIGNATURES):
        raise Refused("this is not a GIF file of a known version")
    gif = Gif(source, int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little"))
    _Walk(gif).run(13 + _table(head[10]))
    return gif


def _table(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


@dataclass(slots=True)
class _Walk:
    gif: Gif
    control: Part | None = None
    """The graphic control extension that waits for its picture."""
    data: int = 0
    """Bytes of content that are held."""
    segments: int = MOST_SEGMENTS
    """Clear codes that may still come."""

    def run(self, at: int) -> None:
        source = self.gif.source
        if at > source.size:
            raise Broken("the file ends in the middle of its colour table")
        self.add(Part(Kind.SHOWN, 0, at))
        for _ in range(MOST_BLOCKS):
            if at >= source.size:
                raise Broken("the file ends before its end mark")
            kind = source.read(at, 1)[0]
            if kind == TRAILER:
                self.finish(at)
                return
            at = self.image(at) if kind == IMAGE else self.extension(at, kind)
        raise Refused(f"the file has more than {MOST_BLOCKS} blocks, more than any real one")

    def finish(self, at: int) -> None:
        if not self.gif.frames:
            raise Broken("the file holds no picture")
        self.drop_control()
        self.add(Part(Kind.SHOWN, at, at + 1))
        self.gif.end = at + 1

    def add(self, part: Part) -> None:
        """Add a part that is shown; what is kept as it is runs together with what stands before it."""
        if part.start == part.end:
            return
        last = self.gif.parts[-1] if self.gif.parts else None
        if last and last.kind is part.kind and part.made is last.made is None and last.end == part.start:
            last.end = part.end
        else:
            self.gif.parts.append(part)

    def drop_control(self) -> None:
        if self.control is not None:
            self.control.kind = Kind.STRAY
            self.control = None

    # Pictures

    def image(self, at: int) -> int:
        """An image descriptor, its colour table and its data (sections 20 to 22); where the next block starts."""
        source = self.gif.source
        head = source.read(at, 10)
        data = at + 11 + _table(head[9])
        self._claim_control()
        plain = head[:9] + bytes((head[9] & 0xE7,))  # two bits are reserved
        self._mended(at, at + 10, plain if plain != head else None)
        self.add(Part(Kind.SHOWN, at + 10, data))
        blocks = SubBlocks(source, data)
        chunks = blocks.chunks()
        size = source.read(data - 1, 1)[0]
        pixels = int.from_bytes(head[5:7], "little") * int.from_bytes(head[7:9], "little")
        if not pixels:
            raise Refused("a picture in this file is 0 pixels wide or high: programs show it in different ways")
        end = measure(chunks, size, pixels, self.segments)
        self.segments -= end.segments
        for _ in chunks:
            pass
        self._picture_data(blocks, end, size)
        self.gif.frames += 1
        return blocks.end

    def _claim_control(self) -> None:
        """The waiting control block belongs to this picture: from now on it is shown."""
        if self.control is not None:
            self.control.kind = Kind.SHOWN
            self.control = None

    def _mended(self, start: int, end: int, made: bytes | None) -> None:
        self.add(Part(Kind.SHOWN, start, end, made))
        if made is not None:
            self.gif.stray += 1

    def _picture_data(self, blocks: SubBlocks, end: End, size: int) -> None:
        """Keep the sub-blocks as they are if the coded data fill them; else cut them behind the last code."""
        needed, spare = (end.bits + 7) // 8, -end.bits % 8
        total = sum(blocks.lengths)
        at, last = blocks.cut(needed)
        exact = last[:-1] + bytes((last[-1] & 0xFF >> spare,)) if last else b""
        if total == needed and exact == last:
            self.add(Part(Kind.SHOWN, blocks.start, blocks.end))
            return
        if total > needed + 1:
            self.gif.hidden += total - needed
        else:
            self.gif.stray += 1
        self.add(Part(Kind.SHOWN, blocks.start, at))
        self.add(Part(Kind.SHOWN, at, blocks.end, sub_blocks(_with_end_code(exact, end, size))))

    # Extensions

    def extension(self, at: int, kind: int) -> int:
        """An extension (sections 23 to 26), sorted by its label; where the next block starts."""
        if kind != EXTENSION:
            raise Broken("the file holds bytes between its blocks that belong to none")
        label = self.gif.source.read(at, 2)[1]
        blocks = SubBlocks(self.gif.source, at + 2)
        if label == CONTROL:
            self._control(at, blocks)
        elif label == APPLICATION:
            self._application(at, blocks)
        else:
            kind_of = {COMMENT: Kind.COMMENT, PLAIN_TEXT: Kind.TEXT}.get(label, Kind.OTHER)
            data = self._held(blocks, LARGEST_TEXT)
            if label == PLAIN_TEXT:
                data = data[blocks.lengths[0] if blocks.lengths else 0 :]
            self.gif.parts.append(Part(kind_of, at, blocks.end, None, data, f"extension {label:02X}"))
        return blocks.end

    def _held(self, blocks: SubBlocks, most: int) -> bytes:
        data = blocks.beginning(min(most, LARGEST_DATA - self.data))
        self.data += len(data)
        return data

    def _control(self, at: int, blocks: SubBlocks) -> None:
        """A graphic control extension: exactly four bytes (section 23). Of several before one picture the last counts."""
        data = blocks.beginning(5)
        if len(data) < 4:
            raise Broken("a block that controls a picture is too short")
        self.drop_control()
        index = data[3] if data[0] & 1 else 0  # the transparent colour, where there is one
        made = bytes((EXTENSION, CONTROL, 4, data[0] & 0x1F)) + data[1:3] + bytes((index, 0))
        same = blocks.end - at == 8 and self.gif.source.read(at, 8) == made
        if not same:
            self.gif.stray += 1
        self.control = Part(Kind.CONTROL, at, blocks.end, None if same else made)
        self.gif.parts.append(self.control)

    def _application(self, at: int, blocks: SubBlocks) -> None:
        """An application extension (section 26), known by the eleven bytes of its name."""
        source = self.gif.source
        head = source.read(at, min(14, source.size - at))
        name = head[3:14] if head[2:3] == b"\x0b" and len(head) == 14 else b""
        if name in LOOPS:
            part = self._loop(at, blocks, head)
        elif name == ICC:
            part = self._profile(at, blocks)
        elif name == XMP:
            part = self._packet(at, blocks)
        else:
            blocks.skip()
            part = Part(Kind.OTHER, at, blocks.end, name=(name or head[3:14]).decode("latin-1"))
        self.gif.parts.append(part)

    def _profile(self, at: int, blocks: SubBlocks) -> Part:
        """A colour profile, in sub-blocks (ICC.1, annex B.5)."""
        data = self._held(blocks, LARGEST_DATA)[11:]
        length = sum(blocks.lengths) - 11
        blocks_of_255 = all(size == 255 for size in blocks.lengths[1:-1]) and len(blocks.lengths) == 1 + -(-length // 255)
        return Part(Kind.PROFILE, at, blocks.end, None, data, regular=blocks_of_255 and len(data) == length)

    def _packet(self, at: int, blocks: SubBlocks) -> Part:
        """An XMP packet: as it stands in the file, before the magic trailer; or within sub-blocks, as some wrote it."""
        blocks.skip()
        start = at + 14
        if blocks.end - start > LARGEST_DATA - self.data:
            return Part(Kind.PACKET, at, blocks.end)
        raw = self.gif.source.read(start, blocks.end - start)
        regular = raw.endswith(MAGIC)
        data = raw[: -len(MAGIC)] if regular else SubBlocks(self.gif.source, start).beginning(LARGEST_DATA)
        self.data += len(data)
        return Part(Kind.PACKET, at, blocks.end, None, data, regular=regular)

    def _loop(self, at: int, blocks: SubBlocks, head: bytes) -> Part:
        """How often the animation runs: three bytes, of which two are the number; 0 is for ever."""
        number = _loop_number(blocks.beginning(4096), blocks)
        if number is None:
            return Part(Kind.OTHER, at, blocks.end, name=head[3:14].decode("latin-1"))
        made = head + b"\x03\x01" + number + b"\0"
        same = blocks.end - at == len(made) and self.gif.source.read(at, len(made)) == made
        return Part(Kind.LOOP, at, blocks.end, None if same else made, made)


def _loop_number(data: bytes, blocks: SubBlocks) -> bytes | None:
    """The two bytes behind the number 1, in the sub-block that starts with it; other numbers ask for a buffer."""
    at = 0
    for length in blocks.lengths:
        if at >= 11 and length >= 3 and data[at : at + 1] == b"\x01" and at + 3 <= len(data):
            return data[at + 1 : at + 3]
        at += length
    return None


def _with_end_code(data: bytes, end: End, size: int) -> bytes:
    """The coded data with the end code behind them (appendix F), where it is missing."""
    if end.closed:
        return data
    code = (1 << size) + 1
    number = int.from_bytes(data, "little") | code << (len(data) * 8 - -end.bits % 8)
    return number.to_bytes(len(data) + 2, "little")[: (len(data) * 8 - -end.bits % 8 + end.width + 7) // 8]
