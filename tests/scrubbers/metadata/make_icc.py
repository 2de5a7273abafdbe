"""Colour profiles for tests, made from nothing: matrix, gray and table profiles with words hidden everywhere."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SRGB = (0.43607, 0.22249, 0.01392, 0.38515, 0.71687, 0.09708, 0.14307, 0.06061, 0.71410)
P3 = (0.51512, 0.24120, -0.00105, 0.29198, 0.69225, 0.04189, 0.15710, 0.06657, 0.78407)
ADOBE = (0.60974, 0.31111, 0.01947, 0.20528, 0.62567, 0.06087, 0.14919, 0.06322, 0.74457)
PROPHOTO = (0.79767, 0.28804, 0.0, 0.13519, 0.71188, 0.0, 0.03134, 0.00009, 0.82491)
SRGB_CURVE = (3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + fixed(*values)


def gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256))


def points(*values: int) -> bytes:
    return b"curv" + bytes(4) + struct.pack(f">I{len(values)}H", len(values), *values)


def para(kind: int, *values: float) -> bytes:
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + fixed(*values)


def text(words: str) -> bytes:
    return b"text" + bytes(4) + words.encode() + b"\0"


def mluc(words: str, language: bytes = b"enUS") -> bytes:
    data = words.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, language, len(data), 28) + data


def desc(words: str, wide: str = "", mac: str = "") -> bytes:
    data = words.encode() + b"\0"
    other = wide.encode("utf-16-be")
    tail = struct.pack(">II", 0, len(other) // 2) + other + struct.pack(">HB", 0, len(mac)) + mac.encode().ljust(67, b"\0")
    return b"desc" + bytes(4) + struct.pack(">I", len(data)) + data + tail


def mft1(inputs: int, outputs: int, grid: int, seed: int = 0) -> bytes:
    matrix = fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    ramp = bytes(range(256))
    cube = bytes((7 * number + seed) % 256 for number in range(grid**inputs * outputs))
    return b"mft1" + bytes(4) + bytes([inputs, outputs, grid, 0]) + matrix + ramp * inputs + cube + ramp * outputs


def mft2(inputs: int, outputs: int, grid: int) -> bytes:
    matrix = fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    ramp = struct.pack(">3H", 0, 30000, 65535)
    cube = b"".join(struct.pack(">H", 997 * number % 65536) for number in range(grid**inputs * outputs))
    head = b"mft2" + bytes(4) + bytes([inputs, outputs, grid, 0]) + matrix + struct.pack(">HH", 3, 3)
    return head + ramp * inputs + cube + ramp * outputs


def nested(kind: bytes, inputs: int, outputs: int, gap: bytes = b"") -> bytes:
    """A full mAB or mBA: all five elements, `gap` before each."""
    near = 3
    far = inputs if kind == b"mAB " else outputs
    one = para(0, 1.1)
    cube = bytes([2] * inputs).ljust(16, b"\0") + b"\1\0\0\0" + bytes(37 * n % 256 for n in range(2**inputs * outputs))
    elements = [one * near, fixed(*([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])), one * near, cube, one * far]
    body, places = b"", []
    for element in elements:
        body += gap + bytes(-len(gap) % 4)
        places.append(32 + len(body))
        body += element + bytes(-len(element) % 4)
    return kind + bytes(4) + bytes([inputs, outputs, 0, 0]) + struct.pack(">5I", *places) + body


def segmented() -> bytes:
    parts = (
        b"parf"
        + bytes(4)
        + struct.pack(">HH4f", 0, 0, 1.0, 1.0, 0.0, 0.0)
        + b"samf"
        + bytes(4)
        + struct.pack(">I2f", 2, 0.5, 1.0)
    )
    return b"curf" + bytes(4) + struct.pack(">HHf", 2, 0, 0.5) + parts


def chain(gap: bytes = b"") -> bytes:
    """A multiProcessElements tag, 3 to 3: curves, matrix, table."""
    one = segmented()
    start = 12 + 24
    curves = b"cvst" + bytes(4) + struct.pack(">HH6I", 3, 3, *(start, len(one)) * 3) + one
    matrix = b"matf" + bytes(4) + struct.pack(">HH12f", 3, 3, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)
    cube = b"clut" + bytes(4) + struct.pack(">HH", 3, 3) + bytes([2, 2, 2]).ljust(16, b"\0") + struct.pack(">24f", *range(24))
    places, body = [], b""
    for element in (curves, matrix, cube):
        body += gap + bytes(-len(gap) % 4)
        places += [16 + 24 + len(body), len(element)]
        body += element
    return b"mpet" + bytes(4) + struct.pack(">HHI6I", 3, 3, 3, *places) + body


def profile(
    tags: Mapping[str, bytes],
    space: bytes = b"RGB ",
    kind: bytes = b"mntr",
    middle: bytes = b"XYZ ",
    major: int = 2,
    dirty: bool = True,
) -> bytes:
    """A profile of these tags. `dirty`: every field of the header that can tell something does, and gaps hold words."""
    gap = b"GAPWORD!" if dirty else b""
    at = 128 + 4 + 12 * len(tags)
    rows, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        body += gap
        rows += struct.pack(">4sII", name.encode(), at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = at + len(body)
    date = struct.pack(">6H", 2026, 7, 11, 18, 42, 7) if dirty else bytes(12)
    head = struct.pack(
        ">I4s4s4s4s4s12s4s", size, b"CMMX" if dirty else b"", bytes([major, 0x20, 0, 0]), kind, space, middle, date, b"acsp"
    )
    head += b"PLAT\0\0\0\1MAKRMODLATTRIBUT" if dirty else bytes(24)
    head += struct.pack(">I", 1) + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    head += (b"CREAprofileidprofilRESERVEDRESERVEDRESERVEDRESE" if dirty else b"").ljust(48, b"\0")
    return head[:128] + rows + body


def matrix(columns: tuple[float, ...] = SRGB, curve: bytes = b"", **extra: bytes) -> dict[str, bytes]:
    """The tags of a matrix profile, with words behind every one that may have padding."""
    curve = curve or para(*SRGB_CURVE)
    tags = {
        "desc": desc("DESCWORD", "WIDEWORD", "MACWORD"),
        "cprt": text("Copyright CPRTWORD"),
        "wtpt": xyz(0.9642, 1.0, 0.8249) + b"WTPTWORD",
        "rXYZ": xyz(*columns[0:3]) + b"RXYZWORD",
        "gXYZ": xyz(*columns[3:6]),
        "bXYZ": xyz(*columns[6:9]),
    }
    tags |= dict.fromkeys(("rTRC", "gTRC", "bTRC"), curve + b"TRCWORD!")
    return tags | extra


HIDING = {
    "vcgt": b"vcgt" + bytes(4) + b"VCGTWORD",
    "dmnd": desc("DMNDWORD"),
    "dmdd": desc("Screen serial 12345678 DMDDWORD"),
    "targ": text("TARGWORD"),
    "mmod": b"mmod" + bytes(4) + b"\0\0\x06\x10\0\0\xa0\x3cSER!" + bytes(20),
    "prv1": b"data" + bytes(4) + b"PRV1WORD",
    "dscm": mluc("Annas Bildschirm DSCMWORD", b"deDE"),
    "chrm": b"chrm" + bytes(4) + b"CHRMWORD" * 3,
}
"""Tags that no colour needs, each with a word."""
WORDS = [b"%sWORD" % name for name in b"GAP DESC WIDE MAC CPRT WTPT RXYZ TRC VCGT DMND DMDD TARG PRV1 DSCM CHRM".split()]
WORDS += [b"CMMX", b"PLAT", b"MAKR", b"MODL", b"ATTRI", b"CREA", b"profileid", b"RESERVED", b"SER!", b"Anna"]
