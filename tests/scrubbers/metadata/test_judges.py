"""The independent readers: silent on clean files, loud on each thing that hides, never a crash or a hang."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from collections.abc import Callable

import exifread
import piexif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from privkit.errors import Broken, Refused
from privkit.scrubbers.metadata import pixels
from privkit.scrubbers.metadata.judges import frames, objections, place_objections
from privkit.source import Source

NOTHING: frozenset[str] = frozenset()
TURN = frozenset(("Image Orientation",))
TIFF_TAGS = frozenset(
    "Image " + name
    for name in (
        *("ImageWidth", "ImageLength", "BitsPerSample", "Compression", "PhotometricInterpretation", "StripOffsets"),
        *("SamplesPerPixel", "RowsPerStrip", "StripByteCounts", "PlanarConfiguration", "SampleFormat", "ExtraSamples"),
    )
)


def said(data: bytes, allowed: frozenset[str] = NOTHING) -> list[str]:
    with Source.of(data) as source:
        return list(objections(source, allowed))


def picture(size: tuple[int, int] = (24, 16)) -> Image.Image:
    return Image.radial_gradient("L").resize(size).convert("RGB")


def saved(form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture().save(out, form, **options)
    return out.getvalue()


def after_start(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """The JPEG file with one more segment right behind its start."""
    return jpeg[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def turned(extra: dict[str, dict[int, object]] | None = None) -> bytes:
    return piexif.dump({"0th": {274: 6}, **(extra or {})})


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_clean_pictures_give_no_objection(form: str) -> None:
    assert said(saved(form)) == []


def test_clean_tiff_gives_no_objection() -> None:
    assert said(saved("TIFF"), TIFF_TAGS) == []


def test_the_one_tag_that_is_allowed_passes_and_no_other() -> None:
    data = saved("JPEG", exif=turned())
    assert said(data, TURN) == []
    assert any("Image Orientation" in one for one in said(data))


JPEG_PLACES: dict[str, Callable[[], bytes]] = {
    "comment": lambda: saved("JPEG", comment=b"word"),
    "gps": lambda: saved("JPEG", exif=turned({"GPS": {1: b"N", 2: ((38, 1), (42, 1), (50, 1))}})),
    "date": lambda: saved("JPEG", exif=turned({"Exif": {36867: b"2026:07:11 18:42:07"}})),
    "maker note": lambda: saved("JPEG", exif=turned({"Exif": {37500: b"word"}})),
    "user comment": lambda: saved("JPEG", exif=turned({"Exif": {37510: b"ASCII\0\0\0word"}})),
    "thumbnail": lambda: saved("JPEG", exif=piexif.dump({"0th": {274: 6}, "1st": {259: 6}, "thumbnail": saved("JPEG")})),
    "xmp": lambda: saved("JPEG", xmp=b"<x:xmpmeta/>"),
    "photoshop": lambda: after_start(saved("JPEG"), 0xED, b"Photoshop 3.0\0" + bytes(12)),
    "mpf": lambda: after_start(saved("JPEG"), 0xE2, b"MPF\0" + bytes(20)),
    "unknown": lambda: after_start(saved("JPEG"), 0xE9, b"word"),
    "jfif thumbnail": lambda: after_start(saved("JPEG"), 0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1abc"),
    "jfxx": lambda: after_start(saved("JPEG"), 0xE0, b"JFXX\0\x10word"),
    "long Adobe": lambda: after_start(saved("JPEG"), 0xEE, b"Adobe" + bytes(7) + b"word"),
    "second exif": lambda: after_start(saved("JPEG", exif=turned()), 0xE1, b"Exif\0\0" + turned({"0th": {271: b"word"}})[6:]),
    "exif with another head": lambda: after_start(saved("JPEG"), 0xE1, b"Exif\0\xff" + turned({"0th": {271: b"word"}})[6:]),
    "exif of rubbish": lambda: after_start(saved("JPEG"), 0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0" + bytes(40)),
}


@pytest.mark.parametrize("place", JPEG_PLACES)
def test_each_hiding_place_in_jpeg_is_an_objection(place: str) -> None:
    assert said(JPEG_PLACES[place](), TURN)


def with_text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "word")
    return info


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"tEXt", b"Author\0word"),
        chunk(b"zTXt", b"Author\0\0" + zlib.compress(b"word")),
        chunk(b"iTXt", b"Author\0\0\0\0\0word"),
        chunk(b"tIME", bytes(7)),
        chunk(b"prVt", b"word"),
        chunk(b"caBX", b"word"),
        chunk(b"eXIf", piexif.dump({"0th": {271: b"word"}})[6:]),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_each_hiding_place_in_png_is_an_objection(extra: bytes, late: bool) -> None:
    data = saved("PNG")
    at = len(data) - 12 if late else 33
    assert said(data[:at] + extra + data[at:], TURN)


def test_png_keeps_its_turn_and_no_tail() -> None:
    data = saved("PNG", exif=turned())
    assert said(data, TURN) == []
    assert said(data + b"word", TURN) == ["4 bytes behind the end of the picture"]
    assert said(saved("PNG", pnginfo=with_text()))


def test_gif_comments_in_any_frame_and_applications_are_objections() -> None:
    data = saved("GIF", save_all=True, append_images=[picture().rotate(90)], loop=0, duration=40)
    assert said(data) == []
    for extension in (b"!\xfe\4word\0", b"!\xff\x0bXMP DataXMP\4word\0", b"!\xff\x0bNETSCAPE2.0\3\1\0\0\4word\0", b"!\1\4word\0"):
        assert said(data[:-1] + extension + b";")
    assert said(data + b"word") == ["4 bytes behind the end of the picture"]


def test_webp_chunks_are_objections() -> None:
    assert said(saved("WEBP", exif=turned()), TURN) == []
    assert said(saved("WEBP", exif=turned()[6:]), TURN) == []
    assert said(saved("WEBP", exif=turned({"GPS": {1: b"N"}})), TURN)
    assert said(saved("WEBP", xmp=b"<x:xmpmeta/>"))
    assert said(saved("WEBP") + b"word")
    data = saved("WEBP")
    more = data + b"woRD" + struct.pack("<I", 4) + b"word"
    assert said(more[:4] + struct.pack("<I", len(more) - 8) + more[8:])


@pytest.mark.parametrize("tag", [271, 315, 700, 33432, 33723, 34377, 34853, 65000])
def test_tags_of_tiff_are_objections_on_every_page(tag: int) -> None:
    info = {tag: {34853: 8, 700: b"word", 34377: b"word"}.get(tag, "word")}
    out = io.BytesIO()
    picture().save(out, "TIFF", save_all=True, append_images=[picture()], tiffinfo=info)
    assert said(out.getvalue(), TIFF_TAGS)
    out = io.BytesIO()
    picture().save(out, "TIFF", save_all=True, append_images=[picture()])
    assert said(out.getvalue(), TIFF_TAGS) == []


@pytest.mark.parametrize("order", ["<", ">"])
def test_bigtiff_is_read_in_both_orders(order: str) -> None:
    def big(*tags: tuple[int, int]) -> bytes:
        head = b"II+\0" if order == "<" else b"MM\0+"
        entries = b"".join(struct.pack(f"{order}HHQHxxxxxx", tag, 3, 1, value) for tag, value in tags)
        return head + struct.pack(f"{order}HHQQ", 8, 0, 16, len(tags)) + entries + bytes(8)

    assert said(big((256, 4), (257, 4)), TIFF_TAGS) == []
    assert said(big((256, 4), (257, 4), (271, 4)), TIFF_TAGS) == ["Pillow finds the EXIF tag Image Make"]


def test_words_in_a_colour_profile_are_objections() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert any("sRGB built-in" in one for one in said(saved("JPEG", icc_profile=profile)))


def test_a_file_that_nobody_knows_is_an_objection() -> None:
    assert said(b"word") == ["no independent reader knows this kind of file"]
    assert said(b"") == ["no independent reader knows this kind of file"]
    assert said(b"RIFF\4\0\0\0AVI ")


def test_a_large_picture_is_judged_by_its_header() -> None:
    data = bytearray(saved("JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 40_000, 40_000)
    assert said(bytes(data)) == []
    with Source.of(bytes(data)) as source, pytest.raises(Refused, match="too large"):
        list(frames(source))


def test_a_tag_that_claims_millions_of_values_keeps_no_reader_busy() -> None:
    exif = bytearray(turned({"Exif": {37500: b"w" * 40}}))
    at = exif.index(struct.pack(">HHI", 37500, 7, 40))
    exif[at + 4 : at + 8] = b"\xff\xff\xff\xf0"
    assert said(saved("JPEG", exif=bytes(exif)), TURN)


def test_place_objections_speak_of_places_alone() -> None:
    def placed(**exif: dict[int, object]) -> list[str]:
        with Source.of(saved("JPEG", exif=piexif.dump(exif))) as source:
            return list(place_objections(source))

    assert placed(**{"0th": {271: b"Canon"}, "Exif": {36867: b"2026:07:11 18:42:07"}}) == []
    assert placed(GPS={1: b"N", 2: ((38, 1), (42, 1), (50, 1))})
    assert placed(Exif={37500: b"word"})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_judges_never_crash(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"]))
    options = {"exif": turned({"Exif": {37500: b"w" * 20}})} if form in ("JPEG", "PNG", "WEBP", "TIFF") else {}
    damaged = bytearray(saved(form, **options))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with Source.of(bytes(damaged[: data.draw(st.integers(0, len(damaged)))])) as source:
        assert all(isinstance(one, str) for one in objections(source, TURN))
        list(place_objections(source))
        with contextlib.suppress(Broken, Refused):
            list(frames(source))


def digests(data: bytes) -> list[bytes]:
    with Source.of(data) as source:
        return list(frames(source))


def test_frames_tell_pixels_apart_and_metadata_not() -> None:
    assert digests(saved("JPEG", exif=turned(), comment=b"word")) == digests(saved("JPEG"))
    assert digests(saved("PNG", pnginfo=with_text())) == digests(saved("PNG"))
    out = io.BytesIO()
    one = picture()
    one.putpixel((3, 3), (1, 2, 3))
    one.save(out, "PNG")
    assert digests(out.getvalue()) != digests(saved("PNG"))


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_frames_are_all_seen(form: str) -> None:
    pictures = [picture().rotate(30 * turn) for turn in range(4)]
    out = io.BytesIO()
    pictures[0].save(out, form, save_all=True, append_images=pictures[1:], **({} if form == "TIFF" else {"duration": 50}))
    assert len(set(digests(out.getvalue()))) == 4


def test_frames_of_tiff_are_taken_as_they_are_stored() -> None:
    for turn in range(2, 9):
        assert digests(saved("TIFF", tiffinfo={274: turn})) == digests(saved("TIFF"))


def test_frames_in_bands_equal_frames_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = digests(saved("PNG"))
    monkeypatch.setattr(pixels, "BAND", 60)
    assert digests(saved("PNG")) == whole


def test_frames_refuse_what_does_not_decode() -> None:
    for data, error in ((saved("PNG")[:60], Broken), (b"word", Refused), (b"\xff\xd8word", Refused), (b"", Refused)):
        with Source.of(data) as source, pytest.raises(error):
            list(frames(source))


def test_exifread_is_silent(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    assert exifread.__version__
    said(b"\xff\xd8\xff\xe1\0\x10Exif\0\0MM\0*\0\0\0\x99")
    assert capfd.readouterr() == ("", "")
