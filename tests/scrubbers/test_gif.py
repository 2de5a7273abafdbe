"""The GIF scrubber: every hiding place emptied, every frame untouched, nonsense refused calmly."""

from __future__ import annotations

import io
import random
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageSequence

from privkit.errors import Broken, PrivkitError, Refused
from privkit.model import Level
from privkit.plugin import Policy
from privkit.registry import recognise
from privkit.scrubbers.gif import FORMAT
from privkit.scrubbers.gif.lzw import measure
from privkit.scrubbers.gif.walk import walk
from privkit.source import Source
from tests.layers import found_words
from tests.made_clean import ONLY_LOCATION, STRICT, cleaned
from tests.real import exiftool, exiftool_dump, needs
from tests.scrubbers.make_gif import (
    CODED,
    PIXELS,
    animation,
    application,
    codes,
    comment,
    control,
    gif,
    hiding_places,
    image,
    loop,
    pack,
    packet,
    text_block,
    xmp,
)
from tests.structure import beyond_structure

GIF = FORMAT.load()
POLICIES = {"share": Policy(), "strict": STRICT, "date": Policy(keep_date=True), "location": ONLY_LOCATION}


def frames(data: bytes) -> list[object]:
    """Size, pixels, time of each frame and the loop, by Pillow."""
    with Image.open(io.BytesIO(data)) as picture:
        shown = [(f.size, f.convert("RGBA").tobytes(), f.info.get("duration")) for f in ImageSequence.Iterator(picture)]
        return [*shown, picture.info.get("loop")]


def findings(data: bytes) -> list[str]:
    with Source.of(data) as source:
        return [finding.id for finding in GIF.inspect(GIF.read(source))]


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def everything() -> tuple[bytes, set[str]]:
    """A GIF with all of it at once."""
    words = [f"Zqall{number}qZ" for number in range(9)]
    planted = [one.encode() for one in words]
    first = image(CODED + planted[0], flags=0x19 & 0x18)
    second = image(CODED + bytes(400) + planted[1], flags=0x81, table=bytes(range(12)))
    data = gif(
        comment(planted[2]),
        loop(7),
        xmp(packet(planted[3])),
        application(b"ICCRGBG1012", profile()),
        control(0xE5, 20, 2),
        application(b"fractint005", planted[4]),
        first,
        text_block(planted[5]),
        control(9, 30, 200),
        comment(planted[6]),
        second,
        b"!\x42\x01x" + bytes((len(planted[7]),)) + planted[7] + b"\0",
    )
    return data + b"PK\x03\x04" + planted[8], set(words)


def test_no_planted_word_is_left() -> None:
    data, words = everything()
    assert found_words(data, words) == words, "the fixture itself must hold every word"
    for policy in (Policy(), STRICT):
        clean, made = cleaned(data, policy, verify="full")
        assert found_words(clean, words) == set()
        assert frames(clean) == frames(data)
        assert made.removed


@pytest.mark.parametrize(
    ("place", "data", "planted"), list(hiding_places()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_hiding_place_alone(place: str, data: bytes, planted: str) -> None:
    assert found_words(data, [planted])
    clean, made = cleaned(data)
    assert found_words(clean, [planted]) == set()
    assert "early" in place or frames(clean) == frames(data)  # Pillow calls a picture that ends early truncated
    assert made.removed
    told = [finding.level for finding in GIF.inspect(GIF.read(Source.of(data)))]
    assert "loop" in place or "control" in place or max(told) >= Level.WARN


@needs("exiftool")
@pytest.mark.parametrize("policy", [Policy(), STRICT], ids=["share", "strict"])
def test_exiftool_finds_only_structure(tmp_path: Path, policy: Policy) -> None:
    data, words = everything()
    path = tmp_path / "clean.gif"
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


def test_a_plain_animation_is_left_byte_for_byte() -> None:
    data = animation()
    clean, made = cleaned(data, verify="full")
    assert (clean, made.removed) == (data, ())


@pytest.mark.parametrize("version", [b"GIF87a", b"GIF89a"])
def test_both_versions_stay_what_they_are(version: bytes) -> None:
    data = gif(image(CODED), comment(b"x"), version=version)
    assert cleaned(data)[0] == gif(image(CODED), version=version)


def test_loop_time_disposal_and_transparency_stay() -> None:
    parts = [loop(5), control(0x09, 33, 2), image(CODED), control(0x0C, 44), image(CODED, x=0)]
    assert cleaned(gif(comment(b"x"), *parts))[0] == gif(*parts)


def test_of_several_loops_the_last_counts_where_the_first_stood() -> None:
    clean, made = cleaned(gif(loop(1), image(CODED), application(b"ANIMEXTS1.0", b"\x01\x09\x00")))
    assert clean == gif(application(b"ANIMEXTS1.0", b"\x01\x09\x00"), image(CODED))
    assert made.removed
    assert cleaned(gif(loop(1), image(CODED), loop(1)))[0] == gif(loop(1), image(CODED))


def test_a_loop_behind_a_buffer_size_is_found() -> None:
    data = gif(b"!\xff\x0bNETSCAPE2.0\x05\x02\0\1\0\0\x03\x01\x04\x00\x00", image(CODED))
    assert cleaned(data)[0] == gif(loop(4), image(CODED))


def test_of_several_control_blocks_the_last_counts() -> None:
    clean, _ = cleaned(gif(control(4, 1), comment(b"x"), control(8, 2), image(CODED), control(8, 3)))
    assert clean == gif(control(8, 2), image(CODED))


def test_unused_bits_are_set_to_zero() -> None:
    clean, made = cleaned(gif(control(0xE4, 1, 77), image(CODED, flags=0x18)))
    assert clean == gif(control(0x04, 1, 0), image(CODED))
    assert made.removed == ("unused bits",)


def test_bits_behind_the_end_code_are_set_to_zero() -> None:
    spare = -sum(width for _, width in codes(PIXELS, 2)) % 8
    assert spare
    dirty = CODED[:-1] + bytes((CODED[-1] | 1 << 7,))
    assert cleaned(gif(image(dirty)))[0] == gif(image(CODED))


def test_what_is_missing_at_the_end_of_data_stays_missing() -> None:
    for pixels, end in ((PIXELS, False), (PIXELS[:7], False), (PIXELS[:7], True), (b"", True)):
        data = gif(image(pack(codes(pixels, 2, end=end))))
        assert cleaned(data)[0] == data


def test_the_end_code_may_follow_a_clear_code() -> None:
    coded = pack([*codes(PIXELS, 2, end=False), (4, 4), (5, 3)])
    widths = [width for _, width in codes(PIXELS, 2, end=False)]
    assert widths[-1] == 5
    coded = pack([*codes(PIXELS, 2, end=False), (4, 5), (5, 3)])
    data = gif(image(coded))
    assert cleaned(data)[0] == data


def test_colours_are_kept_and_their_profile_reduced() -> None:
    data = gif(application(b"ICCRGBG1012", profile()), image(CODED))
    clean, made = cleaned(data)
    assert made.kept == ("colours",)
    assert b"ICCRGBG1012" in clean and clean != data
    bare, made = cleaned(data, STRICT)
    assert bare == gif(image(CODED))
    assert [note.id for note in made.notes] == ["remains.colours"]


def test_only_location_keeps_comments_and_says_so() -> None:
    data, words = everything()
    clean, made = cleaned(data, ONLY_LOCATION)
    assert {"Zqall2qZ", "Zqall6qZ"} <= found_words(clean, words)
    assert not found_words(clean, words) & {"Zqall0qZ", "Zqall1qZ", "Zqall4qZ", "Zqall7qZ", "Zqall8qZ"}
    assert made.notes[0].id == "remains.all-but-place"
    assert frames(clean) == frames(data)


def test_inspect_tells_what_is_there_and_nothing_of_a_clean_copy() -> None:
    data, _ = everything()
    assert {"hidden.comment", "who.text", "hidden.unknown", "hidden.trailer"} <= set(findings(data))
    with Source.of(cleaned(data)[0]) as source:
        assert all(finding.level <= Level.NOTE for finding in GIF.inspect(GIF.read(source)))
    assert len(findings(gif(*[comment(b"x")] * 300, image(CODED)))) < 60


def test_notes_say_what_differs() -> None:
    notes = {note.id for note in cleaned(gif(text_block(b"x"), image(CODED)), Policy(keep_date=True))[1].notes}
    assert notes == {"remains.text-blocks", "remains.date"}


def test_dimensions_and_type() -> None:
    data = gif(image(CODED))
    with Source.of(data) as source:
        assert GIF.dimensions(GIF.read(source)) == (4, 3)
    assert recognise(data[:64]) == (GIF, GIF.types[0])


def test_a_file_cut_at_any_place_is_refused_calmly() -> None:
    data, _ = everything()
    for whole in (data[: data.rindex(b";PK") + 1], animation()):
        for end in range(0, len(whole), 1 if len(whole) < 6000 else 7):
            with Source.of(whole[:end]) as source, pytest.raises((Broken, Refused)):
                walk(source)


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (gif(), "no picture"),
        (gif(comment(b"x")), "no picture"),
        (gif(image(CODED), end=b""), "before its end mark"),
        (gif(image(CODED), b"\0"), "between its blocks"),
        (gif(image(CODED, size=1)), "impossible size"),
        (gif(image(CODED, size=9)), "impossible size"),
        (gif(b"!\xf9\x03\0\0\0\0", image(CODED)), "too short"),
        (gif(image(pack([(4, 3), (7, 3)]))), "damaged"),
        (gif(image(pack([(4, 3), (1, 3), (7, 3)]))), "damaged"),
        (gif(comment(b"") * 60_001, image(CODED)), "more than"),
        (gif(image(pack([(4, 3)] * 600_000))), "no usual program"),
        (b"GIF90a" + gif(image(CODED))[6:], "known version"),
    ],
    ids=range(12),
)
def test_lies_are_refused_with_a_sentence(broken: bytes, sentence: str) -> None:
    with Source.of(broken) as source, pytest.raises(PrivkitError, match=sentence):
        walk(source)


# LZW


def reference(data: bytes, size: int, needed: int) -> tuple[int, int, bool] | None:
    """Bits up to the end, pixels, whether the end code stands there; a plain decoder, code by code. None: damaged."""
    clear, number, at, pixels = 1 << size, int.from_bytes(data, "little"), 0, 0
    total, width, table, previous = len(data) * 8, size + 1, [1] * clear + [0, 0], 0

    def code() -> int:
        return number >> at & (1 << width) - 1 if at + width <= total else -1

    while pixels < needed:
        one = code()
        if one < 0:
            return at, pixels, False
        at += width
        if one == clear:
            width, previous = size + 1, 0
            del table[clear + 2 :]
            continue
        if one == clear + 1:
            return at, pixels, True
        if previous and len(table) < 4096:
            table.append(previous + 1)
        if one >= len(table) or (not previous and one > clear):
            return None
        previous = table[one]
        pixels += previous
        if len(table) == 1 << width and width < 12:
            width += 1
    end, one = at, code()
    if one == clear:
        at += width
        width = size + 1
        one = code()
    return (at + width, pixels, True) if one == clear + 1 else (end, pixels, False)


@settings(max_examples=300, deadline=None)
@given(st.integers(2, 8), st.lists(st.integers(0, 300), max_size=400), st.integers(0, 600), st.booleans(), st.integers(1, 50))
def test_the_end_of_data_is_where_a_plain_decoder_ends(size: int, wish: list[int], needed: int, wild: bool, step: int) -> None:
    if wild:
        data = bytes(one & 255 for one in wish)
    else:
        data = pack(codes(bytes(one % (1 << size) for one in wish), size, end=needed % 2 == 0)) + bytes(needed % 5)
    expected = reference(data, size, needed or 1 << 62)
    chunks = [data[at : at + step] for at in range(0, len(data), step)]
    if expected is None:
        with pytest.raises(Broken):
            measure(chunks, size, needed)
    else:
        end = measure(chunks, size, needed)
        assert (end.bits, end.pixels, end.closed) == expected


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_the_end_of_what_pillow_writes(mode: str) -> None:
    noise = Image.effect_noise((301, 203), 70)
    data = io.BytesIO()
    (noise.quantize(7) if mode == "P" else noise.convert(mode)).save(data, "GIF", interlace=mode == "L")
    clean, made = cleaned(data.getvalue(), verify="full")
    assert (clean, made.removed) == (data.getvalue(), ())


def test_speed_stays_within_reason() -> None:
    """About 20 MB a second on a usual machine; a tenth of it here, for slow and busy ones."""
    data = io.BytesIO()
    Image.effect_noise((900, 900), 70).save(data, "GIF")
    began = time.process_time()
    with Source.of(data.getvalue()) as source:
        walk(source)
    assert len(data.getvalue()) / (time.process_time() - began) > 2_000_000


# Anything at all


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(comment, st.binary(max_size=300)),
            st.builds(application, st.binary(min_size=11, max_size=11), st.binary(max_size=300)),
            st.builds(application, st.sampled_from([b"NETSCAPE2.0", b"XMP DataXMP", b"ICCRGBG1012"]), st.binary(max_size=40)),
            st.builds(xmp, st.binary(max_size=40)),
            st.builds(control, st.integers(0, 255), st.integers(0, 65535), st.integers(0, 255)),
            st.builds(
                image, st.binary(max_size=40), st.integers(2, 8), st.integers(0, 9), st.integers(0, 9), st.sampled_from([0, 0x58])
            ),
            st.builds(image, st.just(CODED), step=st.integers(1, 9)),
            st.builds(text_block, st.binary(max_size=40)),
            st.binary(max_size=4),
        ),
        max_size=8,
    ),
    st.sampled_from(list(POLICIES.values())),
    st.integers(0, 2**32),
)
def test_fuzz_random_blocks_and_flips(parts: list[bytes], policy: Policy, seed: int) -> None:
    """Whatever stands in the file: it is cleaned and equal, or refused; never anything else."""
    chance = random.Random(seed)
    data = bytearray(gif(*parts, image(CODED)) + b"tail"[: seed % 5])
    for _ in range(seed % 3):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    source = Source.of(bytes(data))
    try:
        document = GIF.read(source)
    except (Broken, Refused):
        return
    list(GIF.inspect(document))
    list(GIF.thumbnails(document))
    made = GIF.clean(document, policy)
    out = b"".join(piece if isinstance(piece, bytes) else data[piece.start : piece.end] for piece in made.pieces)
    again = Source.of(out)
    second = GIF.read(again)
    repeat = GIF.clean(second, policy)
    assert repeat.removed == ()
    assert b"".join(piece if isinstance(piece, bytes) else out[piece.start : piece.end] for piece in repeat.pieces) == out
    assert made.removed or out == data


def test_lengths_that_lie() -> None:
    whole = bytearray(animation())
    at = whole.index(b",") + 11
    for lie in (0, 1, 254):
        whole[at] = lie
        source = Source.of(bytes(whole))
        try:
            walk(source)
        except (Broken, Refused):
            continue
    huge = gif(b"," + struct.pack("<4HB", 0, 0, 65535, 65535, 0) + b"\x08" + b"\x02\x00\x01\0")
    walk(Source.of(huge))


def test_a_picture_without_pixels_is_refused() -> None:
    """Its data would be shown by no program, or by some as another picture."""
    hidden = image(pack(codes(b"\1\2\3" * 20, 2)), width=0)
    with pytest.raises(Refused, match="0 pixels"):
        cleaned(gif(image(pack(codes(bytes(12), 2))), hidden))
