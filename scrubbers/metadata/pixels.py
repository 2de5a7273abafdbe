"""Decodes a picture with Pillow and gives a digest of each frame, for the comparison of pixels before and after."""

from __future__ import annotations

import hashlib
import importlib
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from privkit.errors import Broken, PrivkitError, Refused
from privkit.source import Source
from privkit.text import safe

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

LARGEST_PICTURE = 200_000_000
"""Pixels of one frame that are decoded here at most: the largest phone cameras make just that."""
LARGEST_FILM = 20_000_000_000
"""Pixels of all frames together."""
MOST_FRAMES = 100_000
BAND = 4_000_000
"""Pixels that are hashed at once, so that a frame is not held twice."""

DECODERS = (
    (b"\xff\xd8", "Jpeg"),
    (b"\x89PNG\r\n\x1a\n", "Png"),
    (b"GIF8", "Gif"),
    (b"RIFF", "WebP"),
    (b"II", "Tiff"),
    (b"MM", "Tiff"),
    (b"BM", "Bmp"),
)
"""How a file begins, and the Pillow decoder for it. A class of its own, so that no file reaches another decoder."""


def frames(source: Source) -> Iterator[bytes]:
    """A digest of each decoded frame: mode, size, every pixel, palette, transparency, duration and kind of disposal.

    Pixels are taken as they are stored: no rotation is applied. Holds one frame at a time, as Pillow does.
    Raises Refused for a picture that is too large or that Pillow does not know, Broken for one that does not decode.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = _open(source)
            yield from _frames(picture)
    except PrivkitError:
        raise
    except Exception as error:
        raise Broken(f"the picture does not decode: {safe(error)}") from error


def _open(source: Source) -> ImageFile:
    head = source.read(0, min(16, source.size))
    for start, name in DECODERS:
        if head.startswith(start):
            plugin = importlib.import_module(f"PIL.{name}ImagePlugin")
            source.file.seek(0)
            try:
                picture: ImageFile = getattr(plugin, f"{name}ImageFile")(source.file)
            except SyntaxError as error:
                raise Refused(f"Pillow cannot decode this kind of picture: {safe(error)}") from error
            return picture
    raise Refused("Pillow cannot decode this kind of picture")


def _frames(picture: ImageFile) -> Iterator[bytes]:
    decoded = 0
    for number in range(MOST_FRAMES):
        try:
            picture.seek(number)
        except EOFError:
            return
        width, height = picture.size
        decoded += width * height
        if width * height > LARGEST_PICTURE or decoded > LARGEST_FILM:
            raise Refused("the picture is too large to be decoded here")
        turn = getattr(picture, "tag_v2", {}).get(274)
        picture.load()
        yield _digest(_as_stored(picture, turn))
    raise Refused("it has too many frames to be decoded here")


def _as_stored(picture: Any, turn: object) -> Any:
    """Undo the rotation that Pillow applies to TIFF alone, since the tag for it may be gone in the copy."""
    from PIL.Image import Transpose

    undo = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_90,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_270,
    }
    return picture.transpose(undo[turn]) if turn in undo else picture


def _digest(picture: Any) -> bytes:
    digest = hashlib.blake2b(digest_size=32)
    shown = {key: picture.info.get(key) for key in ("duration", "transparency", "disposal", "blend", "loop", "background")}
    if picture.mode in ("P", "PA"):  # by the colours that are shown: unused ones of the palette do not count
        picture = picture.convert("RGBA")
    digest.update(repr((picture.mode, picture.size, shown)).encode())
    width, height = picture.size
    rows = max(1, BAND // width)
    for top in range(0, height, rows):
        digest.update(picture.crop((0, top, width, min(height, top + rows))).tobytes())
    return digest.digest()
