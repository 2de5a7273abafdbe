"""The nested tag types of a colour profile: lutAToB, lutBToA and multiProcessElements, walked element by element.

Each is built anew in one fixed order without gaps, so that nothing hides between its elements.
Source: ICC.1:2022, sections 10.12, 10.13 and 10.16.
"""

from __future__ import annotations

import struct

from .icc_types import LARGEST, MOST_POINTS, curve, exact, product, table, u16, u32

COMBINATIONS = ({"B"}, {"B", "matrix", "M"}, {"B", "CLUT", "A"}, {"B", "matrix", "M", "CLUT", "A"})
ELEMENTS = ("B", "matrix", "M", "CLUT", "A")
"""In the order of their offsets in the tag, which is the order they are written in."""
MOST_ELEMENTS = 64
MOST_CHANNELS = 16
FUNCTIONS = {0: 4, 1: 5, 2: 5}
"""How many numbers each function type of a formula segment has (10.16.2.2)."""


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def to_connection(data: bytes, inputs: int, outputs: int) -> bytes | None:
    """A device-to-PCS table: A2B0, A2B1, A2B2."""
    return _lut(data, inputs, outputs, outputs, inputs) if data[:4] == b"mAB " else table(data, inputs, outputs)


def from_connection(data: bytes, inputs: int, outputs: int) -> bytes | None:
    """A PCS-to-device table: B2A0, B2A1, B2A2, gamut."""
    return _lut(data, inputs, outputs, inputs, outputs) if data[:4] == b"mBA " else table(data, inputs, outputs)


def _lut(data: bytes, inputs: int, outputs: int, near: int, far: int) -> bytes | None:
    """near: channels of the B and M curves, on the side of the PCS; far: channels of the A curves."""
    if len(data) < 32 or (data[8], data[9]) != (inputs, outputs):
        return None
    offsets = dict(zip(ELEMENTS, struct.unpack(">5I", data[12:32]), strict=True))
    there = {name for name, offset in offsets.items() if offset}
    if there not in COMBINATIONS or ("CLUT" not in there and inputs != outputs):
        return None
    built, places = b"", []
    for name in ELEMENTS:
        places.append(32 + len(built) if name in there else 0)
        if name in there:
            element = _element(name, data[offsets[name] :], inputs, outputs, near, far)
            if element is None:
                return None
            built += element
    return data[:4] + bytes(4) + bytes([inputs, outputs, 0, 0]) + struct.pack(">5I", *places) + built


def _element(name: str, data: bytes, inputs: int, outputs: int, near: int, far: int) -> bytes | None:
    if name == "matrix":
        return exact(data, 0, 48) if near == 3 else None
    if name == "CLUT":
        return _grid(data, inputs, outputs)
    return _curves(data, far if name == "A" else near)


def _curves(data: bytes, count: int) -> bytes | None:
    """`count` curves, each padded to four bytes."""
    built, at = b"", 0
    for _ in range(count):
        one = curve(data[at : at + 12 + 2 * MOST_POINTS])
        if one is None:
            return None
        built += padded(one)
        at += len(padded(one))
    return built


def _grid(data: bytes, inputs: int, outputs: int) -> bytes | None:
    """The multi-dimensional table of a lutAToB or lutBToA (10.12.5)."""
    sizes, precision = data[:inputs], data[16:17]
    points = product(sizes) if len(sizes) == inputs <= 16 else None
    if points is None or precision not in (b"\1", b"\2"):
        return None
    body = exact(data, 20, points * outputs * precision[0])
    return None if body is None else padded(sizes.ljust(16, b"\0") + precision + bytes(3) + body)


def processing(data: bytes, inputs: int, outputs: int) -> bytes | None:
    """multiProcessElementsType (10.16): the floating-point tables D2Bx and B2Dx."""
    count = u32(data, 12)
    if data[:4] != b"mpet" or (u16(data, 8), u16(data, 10)) != (inputs, outputs) or not 1 <= count <= MOST_ELEMENTS:
        return None
    if exact(data, 16, 8 * count) is None:
        return None
    table_end = 16 + 8 * count
    places, built, width = [], b"", inputs
    for number in range(count):
        element = _step(data[u32(data, 16 + 8 * number) :], width)
        if element is None or len(built) > LARGEST:
            return None
        width = u16(element, 10)
        places += [table_end + len(built), len(element)]
        built += padded(element)
    if width != outputs:
        return None
    return b"mpet" + bytes(4) + data[8:16] + struct.pack(f">{2 * count}I", *places) + built


def _step(data: bytes, width: int) -> bytes | None:
    """One element of a chain; it must take what the one before gives."""
    inputs, outputs = u16(data, 8), u16(data, 10)
    if len(data) < 12 or inputs != width or not 1 <= outputs <= MOST_CHANNELS:
        return None
    head = data[:4] + bytes(4) + data[8:12]
    if data[:4] == b"matf":
        body = exact(data, 12, 4 * (inputs * outputs + outputs))
    elif data[:4] == b"clut":
        body = _float_grid(data[12:], inputs, outputs)
    elif data[:4] == b"cvst" and inputs == outputs:
        body = _curve_set(data, inputs)
    else:
        body = None
    return None if body is None else head + body


def _float_grid(data: bytes, inputs: int, outputs: int) -> bytes | None:
    points = product(data[:inputs]) if inputs <= 16 <= len(data) else None
    if points is None:
        return None
    body = exact(data, 16, 4 * points * outputs)
    return None if body is None else data[:inputs].ljust(16, b"\0") + body


def _curve_set(data: bytes, count: int) -> bytes | None:
    """Segmented curves with their table of positions, which count from the start of the element."""
    if exact(data, 12, 8 * count) is None:
        return None
    places, built = [], b""
    for number in range(count):
        one = _segmented(data[u32(data, 12 + 8 * number) :])
        if one is None or len(built) > LARGEST:
            return None
        places += [12 + 8 * count + len(built), len(one)]
        built += padded(one)
    return struct.pack(f">{2 * count}I", *places) + built


def _segmented(data: bytes) -> bytes | None:
    """One curve of segments (10.16.2.2): breakpoints, then as many segments and one more."""
    count = u16(data, 8)
    breaks = exact(data, 12, 4 * (count - 1)) if data[:4] == b"curf" and 1 <= count <= MOST_ELEMENTS else None
    if breaks is None:
        return None
    built, at = b"curf" + bytes(4) + struct.pack(">HH", count, 0) + breaks, 12 + len(breaks)
    for _ in range(count):
        segment = _segment(data[at : at + 12 + 4 * MOST_POINTS])
        if segment is None:
            return None
        built += segment
        at += len(segment)
    return built


def _segment(data: bytes) -> bytes | None:
    if data[:4] == b"samf":
        count = u32(data, 8)
        body = exact(data, 12, 4 * count) if 1 <= count <= MOST_POINTS else None
        return None if body is None else b"samf" + bytes(4) + data[8:12] + body
    if data[:4] == b"parf":
        kind = u16(data, 8)
        body = exact(data, 12, 4 * FUNCTIONS[kind]) if kind in FUNCTIONS else None
        return None if body is None else b"parf" + bytes(4) + struct.pack(">HH", kind, 0) + body
    return None
