"""The JPEG scrubber: every hiding place emptied, the picture untouched, nonsense refused calmly."""

from __future__ import annotations

import io
import random
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from privkit.errors import Broken, PrivkitError, Refused
from privkit.model import Level
from privkit.plugin import Policy
from privkit.registry import recognise
from privkit.scrubbers.jpeg import FORMAT
from privkit.scrubbers.jpeg.segments import walk
from privkit.source import Source
from tests.layers import found_words
from tests.made_clean import ONLY_LOCATION, STRICT, cleaned
from tests.real import exiftool, exiftool_dump, needs
from tests.scrubbers.make_jpeg import EXIF_WORDS, dirty, exif_block, hiding_places, insert, odd_tables, picture, segment, word

JPEG = FORMAT.load()
STRUCTURE = {
    *(
        f"File:{tag}"
        for tag in "FileType FileTypeExtension MIMEType ImageWidth ImageHeight EncodingProcess BitsPerSample".split()
    ),
    *(f"File:{tag}" for tag in "ColorComponents YCbCrSubSampling ExifByteOrder".split()),
    *(f"JFIF:{tag}" for tag in "JFIFVersion ResolutionUnit XResolution YResolution".split()),
    *(f"Adobe:{tag}" for tag in "DCTEncodeVersion APP14Flags0 APP14Flags1 ColorTransform".split()),
    *(f"Composite:{tag}" for tag in "ImageSize Megapixels".split()),
    "IFD0:Orientation",
}
"""What ExifTool may say of a clean JPEG: how it is coded, its density, its turn."""


def pixels(data: bytes) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Pillow thinks of the rubbish around a picture
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            return image.mode.encode() + image.tobytes()


def scan(data: bytes) -> bytes:
    """The header of the first scan."""
    at = data.index(b"\xff\xda")
    return data[at : at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")]


def findings(data: bytes) -> list[str]:
    with Source.of(data) as source:
        return [finding.id for finding in JPEG.inspect(JPEG.read(source))]


def test_no_planted_word_is_left_in_any_layer() -> None:
    data, words = dirty()
    assert found_words(data, words) == words, "the fixture itself must hold every word"
    clean, made = cleaned(data, verify="full")
    assert found_words(clean, words) == set()
    assert pixels(clean) == pixels(data)
    assert "EXIF" in made.removed
    with Image.open(io.BytesIO(clean)) as image:
        assert dict(image.getexif()) == {274: 6}


@needs("exiftool")
@pytest.mark.parametrize("policy", [Policy(), STRICT], ids=["share", "strict"])
def test_exiftool_finds_only_structure(tmp_path: Path, policy: Policy) -> None:
    data, words = dirty()
    path = tmp_path / "clean.jpg"
    path.write_bytes(cleaned(data, policy)[0])
    assert set(exiftool(path)) <= STRUCTURE
    assert found_words(exiftool_dump(path), words) == set()


@pytest.mark.parametrize(
    ("place", "data", "planted"), list(hiding_places()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_hiding_place_alone(place: str, data: bytes, planted: str) -> None:
    clean, made = cleaned(data)
    assert found_words(clean, [planted]) == set()
    assert pixels(clean) == pixels(data)
    assert made.removed


@pytest.mark.parametrize("policy", [Policy(), ONLY_LOCATION], ids=["share", "location"])
@pytest.mark.parametrize(
    ("name", "data", "planted"), list(odd_tables()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_tables_that_no_scan_needs_go(name: str, data: bytes, planted: bytes, policy: Policy) -> None:
    clean, made = cleaned(data, policy, verify="full")
    assert planted in data
    assert planted not in clean
    assert pixels(clean) == pixels(picture((64, 48), quality=80))
    assert "tables that the picture does not use" in made.removed
    assert "hidden.unknown" in findings(data)


def test_what_stands_behind_the_first_scan_turns_and_colours_nothing() -> None:
    """Decoders read the head alone: what they do not see must not be moved to where they do."""
    import piexif

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    turned = piexif.dump({"0th": {274: 6}})
    base = picture(progressive=True)
    second = base.index(b"\xff\xda", base.index(b"\xff\xda") + 2)
    late = segment(0xE1, turned) + segment(0xE2, b"ICC_PROFILE\0\1\1" + profile)
    assert cleaned(base[:second] + late + base[second:])[0] == cleaned(base)[0]


NAMED = [
    (0xE0, b"JFIF\0"),
    (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0Zqextra"),
    (0xE0, b"JFIF\0\1\1Zqkey\0\0"),
    (0xE0, b"JFXX\0\x13"),
    (0xE1, b"Exif\0"),
    (0xE1, b"Exif\0\0Zqrubbish"),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
    (0xE1, b"http://ns.adobe.com/xmp/extension/\0Zqshort"),
    (0xE2, b"ICC_PROFILE\0"),
    (0xE2, b"ICC_PROFILE\0\2\5Zqpart"),
    (0xE2, b"ICC_PROFILE\0\1\1Zqrubbish"),
    (0xED, b"Photoshop 3.0\0"),
    (0xEE, b"AdobeZq"),
    (0xEE, b"Adobe\0\x64\0\0\0\0\1Zq"),
]


@pytest.mark.parametrize(("marker", "body"), NAMED)
def test_no_segment_that_goes_is_passed_over_in_silence(marker: int, body: bytes) -> None:
    data = insert(picture(), segment(marker, body))
    with Source.of(data) as source:
        assert any(finding.level > Level.NOTE for finding in JPEG.inspect(JPEG.read(source)))
    assert b"Zq" not in cleaned(data)[0]
    assert b"Zq" not in cleaned(data, ONLY_LOCATION)[0]


def test_only_location_takes_a_small_picture_with_a_place_of_its_own() -> None:
    import piexif

    place = piexif.dump({"GPS": {1: b"N", 2: ((38, 1), (42, 1), (50, 1)), 27: b"ZqgpsqZ"}})
    small = segment(0xE0, b"JFXX\0\x10" + picture((16, 16), exif=place))
    plain = segment(0xE0, b"JFXX\0\x10" + picture((16, 16)))
    clean = cleaned(insert(picture(), small, plain), ONLY_LOCATION)[0]
    assert b"ZqgpsqZ" not in clean
    assert plain in clean


@pytest.mark.parametrize(
    "part", [segment(0xE1, b"Exif\0\0" + bytes(65_000)), segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(65_000))]
)
def test_many_large_segments_need_no_memory(part: bytes) -> None:
    import tracemalloc

    data = insert(picture(), part * 1000)
    tracemalloc.start()
    with Source.of(data) as source:
        document = JPEG.read(source)
        assert JPEG.clean(document, Policy()).removed
        del document
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


def test_cleaning_twice_changes_nothing() -> None:
    for policy in (Policy(), STRICT, Policy(keep_date=True), ONLY_LOCATION):
        once, _ = cleaned(dirty()[0], policy)
        again, made = cleaned(once, policy)
        assert again == once
        assert made.removed == ()


def test_strict_keeps_neither_rotation_nor_density_and_says_so() -> None:
    data, _ = dirty()
    clean, made = cleaned(data, STRICT)
    with Image.open(io.BytesIO(clean)) as image:
        assert not dict(image.getexif())
    assert "remains.turned" in [note.id for note in made.notes]


def test_the_date_is_kept_on_wish_alone() -> None:
    data, words = dirty()
    clean, made = cleaned(data, Policy(keep_date=True))
    with Image.open(io.BytesIO(clean)) as image:
        assert image.getexif().get_ifd(0x8769) == {36867: "2026:07:11 18:42:07"}
    assert "date" in made.kept
    assert found_words(clean, words) == set()


def test_only_location_takes_the_place_and_keeps_the_rest() -> None:
    data, words = dirty()
    clean, made = cleaned(data, ONLY_LOCATION)
    with Image.open(io.BytesIO(clean)) as image:
        exif = image.getexif()
        assert not exif.get_ifd(0x8825)
        assert exif[274] == 6
        assert exif.get_ifd(0x8769)[36867] == "2026:07:11 18:42:07"
        assert 37500 not in exif.get_ifd(0x8769)
    gone = {planted for planted in words if any(name in planted for name in ("gpsmethod", "makernote", "film", "gopro", "app3"))}
    assert found_words(clean, words) & gone == set()
    kept = {planted for planted in words if any(name in planted for name in ("artist", "model", "serial", "Zqcomment"))}
    assert found_words(clean, kept) == kept
    assert made.notes[0].id == "remains.all-but-place"
    assert pixels(clean) == pixels(data)


def test_colours_are_kept_and_their_profile_reduced() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = picture(icc_profile=profile)
    clean, made = cleaned(data)
    with Image.open(io.BytesIO(clean)) as image:
        kept = image.info["icc_profile"]
    assert "colours" in made.kept
    assert kept != profile
    assert len(kept) <= len(profile)
    assert "icc_profile" not in Image.open(io.BytesIO(cleaned(data, STRICT)[0])).info


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_modes_and_kinds_decode_to_the_same(mode: str) -> None:
    for options in ({}, {"progressive": True}, {"restart_marker_rows": 1}, {"optimize": True, "quality": 30}):
        data = picture((65, 47), mode, **options)
        assert pixels(cleaned(data, verify="full")[0]) == pixels(data)


def test_adobe_rgb_by_its_tag_keeps_its_colours() -> None:
    import piexif

    data = picture(exif=piexif.dump({"Exif": {40961: 65535}, "Interop": {1: b"R03"}}))
    clean, _ = cleaned(data)
    exif = Image.open(io.BytesIO(clean)).getexif()
    assert exif.get_ifd(0x8769)[40961] == 65535
    assert exif.get_ifd(0xA005)[1].strip("\0") == "R03"


def test_inspect_tells_what_is_there_and_nothing_of_a_clean_copy() -> None:
    data, _ = dirty()
    told = set(findings(data))
    assert {"where.gps", "when.taken", "device.camera", "device.serial", "who.name", "hidden.comment", "hidden.trailer"} <= told
    assert {"hidden.credentials", "hidden.unknown", "remains.quantisation"} <= told
    with Source.of(cleaned(data)[0]) as source:
        assert all(finding.level <= Level.NOTE for finding in JPEG.inspect(JPEG.read(source)))


def test_thumbnails_are_found_in_each_place() -> None:
    with Source.of(dirty()[0]) as source:
        assert len(list(JPEG.thumbnails(JPEG.read(source)))) >= 2


def test_a_file_cut_at_any_place_is_refused_calmly() -> None:
    data, _ = dirty()
    for end in [*range(700), *range(700, len(data), 97)]:
        if end >= len(data) - 2000:
            break
        with Source.of(data[:end]) as source, pytest.raises((Broken, Refused)):
            walk(source)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (b"\xff\xd8\xff\xd9", "no picture"),
        (insert(picture(), segment(0xDB, b"\0" * 66)), "as long as it says"),
        (insert(picture(), segment(0xC4, b"\0" * 16)), "as long as it says"),
        (insert(picture(), segment(0xDD, b"\0\0\0")), "as long as it says"),
        (insert(picture(), segment(0xDE, b"\0" * 9)), "hierarchical"),
        (insert(picture(), b"\xff\x02\0\2"), "not understood"),
        (insert(picture(), segment(0xC0, b"\x08\0\1\0\1\1\1\x11\0")), "more than one frame"),
        (insert(picture(), segment(0xDA, b"\1\1\0\0\x3f\0")), "before its size"),
        (b"\xff\xd8" + segment(0xE1, b"x") * 60_000, "more parts"),
        (insert(picture(), segment(0xDB, b"\x05" + bytes(64))), "a number that cannot be"),
        (insert(picture(), segment(0xC4, b"\x13" + bytes(15) + b"\x08" + b"Zqqqqqqq")), "is no code"),
        (insert(picture(), segment(0xC4, b"\x13" + b"\x03" + bytes(15) + b"abc")), "is no code"),
        (insert(picture(), segment(0xDC, b"Zq")), "height"),
        (picture()[:-2] + segment(0xDC, b"Zq") * 2 + b"\xff\xd9", "height"),
        (picture()[:-2] + b"\xff\xd0Zqrestart" + b"\xff\xd9", "not understood"),
        (picture()[:-2] + segment(0xDB, b"\0" + bytes(64)) + b"\xff\xd9", "middle of the picture"),
        (picture()[:-2] + scan(picture()) + b"Zqscan" + b"\xff\xd9", "coded twice"),
        (picture()[:-2] + segment(0xDA, b"\1\x09\0\0\x3f\0") + b"Zqscan" + b"\xff\xd9", "contradicts itself"),
        (picture(progressive=True)[:-2] + scan(picture(progressive=True)) + b"Zqscan" + b"\xff\xd9", "coded twice"),
        (insert(b"\xff\xd8", segment(0xC0, b"\x08\0\1\0\1\x14" + b"Zqframe." * 7 + b"more")), "contradicts itself"),
    ],
)
def test_lies_are_refused_with_a_sentence(broken: bytes, sentence: str) -> None:
    with Source.of(broken) as source, pytest.raises(PrivkitError, match=sentence):
        walk(source)


def test_bytes_behind_the_last_coded_block_are_found_by_full_verification() -> None:
    for data in (picture((200, 150)), picture((200, 150), "L"), picture((200, 150), restart_marker_rows=1)):
        cleaned(data, verify="full")
        with pytest.raises(PrivkitError, match="behind the coded picture"):
            cleaned(data[:-2] + word("scan").encode() * 3 + b"\xff\xd9", verify="full")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([*range(0xC0, 0x100), 0x01]), st.binary(max_size=60)), max_size=8), st.integers(0, 2**32)
)
def test_fuzz_random_segments_and_flips(parts: list[tuple[int, bytes]], seed: int) -> None:
    """Whatever stands in the file: it is cleaned and equal, or refused; never anything else."""
    data = bytearray(insert(picture((16, 16)), *(segment(marker, body) for marker, body in parts)))
    chance = random.Random(seed)
    for _ in range(chance.randrange(4)):
        data[chance.randrange(2, len(data))] = chance.randrange(256)
    try:
        clean, _ = cleaned(bytes(data))
    except PrivkitError:
        return
    try:
        before = pixels(bytes(data))
    except (OSError, SyntaxError, ValueError):
        return  # Pillow cannot decode the original; ours is as broken as that
    assert pixels(clean) == before


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_fuzz_exif_rubbish_never_stops_the_cleaning(body: bytes) -> None:
    data = insert(picture((16, 16)), segment(0xE1, b"Exif\0\0" + body))
    for policy in (Policy(), ONLY_LOCATION):
        clean, _ = cleaned(data, policy)
        assert pixels(clean) == pixels(data)
    findings(data)


def test_it_is_known_by_content() -> None:
    found = recognise(picture())
    assert found is not None
    assert found[1].id == "jpeg"


def test_every_exif_word_is_in_the_block() -> None:
    words = {name: word(name) for name in EXIF_WORDS}
    assert found_words(exif_block(words), words.values()) == set(words.values())
