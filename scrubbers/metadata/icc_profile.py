"""The outer form of a colour profile: its header and the table of its tags.

Source: ICC.1:2022, sections 7.2 and 7.3.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .icc_types import LARGEST, u32

HEADER = 128
MOST_TAGS = 256
SPACES = {b"GRAY": 1, b"RGB ": 3, b"CMY ": 3, b"CMYK": 4, b"Lab ": 3, b"Luv ": 3, b"XYZ ": 3, b"YCbr": 3, b"Yxy ": 3}
SPACES |= {b"HSV ": 3, b"HLS ": 3} | {f"{number:X}CLR".encode(): number for number in range(2, 16)}
"""Colour spaces of a device and how many channels each has (table 19)."""
CONNECTION = {b"XYZ ": 3, b"Lab ": 3}
CLASSES = (b"scnr", b"mntr", b"prtr", b"spac")
"""Kinds of profile that belong into a picture; links, abstract ones and named colours do not (table 18)."""
VERSIONS = {2: range(5), 4: range(5)}


@dataclass(frozen=True, slots=True)
class Tag:
    """A row of the tag table: its name, and where its bytes stand in the profile."""

    name: bytes
    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile whose header holds together. `data` ends where the header says."""

    data: bytes
    tags: tuple[Tag, ...]
    behind: int
    """Bytes that follow the end that the header gives."""

    @property
    def major(self) -> int:
        return self.data[8]

    @property
    def kind(self) -> bytes:
        return self.data[12:16]

    @property
    def space(self) -> bytes:
        return self.data[16:20]

    @property
    def connection(self) -> bytes:
        return self.data[20:24]

    def body(self, tag: Tag, most: int = LARGEST) -> bytes:
        """The bytes of a tag, or the first `most` of them."""
        return self.data[tag.start : min(tag.end, tag.start + most)]


def parse(profile: bytes) -> Profile | None:
    """The header and tags of a profile, or None where they do not hold together. Tags may still lie about their place."""
    size = u32(profile, 0)
    if not HEADER + 4 <= size <= min(len(profile), LARGEST) or profile[36:40] != b"acsp":
        return None
    count = u32(profile, HEADER)
    if count > MOST_TAGS or HEADER + 4 + 12 * count > size:
        return None
    rows = struct.iter_unpack(">4sII", profile[HEADER + 4 : HEADER + 4 + 12 * count])
    return Profile(profile[:size], tuple(Tag(*row) for row in rows), len(profile) - size)


def shows_pictures(profile: Profile) -> bool:
    """Whether this is a profile that tells the colours of a picture, in a version that we know."""
    return (
        profile.kind in CLASSES
        and profile.space in SPACES
        and profile.connection in CONNECTION
        and profile.data[9] >> 4 in VERSIONS.get(profile.major, ())
    )


def header(profile: Profile, size: int) -> bytes:
    """A header that says what colours need and nothing else: no maker, model, program, date, flags or identity."""
    version = bytes([profile.major, profile.data[9] & 0xF0, 0, 0])
    intent = u32(profile.data, 64)
    illuminant = struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)  # D50, the only one that is allowed (7.2.16)
    start = struct.pack(">I4s4s12s12s4s", size, b"", version, profile.data[12:24], b"", b"acsp")
    return (start + bytes(24) + struct.pack(">I", intent if intent < 4 else 0) + illuminant).ljust(HEADER, b"\0")
