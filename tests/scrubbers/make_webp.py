"""Makes WebP files chunk by chunk, with one unique word in each place where something can hide."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

from PIL import Image

from tests.scrubbers.make_gif import packet
from tests.scrubbers.make_jpeg import EXIF_WORDS, exif_block, word

SIZE = (40, 30)


def chunk(name: bytes, body: bytes, pad: bytes = b"\0") -> bytes:
    return name + len(body).to_bytes(4, "little") + body + pad[: len(body) % 2]


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def header(flags: int, size: tuple[int, int] = SIZE, reserved: bytes = b"\0\0\0", more: bytes = b"") -> bytes:
    sides = b"".join((side - 1).to_bytes(3, "little") for side in size)
    return chunk(b"VP8X", bytes((flags,)) + reserved + sides + more)


def parts(data: bytes) -> list[tuple[bytes, bytes]]:
    """Names and payloads of the chunks."""
    found, at = [], 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        found.append((data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return found


def written(mode: str = "RGB", size: tuple[int, int] = SIZE, **options: object) -> bytes:
    out = io.BytesIO()
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    image.putpixel((1, 1), (200, 30, 20))
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(size))
    image.save(out, "WEBP", **options)
    return out.getvalue()


def coded(name: bytes, mode: str = "RGB", **options: object) -> bytes:
    """The payload of the first chunk of this name."""
    return next(body for found, body in parts(written(mode, **options)) if found == name)


LOSSY = coded(b"VP8 ", quality=70)
LOSSLESS = coded(b"VP8L", lossless=True)
LOSSLESS_ALPHA = coded(b"VP8L", "RGBA", lossless=True)
ALPHA = coded(b"ALPH", "RGBA", quality=70)
LOSSY_OF_ALPHA = coded(b"VP8 ", "RGBA", quality=70)
RAW_ALPHA = b"\0" + bytes(number % 251 for number in range(SIZE[0] * SIZE[1]))


def animation(**options: object) -> bytes:
    """What Pillow writes for an animation with transparency."""
    base = Image.effect_mandelbrot((60, 40), (-2, -1, 1, 1), 60).convert("RGBA")
    frames = [base.rotate(20 * turn) for turn in range(4)]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=[50, 70, 90, 400], loop=3, **options)
    return out.getvalue()


def frame(*inner: bytes, size: tuple[int, int] = SIZE, time: int = 100, flags: int = 2, x: int = 0) -> bytes:
    sides = b"".join((side - 1).to_bytes(3, "little") for side in size)
    return chunk(
        b"ANMF", x.to_bytes(3, "little") + b"\0\0\0" + sides + time.to_bytes(3, "little") + bytes((flags,)) + b"".join(inner)
    )


def anim(loop: int = 2, more: bytes = b"") -> bytes:
    return chunk(b"ANIM", b"\x10\x20\x30\xff" + loop.to_bytes(2, "little") + more)


def hiding_places() -> Iterator[tuple[str, bytes, str]]:
    """One file a place: name, file, word."""
    lossy = chunk(b"VP8 ", LOSSY)
    makers: dict[str, Callable[[bytes], bytes]] = {
        "XMP": lambda planted: riff(header(4), lossy, chunk(b"XMP ", packet(planted))),
        "XMP without a header": lambda planted: riff(lossy, chunk(b"XMP ", packet(planted))),
        "XMP with another name": lambda planted: riff(header(4), lossy, chunk(b"XMP\0", packet(planted))),
        "EXIF without a header": lambda planted: riff(lossy, chunk(b"EXIF", exif(planted.decode()))),
        "EXIF that is rubbish": lambda planted: riff(header(8), lossy, chunk(b"EXIF", planted)),
        "second EXIF": lambda planted: riff(header(8), lossy, chunk(b"EXIF", exif("a")), chunk(b"EXIF", exif(planted.decode()))),
        "second XMP": lambda planted: riff(header(4), lossy, chunk(b"XMP ", packet(b"a")), chunk(b"XMP ", packet(planted))),
        "profile": lambda planted: riff(header(0x20), chunk(b"ICCP", planted), lossy),
        "profile not announced": lambda planted: riff(header(0), chunk(b"ICCP", planted), lossy),
        "unknown chunk": lambda planted: riff(header(0), chunk(b"wOrD", planted), lossy),
        "unknown chunk behind a simple picture": lambda planted: riff(lossy, chunk(b"JUNK", planted)),
        "name of an unknown chunk": lambda planted: riff(lossy, *(chunk(planted[at : at + 4], b"") for at in (0, 4))),
        "content credentials": lambda planted: riff(header(0), lossy, chunk(b"C2PA", planted)),
        "second picture": lambda planted: riff(header(0), lossy, chunk(b"VP8 ", LOSSY + planted)),
        "transparency behind the picture": lambda planted: riff(header(0x10), lossy, chunk(b"ALPH", RAW_ALPHA + planted)),
        "behind raw transparency": lambda planted: riff(header(0x10), chunk(b"ALPH", RAW_ALPHA + planted), lossy),
        "behind the header": lambda planted: riff(header(0x10, more=planted), chunk(b"ALPH", RAW_ALPHA), lossy),
        "behind the animation's header": lambda planted: riff(header(2), anim(more=planted), frame(lossy), frame(lossy)),
        "in a frame": lambda planted: riff(header(2), anim(), frame(lossy, chunk(b"NOTE", planted)), frame(lossy)),
        "EXIF in a frame": lambda planted: riff(header(2), anim(), frame(lossy), frame(lossy, chunk(b"EXIF", planted))),
        "second picture in a frame": lambda planted: riff(header(2), anim(), frame(lossy, chunk(b"VP8 ", LOSSY + planted))),
        "between frames": lambda planted: riff(header(2), anim(), frame(lossy), chunk(b"NOTE", planted), frame(lossy)),
        "frames that are not shown": lambda planted: riff(header(0), lossy, chunk(b"ANMF", bytes(16) + planted)),
        "behind the end": lambda planted: riff(lossy) + planted,
        "behind the end of a small RIFF": lambda planted: riff(header(0), lossy) + chunk(b"EXIF", planted),
    }
    for place, maker in makers.items():
        planted = word("w")[:8] if place.startswith("name of") else word("w")
        data = maker(planted.encode())
        yield place, data, planted[:4] if place.startswith("name of") else planted


def exif(text: str, orientation: int = 6) -> bytes:
    """EXIF with this word in each of its tags, without the name that JPEG sets before it."""
    return exif_block(dict.fromkeys(EXIF_WORDS, text), orientation)[6:]
