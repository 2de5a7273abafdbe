"""The WebP scrubber: every hiding place emptied, every frame untouched, nonsense refused calmly."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageSequence

from privkit.errors import Broken, PrivkitError, Refused
from privkit.model import Level
from privkit.plugin import Policy
from privkit.registry import recognise
from privkit.scrub.job import Unverified
from privkit.scrubbers.webp import FORMAT
from privkit.scrubbers.webp.walk import walk
from privkit.source import Source
from tests.layers import found_words
from tests.made_clean import ONLY_LOCATION, STRICT, cleaned
from tests.real import exiftool, exiftool_dump, needs
from tests.scrubbers.make_gif import packet
from tests.scrubbers.make_webp import (
    ALPHA,
    LOSSLESS,
    LOSSLESS_ALPHA,
    LOSSY,
    LOSSY_OF_ALPHA,
    RAW_ALPHA,
    SIZE,
    anim,
    animation,
    chunk,
    exif,
    frame,
    header,
    hiding_places,
    parts,
    riff,
    written,
)
from tests.structure import beyond_structure

WEBP = FORMAT.load()
POLICIES = {"share": Policy(), "strict": STRICT, "date": Policy(keep_date=True), "location": ONLY_LOCATION}
NOT_FOR_PILLOW = {
    "second picture",
    "second picture in a frame",
    "frames that are not shown",
    "transparency behind the picture",
    "behind the header",
}
"""Files that Pillow's decoder does not open before they are clean."""
PICTURE = chunk(b"VP8 ", LOSSY)


def frames(data: bytes) -> list[Any]:
    """Size, pixels, time of each frame, and the loop, by Pillow."""
    with Image.open(io.BytesIO(data)) as picture:
        shown = [(f.mode, f.size, f.convert("RGBA").tobytes(), f.info.get("duration")) for f in ImageSequence.Iterator(picture)]
        return [*shown, picture.info.get("loop"), picture.info.get("background")]


def first_picture(data: bytes) -> bytes:
    """The pixels of the first picture chunk alone: for files that Pillow does not open as a whole."""
    return next(body for name, body in parts(data) if name in (b"VP8 ", b"VP8L"))


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def everything() -> tuple[bytes, set[str]]:
    """An animation with all of it at once."""
    words = [f"Zqall{number}qZ" for number in range(6)]
    planted = [one.encode() for one in words]
    data = riff(
        header(0x2E | 0xC1, reserved=b"abc"),
        chunk(b"ICCP", profile()),
        chunk(b"wOrD", planted[0]),
        anim(7, planted[1]),
        frame(PICTURE, chunk(b"NOTE", planted[2]), flags=0xFE),
        frame(chunk(b"ALPH", b"\xc0" + RAW_ALPHA[1:]), PICTURE, time=70, flags=1),
        chunk(b"EXIF", exif(words[3])),
        chunk(b"XMP ", packet(planted[4])),
    )
    return data + planted[5], set(words)


def test_no_planted_word_is_left() -> None:
    data, words = everything()
    assert found_words(data, words) == words, "the fixture itself must hold every word"
    for policy in (Policy(), STRICT):
        clean, made = cleaned(data, policy)
        assert found_words(clean, words) == set()
        assert made.removed
        shown = frames(clean)
        assert [one[3] for one in shown[:2]] == [100, 70]
        assert shown[2:] == [7, (0x30, 0x20, 0x10, 0xFF)]


@pytest.mark.parametrize(
    ("place", "data", "planted"), list(hiding_places()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_hiding_place_alone(place: str, data: bytes, planted: str) -> None:
    assert found_words(data, [planted])
    clean, made = cleaned(data)
    assert found_words(clean, [planted]) == set()
    assert made.removed
    if place not in NOT_FOR_PILLOW:
        assert frames(clean) == frames(data)
    if b"ANMF" not in clean:
        assert first_picture(clean) == first_picture(data)
    with Source.of(data) as source:
        told = [finding.level for finding in WEBP.inspect(WEBP.read(source))]
    assert place == "profile" or max(told) >= Level.WARN


@needs("exiftool")
@pytest.mark.parametrize("policy", [Policy(), STRICT], ids=["share", "strict"])
def test_exiftool_finds_only_structure(tmp_path: Path, policy: Policy) -> None:
    data, words = everything()
    path = tmp_path / "clean.webp"
    path.write_bytes(cleaned(data, policy)[0])
    assert beyond_structure(exiftool(path)) == {}
    assert found_words(exiftool_dump(path), words) == set()


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_cleaning_twice_changes_nothing(policy: Policy) -> None:
    for data in (everything()[0], animation(), *(data for _, data, _ in hiding_places())):
        once, _ = cleaned(data, policy)
        again, made = cleaned(once, policy)
        assert again == once
        assert made.removed == ()


@pytest.mark.parametrize(
    "data",
    [
        written(),
        written(lossless=True),
        written("RGBA"),
        written("RGBA", lossless=True),
        written("RGBA", alpha_quality=40),
        written(size=(2, 2)),
        animation(),
        animation(lossless=True),
        animation(minimize_size=True, kmax=1),
    ],
    ids=range(9),
)
def test_plain_files_are_left_byte_for_byte(data: bytes) -> None:
    clean, made = cleaned(data, verify="full")
    assert (clean, made.removed) == (data, ())


def test_the_simple_layout_comes_back_where_it_tells_enough() -> None:
    assert cleaned(riff(header(8), PICTURE, chunk(b"EXIF", exif("x", 1))))[0] == riff(PICTURE)
    lossless = chunk(b"VP8L", LOSSLESS_ALPHA)
    assert cleaned(riff(header(0x14), lossless, chunk(b"XMP ", b"x")))[0] == riff(lossless)


def test_the_header_stays_where_it_decides_what_is_shown() -> None:
    for flags, body in ((0x10, PICTURE), (0, chunk(b"VP8L", LOSSLESS_ALPHA)), (0x10, chunk(b"VP8L", LOSSLESS))):
        data = riff(header(flags), body)
        assert cleaned(data)[0] == data
    transparent = riff(header(0x10), chunk(b"ALPH", ALPHA), chunk(b"VP8 ", LOSSY_OF_ALPHA))
    clean, _ = cleaned(riff(header(0x14), chunk(b"ALPH", ALPHA), chunk(b"VP8 ", LOSSY_OF_ALPHA), chunk(b"XMP ", b"x")))
    assert clean == transparent


@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"], ids=["plain", "named"])
def test_rotation_is_kept_and_built_anew(prefix: bytes) -> None:
    data = riff(header(8), PICTURE, chunk(b"EXIF", prefix + exif("Zqx1qZ")))
    clean, made = cleaned(data, verify="full")
    assert dict(Image.open(io.BytesIO(clean)).getexif()) == {274: 6}
    assert parts(clean)[-1][1].startswith((b"II*\0", b"MM\0*"))
    assert made.kept == ("rotation",)
    bare, made = cleaned(data, STRICT)
    assert bare == riff(PICTURE)
    assert "remains.turned" in [note.id for note in made.notes]


def test_the_date_is_kept_on_wish_alone() -> None:
    data = riff(header(8), PICTURE, chunk(b"EXIF", exif("Zqx1qZ")))
    clean, made = cleaned(data, Policy(keep_date=True))
    assert Image.open(io.BytesIO(clean)).getexif().get_ifd(0x8769) == {36867: "2026:07:11 18:42:07"}
    assert "date" in made.kept


def test_rotation_that_no_viewer_heeds_is_not_made_to_count() -> None:
    for flags in (None, 0):
        head = [] if flags is None else [header(flags)]
        assert cleaned(riff(*head, PICTURE, chunk(b"EXIF", exif("x"))))[0] == riff(PICTURE)


def test_colours_are_kept_and_their_profile_reduced() -> None:
    data = written(icc_profile=profile())
    clean, made = cleaned(data, verify="full")
    assert made.kept == ("colours",)
    kept = Image.open(io.BytesIO(clean)).info["icc_profile"]
    assert kept != profile() and len(kept) <= len(profile())
    bare, made = cleaned(data, STRICT)
    assert "icc_profile" not in Image.open(io.BytesIO(bare)).info
    assert [note.id for note in made.notes] == ["remains.colours"]


def test_only_location_takes_the_place_and_keeps_the_rest() -> None:
    data, words = everything()
    clean, made = cleaned(data, ONLY_LOCATION)
    picture = Image.open(io.BytesIO(clean)).getexif()
    assert not picture.get_ifd(0x8825)
    assert picture[274] == 6 and picture[271] == "Zqall3qZ"
    assert "Zqall3qZ" in found_words(clean, words)
    assert not found_words(clean, words) & {"Zqall0qZ", "Zqall1qZ", "Zqall2qZ", "Zqall5qZ"}
    assert made.notes[0].id == "remains.all-but-place"


def test_odd_padding_and_missing_padding() -> None:
    odd = LOSSY if len(LOSSY) % 2 else LOSSY + b"\0"
    plain = riff(chunk(b"VP8 ", odd))
    assert cleaned(riff(chunk(b"VP8 ", odd, b"x")))[0] == plain
    bare = riff(chunk(b"VP8 ", odd, b""))
    assert cleaned(bare)[0] == plain
    assert cleaned(bare + b"\0")[0] == plain


def test_order_of_parts_is_that_of_the_specification() -> None:
    block = exif("x")
    clean, made = cleaned(riff(header(8), chunk(b"EXIF", block), PICTURE))
    assert [name for name, _ in parts(clean)] == [b"VP8X", b"VP8 ", b"EXIF"]
    again = riff(header(8), chunk(b"EXIF", parts(clean)[-1][1]), PICTURE)
    assert cleaned(again)[0] == clean
    assert made.kept == ("rotation",)


def test_reserved_bits_are_set_to_zero() -> None:
    clean, made = cleaned(riff(header(0xD0, reserved=b"xyz"), chunk(b"ALPH", b"\xc0" + RAW_ALPHA[1:]), PICTURE))
    assert clean == riff(header(0x10), chunk(b"ALPH", RAW_ALPHA), PICTURE)
    assert made.removed == ("unused bits",)
    clean, _ = cleaned(riff(header(2), anim(), frame(PICTURE, flags=0xFF)))
    assert clean == riff(header(2), anim(), frame(PICTURE, flags=3))


@pytest.mark.parametrize(
    "data",
    [
        riff(chunk(b"VP8 ", LOSSY + b"Zqx1qZ in the lossy part")),
        riff(chunk(b"VP8L", LOSSLESS + b"Zqx1qZ in the lossless part" + bytes(50))),
        riff(header(0x10), chunk(b"ALPH", ALPHA + b"Zqx1qZ in the transparency"), chunk(b"VP8 ", LOSSY_OF_ALPHA)),
        riff(header(2), anim(), frame(PICTURE), frame(chunk(b"VP8L", LOSSLESS + b"Zqx1qZ in a frame"))),
    ],
    ids=["lossy", "lossless", "transparency", "frame"],
)
def test_bytes_behind_the_coded_data_are_never_published(data: bytes) -> None:
    with pytest.raises(Unverified, match="behind the coded"):
        cleaned(data)


def test_inspect_tells_what_is_there_and_nothing_of_a_clean_copy() -> None:
    data, _ = everything()
    with Source.of(data) as source:
        told = {finding.id for finding in WEBP.inspect(WEBP.read(source))}
    assert {"where.gps", "when.taken", "device.camera", "who.name", "hidden.unknown", "hidden.trailer"} <= told
    with Source.of(cleaned(data)[0]) as source:
        assert all(finding.level <= Level.NOTE for finding in WEBP.inspect(WEBP.read(source)))
    with Source.of(riff(PICTURE, *[chunk(b"JUNK", b"x")] * 300)) as source:
        assert len(list(WEBP.inspect(WEBP.read(source)))) < 60


def test_dimensions_and_type() -> None:
    for data in (riff(PICTURE), riff(header(2), anim(), frame(PICTURE))):
        with Source.of(data) as source:
            assert WEBP.dimensions(WEBP.read(source)) == SIZE
        assert recognise(data[:64]) == (WEBP, WEBP.types[0])


def test_a_file_cut_at_any_place_is_refused_calmly() -> None:
    for whole in (everything()[0][:-8], written(), animation()):
        for end in range(0, len(whole), 1 if len(whole) < 3000 else 5):
            with Source.of(whole[:end]) as source, pytest.raises((Broken, Refused)):
                walk(source)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (b"RIFF\4\0\0\0WEBP", "no picture"),
        (riff(chunk(b"JUNK", b"x"), PICTURE), "does not start"),
        (riff(chunk(b"ALPH", ALPHA), PICTURE), "does not start"),
        (riff(header(0, (41, 30)), PICTURE), "size that its header"),
        (riff(header(0)[:8] + b"short"), "middle"),
        (riff(chunk(b"VP8X", b"short"), PICTURE), "too short"),
        (riff(header(0x10), chunk(b"ALPH", ALPHA), chunk(b"ALPH", ALPHA), PICTURE), "transparency"),
        (riff(header(0x10), chunk(b"ALPH", b"\2" + ALPHA[1:]), PICTURE), "transparency"),
        (riff(header(0x10), chunk(b"ALPH", RAW_ALPHA[:-1]), PICTURE), "transparency"),
        (riff(header(0x10), chunk(b"ALPH", ALPHA), chunk(b"VP8L", LOSSLESS)), "second transparency"),
        (riff(header(2), anim(), frame(PICTURE), PICTURE), "among those of an animation"),
        (riff(header(2), frame(PICTURE), anim()), "before its header"),
        (riff(header(2), anim()), "no picture"),
        (riff(header(2), anim(), frame(chunk(b"NOTE", b"x"))), "no picture"),
        (riff(header(2), anim(), frame(PICTURE, size=(39, 30))), "size or place"),
        (riff(header(2), anim(), frame(PICTURE, x=1)), "size or place"),
        (riff(chunk(b"VP8 ", b"\1" + LOSSY[1:])), "contradicts itself"),
        (riff(chunk(b"VP8 ", LOSSY[:20])), "contradicts itself"),
        (riff(chunk(b"VP8L", b"\x30" + LOSSLESS[1:])), "contradicts itself"),
        (riff(chunk(b"VP8 ", LOSSY[:6] + b"\0\0\0\0" + LOSSY[10:])), "0 pixels"),
        (riff(PICTURE, *[chunk(b"JUNK", b"")] * 30_001), "more than"),
        (b"RIFF" + (2**32 - 1).to_bytes(4, "little") + riff(PICTURE)[8:], "shorter than it says"),
        (b"RIFX" + riff(PICTURE)[4:], "not a WebP"),
    ],
    ids=range(23),
)
def test_lies_are_refused_with_a_sentence(broken: bytes, sentence: str) -> None:
    with Source.of(broken) as source, pytest.raises(PrivkitError, match=sentence):
        walk(source)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(chunk, st.sampled_from([b"EXIF", b"XMP ", b"ICCP", b"ALPH", b"ANIM", b"JUNK"]), st.binary(max_size=60)),
            st.builds(frame, st.sampled_from([PICTURE, chunk(b"VP8L", LOSSLESS), chunk(b"ALPH", ALPHA)]), st.binary(max_size=9)),
            st.sampled_from([PICTURE, chunk(b"VP8L", LOSSLESS), chunk(b"ALPH", RAW_ALPHA), anim()]),
            st.sampled_from([chunk(b"EXIF", exif("x")), chunk(b"XMP ", packet(b"x"))]),
            st.binary(max_size=4),
        ),
        max_size=6,
    ),
    st.one_of(st.none(), st.integers(0, 255)),
    st.sampled_from(list(POLICIES.values())),
    st.integers(0, 2**32),
)
def test_fuzz_random_chunks_and_flips(rest: list[bytes], flags: int | None, policy: Policy, seed: int) -> None:
    """Whatever stands in the file: it is cleaned, once and for all, or refused; never anything else."""
    chance = random.Random(seed)
    head = [PICTURE] if flags is None else [header(flags), *([anim()] if flags & 2 else [])]
    data = bytearray(riff(*head, *rest) + b"tail"[: seed % 5])
    for _ in range(seed % 3):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    try:
        document = WEBP.read(Source.of(bytes(data)))
    except (Broken, Refused):
        return
    list(WEBP.inspect(document))
    list(WEBP.thumbnails(document))
    made = WEBP.clean(document, policy)
    out = b"".join(piece if isinstance(piece, bytes) else data[piece.start : piece.end] for piece in made.pieces)
    second = WEBP.read(Source.of(out))
    repeat = WEBP.clean(second, policy)
    assert repeat.removed == ()
    assert b"".join(piece if isinstance(piece, bytes) else out[piece.start : piece.end] for piece in repeat.pieces) == out


@pytest.mark.parametrize("length", [0, 9 * 1024 * 1024])
@pytest.mark.parametrize(("flag", "name"), [(8, b"EXIF"), (4, b"XMP "), (0x20, b"ICCP")])
@pytest.mark.parametrize("policy", POLICIES)
def test_empty_and_vast_blocks_are_told_and_their_loss_is_named(policy: str, flag: int, name: bytes, length: int) -> None:
    block, picture = chunk(name, bytes(length)), chunk(b"VP8 ", LOSSY)
    dirty = riff(header(flag), *((block, picture) if name == b"ICCP" else (picture, block)))
    result, how = cleaned(dirty, POLICIES[policy])
    assert result == riff(picture) and how.removed == ({b"EXIF": "EXIF", b"XMP ": "XMP"}.get(name, "colour profile"),)
    with Source.of(dirty) as source:
        assert any(finding.level > Level.NOTE for finding in WEBP.inspect(WEBP.read(source)))


def test_of_many_vast_blocks_few_are_held() -> None:
    dirty = riff(header(8), chunk(b"VP8 ", LOSSY), *[chunk(b"EXIF", bytes(3_000_000))] * 10)
    with Source.of(dirty) as source:
        assert sum(map(len, WEBP.read(source).exif_bodies)) <= 8 * 1024 * 1024
