"""Makes GIF files block by block, with one unique word in each place where something can hide."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator

from PIL import Image

from tests.scrubbers.make_jpeg import word

MAGIC = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def blocks(data: bytes, size: int = 255) -> bytes:
    """Data sub-blocks with their terminator."""
    return b"".join(bytes((len(data[at : at + size]),)) + data[at : at + size] for at in range(0, len(data), size)) + b"\0"


def pack(codes: Iterable[tuple[int, int]]) -> bytes:
    """Codes, each with its width, least significant bit first."""
    bits = length = 0
    for code, width in codes:
        bits |= code << length
        length += width
    return bits.to_bytes((length + 7) // 8, "little")


def codes(pixels: bytes, size: int, end: bool = True, clear: bool = True) -> Iterator[tuple[int, int]]:
    """LZW codes that do not compress: each pixel its own code, at the widths that a growing table asks for."""
    start = 1 << size
    width, entries = size + 1, start + 2
    if clear:
        yield start, width
    for number, pixel in enumerate(pixels):
        yield pixel, width
        if number and entries < 4096:
            entries += 1
            width = min(12, width + (entries == 1 << width))
    if end:
        yield start + 1, width


def image(
    data: bytes, size: int = 2, width: int = 4, height: int = 3, flags: int = 0, table: bytes = b"", step: int = 255, x: int = 0
) -> bytes:
    head = b"," + struct.pack("<4HB", x, 0, width, height, flags)
    return head + table + bytes((size,)) + blocks(data, step)


def control(flags: int = 4, delay: int = 10, index: int = 0) -> bytes:
    return b"!\xf9\x04" + struct.pack("<BHB", flags, delay, index) + b"\0"


def application(name: bytes, data: bytes = b"") -> bytes:
    return b"!\xff\x0b" + name + (blocks(data) if data else b"\0")


def loop(number: int = 0) -> bytes:
    return application(b"NETSCAPE2.0", b"\x01" + struct.pack("<H", number))


def comment(text: bytes) -> bytes:
    return b"!\xfe" + blocks(text)


def xmp(packet: bytes) -> bytes:
    return b"!\xff\x0bXMP DataXMP" + packet + MAGIC


def packet(text: bytes) -> bytes:
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="'
        + text
        + b'"/></rdf:RDF></x:xmpmeta>'
    )


PIXELS = bytes((0, 1, 2, 3, 3, 2, 1, 0, 0, 1, 2, 3))
CODED = pack(codes(PIXELS, 2))


def gif(*parts: bytes, version: bytes = b"GIF89a", end: bytes = b";", width: int = 4, height: int = 3) -> bytes:
    """A GIF of 4 by 3 pixels with a table of four colours."""
    head = version + struct.pack("<HHBBB", width, height, 0x81, 0, 0)
    return head + bytes((0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255)) + b"".join(parts) + end


def text_block(text: bytes) -> bytes:
    return b"!\x01\x0c" + struct.pack("<4H4B", 0, 0, 4, 3, 1, 1, 1, 0) + blocks(text)


def animation() -> bytes:
    """What Pillow writes for an animation of photos with transparency."""
    base = Image.effect_mandelbrot((60, 40), (-2, -1, 1, 1), 60).convert("P")
    frames = [base.rotate(20 * turn) for turn in range(4)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=[50, 70, 90, 400], loop=3, disposal=2)
    return out.getvalue()


def hiding_places() -> Iterator[tuple[str, bytes, str]]:
    """One file a place: name, file, word."""
    picture = image(CODED)
    makers = {
        "comment": lambda planted: gif(comment(planted), picture),
        "comment behind the picture": lambda planted: gif(picture, comment(planted)),
        "long comment": lambda planted: gif(comment(planted.ljust(254, b".") + planted), picture),
        "XMP": lambda planted: gif(xmp(packet(planted)), picture),
        "XMP in sub-blocks": lambda planted: gif(application(b"XMP DataXMP", packet(planted)), picture),
        "program": lambda planted: gif(application(b"ImageMagick", b"gamma" + planted), picture),
        "name of a program": lambda planted: gif(application(planted[:11].ljust(11), b"x"), picture),
        "MIDI": lambda planted: gif(application(b"MIDICTRLJon", planted), picture),
        "program with a short name": lambda planted: gif(b"!\xff" + blocks(b"\x01\x02" + planted), picture),
        "behind the loop": lambda planted: gif(b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0" + blocks(planted), picture),
        "long loop block": lambda planted: gif(application(b"NETSCAPE2.0", b"\x01\0\0" + planted), picture),
        "loop with another number": lambda planted: gif(application(b"NETSCAPE2.0", b"\x02" + planted), picture),
        "broken profile": lambda planted: gif(application(b"ICCRGBG1012", planted), picture),
        "text block": lambda planted: gif(text_block(planted), picture),
        "unknown extension": lambda planted: gif(b"!\x99" + blocks(planted), picture),
        "behind a control block": lambda planted: gif(b"!\xf9\x04\0\0\0\0" + blocks(planted), picture),
        "long control block": lambda planted: gif(b"!\xf9" + blocks(b"\0\0\0\0" + planted), picture),
        "behind the end code": lambda planted: gif(image(CODED + planted)),
        "far behind the end code": lambda planted: gif(image(CODED + bytes(700) + planted)),
        "small blocks behind the end code": lambda planted: gif(image(CODED.ljust(16, b"\0") + planted, step=16)),
        "behind the last pixel": lambda planted: gif(image(pack(codes(PIXELS, 2, end=False)) + planted)),
        "behind an early end code": lambda planted: gif(image(pack(codes(PIXELS[:5], 2)) + planted)),
        "behind the end": lambda planted: gif(picture) + planted,
    }
    for place, maker in makers.items():
        planted = word("g")
        yield place, maker(planted.encode()), planted[:11] if place == "name of a program" else planted
