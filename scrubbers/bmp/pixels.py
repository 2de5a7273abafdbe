"""Uncompressed rows of a BMP, and the bits in them that stand for no pixel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from privkit.source import Source

from .headers import Header, spare_bits

BLOCK = 1024 * 1024


class Spare(Enum):
    """The bits inside pixels that stand for nothing: many programs set them all, as if to say `not transparent`."""

    ZERO = "zero"
    ONES = "ones"
    MIXED = "mixed"


@dataclass(slots=True)
class Rows:
    """The rows of a picture, with what was found between their pixels."""

    start: int
    end: int
    stride: int
    pixel_mask: int
    """Bits of one row, as a little-endian number, that are pixels."""
    spare_mask: int
    """Those inside pixels that stand for nothing."""
    padded: bool = False
    """Whether something stands in the bytes that fill up the rows."""
    spare: Spare = Spare.ZERO

    @property
    def exact(self) -> bool:
        """Whether the rows hold pixels only, and are copied as they are."""
        return not self.padded and self.spare is not Spare.MIXED


def rows(source: Source, header: Header) -> Rows:
    """Looks once over all rows, unless they have no bit to spare."""
    bits = header.width * header.bits
    spare = spare_bits(header)
    ones = (1 << bits) - 1
    per_pixel = ones // ((1 << header.bits) - 1)  # a one in the lowest bit of each pixel
    spare_mask = per_pixel * spare
    size = header.stride * abs(header.height)
    found = Rows(header.offset, header.offset + size, header.stride, _row_mask(header) & ~spare_mask, spare_mask)
    if spare or bits % 32:
        _look(source, found)
    return found


def _row_mask(header: Header) -> int:
    """The bits of a row that belong to pixels. In a byte the first pixel is in the highest bits, so the rest is low."""
    whole, rest = divmod(header.width * header.bits, 8)
    mask = (1 << 8 * whole) - 1
    return mask | (0xFF << 8 - rest & 0xFF) << 8 * whole if rest else mask


def _blocks(source: Source, found: Rows) -> Iterator[bytes]:
    """Whole rows, about BLOCK bytes at once."""
    step = max(1, BLOCK // found.stride) * found.stride
    for start in range(found.start, found.end, step):
        yield source.read(start, min(step, found.end - start))


def _repeated(mask: int, stride: int, length: int) -> int:
    """The mask of one row for as many rows as `length` bytes hold."""
    return int.from_bytes(mask.to_bytes(stride, "little") * (length // stride), "little")


def _look(source: Source, found: Rows) -> None:
    everything = (1 << 8 * found.stride) - 1
    padding = everything & ~found.pixel_mask & ~found.spare_mask
    length, some, all_ones = 0, False, True
    for block in _blocks(source, found):
        if len(block) != length:
            length = len(block)
            paddings = _repeated(padding, found.stride, length)
            spares = _repeated(found.spare_mask, found.stride, length)
        value = int.from_bytes(block, "little")
        found.padded = found.padded or bool(value & paddings)
        spare = value & spares
        some, all_ones = some or bool(spare), all_ones and spare == spares
    if some:
        found.spare = Spare.ONES if all_ones else Spare.MIXED


def cleared(source: Source, found: Rows) -> Iterator[bytes]:
    """The rows with everything but pixels set to zero; spare bits that are all set stay so."""
    mask = found.pixel_mask | (found.spare_mask if found.spare is Spare.ONES else 0)
    length = 0
    for block in _blocks(source, found):
        if len(block) != length:
            length = len(block)
            masks = _repeated(mask, found.stride, length)
        yield (int.from_bytes(block, "little") & masks).to_bytes(length, "little")
