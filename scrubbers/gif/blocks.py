"""The blocks of a GIF file, sorted into parts. Source: GIF89a specification, sections 17 to 27."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from privkit.plugin import Piece, Range
from privkit.source import Source

EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B
PLAIN_TEXT, CONTROL, COMMENT, APPLICATION = 0x01, 0xF9, 0xFE, 0xFF
XMP, ICC = b"XMP DataXMP", b"ICCRGBG1012"
LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
MAGIC = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
"""Behind an XMP packet: leads a reader of sub-blocks to its end, wherever it comes from."""


class Kind(Enum):
    """What a part is there for."""

    SHOWN = "what is shown"
    CONTROL = "control of a picture"
    LOOP = "loop"
    PROFILE = "colour profile"
    PACKET = "XMP"
    COMMENT = "comment"
    TEXT = "text block"
    OTHER = "other data"
    STRAY = "a control block without a picture"


@dataclass(slots=True)
class Part:
    """One or more neighbouring blocks of one kind."""

    kind: Kind
    start: int
    end: int
    made: bytes | None = None
    """What stands for them in a clean copy, where that differs."""
    data: bytes = b""
    """Their content, where it is looked at: a profile, a packet, the start of a text."""
    name: str = ""
    regular: bool = False
    """Whether a profile or packet stands just as a clean copy has it: in blocks of 255, or with its magic trailer."""

    @property
    def piece(self) -> Piece:
        return Range(self.start, self.end) if self.made is None else self.made


@dataclass(slots=True)
class Gif:
    """The structure of one GIF file."""

    source: Source
    width: int
    height: int
    parts: list[Part] = field(default_factory=list)
    end: int = 0
    """Behind the trailer."""
    frames: int = 0
    stray: int = 0
    """How often bits that nothing needs are set to zero."""
    hidden: int = 0
    """Bytes behind the coded data of pictures, within their blocks."""
