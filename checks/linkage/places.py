"""Which places lie near one another, without comparing each with each."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import product

NEAR = 200
"""Metres."""
EARTH = 6_371_000.0
"""Radius in metres."""
CELL = NEAR / math.sqrt(3)
"""Side of a cube: any two points in one are near."""
AROUND = tuple(step for step in product((-2, -1, 0, 1, 2), repeat=3) if step > (0, 0, 0))
"""The cubes that can hold a near point, each pair once."""
MOST = 100
"""Points of a cube that are compared with its neighbours': a crowd in one spot must not take hours."""

Point = tuple[float, float, float]
Cell = tuple[int, int, int]


def near(places: Sequence[tuple[float, float]]) -> list[list[int]]:
    """Groups of two or more places (latitude, longitude in degrees), each within NEAR metres of another of its group."""
    points = [_point(*place) for place in places]
    cells: dict[Cell, list[int]] = defaultdict(list)
    for number, (x, y, z) in enumerate(points):
        cells[int(x // CELL), int(y // CELL), int(z // CELL)].append(number)
    leader = list(range(len(points)))
    for members in cells.values():
        for member in members:
            leader[member] = members[0]
    for cell, members in cells.items():
        for x, y, z in AROUND:
            others = cells.get((cell[0] + x, cell[1] + y, cell[2] + z))
            if others and _find(leader, members[0]) != _find(leader, others[0]) and _touch(points, members, others):
                leader[_find(leader, others[0])] = _find(leader, members[0])
    return _grouped(leader)


def _point(latitude: float, longitude: float) -> Point:
    """On the sphere: there are no edges and no poles. The chord is as good as the arc over so short a way."""
    lat, long = math.radians(latitude), math.radians(longitude)
    return EARTH * math.cos(lat) * math.cos(long), EARTH * math.cos(lat) * math.sin(long), EARTH * math.sin(lat)


def _touch(points: Sequence[Point], some: list[int], others: list[int]) -> bool:
    return any(math.dist(points[one], points[other]) <= NEAR for one in _few(some) for other in _few(others))


def _few(members: list[int]) -> list[int]:
    """All of them, or MOST spread over all."""
    return members[:: len(members) // MOST + 1]


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
