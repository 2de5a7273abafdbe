"""Asks an independent decoder whether bytes hide behind the coded data of a picture, within its own chunk.

The format does not tell where coded data end. But a picture whose last bytes are cut away can no longer be decoded;
if it still can, then those bytes were not needed. Source: RFC 6386, section 7.3 (a decoder reads 2 bytes ahead).
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from privkit.source import LARGEST_READ, Source

from .chunks import HAS_ALPHA, HEADER, Chunk, Picture, Webp, made

SLACK = 8
"""Bytes cut away; encoders leave up to 3 that decoders do not need."""
ZEROS = 64 * 1024
"""Zeros at the end, as some encoders align their data, hide nothing: they are cut away as well."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked about, so that memory and time stay small; larger pictures are not."""

    pixels: int
    """Of one picture."""
    together: int
    """Pixels of all pictures."""
    bytes: int
    """Coded, of one picture."""


USUAL = Limits(4_000_000, 40_000_000, 4 * 1024 * 1024)
FULL = Limits(200_000_000, 20_000_000_000, LARGEST_READ)
"""Where all frames are decoded anyway."""


def objections(webp: Webp, limits: Limits) -> Iterator[str]:
    """A sentence for each picture that still decodes without its last bytes."""
    left = limits.together
    for picture in [webp.picture] if webp.picture else [frame.picture for frame in webp.frames]:
        pixels = picture.width * picture.height
        left -= pixels
        if left < 0:
            return
        if pixels > limits.pixels or sum(chunk.length for chunk in _chunks(picture)) > limits.bytes:
            continue
        for cut in _chunks(picture):
            if _decodes(webp.source, picture, cut):
                yield f"bytes behind the coded {'transparency' if cut is picture.alpha else 'picture'}, within its part"


def _chunks(picture: Picture) -> list[Chunk]:
    return [picture.alpha, picture.image] if picture.alpha else [picture.image]


def _decodes(source: Source, picture: Picture, cut: Chunk) -> bool:
    """Whether the picture can still be decoded when the end of this chunk is cut away."""
    body = b"".join(made(chunk.name, _body(source, chunk, chunk is cut)) for chunk in _chunks(picture))
    if picture.alpha:
        size = (picture.width - 1).to_bytes(3, "little") + (picture.height - 1).to_bytes(3, "little")
        body = made(HEADER, bytes((HAS_ALPHA, 0, 0, 0)) + size) + body
    return _loads(b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body)


def _body(source: Source, chunk: Chunk, cut: bool) -> bytes:
    body = source.read(chunk.body, chunk.length)
    if not cut:
        return body
    tail = body[-ZEROS:]
    zeros = len(tail) - len(tail.rstrip(b"\0"))
    return body[: max(1, len(body) - zeros - SLACK)]


def _loads(file: bytes) -> bool:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.open(io.BytesIO(file), formats=("WEBP",)).load()
    except Exception:
        return False
    return True
