"""Makes BMP files of every kind of header, field by field, so that each can lie or hide something."""

from __future__ import annotations

import struct

from PIL import ImageCms

SRGB, LINKED, EMBEDDED = 0x73524742, 0x4C494E4B, 0x4D424544


def rows(width: int = 5, height: int = 3, bits: int = 24, padding: int = 0) -> bytes:
    """Rows of pixels; the bits behind each row hold `padding`."""
    used, stride = width * bits, (width * bits + 31) // 32 * 4
    result = bytearray()
    for y in range(height):
        row = bytearray((x * 5 + y * 11 + 1) % 2 if bits < 4 else (x * 5 + y * 11) % 200 for x in range(-(-used // 8)))
        if used % 8:
            row[-1] = row[-1] & ~(0xFF >> used % 8) | padding & 0xFF >> used % 8
        result += row.ljust(stride, bytes((padding,)))
    return bytes(result)


def palette(entries: int, fourth: int = 0, size: int = 4) -> bytes:
    return b"".join(bytes((n, 255 - n, n // 2, fourth))[:size] for n in range(entries))


def bmp(
    kind: int = 40,
    width: int = 5,
    height: int = 3,
    bits: int = 24,
    *,
    data: bytes | None = None,
    compression: int = 0,
    length: int | None = None,
    density: tuple[int, int] = (0, 0),
    used: int = 0,
    important: int = 0,
    more: bytes = b"",
    masks: bytes = b"",
    colours: bytes | None = None,
    gap: bytes = b"",
    behind: bytes = b"",
    reserved: bytes = bytes(4),
    planes: int = 1,
    offset: int | None = None,
    size: int | None = None,
) -> bytes:
    """A BMP; `more` is what its header holds behind the first 40 bytes, `masks` what stands behind the header."""
    if colours is None:
        colours = palette(1 << bits, size=3 if kind == 12 else 4) if bits <= 8 else b""
    data = rows(width, abs(height), bits) if data is None else data
    if kind == 12:
        info = struct.pack("<IHHHH", 12, width, height, planes, bits)
    else:
        length = len(data) if length is None else length
        fields = (kind, width, height, planes, bits, compression, length, *density, used, important)
        info = struct.pack("<IiiHHIIiiII", *fields) + more.ljust(kind - 40, b"\0")
    start = 14 + len(info) + len(masks) + len(colours) + len(gap)
    whole = start + len(data) + len(behind)
    head = b"BM" + struct.pack("<I", whole if size is None else size) + reserved + struct.pack("<I", offset or start)
    return head + info + masks + colours + gap + data + behind


def v4(space: int = SRGB, endpoints: bytes = bytes(48), masks: tuple[int, int, int, int] = (0, 0, 0, 0)) -> bytes:
    """What a V4 header holds behind its first 40 bytes."""
    return struct.pack("<4II", *masks, space) + endpoints


def v5(space: int, at: int = 0, length: int = 0, intent: int = 4, reserved: int = 0, endpoints: bytes = bytes(48)) -> bytes:
    return v4(space, endpoints) + struct.pack("<IIII", intent, at, length, reserved)


def with_profile(profile: bytes, space: int = EMBEDDED, gap: bytes = b"", **fields: int) -> bytes:
    """A V5 picture with a profile, or the path of one, behind its pixels."""
    data = rows()
    return bmp(124, data=data, more=v5(space, 124 + len(data) + len(gap), len(profile), **fields), behind=gap + profile)


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
