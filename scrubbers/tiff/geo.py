"""The place on the map that a GeoTIFF tells.

Source: OGC GeoTIFF 1.1, clauses 7.1 (keys) and B (raster and model space).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress

from privkit.errors import Broken
from privkit.model import Finding, Level

from ..metadata.exif_place import in_words
from ..metadata.ifd import Directory, Reader
from . import tags
from .pages import number

SCALE, TIE_POINT, TRANSFORM, KEYS = 33550, 33922, 34264, 34735
MODEL_TYPE, GEODETIC, PROJECTED = 1024, 2048, 3072
GEOGRAPHIC = 2


def findings(reader: Reader, directory: Directory) -> Iterator[Finding]:
    """Where the middle of the picture is, in degrees if the file says so, else in the map's own numbers."""
    if not any(directory.get(tag) for tag in tags.GEO):
        return
    keys = _keys(reader, directory)
    middle = _middle(reader, directory)
    if middle is None:
        yield _named("a map position (GeoTIFF)")
        return
    x, y = middle
    if keys.get(MODEL_TYPE) == GEOGRAPHIC and abs(x) <= 360 and abs(y) <= 90:
        x = (x + 180) % 360 - 180
        yield Finding(
            "where.gps",
            Level.RISK,
            "Where the picture lies on the map",
            in_words(y, x),
            where="GeoTIFF",
            facts={"latitude": round(y, 6), "longitude": round(x, 6)},
        )
        return
    system = keys.get(PROJECTED) or keys.get(GEODETIC)
    yield _named(f"map position {x:.10g}, {y:.10g}" + (f" (EPSG {system})" if system else ""))


def _named(value: str) -> Finding:
    return Finding("where.named", Level.RISK, "A place on a map", value, where="GeoTIFF", facts={"value": value})


def _reals(reader: Reader, directory: Directory, tag: int, least: int) -> tuple[float, ...]:
    """The numbers of a field; empty where there are fewer than `least`, or they make no sense."""
    entry = directory.get(tag)
    with suppress(Broken):
        found = reader.reals(entry) if entry is not None else ()
        return found if len(found) >= least and all(map(math.isfinite, found[:16])) else ()
    return ()


def _keys(reader: Reader, directory: Directory) -> dict[int, int]:
    """The keys whose value stands in the directory itself."""
    entry = directory.get(KEYS)
    with suppress(Broken):
        found = list(reader.numbers(entry, 65536)) if entry is not None else []
        return {found[i]: found[i + 3] for i in range(4, len(found) - 3, 4) if found[i + 1] == 0}
    return {}


def _middle(reader: Reader, directory: Directory) -> tuple[float, float] | None:
    """The middle of the picture in the map's coordinates."""
    column, row = number(reader, directory, tags.WIDTH) / 2, number(reader, directory, tags.HEIGHT) / 2
    matrix = _reals(reader, directory, TRANSFORM, 16)
    if matrix:
        a, b, _, d, e, f, _, h = matrix[:8]
        return a * column + b * row + d, e * column + f * row + h
    tie = _reals(reader, directory, TIE_POINT, 6)
    scale = _reals(reader, directory, SCALE, 2)
    if not tie:
        return None
    if not scale:
        return tie[3], tie[4]
    return tie[3] + (column - tie[0]) * scale[0], tie[4] - (row - tie[1]) * scale[1]
