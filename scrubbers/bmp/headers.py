"""The headers of a BMP: read with suspicion, written anew with nothing in them but what is shown.

Source: Microsoft, Bitmap Structures (BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER,
BITMAPV5HEADER; the 52 and 56 byte forms are Adobe's); IBM, OS/2 2.x BITMAPINFOHEADER2 (64 bytes).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from privkit.errors import Broken, Refused
from privkit.source import Source

FILE_HEADER = 14
CORE, INFO, WITH_MASKS, WITH_ALPHA, OS2, V4, V5 = 12, 40, 52, 56, 64, 108, 124
RGB, RLE8, RLE4, BITFIELDS, JPEG, PNG, ALPHA_BITFIELDS = range(7)
LARGEST_ROW = 4 * 1024 * 1024
LARGEST_FILE = 2**32 - 1
DENSEST = 1 << 24
"""Pixels a metre."""
MOST = (1 << 30,) * 9 + (16 << 16,) * 3
"""The highest primaries (1, with 30 bits behind the point) and gammas (16, with 16 bits)."""
CALIBRATED, SRGB, WINDOWS, LINKED, EMBEDDED = 0, 0x73524742, 0x57696E20, 0x4C494E4B, 0x4D424544
INTENTS = (1, 2, 4, 8)
STANDARD_MASKS = {16: (0x7C00, 0x03E0, 0x001F), 32: (0xFF0000, 0xFF00, 0xFF)}
STANDARD_ALPHA = {16: 0x8000, 32: 0xFF000000}


@dataclass(frozen=True, slots=True)
class Header:
    """What the headers say of the picture, checked."""

    kind: int
    """Bytes of the header behind the file header: which of the structures it is."""
    width: int
    height: int
    """Negative: the first row is the top one."""
    bits: int
    compression: int
    masks: tuple[int, int, int, int]
    """Bits of red, green, blue and alpha in a pixel; zero where the format has them fixed."""
    density: tuple[int, int]
    entries: int
    """Entries of the colour table that a pixel can name."""
    listed: int
    """Entries of the colour table in the file."""
    counts: tuple[int, int, int]
    """As they stand: bytes of the picture, colours used, colours that matter. Each may be 0, for `work it out`."""
    offset: int
    """Where the pixels start in the file."""
    space: int
    endpoints: bytes
    """Primaries and gammas, 48 bytes."""
    intent: int
    profile: tuple[int, int]
    """Start and end of a colour profile in the file, or of the path of one; (0, 0) for none."""

    @property
    def stride(self) -> int:
        """Bytes of one uncompressed row."""
        return (self.width * self.bits + 31) // 32 * 4

    @property
    def entry(self) -> int:
        """Bytes of an entry of the colour table."""
        return 3 if self.kind == CORE else 4

    @property
    def outside(self) -> int:
        """Bytes of masks that stand behind the header, not in it."""
        if self.kind != INFO:
            return 0
        return {BITFIELDS: 12, ALPHA_BITFIELDS: 16}.get(self.compression, 0)

    @property
    def table(self) -> int:
        """Where the colour table starts, in any BMP with this header."""
        return FILE_HEADER + self.kind + self.outside

    @property
    def dense(self) -> bool:
        """Whether the pixel density is one that can be."""
        return all(0 <= number <= DENSEST for number in self.density)

    @property
    def calibrated(self) -> bool:
        """Whether primaries and gammas count, and are ones that can be."""
        fits = all(number <= most for number, most in zip(struct.unpack("<12I", self.endpoints or bytes(48)), MOST, strict=True))
        return self.space == CALIBRATED and self.kind >= V4 and fits

    @property
    def packed(self) -> bool:
        return self.compression in (RLE8, RLE4)


def read(source: Source) -> Header:
    """The headers of a BMP. Raises Broken or Refused."""
    start = source.read(0, FILE_HEADER + 4)
    if start[:2] != b"BM":
        raise Refused("this is an OS/2 picture of another kind than BMP", "Export it as PNG first.")
    offset, kind = struct.unpack("<II", start[10:])
    if kind == CORE:
        return _core(source.read(FILE_HEADER, CORE), offset)
    if kind not in (INFO, WITH_MASKS, WITH_ALPHA, OS2, V4, V5):
        raise Refused("this kind of BMP is not known", "Export it as PNG first.")
    return _info(source, source.read(FILE_HEADER, kind), offset)


def _core(data: bytes, offset: int) -> Header:
    """The oldest header; its colour table ends where the pixels start."""
    width, height, planes, bits = struct.unpack("<4xHHHH", data)
    if bits not in (1, 4, 8, 24):
        raise Refused(f"this kind of BMP is not known ({bits} bits a pixel)")
    room = max(0, offset - FILE_HEADER - CORE) // 3
    entries = min(1 << bits, room) if bits <= 8 else 0
    zero = (0, 0, 0, 0)
    header = Header(CORE, width, height, bits, RGB, zero, (0, 0), entries, entries, (0, 0, 0), offset, 0, b"", 0, (0, 0))
    return _checked(header, planes)


def _info(source: Source, data: bytes, offset: int) -> Header:
    kind = len(data)
    width, height, planes, bits, compression, length, *density, used, important = struct.unpack("<4xiiHHIIiiII", data[:INFO])
    _known(kind, bits, compression)
    listed = used or 1 << bits if bits <= 8 else used
    space, endpoints, intent, profile = _colours(data)
    header = Header(
        kind,
        width,
        height,
        bits,
        compression,
        _masks(source, data, bits, compression),
        (density[0], density[1]),
        min(listed, 1 << bits) if bits <= 8 else 0,
        listed,
        (length, used, important),
        offset,
        space,
        endpoints,
        intent,
        profile,
    )
    return _checked(header, planes)


def _known(kind: int, bits: int, compression: int) -> None:
    if compression in (JPEG, PNG) and kind != OS2:
        raise Refused("this BMP is a wrapper around a JPEG or PNG for printers", "Export it as PNG first.")
    allowed = {RGB: (1, 4, 8, 16, 24, 32), RLE8: (8,), RLE4: (4,), BITFIELDS: (16, 32), ALPHA_BITFIELDS: (16, 32)}
    if bits not in allowed.get(compression, ()) or (kind == OS2 and compression > RLE4):
        raise Refused(f"this kind of BMP is not known ({bits} bits a pixel, compression {compression})")
    if compression == ALPHA_BITFIELDS and kind != INFO:
        raise Refused("this kind of BMP is not known (its masks stand twice)")


def _checked(header: Header, planes: int) -> Header:
    if planes != 1 or header.width <= 0 or not header.height or (header.packed and header.height < 0):
        raise Broken("the BMP header makes no sense")
    if header.stride > LARGEST_ROW:
        raise Refused("this BMP is wider than any real picture")
    if header.bits <= 8 and not header.entries:
        raise Broken("the BMP has no colour table")
    if header.offset < header.table + header.entries * header.entry:
        raise Refused("the colour table of this BMP runs into its pixels: programs show it in different ways")
    return header


def _masks(source: Source, data: bytes, bits: int, compression: int) -> tuple[int, int, int, int]:
    """The masks that a decoder uses: those in or behind the header; in a picture with fixed ones, zero or the usual."""
    most = (1 << bits) - 1
    if compression in (BITFIELDS, ALPHA_BITFIELDS):
        if len(data) == INFO:
            raw = source.read(FILE_HEADER + INFO, 12 if compression == BITFIELDS else 16)
        else:
            raw = data[INFO:WITH_ALPHA]
        red, green, blue, alpha = (mask & most for mask in struct.unpack("<4I", raw.ljust(16, b"\0")))
        if not (red and green and blue) or red & green or green & blue or (red | green | blue) & alpha or red & blue:
            raise Refused("the colour masks of this BMP make no sense: programs show it in different ways")
        return red, green, blue, alpha
    if len(data) in (WITH_ALPHA, V4, V5) and bits in STANDARD_MASKS:
        *colours, alpha = struct.unpack("<4I", data[INFO:WITH_ALPHA])
        red, green, blue = STANDARD_MASKS[bits] if tuple(colours) == STANDARD_MASKS[bits] else (0, 0, 0)
        return red, green, blue, alpha if alpha == STANDARD_ALPHA[bits] else 0
    return 0, 0, 0, 0


def _colours(data: bytes) -> tuple[int, bytes, int, tuple[int, int]]:
    """Colour space, primaries and gammas, intent, and where a profile stands."""
    if len(data) < V4 or len(data) == OS2:
        return 0, b"", 0, (0, 0)
    space = int.from_bytes(data[56:60], "little")
    if len(data) < V5:
        return space, data[60:108], 0, (0, 0)
    intent, start, length = struct.unpack("<III", data[108:120])
    there = space in (LINKED, EMBEDDED) and start and length
    return space, data[60:108], intent, (FILE_HEADER + start, FILE_HEADER + start + length) if there else (0, 0)


def spare_bits(header: Header) -> int:
    """The bits of a 16 or 32 bit pixel that stand for nothing."""
    if header.bits not in STANDARD_MASKS:
        return 0
    red, green, blue, alpha = header.masks
    if header.compression == RGB:
        red, green, blue = STANDARD_MASKS[header.bits]
    return ((1 << header.bits) - 1) & ~(red | green | blue | alpha)


def written(header: Header, palette: bytes, pixels: int, profile: bytes, keep_color: bool, density: tuple[int, int]) -> bytes:
    """File header, header, masks and colour table, in canonical form. pixels: bytes of the picture data."""
    offset = header.table + len(palette)
    size = offset + pixels + len(profile)
    if size > LARGEST_FILE:
        raise Refused("this BMP is larger than the format allows")
    start = b"BM" + struct.pack("<IIII", size, 0, offset, header.kind)
    if header.kind == CORE:
        return start + struct.pack("<HHHH", header.width, header.height, 1, header.bits) + palette
    info = start + struct.pack("<iiHHI", header.width, header.height, 1, header.bits, header.compression)
    length, used, important = _counts(header, pixels)
    info += struct.pack("<IiiII", length, *density, used, important)
    masks = struct.pack("<4I", *header.masks)
    if header.kind in (INFO, OS2):
        return info + (masks[: header.outside] if header.kind == INFO else bytes(OS2 - INFO)) + palette
    info += masks[: min(header.kind, WITH_ALPHA) - INFO]
    return info + (_colour_fields(header, offset + pixels, profile, keep_color) if header.kind >= V4 else b"") + palette


def _counts(header: Header, pixels: int) -> tuple[int, int, int]:
    """The counts in the header: as they stand where they are right, or 0 where that is allowed; else the right ones."""
    length, used, important = header.counts
    full = header.entries == 1 << header.bits
    length = 0 if not length and header.compression == RGB else pixels
    used = 0 if header.bits > 8 or (not used and full) else header.entries
    return length, used, important if important == header.entries else 0


def _colour_fields(header: Header, at: int, profile: bytes, keep_color: bool) -> bytes:
    """The part that only the newest two headers have."""
    space = header.space if keep_color and header.space in (CALIBRATED, SRGB, WINDOWS) else SRGB
    space = EMBEDDED if profile else space
    endpoints = header.endpoints if space == CALIBRATED and header.calibrated else bytes(48)
    intent = header.intent if keep_color and header.intent in INTENTS else 0
    fields = struct.pack("<I", space) + endpoints
    if header.kind == V4:
        return fields
    return fields + struct.pack("<IIII", intent, at - FILE_HEADER if profile else 0, len(profile), 0)
