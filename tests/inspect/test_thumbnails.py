"""The small picture inside against the picture itself: same, cropped, changed, or not known; never a false 'same'."""

from __future__ import annotations

import hashlib
import io
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from privkit.inspect.thumbnails import compare
from privkit.model import Finding, Level
from privkit.source import Source


def scene(width: int = 1200, height: int = 900, seed: int = 7) -> Image.Image:
    """Something like a photo: soft ground, many shapes of all sizes, a little noise."""
    chance = random.Random(seed)
    ground = Image.linear_gradient("L").resize((width, height))
    photo = Image.merge("RGB", (ground, ImageOps.flip(ground), ImageOps.mirror(ground.rotate(90).resize((width, height)))))
    draw = ImageDraw.Draw(photo)
    for _ in range(260):
        size = 20 + 180 * chance.random() ** 3
        x, y = chance.uniform(-50, width), chance.uniform(-50, height)
        color = tuple(chance.randrange(256) for _ in range(3))
        draw.ellipse((x, y, x + size, y + size * chance.uniform(0.4, 1.6)), fill=color)
    noise = Image.effect_noise((width, height), 18).convert("RGB")
    return Image.blend(photo.filter(ImageFilter.GaussianBlur(2)), noise, 0.06)


PHOTO = scene()


def jpeg(photo: Image.Image, quality: int = 88) -> bytes:
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=quality)
    return out.getvalue()


def small(photo: Image.Image, size: tuple[int, int] = (160, 120)) -> bytes:
    return jpeg(photo.resize(size, Image.Resampling.LANCZOS), 70)


def found(thumbnail: bytes, picture: bytes) -> Finding:
    with Source.of(picture) as source:
        return compare(thumbnail, source)


def matches(thumbnail: bytes, photo: Image.Image) -> object:
    return found(thumbnail, jpeg(photo)).facts["matches"]


def region(part: float) -> tuple[int, int, int, int]:
    """A square in the middle of things, `part` of the width."""
    side = int(PHOTO.width * part)
    return 420, 300, 420 + side, 300 + side


def test_same_picture_is_a_warning_with_facts() -> None:
    thumbnail = small(PHOTO)
    finding = found(thumbnail, jpeg(PHOTO))
    assert finding.id == "cut.thumbnail" and finding.level == Level.WARN and "160 x 120" in finding.detail
    sha256 = hashlib.sha256(thumbnail).hexdigest()
    assert finding.facts == {"width": 160, "height": 120, "matches": True, "sha256": sha256}


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_pictures_of_other_formats_are_compared(form: str) -> None:
    out = io.BytesIO()
    PHOTO.resize((600, 450)).save(out, form)
    assert found(small(PHOTO), out.getvalue()).facts["matches"] is True


def test_thumbnail_may_be_png_of_any_size() -> None:
    for size in ((80, 60), (320, 240), (640, 480)):
        out = io.BytesIO()
        PHOTO.resize(size).save(out, "PNG")
        assert matches(out.getvalue(), PHOTO) is True


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_thumbnail_matches(turn: int) -> None:
    assert matches(jpeg(PHOTO.resize((160, 120)).rotate(turn, expand=True), 70), PHOTO) is True


@pytest.mark.parametrize("edge", [0.0, 0.5, 1.0])
def test_thumbnail_between_black_bars_matches(edge: float) -> None:
    wide = PHOTO.crop((0, 0, 1200, 800))
    padded = ImageOps.pad(wide, (160, 120), centering=(0.5, edge))
    assert matches(jpeg(padded, 75), wide) is True


def test_thumbnail_cut_to_another_shape_matches() -> None:
    wide = PHOTO.crop((0, 0, 1200, 675))
    assert matches(jpeg(ImageOps.fit(wide, (160, 120)), 75), wide) is True


@pytest.mark.parametrize("change", ["brighter", "grey", "quality", "smaller", "contrast"])
def test_other_colours_and_compression_still_match(change: str) -> None:
    changed = {
        "brighter": PHOTO.point(lambda value: min(255, value * 5 // 4)),
        "grey": PHOTO.convert("L"),
        "quality": Image.open(io.BytesIO(jpeg(PHOTO, 30))),
        "smaller": PHOTO.resize((400, 300)),
        "contrast": ImageOps.autocontrast(PHOTO, 2),
    }[change]
    assert matches(small(PHOTO), changed) is True


@pytest.mark.parametrize("part", [0.05, 0.1, 0.4])
@pytest.mark.parametrize("side", ["left", "right", "top", "bottom", "centre", "corner"])
def test_crop_does_not_match(part: float, side: str) -> None:
    wide, high = PHOTO.size
    cut_x, cut_y = int(wide * part), int(high * part)
    box = {
        "left": (cut_x, 0, wide, high),
        "right": (0, 0, wide - cut_x, high),
        "top": (0, cut_y, wide, high),
        "bottom": (0, 0, wide, high - cut_y),
        "centre": (cut_x // 2, cut_y // 2, wide - cut_x // 2, high - cut_y // 2),
        "corner": (cut_x, cut_y, wide, high),
    }[side]
    finding = found(small(PHOTO), jpeg(PHOTO.crop(box)))
    assert finding.facts["matches"] is False and finding.level == Level.RISK and "cropped or changed" in finding.detail


@pytest.mark.parametrize("part", [0.2, 0.3])
@pytest.mark.parametrize("how", ["pixels", "blur", "black", "paint"])
def test_a_part_made_unreadable_does_not_match(part: float, how: str) -> None:
    box = region(part)
    face = PHOTO.crop(box)
    hidden = {
        "pixels": face.resize((4, 4), Image.Resampling.BOX).resize(face.size, Image.Resampling.NEAREST),
        "blur": face.filter(ImageFilter.GaussianBlur(face.width / 6)),
        "black": Image.new("RGB", face.size),
        "paint": scene(*face.size, seed=3),
    }[how]
    changed = PHOTO.copy()
    changed.paste(hidden, box)
    assert matches(small(PHOTO), changed) is False


def test_mirrored_and_foreign_pictures_do_not_match() -> None:
    assert matches(small(PHOTO), ImageOps.mirror(PHOTO)) is False
    assert matches(small(PHOTO), ImageOps.flip(PHOTO)) is False
    assert matches(small(PHOTO), scene(seed=8)) is False


@pytest.mark.parametrize(
    "plain", [Image.new("RGB", (800, 600), "grey"), Image.linear_gradient("L").resize((800, 600)), Image.new("L", (800, 600))]
)
def test_plain_pictures_cannot_be_compared(plain: Image.Image) -> None:
    finding = found(small(plain), jpeg(plain))
    assert finding.facts["matches"] is None and finding.level == Level.WARN
    assert matches(small(plain), PHOTO) is not True
    assert matches(small(PHOTO), plain) is not True


def test_what_does_not_decode_cannot_be_compared() -> None:
    whole = jpeg(PHOTO)
    for thumbnail in (b"", b"word", b"\xff\xd8\xff", small(PHOTO)[:400], b"GIF89a", bytes(5_000_000)):
        finding = found(thumbnail, whole)
        assert finding.facts["matches"] is None and finding.level == Level.WARN
        assert finding.facts["sha256"] == hashlib.sha256(thumbnail).hexdigest()
    for picture in (b"", b"word", whole[:3000], b"BM" + bytes(50)):
        assert found(small(PHOTO), picture).facts["matches"] is None


def test_pictures_beyond_the_bounds_are_not_decoded() -> None:
    out = io.BytesIO()
    Image.new("1", (5000, 5000)).save(out, "PNG")
    assert found(small(PHOTO), out.getvalue()).facts["matches"] is None
    assert found(out.getvalue(), jpeg(PHOTO)).facts["width"] == 0
    out = io.BytesIO()
    Image.new("L", (5000, 2500)).save(out, "JPEG", progressive=True)
    assert found(small(PHOTO), out.getvalue()).facts["matches"] is None


def test_tiny_and_thin_pictures_do_not_crash() -> None:
    for size in ((1, 1), (2, 90), (160, 1), (9, 9)):
        for shape in ((1, 1), (3, 700), (700, 3), (20, 20)):
            assert matches(small(PHOTO, size), PHOTO.resize(shape)) is not True


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=3), st.floats(0, 1), st.booleans())
def test_damaged_pictures_never_crash(patch: bytes, place: float, inside: bool) -> None:
    thumbnail, whole = bytearray(small(PHOTO, (64, 48))), bytearray(jpeg(PHOTO.resize((200, 150))))
    hurt = thumbnail if inside else whole
    at = math.floor(place * (len(hurt) - len(patch)))
    hurt[at : at + len(patch)] = patch
    assert found(bytes(thumbnail), bytes(whole)).id == "cut.thumbnail"
