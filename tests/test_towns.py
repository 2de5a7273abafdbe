"""The nearest town, offline: real places, the edges of the map, bad numbers, and the table itself."""

from __future__ import annotations

import subprocess
import sys
import time
from math import nan, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privkit import towns


@pytest.mark.parametrize(
    ("latitude", "longitude", "name", "country", "within"),
    [
        (38.7139, -9.1334, "Lisbon", "Portugal", 3),
        (52.5200, 13.4050, "Berlin", "Germany", 3),
        (-33.8688, 151.2093, "Sydney", "Australia", 3),
        (40.7128, -74.0060, "New York City", "United States", 3),
        (35.6812, 139.7671, "Tokyo", "Japan", 10),
        (-0.1807, -78.4678, "Quito", "Ecuador", 10),
        (78.2232, 15.6267, "Longyearbyen", "Svalbard and Jan Mayen", 3),
        (-54.8019, -68.3030, "Ushuaia", "Argentina", 3),
    ],
)
def test_real_places(latitude: float, longitude: float, name: str, country: str, within: float) -> None:
    town = towns.nearest(latitude, longitude)
    assert town is not None
    assert (town.name, town.country) == (name, country)
    assert town.km < within


def test_words() -> None:
    assert towns.place(38.7139, -9.1334) == "about 2 km from Lisbon (Portugal)"
    assert towns.place(38.7251, -9.1498).startswith("less than 1 km from ")
    assert towns.place(0, -140) == "about 2,210 km from Papeete (French Polynesia)"
    assert towns.place(nan, 0) == ""


@pytest.mark.parametrize(
    "place", [(nan, 0), (0, nan), (float("inf"), 0), (90.01, 0), (-91, 0), (0, 180.5), (0, -181), (1e308, 1e308)]
)
def test_what_is_no_place(place: tuple[float, float]) -> None:
    assert towns.nearest(*place) is None


def test_the_date_line_is_no_wall() -> None:
    """Either side of it, 2 km apart, has the same nearest town."""
    east, west = towns.nearest(-17.0, 179.99), towns.nearest(-17.0, -179.99)
    assert east is not None
    assert west is not None
    assert east.name == west.name
    assert abs(east.km - west.km) < 3


@pytest.mark.parametrize("latitude", [90, -90])
def test_at_a_pole_longitude_does_not_matter(latitude: float) -> None:
    assert len({towns.place(latitude, longitude) for longitude in (-180, -90, 0, 45, 180)}) == 1


def _slowly(latitude: float, longitude: float) -> float:
    """The distance of the nearest town by trying all of them."""
    table = towns._table()
    here = radians(latitude), radians(longitude)
    rows = zip(table.latitudes, table.longitudes, strict=True)
    return min(towns._km(*here, radians(row[0] / 1000), radians(row[1] / 1000)) for row in rows)


@pytest.mark.parametrize(
    "place", [(0, 0), (90, 0), (-90, 0), (12.3, 179.999), (-17, -180), (48.1, 11.5), (-48.8, -123.4), (65, -170), (-16.5, 180)]
)
def test_none_is_nearer(place: tuple[float, float]) -> None:
    town = towns.nearest(*place)
    assert town is not None
    assert town.km == pytest.approx(_slowly(*place))


@settings(deadline=None)
@given(st.floats(), st.floats())
def test_any_numbers(latitude: float, longitude: float) -> None:
    town = towns.nearest(latitude, longitude)
    assert (town is not None) == (-90 <= latitude <= 90 and -180 <= longitude <= 180)


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_any_place(latitude: float, longitude: float) -> None:
    town = towns.nearest(latitude, longitude)
    assert town is not None
    assert town.name
    assert town.country
    assert 0 <= town.km < 6000


def test_the_table_is_whole() -> None:
    table = towns._table()
    count = len(table.lands)
    assert count > 30_000
    assert len(table.latitudes) == len(table.longitudes) == len(table.starts) - 1 == count
    assert list(table.latitudes) == sorted(table.latitudes)
    assert table.starts[-1] == len(table.names)
    assert max(table.lands) == len(table.countries) - 1
    names = [table.names[start:end].decode() for start, end in zip(table.starts, table.starts[1:], strict=False)]
    assert all(name.isprintable() and name for name in names)
    assert all(name.isprintable() and name for name in table.countries)


def test_first_question_is_quick() -> None:
    """Reading the table and answering takes well under 30 ms; importing the module reads nothing."""
    towns._table.cache_clear()
    start = time.perf_counter()
    towns.place(38.7139, -9.1334)
    assert time.perf_counter() - start < 0.2  # 1 ms on an ordinary machine; room for a busy one


def test_import_reads_nothing() -> None:
    code = "from privkit import towns; assert towns._table.cache_info().currsize == 0"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_damaged_table_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pkgutil.get_data", lambda *_: b"rubbish")
    towns._table.cache_clear()
    with pytest.raises(RuntimeError, match="damaged"):
        towns.nearest(0, 0)
    towns._table.cache_clear()
