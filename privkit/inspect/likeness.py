"""Do two grey pictures show the same? Made for a small picture inside a file and the file's own.

For every block of the small picture that has some texture, the place in the large one is searched where it fits best
(normalised cross-correlation). Blocks that fit where they are: the same picture. Shifts that grow across the
picture: a crop. Blocks whose fine detail fits nowhere near: a part was changed. Measured on cameras' own thumbnails;
what lies between counts as not known, never as the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from operator import mul
from statistics import median

REACH = 5
"""Pixels by which a block may have moved."""
RINGS = tuple(
    tuple((x, y) for x, y in product(range(-far, far + 1), repeat=2) if max(abs(x), abs(y)) == far) for far in range(REACH + 1)
)
"""Shifts, the nearest first."""
TEXTURE, DETAIL = 5.0, 6.0
"""Standard deviation of grey values above which a block, or its fine detail, can be told from noise."""
FEWEST = 6
"""Blocks with texture below which nothing is said."""
FITS = 0.8
"""Correlation above which a block is taken to be found."""
SURELY = 0.95


@dataclass(frozen=True, slots=True)
class Grey:
    """A small grey picture: the whole of it, and its fine detail alone (around 128)."""

    width: int
    height: int
    whole: bytes
    detail: bytes

    def block(self, data: bytes, x: int, y: int, side: int) -> bytes:
        return b"".join([data[row + x : row + x + side] for row in range(y * self.width, (y + side) * self.width, self.width)])


@dataclass(frozen=True, slots=True)
class Box:
    """The part of both pictures that is compared."""

    left: int
    top: int
    right: int
    bottom: int

    def holds(self, x: int, y: int, side: int) -> bool:
        return self.left <= x and self.top <= y and x + side <= self.right and y + side <= self.bottom

    def corners(self, side: int, step: int) -> Iterator[tuple[int, int]]:
        """Where blocks stand."""
        for y in range(self.top + 1, self.bottom - side, step):
            for x in range(self.left + 1, self.right - side, step):
                yield x, y


@dataclass(frozen=True, slots=True)
class Found:
    """A block at x, y, how far off it was found, and how like."""

    x: int
    y: int
    right: int
    down: int
    likeness: float


@dataclass(frozen=True, slots=True)
class Trend:
    """A shift that grows along one side: `shift + growth * position`."""

    growth: float
    shift: float

    @classmethod
    def of(cls, points: list[tuple[int, int]]) -> Trend:
        """By medians, so that a few wrong blocks do not matter (Theil and Sen)."""
        pairs = ((a, b) for number, a in enumerate(points) for b in points[number + 1 :])
        growth = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs if abs(b[0] - a[0]) >= 24]
        slope = median(growth) if growth else 0.0
        return cls(slope, median([shift - slope * at for at, shift in points]) if points else 0.0)

    def at(self, position: int) -> int:
        return round(self.shift + self.growth * position)


def likeness(one: bytes, other: bytes) -> float:
    """Normalised correlation of two blocks, -1 to 1; 0 where either is plain."""
    count, first, second = len(one), sum(one), sum(other)
    square = (sum(map(mul, one, one)) - first * first / count) * (sum(map(mul, other, other)) - second * second / count)
    return (sum(map(mul, one, other)) - first * second / count) / math.sqrt(square) if square > 0 else 0.0


def deviation(block: bytes) -> float:
    """Standard deviation of the grey values."""
    mean = sum(block) / len(block)
    return math.sqrt(max(0.0, sum(map(mul, block, block)) / len(block) - mean * mean))


def same(small: Grey, large: Grey, box: Box) -> bool | None:
    """Whether both show the same within the box; None: cannot be told. Both are of one size, up to some 128 pixels."""
    found = list(_found(small, large, box))
    good = [one for one in found if one.likeness >= FITS]
    across = Trend.of([(one.x, one.right) for one in good])
    down = Trend.of([(one.y, one.down) for one in good])
    detail = list(_detail(small, large, box, across, down))
    if len(found) < FEWEST or len(detail) < FEWEST:
        return None
    return _verdict(len(good) / len(found), max(across.growth, down.growth), detail)


def _verdict(share: float, growth: float, detail: list[Found]) -> bool | None:
    """share: of blocks that were found; growth: of their shifts, above 0 where the large picture shows less.

    The bounds come from some 50 cameras' pictures and the same cropped, mirrored, or with a part made unreadable.
    """
    likenesses = sorted(one.likeness for one in detail)
    usual, low = median(likenesses), likenesses[len(likenesses) // 5]
    if share < 0.7 or growth > 0.03 or usual < 0.5 or _largest_patch(detail, min(0.6, usual - 0.3)) >= 3:
        return False
    if share < 0.9 or growth > 0.015 or usual < 0.75 or low < 0.6 or _largest_patch(detail, min(0.7, usual - 0.25)) >= 3:
        return None
    return True


def _side(picture: Grey) -> int:
    return max(8, min(16, min(picture.width, picture.height) // 6)) // 2 * 2


def _found(small: Grey, large: Grey, box: Box) -> Iterator[Found]:
    """Every block with texture, and where it was found. The nearest place wins unless a farther one is clearly better."""
    side = _side(small)
    for x, y in box.corners(side, side * 3 // 4):
        block = small.block(small.whole, x, y, side)
        if deviation(block) > TEXTURE:
            yield _nearest(block, large, box, Found(x, y, 0, 0, -1.0), side)


def _nearest(block: bytes, large: Grey, box: Box, best: Found, side: int) -> Found:
    for farther, ring in enumerate(RINGS):
        for right, down in ring:
            x, y = best.x + right, best.y + down
            if not box.holds(x, y, side):
                continue
            like = likeness(block, large.block(large.whole, x, y, side))
            if like > best.likeness + (0.01 * farther if best.likeness > FITS else 0):
                best = Found(best.x, best.y, right, down, like)
        if best.likeness > SURELY:
            break
    return best


def _detail(small: Grey, large: Grey, box: Box, across: Trend, down: Trend) -> Iterator[Found]:
    """How well the fine detail of each block fits, where the trend says that it must be, or a pixel beside."""
    side = _side(small) * 3 // 4 // 2 * 2
    for x, y in box.corners(side, side // 2):
        block = small.block(small.detail, x, y, side)
        if deviation(block) < DETAIL:
            continue
        best = -2.0
        for right, below in (*RINGS[0], *RINGS[1]):
            at_x, at_y = x + across.at(x) + right, y + down.at(y) + below
            if box.holds(at_x, at_y, side):
                best = max(best, likeness(block, large.block(large.detail, at_x, at_y, side)))
            if best > 0.9:
                break
        if best > -2.0:
            yield Found(x // (side // 2), y // (side // 2), 0, 0, best)


def _largest_patch(detail: list[Found], bound: float) -> int:
    """How many neighbouring blocks fit worse than the bound."""
    rest = {(one.x, one.y) for one in detail if one.likeness < bound}
    largest = 0
    while rest:
        edge, size = [rest.pop()], 0
        while edge:
            x, y = edge.pop()
            size += 1
            near = {(x + right, y + down) for right, down in RINGS[1]} & rest
            rest -= near
            edge += near
        largest = max(largest, size)
    return largest
