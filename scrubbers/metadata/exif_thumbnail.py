"""The small picture inside an EXIF block, as a file of its own.

Source: Exif 3.0 (CIPA DC-008-2023), section 4.5.5: JPEG, or uncompressed samples in strips.
"""

from __future__ import annotations

import struct

from .exif_tags import Block, Directory

OFFSET, LENGTH = 0x0201, 0x0202
STRIPS, STRIP_LENGTHS, ROWS = 0x0111, 0x0117, 0x0116
SHAPE = (0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0115, 0x011C, 0x0212)
"""Width, length, bits, compression, photometric, samples, planes, subsampling."""


def of(block: Block) -> bytes | None:
    """The first small picture that its directories lead to, or None."""
    for directory in block.directories:
        picture = _jpeg(block, directory) or _samples(block, directory)
        if picture:
            return picture
    return None


def _whole(block: Block, directory: Directory, tag: int) -> list[int]:
    """The whole numbers of a field (fractions do not belong here)."""
    field = directory.fields.get(tag)
    return [int(number) for number in block.numbers(field)] if field and field.kind in (1, 3, 4) else []


def _jpeg(block: Block, directory: Directory) -> bytes | None:
    start, length = _whole(block, directory, OFFSET), _whole(block, directory, LENGTH)
    data = block.data[start[0] : start[0] + length[0]] if start and length else b""
    return data if data.startswith(b"\xff\xd8") else None


def _samples(block: Block, directory: Directory) -> bytes | None:
    """A TIFF file of one strip around uncompressed samples; only below the main picture's own directory."""
    if directory.name not in ("Thumbnail", "SubIFD") or _whole(block, directory, 0x0103) != [1]:
        return None
    starts, lengths = _whole(block, directory, STRIPS), _whole(block, directory, STRIP_LENGTHS)
    shape = {tag: _whole(block, directory, tag) for tag in SHAPE}
    if not 0 < sum(lengths) <= len(block.data) or not shape[0x0100] or not shape[0x0101]:
        return None
    samples = b"".join(block.data[start : start + length] for start, length in zip(starts, lengths, strict=False))
    return _tiff({tag: values for tag, values in shape.items() if values}, samples, block.order)


def _tiff(shape: dict[int, list[int]], samples: bytes, order: str) -> bytes:
    fields = {**shape, STRIPS: [0], STRIP_LENGTHS: [len(samples)], ROWS: shape[0x0101]}
    beside = 8 + 2 + 12 * len(fields) + 4
    values = b"".join(struct.pack(f"{order}{len(numbers)}I", *numbers) for numbers in fields.values() if len(numbers) > 1)
    fields[STRIPS] = [beside + len(values)]
    rows = b""
    for tag, numbers in sorted(fields.items()):
        rows += struct.pack(order + "HHII", tag, 4, len(numbers), numbers[0] if len(numbers) == 1 else beside)
        beside += 4 * len(numbers) if len(numbers) > 1 else 0
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(fields))
    return head + rows + bytes(4) + values + samples
