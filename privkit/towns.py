"""The nearest town to a place on Earth, offline.

The table holds towns of more than 15,000 people. It is cut from GeoNames (https://www.geonames.org/), licensed under
CC BY 4.0; see `data/towns.CREDITS.md`, and `tools/make_towns.py` for its layout. It is read at the first question.
"""

from __future__ import annotations

import pkgutil
import struct
import sys
from array import array
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import asin, cos, isfinite, radians, sin, sqrt

MAGIC = b"privkit towns 1\n"
EARTH = 6371.0088
"""Mean radius in km (IUGG)."""
KM_PER_STEP = radians(0.001) * EARTH
"""A thousandth of a degree of latitude in km: no two places are nearer to each other than their latitudes are."""


@dataclass(frozen=True, slots=True)
class Town:
    """A town, its country, and how far its middle is from the place that was asked for."""

    name: str
    country: str
    km: float


@dataclass(frozen=True, slots=True)
class _Table:
    """Columns of the table, sorted by latitude; positions in thousandths of a degree."""

    latitudes: array[int]
    longitudes: array[int]
    starts: array[int]
    lands: bytes
    names: bytes
    countries: list[str]


def _column(code: str, data: bytes) -> array[int]:
    column: array[int] = array(code, data)
    if sys.byteorder == "big":
        column.byteswap()
    return column


@cache
def _table() -> _Table:
    data = pkgutil.get_data("privkit", "data/towns.bin") or b""
    if not data.startswith(MAGIC):
        raise RuntimeError("privkit/data/towns.bin is damaged: install privkit again")
    count, names, countries = struct.unpack_from("<3I", data, len(MAGIC))
    lengths = (4 * count, 4 * count, 4 * count + 4, count, names, countries)
    parts, start = [], len(MAGIC) + 12
    for length in lengths:
        parts.append(data[start : start + length])
        start += length
    return _Table(
        _column("i", parts[0]),
        _column("i", parts[1]),
        _column("I", parts[2]),
        parts[3],
        parts[4],
        parts[5].decode().split("\n"),
    )


def _km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance of two places given in radians, by the haversine formula."""
    half = sin((latitude - other_latitude) / 2) ** 2
    half += cos(latitude) * cos(other_latitude) * sin((longitude - other_longitude) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def _outwards(latitudes: array[int], latitude: float) -> Iterator[tuple[int, float]]:
    """Rows by rising distance from `latitude`, each with that distance in km."""
    north = bisect(latitudes, latitude)
    south = north - 1
    end = len(latitudes)
    while south >= 0 or north < end:
        up = latitudes[north] - latitude if north < end else float("inf")
        down = latitude - latitudes[south] if south >= 0 else float("inf")
        if up < down:
            yield north, up * KM_PER_STEP
            north += 1
        else:
            yield south, down * KM_PER_STEP
            south -= 1


def _nearest_row(table: _Table, latitude: float, longitude: float) -> tuple[int, float]:
    """The row of the nearest town and its distance in km. Exact: stops where latitudes alone are farther apart."""
    best, shortest = 0, float("inf")
    here = radians(latitude), radians(longitude)
    for row, apart in _outwards(table.latitudes, latitude * 1000):
        if apart >= shortest:
            break
        km = _km(*here, radians(table.latitudes[row] / 1000), radians(table.longitudes[row] / 1000))
        if km < shortest:
            best, shortest = row, km
    return best, shortest


def nearest(latitude: float, longitude: float) -> Town | None:
    """The nearest town to a place in decimal degrees (WGS 84); None where there is no such place."""
    if not (isfinite(latitude) and isfinite(longitude) and -90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    table = _table()
    row, km = _nearest_row(table, latitude, longitude)
    name = table.names[table.starts[row] : table.starts[row + 1]].decode()
    return Town(name, table.countries[table.lands[row]], km)


def _about(km: float) -> str:
    """A distance as people say it."""
    if km < 0.75:
        return "less than 1 km"
    return f"about {round(km, -1 if km >= 100 else 0):,.0f} km"


def place(latitude: float, longitude: float) -> str:
    """A place in words, `about 1 km from Lisbon (Portugal)`; "" where there is no such place."""
    town = nearest(latitude, longitude)
    return f"{_about(town.km)} from {town.name} ({town.country})" if town else ""
