"""Does the small picture inside a file show the same as the file? If not, it was cropped or changed later.

Both pictures are brought to the same small size in grey. For every block of the small picture that has some texture the
place in the large one is searched where it fits best (normalised cross-correlation). Blocks that all fit where they
are: the same picture. Shifts that grow across the picture: a crop. Blocks that fit nowhere: a part was changed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

LARGEST_THUMBNAIL = 4 * 1024 * 1024
LARGEST_THUMBNAIL_PIXELS = 4_000_000
LARGEST_PICTURE = 12_000_000
"""Pixels that are decoded whole; a baseline JPEG is scaled down while it is decoded and may be larger."""
LARGEST_JPEG = 250_000_000
LONG_SIDE = 128
"""Pixels of the long side in which both are compared."""
REACH = 5
"""Pixels of that size by which a block may have moved."""
TEXTURE = 5.0
"""Standard deviation of grey values above which a block can be told from another place."""
FITS = 0.8
"""Correlation above which a block is taken to be the same."""
MOST_SCALE = 0.04
"""By how much the scale may differ: cameras make their small pictures not quite of what they store."""


@dataclass(frozen=True, slots=True)
class Grey:
    """A small grey picture."""

    width: int
    height: int
    data: bytes

    def block(self, x: int, y: int, side: int) -> bytes:
        return b"".join(self.data[row + x : row + x + side] for row in range(y * self.width, (y + side) * self.width, self.width))


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a block at x, y of the small picture fits, and where."""

    x: int
    y: int
    right: int
    down: int
    likeness: float
    contrast: float
    """Of the block in the small picture."""
    left: float
    """The share of this contrast that the large picture still has there."""
    shade: float
    """How much brighter the small picture is there than the large one."""


def likeness(one: bytes, other: bytes) -> float:
    """Normalised correlation of two blocks, -1 to 1; 0 where either is plain."""
    count, sum_one, sum_other = len(one), sum(one), sum(other)
    square = (sum(map(mul, one, one)) - sum_one * sum_one / count) * (sum(map(mul, other, other)) - sum_other * sum_other / count)
    return (sum(map(mul, one, other)) - sum_one * sum_other / count) / math.sqrt(square) if square > 0 else 0.0


def contrast(block: bytes) -> float:
    """Standard deviation of the grey values."""
    mean = sum(block) / len(block)
    return math.sqrt(max(0.0, sum(map(mul, block, block)) / len(block) - mean * mean))
