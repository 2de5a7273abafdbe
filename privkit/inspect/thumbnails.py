"""Does the small picture inside a file show the same as the file? If not, it was cropped or changed later."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from privkit.inspect.likeness import TEXTURE, Box, Grey, deviation, likeness, same
from privkit.model import Finding, Level
from privkit.source import Source

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

KINDS = (b"\xff\xd8", b"\x89PNG\r\n\x1a\n")
"""How a small picture must begin: JPEG or PNG."""
LARGEST_THUMBNAIL = 4 * 1024 * 1024
LARGEST_THUMBNAIL_PIXELS = 4_000_000
LARGEST_PICTURE = 12_000_000
"""Pixels that are decoded whole at most."""
LARGEST_JPEG = 250_000_000
"""The same for a baseline JPEG file, which is scaled down while it is decoded."""
LONG_SIDE = 128
"""Pixels of the long side in which both are compared."""
DARKEST = 16
"""Grey value up to which the bars beside a picture of another shape are black."""
ALIKE, FOREIGN = 0.9, 0.4
"""Correlation of the whole, below which the same picture would be a surprise, and below which it is another one."""

ADVICE = "See it: privkit inspect FILE --thumbnail small.jpg. A clean copy holds no smaller picture."
RESULTS = {
    True: (Level.WARN, "as far as can be seen it shows the same as the picture"),
    False: (Level.RISK, "it does not match the picture: the picture was cropped or changed later"),
    None: (Level.WARN, "it could not be compared with the picture: look at it"),
}

Placed = tuple["Image", Box]


def compare(thumbnail: bytes, source: Source) -> Finding:
    """What the small picture inside a file gives away, compared with the picture that the file shows. Never raises.

    facts: width and height of the small picture (0 if it cannot be decoded), matches (None: not known), sha256 of its bytes.
    """
    known = len(thumbnail) <= LARGEST_THUMBNAIL and thumbnail.startswith(KINDS)
    small = _decoded(io.BytesIO(thumbnail), LARGEST_THUMBNAIL_PIXELS, 1) if known else None
    large = _decoded(source.file, LARGEST_PICTURE, 2) if small else None
    matches = _matches(small[0], large[0]) if small and large else None
    level, words = RESULTS[matches]
    width, height = small[1] if small else (0, 0)
    shape = f"{width} x {height}; " if small else ""
    facts = {"width": width, "height": height, "matches": matches, "sha256": hashlib.sha256(thumbnail).hexdigest()}
    return Finding("cut.thumbnail", level, "Smaller copy inside", shape + words, ADVICE, facts=facts)


def _decoded(file: BinaryIO, most: int, fineness: int) -> tuple[Image, tuple[int, int]] | None:
    """The first frame in grey, its long side reduced to `fineness` times LONG_SIDE, and its size; None if it cannot be had."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = _open(file)
            if picture is None:
                return None
            size = picture.size
            progressive = "progressive" in picture.info
            if size[0] * size[1] > (LARGEST_JPEG if picture.format == "JPEG" and not progressive else most):
                return None
            return _reduced(picture, LONG_SIDE * fineness), size
    except Exception:
        return None  # hostile or damaged: then it is not compared, and the finding says so


def _open(file: BinaryIO) -> ImageFile | None:
    """By the beginning of the file, and by the decoder's own class: so no other decoder is reached, and the limits are ours."""
    file.seek(0)
    head = file.read(12)
    file.seek(0)
    if head.startswith(b"\xff\xd8"):
        from PIL.JpegImagePlugin import JpegImageFile

        return JpegImageFile(file)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        from PIL.PngImagePlugin import PngImageFile

        return PngImageFile(file)
    if head.startswith((b"II*\0", b"MM\0*")):
        from PIL.TiffImagePlugin import TiffImageFile

        return TiffImageFile(file)
    if head.startswith(b"RIFF") and head.endswith(b"WEBP"):
        from PIL.WebPImagePlugin import WebPImageFile

        return WebPImageFile(file)
    return None


def _reduced(picture: ImageFile, long_side: int) -> Image:
    from PIL.Image import Resampling

    picture.draft("L", (long_side, long_side))
    grey = picture.convert("RGB").convert("L") if picture.mode in ("P", "PA", "CMYK", "YCbCr", "LAB") else picture.convert("L")
    grey.thumbnail((long_side, long_side), Resampling.LANCZOS)
    return grey


def _matches(small: Image, large: Image) -> bool | None:
    """Tries all ways in which a camera makes the small picture of the large one; the two likeliest are looked at closely."""
    ways = [(_alike(small, placed, box), placed, box) for placed, box in _ways(small, large)]
    best: bool | None = False
    ways.sort(key=lambda way: -way[0])
    if ways[0][0] < FOREIGN and deviation(small.tobytes()) > 3 * TEXTURE:
        return False
    for alike, placed, box in ways[:2]:
        verdict = same(_grey(small), _grey(placed), box)
        if verdict and alike >= ALIKE:
            return True
        if verdict is not False:
            best = None
    return best


def _alike(small: Image, large: Image, box: Box) -> float:
    """Correlation of the whole at 32 x 32."""
    from PIL.Image import Resampling

    part = (box.left, box.top, box.right, box.bottom)
    one, other = (picture.resize((32, 32), Resampling.BOX, part).tobytes() for picture in (small, large))
    return likeness(one, other)


def _grey(picture: Image) -> Grey:
    from PIL import ImageChops
    from PIL.ImageFilter import GaussianBlur

    detail = ImageChops.subtract(picture.filter(GaussianBlur(0.7)), picture.filter(GaussianBlur(3)), 1, 128)
    return Grey(picture.width, picture.height, picture.filter(GaussianBlur(0.8)).tobytes(), detail.tobytes())


def _ways(small: Image, large: Image) -> Iterator[Placed]:
    """The picture in the size of the small one: turned four ways; stretched, between black bars, or cut to its shape."""
    from PIL.Image import Transpose

    yield from _shapes(small, large)
    for turn in (Transpose.ROTATE_90, Transpose.ROTATE_180, Transpose.ROTATE_270):
        yield from _shapes(small, large.transpose(turn))


def _shapes(small: Image, large: Image) -> Iterator[Placed]:
    from PIL.Image import Resampling

    size, whole = small.size, Box(0, 0, small.width, small.height)
    yield large.resize(size, Resampling.LANCZOS), whole
    shape = (large.width / large.height) / (small.width / small.height)
    if 0.98 < shape < 1.02:
        return
    yield from _between_bars(small, large)
    wide, high = min(large.width, large.width / shape), min(large.height, large.height * shape)
    left, top = (large.width - wide) / 2, (large.height - high) / 2
    yield large.resize(size, Resampling.LANCZOS, (left, top, left + wide, top + high)), whole


def _between_bars(small: Image, large: Image) -> Iterator[Placed]:
    """Some cameras fill up the shape of the small picture with black: on both sides, or on one."""
    from PIL import Image
    from PIL.Image import Resampling

    scale = min(small.width / large.width, small.height / large.height)
    width, height = max(1, round(large.width * scale)), max(1, round(large.height * scale))
    fitted = large.resize((width, height), Resampling.LANCZOS)
    for part in (0, 1, 2):
        left, top = (small.width - width) * part // 2, (small.height - height) * part // 2
        box = Box(left, top, left + width, top + height)
        if _dark_outside(small, box):
            placed = Image.new("L", small.size)
            placed.paste(fitted, (left, top))
            yield placed, box


def _dark_outside(small: Image, box: Box) -> bool:
    """Whether all but the box is black; two pixels beside it may be blurred."""
    bars = small.copy()
    bars.paste(0, (box.left - 2, box.top - 2, box.right + 2, box.bottom + 2))
    grey = bars.histogram()
    return sum(grey[DARKEST:]) * 50 <= sum(grey) - (box.right - box.left) * (box.bottom - box.top)
