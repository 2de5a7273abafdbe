"""Which places lie near one another, without comparing each with each."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

from privkit.model import Finding

from .ties import PLACE, Group

NEAR = 200
"""Metres."""
EARTH = 6_371_009.0
"""Mean radius in metres (IUGG)."""
CELL = NEAR / math.sqrt(3)
"""Side of a cube: any two points in one are near."""
SPOT = 5.0
"""Side of a small cube whose points count as one, in metres: less than what receivers are wrong by."""
AROUND = sorted((step for step in product((-2, -1, 0, 1, 2), repeat=3) if step > (0, 0, 0)), key=lambda step: math.hypot(*step))
"""The cubes that can hold a near point, each pair once, the nearest first."""
CHAIN = 1000
"""Metres from end to end, from which a group is no longer one place."""
MOST_WORDS = 25
"""Groups for which the nearest town is looked up, the largest ones: that takes milliseconds each."""

Place = tuple[float, float]
Point = tuple[float, float, float]
Cell = tuple[int, int, int]


def places(findings: Sequence[Sequence[Finding]]) -> Iterator[Group]:
    """Files taken within NEAR metres, from one to the next."""
    found = [(place, file) for file, told in enumerate(findings) for place in _places(told)]
    groups = near([place for place, _ in found])
    tied = [(sorted({found[one][1] for one in group}), group) for group in groups]
    tied = sorted((one for one in tied if len(one[0]) > 1), key=lambda one: -len(one[0]))
    for number, (files, group) in enumerate(tied):
        words = _words([found[one][0] for one in group], with_town=number < MOST_WORDS)
        yield Group(PLACE, PLACE.level, tuple(files), (words,))


def _places(findings: Sequence[Finding]) -> Iterator[Place]:
    """Latitude and longitude in degrees. 0, 0 is what a receiver writes that knew nothing."""
    for finding in findings:
        if finding.id == "where.gps":
            latitude, longitude = finding.facts.get("latitude"), finding.facts.get("longitude")
            if not (isinstance(latitude, int | float) and isinstance(longitude, int | float)):
                continue
            if abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude or longitude):
                yield float(latitude), float(longitude)


def _words(group: Sequence[Place], with_town: bool) -> str:
    """`38.7139 N, 9.1334 W`, the town, and how far a chain of places leads: each is near the next, the ends need not be."""
    from privkit import towns

    latitude, longitude = group[0]
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    words = f"{abs(latitude):.4f} {north}, {abs(longitude):.4f} {east}"
    if with_town:
        words += f", {towns.place(latitude, longitude)}"
    far = span([_point(*place) for place in group])
    if far > CHAIN:
        return f"a chain of places, each within {NEAR} m of the next, about {far / 1000:.1f} km from end to end, at {words}"
    return f"within {NEAR} m: {words}" if far <= NEAR else f"within about {math.ceil(round(far) / 50) * 50} m: {words}"


def span(points: Sequence[Point]) -> float:
    """About how far the farthest two are apart, in metres: from the one farthest from the first to the one farthest from that."""
    if not points:
        return 0.0
    end = max(points, key=lambda point: math.dist(points[0], point))
    return max(math.dist(end, point) for point in points)


def near(places: Sequence[Place]) -> list[list[int]]:
    """Groups of two or more places (latitude, longitude in degrees), each within NEAR metres of another of its group."""
    points = [_point(*place) for place in places]
    leader = list(range(len(points)))
    cells: dict[Cell, list[int]] = defaultdict(list)
    for number in _spots(points, leader):
        cells[_cell(points[number], CELL)].append(number)
    for members in cells.values():
        for member in members:
            leader[member] = members[0]
    for step in AROUND:
        for cell, members in cells.items():
            others = cells.get((cell[0] + step[0], cell[1] + step[1], cell[2] + step[2]))
            if others and _find(leader, members[0]) != _find(leader, others[0]) and _touch(points, members, others):
                leader[_find(leader, others[0])] = _find(leader, members[0])
    return _grouped(leader)


def _point(latitude: float, longitude: float) -> Point:
    """On the sphere: there are no edges and no poles. The chord is as good as the arc over so short a way."""
    lat, long = math.radians(latitude), math.radians(longitude)
    return EARTH * math.cos(lat) * math.cos(long), EARTH * math.cos(lat) * math.sin(long), EARTH * math.sin(lat)


def _cell(point: Point, side: float) -> Cell:
    return int(point[0] // side), int(point[1] // side), int(point[2] // side)


def _spots(points: Sequence[Point], leader: list[int]) -> list[int]:
    """The first point of each small cube; it leads the others."""
    first: dict[Cell, int] = {}
    for number, point in enumerate(points):
        leader[number] = first.setdefault(_cell(point, SPOT), number)
    return list(first.values())


def _touch(points: Sequence[Point], some: list[int], others: list[int]) -> bool:
    return any(math.dist(points[one], points[other]) <= NEAR for one in some for other in others)


def _find(leader: list[int], member: int) -> int:
    """The leader of a member's group; makes the way shorter for the next time."""
    while leader[member] != member:
        leader[member] = leader[leader[member]]
        member = leader[member]
    return member


def _grouped(leader: list[int]) -> list[list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for member in range(len(leader)):
        groups[_find(leader, member)].append(member)
    return [group for group in groups.values() if len(group) > 1]
