"""Photoshop's image resources: numbered blocks that hold IPTC, EXIF, XMP, profiles, small copies and much else.

Source: Adobe Photoshop File Formats Specification, section "Image Resource Blocks".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

HEAD = b"Photoshop 3.0\0"
SIGNATURES = (b"8BIM", b"PHUT", b"AgHg", b"DCSR", b"MeSa")
NEXT = re.compile(b"|".join(SIGNATURES))
LARGEST = 64 * 1024 * 1024
MOST = 2048

IPTC, OLD_SMALL_COPY, URL, SMALL_COPY, ICC = 0x0404, 0x0409, 0x040B, 0x040C, 0x040F
EXIF, EXIF_3, XMP, DIGEST, CAPTION = 0x0422, 0x0423, 0x0424, 0x0425, 0x03F0
NUMBERS: dict[int, tuple[int, ...]] = {
    0x03E8: (10,),  # channels, rows, columns, depth, mode
    0x03ED: (16,),  # resolution
    0x03F3: (8, 9, 10),  # print flags
    0x03F5: (72,),  # halftone
    0x03F8: (112,),  # transfer functions
    0x0400: (2,),  # layer state
    0x0402: (2,),  # layer groups
    0x0406: (7, 8),  # JPEG quality
    0x0408: (16,),  # grid, without guides
    0x040A: (1,),  # copyright flag
    0x040D: (4,),  # global angle
    0x0410: (1,),
    0x0411: (1, 2),  # untagged
    0x0412: (1,),
    0x0414: (4,),  # seed of numbers
    0x0416: (2,),
    0x0417: (2,),
    0x0419: (4,),  # global altitude
    0x0426: (14,),  # print scale
    0x0428: (12,),  # shape of a pixel
    0x2710: (10,),  # print flags
}
"""Resources that are a few numbers, with their sizes."""
WORDED = {
    0x03E9: "printer settings",
    0x03EE: "names of channels",
    CAPTION: "caption",
    0x03F1: "printer settings",
    0x0415: "names of channels",
    URL: "address",
    0x041A: "slices",
    0x041E: "addresses",
    0x0421: "program",
    0x043A: "printer settings",
    0x043B: "printer settings",
    0x043C: "layers",
    0x0BB7: "name of a path",
}
"""Resources that can hold words."""
DESCRIPTORS = (0x041A, 0x043A, 0x043B, 0x043C)
"""Resources whose words of a person are in two bytes a letter; those in one are the program's own."""
USUAL_NAMES = frozenset(
    {"Resolution", "FX Global Lighting Angle", "FX Global Altitude", "Print Flags", "Copyright Flag", "Japanese Print Flags"}
    | {"Color Halftone Settings", "Color Transfer Settings", "Guides", "URL overrides", "Slices", "ICC Untagged Flag"}
    | {"Layer ID Generator Base", "New Windows Thumbnail", "Version compatibility info", "JPEG Quality"}
)
"""Names that Photoshop 6 gave to every resource that it wrote."""
ASCII = re.compile(rb"[\x20-\x7e\xa0-\xff]{5,512}")
WIDE = re.compile(rb"(?:\0[\x20-\x7e]){3,512}")


@dataclass(frozen=True, slots=True)
class Resource:
    """One block: its number, its name (usually empty) and its bytes."""

    id: int
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Resources:
    """All blocks of a file."""

    items: tuple[Resource, ...]
    whole: bool
    """Whether every length held."""
    between: int
    """Bytes that belong to no block and are not zero."""

    def of(self, *ids: int) -> Iterator[Resource]:
        return (item for item in self.items if item.id in ids)


def read(data: bytes) -> Resources:
    """The blocks, with or without the header that JPEG puts before them."""
    if len(data) > LARGEST:
        return Resources((), False, 0)
    items: list[Resource] = []
    at, between, whole = len(HEAD) if data.startswith(HEAD) else 0, 0, True
    while at < len(data) and whole and len(items) < MOST:
        if data[at : at + 4] not in SIGNATURES:
            start = _next(data, at)
            between += (start - at) - data.count(0, at, start)
            at = start
            continue
        name_size = data[at + 6] if at + 6 < len(data) else 0
        body = at + 6 + name_size + 1 + (name_size + 1) % 2 + 4
        size = int.from_bytes(data[body - 4 : body], "big")
        whole = body <= len(data) and body + size <= len(data)
        if whole:
            name = data[at + 7 : at + 7 + name_size].decode("latin-1")
            items.append(Resource(int.from_bytes(data[at + 4 : at + 6], "big"), name, data[body : body + size]))
            at = body + size
            at += size % 2 and data[at : at + 4] not in SIGNATURES and data[at : at + 1] == b"\0"
    return Resources(tuple(items), whole and len(items) < MOST, between)


def _next(data: bytes, at: int) -> int:
    found = NEXT.search(data, at)
    return found.start() if found else len(data)


def written(id: int, data: bytes) -> bytes:
    """A block without name, padded to an even size."""
    return b"8BIM" + id.to_bytes(2, "big") + b"\0\0" + len(data).to_bytes(4, "big") + data + bytes(len(data) % 2)


def words(item: Resource) -> list[str]:
    """The runs of letters in a block, in one byte or two a letter."""
    data = item.data[:65536]
    wide = [run.decode("utf-16-be") for run in WIDE.findall(data)]
    runs = [] if item.id in DESCRIPTORS else ASCII.findall(WIDE.sub(b"\0", data))
    narrow = [run.decode("latin-1").strip() for run in runs]
    return [word for word in dict.fromkeys(wide + narrow) if sum(letter.isalpha() for letter in word) >= 3]
