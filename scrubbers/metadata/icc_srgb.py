"""Whether the numbers of a colour profile are those of plain sRGB, the colours that most pictures have.

Source: IEC 61966-2-1; the primaries as adapted to D50 in the ICC's own sRGB profiles.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from .icc_types import u16, u32

COLUMNS = (b"rXYZ", b"gXYZ", b"bXYZ")
CURVES = (b"rTRC", b"gTRC", b"bTRC")
PRIMARIES = {
    "sRGB": (0.43607, 0.22249, 0.01392, 0.38515, 0.71687, 0.09708, 0.14307, 0.06061, 0.71410),
    "Display P3": (0.51512, 0.24120, -0.00105, 0.29198, 0.69225, 0.04189, 0.15710, 0.06657, 0.78407),
    "Adobe RGB": (0.60974, 0.31111, 0.01947, 0.20528, 0.62567, 0.06087, 0.14919, 0.06322, 0.74457),
    "ProPhoto RGB": (0.79767, 0.28804, 0.00000, 0.13519, 0.71188, 0.00000, 0.03134, 0.00009, 0.82491),
    "Rec. 2020": (0.67345, 0.27903, -0.00193, 0.16566, 0.67535, 0.02997, 0.12505, 0.04561, 0.79684),
    "Apple RGB": (0.47569, 0.25518, 0.01846, 0.33958, 0.67267, 0.11343, 0.14894, 0.07215, 0.69325),
    "Wide Gamut RGB": (0.71610, 0.25820, 0.00000, 0.10092, 0.72493, 0.05179, 0.14716, 0.01687, 0.77313),
}
"""The columns of widely used colour spaces, as D50 XYZ. What lies near them names no single device."""
STEPS = 32


def primaries(tags: Mapping[bytes, bytes], tolerance: float = 0.002) -> str:
    """The name of the colour space whose primaries a profile has, or ""."""
    if any(name not in tags for name in COLUMNS):
        return ""
    here = [value / 65536 for name in COLUMNS for value in struct.unpack(">3i", tags[name][8:20])]
    for title, there in PRIMARIES.items():
        if all(abs(a - b) <= tolerance for a, b in zip(here, there, strict=True)):
            return title
    return ""


def is_srgb(tags: Mapping[bytes, bytes]) -> bool:
    """Whether the primaries and all three curves are those of sRGB, within what no eye can tell."""
    if primaries(tags) != "sRGB" or any(name not in tags for name in CURVES):
        return False
    points = [step / STEPS for step in range(STEPS + 1)]
    return all(abs(value(tags[name], x) - _srgb(x)) < 0.002 for name in CURVES for x in points)


def _srgb(x: float) -> float:
    return x / 12.92 if x <= 0.04045 else float(((x + 0.055) / 1.055) ** 2.4)


def value(curve: bytes, x: float) -> float:
    """What a curv or para tag makes of `x` (0 to 1); nan for a formula that has no value there."""
    return _table(curve, x) if curve[:4] == b"curv" else _formula(curve, x)


def _table(curve: bytes, x: float) -> float:
    count = u32(curve, 8)
    if count == 0:
        return x
    if count == 1:
        return float(x ** (u16(curve, 12) / 256))
    at = x * (count - 1)
    low = min(int(at), count - 2)
    first, second = (u16(curve, 12 + 2 * number) / 65535 for number in (low, low + 1))
    return first + (second - first) * (at - low)


def _formula(curve: bytes, x: float) -> float:
    """The function types 0 to 4 (ICC.1:2022, table 68)."""
    kind = u16(curve, 8)
    values: list[float] = [number / 65536 for number in struct.unpack(f">{(len(curve) - 12) // 4}i", curve[12:])]
    g, a, b, c, d, e, f = (values + [0.0] * 7)[:7]
    if kind == 0:
        a, b, d = 1.0, 0.0, float("-inf")
    elif kind in (1, 2):
        e = f = c if kind == 2 else 0.0
        d, c = (-b / a if a else 0.0), 0.0
    if x < d:
        return c * x + f
    base = a * x + b
    try:
        return float(base**g) + e if base >= 0 else float("nan")
    except (OverflowError, ZeroDivisionError):
        return float("nan")
