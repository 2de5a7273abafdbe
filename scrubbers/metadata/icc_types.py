"""The tag types of a colour profile, rebuilt to their exact length: nothing stands behind, between or in reserved bytes.

Each builder takes the bytes of one tag and gives its canonical form, or None when it is not understood.
Source: ICC.1:2022 (profile version 4.4), section 10; ICC.1:2001-04 for version 2.
"""

from __future__ import annotations

import struct

LARGEST = 16 * 1024 * 1024
"""The largest profile that is read; real ones for printing presses reach 3 MB."""
MOST_POINTS = 65536
PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}
"""How many numbers each function type of a parametric curve has (table 68)."""


def u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big")


def u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def exact(data: bytes, start: int, length: int) -> bytes | None:
    """`length` bytes from `start`, or None where they are not all there."""
    part = data[start : start + length]
    return part if start >= 0 and len(part) == length else None


def product(factors: bytes, limit: int = LARGEST) -> int | None:
    """The product of grid sizes; None beyond the limit, or for a grid without width."""
    total = 1
    for factor in factors:
        total *= factor
        if factor < 1 or total > limit:
            return None
    return total


def numbers(data: bytes, kind: bytes, count: int, largest: float) -> bytes | None:
    """A type that holds `count` s15Fixed16 numbers, none beyond `largest`: XYZ (10.31), s15Fixed16Array (10.22)."""
    body = exact(data, 8, 4 * count)
    if data[:4] != kind or body is None:
        return None
    if any(abs(value) > largest * 65536 for value in struct.unpack(f">{count}i", body)):
        return None
    return kind + bytes(4) + body


def xyz(data: bytes) -> bytes | None:
    """One colour. A real one lies between -4 and 4; four letters of text lie far outside."""
    return numbers(data, b"XYZ ", 1 * 3, 4.0)


def adaptation(data: bytes) -> bytes | None:
    """The matrix of chromatic adaptation (9.2.15)."""
    return numbers(data, b"sf32", 9, 8.0)


def cicp(data: bytes) -> bytes | None:
    """Coding-independent code points (10.3): four small numbers."""
    body = exact(data, 8, 4)
    return b"cicp" + bytes(4) + body if data[:4] == b"cicp" and body else None


def curve(data: bytes) -> bytes | None:
    """The curve that `data` starts with (10.6, 10.18), without padding."""
    if data[:4] == b"curv":
        count = u32(data, 8)
        body = exact(data, 12, 2 * count) if len(data) >= 12 and count <= MOST_POINTS else None
        return None if body is None else b"curv" + bytes(4) + struct.pack(">I", count) + body
    if data[:4] == b"para":
        kind = u16(data, 8)
        body = exact(data, 12, 4 * PARAMETERS[kind]) if kind in PARAMETERS else None
        return None if body is None else b"para" + bytes(4) + struct.pack(">HH", kind, 0) + body
    return None


def table(data: bytes, inputs: int, outputs: int) -> bytes | None:
    """lut8Type and lut16Type (10.10, 10.11): curves, grid and curves at fixed sizes."""
    if len(data) < 48 or data[:4] not in (b"mft1", b"mft2") or (data[8], data[9]) != (inputs, outputs):
        return None
    points = product(bytes([data[10]]) * inputs)
    if points is None:
        return None
    head = data[:4] + bytes(4) + data[8:11] + b"\0" + data[12:48]
    if data[:4] == b"mft1":
        body = exact(data, 48, 256 * inputs + points * outputs + 256 * outputs)
    else:
        first, last = u16(data, 48), u16(data, 50)
        if not (2 <= first <= 4096 and 2 <= last <= 4096):
            return None
        body = exact(data, 48, 4 + 2 * (first * inputs + points * outputs + last * outputs))
    return None if body is None else head + body


def ascii_text(text: str) -> bytes:
    """textType of version 2 (10.24)."""
    return b"text" + bytes(4) + text.encode("ascii") + b"\0"


def ascii_description(text: str) -> bytes:
    """textDescriptionType of version 2 (ICC.1:2001-04, 6.5.17), without Unicode and Macintosh parts."""
    words = text.encode("ascii") + b"\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(words)) + words + bytes(4 + 4 + 2 + 1 + 67)


def unicode_text(text: str) -> bytes:
    """multiLocalizedUnicodeType of version 4 (10.15), in one language."""
    words = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(words), 28) + words
