"""BMP: every hiding place, every kind of header, hostile files."""

from __future__ import annotations

import io
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from privkit.errors import Broken, PrivkitError, Refused
from privkit.model import Level
from privkit.pieces import equal, write
from privkit.plugin import Policy
from privkit.scrubbers.bmp import FORMAT, rle
from privkit.scrubbers.bmp.scrubber import BmpScrubber
from privkit.source import Source

from ..layers import found_words
from ..made_clean import ONLY_LOCATION, STRICT, cleaned
from ..real import exiftool, needs
from . import make_bmp as make
from .make_bmp import bmp

SCRUBBER = BmpScrubber()


def pixels_of(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).convert("RGBA").tobytes()


def clean(data: bytes, policy: Policy | None = None) -> bytes:
    result, _ = cleaned(data, policy, verify="full")
    assert pixels_of(result) == pixels_of(data)
    return result


def found(data: bytes) -> set[str]:
    with Source.of(data) as source:
        return {finding.id for finding in SCRUBBER.inspect(SCRUBBER.read(source))}


ENDPOINTS = struct.pack("<12I", *range(1 << 28, (1 << 28) + 9), *[144179] * 3)
"""Primaries and gammas such as they may be."""
HIDING: dict[str, bytes] = {
    "ZqGapqZ": bmp(gap=b"ZqGapqZ!"),
    "ZqTailqZ": bmp(behind=b"ZqTailqZ"),
    "ZqGapPaletteqZ": bmp(bits=8, gap=b"ZqGapPaletteqZ"),
    "ZqUnusedPaletteqZ": bmp(bits=24, colours=b"ZqUnusedPaletteqZ...", used=5),
    "ZqMoreColoursqZ": bmp(bits=4, colours=make.palette(16) + b"ZqMoreColoursqZ.", used=20),
    "ZqCoreqZ": bmp(12, bits=8, behind=b"ZqCoreqZ"),
    "ZqOs2qZ": bmp(64, more=b"\0\0\0\0ZqOs2qZ"),
    "ZqLinkedqZ": make.with_profile(b"C:\\Users\\ZqLinkedqZ\\screen.icm\0", make.LINKED),
    "ZqBeforeProfileqZ": make.with_profile(make.profile(), gap=b"ZqBeforeProfileqZ"),
    "ZqEndpointsqZ": bmp(124, more=make.v5(make.SRGB, endpoints=b"ZqEndpointsqZ".ljust(48))),
    "ZqV4qZ": bmp(108, more=make.v4(endpoints=b"ZqV4qZ".ljust(48))),
    "ZqqZ": bmp(reserved=b"ZqqZ"),
    "ZqRleqZ": bmp(bits=8, compression=1, data=b"\5\1\0\0\5\2\0\0\5\3\0\0\0\1ZqRleqZ"),
}


@pytest.mark.parametrize("policy", [Policy(), STRICT, ONLY_LOCATION], ids=["share", "strict", "location"])
@pytest.mark.parametrize("word", HIDING)
def test_nothing_stays(word: str, policy: Policy) -> None:
    dirty = HIDING[word]
    assert found_words(dirty, [word]) == {word}
    pillow_cannot = word == "ZqMoreColoursqZ"
    result = cleaned(dirty, policy)[0] if pillow_cannot else clean(dirty, policy)
    assert not found_words(result, [word])
    assert clean(result, policy) == result
    assert any(id.startswith(("hidden", "who")) for id in found(dirty)) or "V4" in word or "End" in word
    assert not found(result) or policy.only_location


KINDS = [
    *(bmp(12, bits=bits) for bits in (1, 4, 8, 24)),
    *(bmp(kind, 7, 4, bits) for kind in (40, 64, 108, 124) for bits in (1, 4, 8, 24, 32)),
    *(bmp(40, width, height, bits) for width in (1, 2, 3, 9, 33) for height in (1, -5) for bits in (1, 4, 8, 16, 24, 32)),
    bmp(bits=16, compression=3, masks=struct.pack("<III", 0xF800, 0x07E0, 0x1F)),
    bmp(bits=32, compression=3, masks=struct.pack("<III", 0xFF000000, 0xFF0000, 0xFF00)),
    bmp(52, bits=32, compression=3, more=struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)),
    bmp(56, bits=32, compression=3, more=struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    bmp(108, bits=32, compression=3, more=make.v4(masks=(0xFF0000, 0xFF00, 0xFF, 0xFF000000))),
    bmp(bits=8, used=20, colours=make.palette(20), data=bytes(24)),
    bmp(bits=8, used=256, important=256),
    bmp(density=(2835, 2835)),
    bmp(108, more=make.v4(0, ENDPOINTS)),
    bmp(bits=24, length=0),
    bmp(bits=8, compression=1, data=b"\5\1\0\0\5\2\0\0\5\3\0\1"),
    bmp(bits=8, compression=1, data=b"\0\5abcde\0\0\0\0\2\2\1\2\7\0\1"),
    bmp(bits=4, compression=2, data=b"\5\x12\0\0\0\5\x12\x34\x50\0\0\0\5\x33\0\1"),
]


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_clean_ones_of_every_kind_are_left_alone(number: int) -> None:
    data = KINDS[number]
    try:
        result, how = cleaned(data, verify="full")
    except PrivkitError as error:  # Pillow knows fewer kinds than we do
        assert "cannot decode" in str(error) or "could not" in str(error)
        result, how = cleaned(data)
    expected = KINDS[number]
    spare = how.notes and how.notes[0].id == "remains.transparency"
    assert (result == expected and not how.removed) or spare
    assert cleaned(result)[0] == result


@pytest.mark.parametrize("bits", [1, 4, 8, 24])
def test_padding_is_cleared(bits: int) -> None:
    for width in (1, 3, 5, 7, 9):
        dirty = bmp(width=width, height=4, bits=bits, data=make.rows(width, 4, bits, padding=0xFF))
        assert dirty != bmp(width=width, height=4, bits=bits)
        assert clean(dirty) == bmp(width=width, height=4, bits=bits)
        assert found(dirty) == {"hidden.unknown"}


def test_unused_bits_of_pixels_are_cleared_unless_all_are_set() -> None:
    pixel = [struct.pack("<I", 0x00112233 + (n << 24)) for n in range(15)]
    dirty = bmp(bits=32, data=b"".join(pixel))
    result, how = cleaned(dirty, verify="full")
    assert result == bmp(bits=32, data=struct.pack("<I", 0x00112233) * 15)
    assert [note.id for note in how.notes] == ["remains.transparency"] and "hidden.unknown" in found(dirty)
    opaque = bmp(bits=32, data=struct.pack("<I", 0xFF112233) * 15)
    assert clean(opaque) == opaque
    odd = bmp(bits=16, data=struct.pack("<5H", 0x8001, 1, 2, 3, 4).ljust(12, b"\0") * 3)
    assert clean(odd) == odd.replace(b"\x01\x80", b"\x01\0")


def test_alpha_that_is_declared_stays() -> None:
    pixels = b"".join(struct.pack("<I", 0x00112233 + (n << 24)) for n in range(15))
    for compression in (0, 3):
        masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
        data = bmp(124, bits=32, compression=compression, data=pixels, more=make.v4(masks=masks))
        assert cleaned(data)[0] == data


def test_the_fourth_byte_of_colours_is_cleared() -> None:
    dirty = bmp(bits=8, colours=make.palette(256, fourth=0x5A))
    assert clean(dirty) == bmp(bits=8)


def test_lying_counts_are_put_right() -> None:
    assert cleaned(bmp(size=7))[0] == bmp()
    assert cleaned(bmp(length=9))[0] == bmp()
    assert cleaned(bmp(important=9, bits=8))[0] == bmp(bits=8)


def test_strict_drops_density_and_colours() -> None:
    dirty = bmp(124, density=(2835, 2835), more=make.v5(0, endpoints=ENDPOINTS))
    assert clean(dirty) == dirty
    result, how = cleaned(dirty, STRICT)
    assert result == bmp(124, more=make.v5(make.SRGB, intent=0))
    assert {note.id for note in how.notes} == {"remains.colours", "remains.density"}


def test_an_embedded_profile_is_reduced() -> None:
    dirty = make.with_profile(make.profile())
    result, how = cleaned(dirty)
    assert how.kept == ("colours",) and how.removed == ("text in the colour profile",)
    assert len(result) > len(make.with_profile(b"")) and cleaned(result)[0] == result
    assert clean(dirty, ONLY_LOCATION) == dirty
    strict, how = cleaned(dirty, STRICT)
    assert strict == bmp(124, more=make.v5(make.SRGB, intent=0)) and [note.id for note in how.notes] == ["remains.colours"]
    assert cleaned(make.with_profile(b"ZqNonsenseqZ" * 40))[0] == bmp(124, more=make.v5(make.SRGB))


def test_a_linked_profile_is_told() -> None:
    with Source.of(HIDING["ZqLinkedqZ"]) as source:
        (finding,) = SCRUBBER.inspect(SCRUBBER.read(source))
    assert finding.facts["value"] == "C:\\Users\\ZqLinkedqZ\\screen.icm"


# Run-length coded


@pytest.mark.parametrize(
    ("bits", "dirty", "expected"),
    [
        (8, b"\5\1\0\0\5\2\0\0\5\3", b"\5\1\0\0\5\2\0\0\5\3\0\1"),
        (8, b"\0\5abcdeZ\0\1", b"\0\5abcde\0\0\1"),
        (8, b"\0\3abcZ\0\1", b"\0\3abc\0\0\1"),
        (4, b"\0\5\x12\x34\x5fZ\0\1", b"\0\5\x12\x34\x50\0\0\1"),
        (4, b"\1\x1f\0\1", b"\1\x10\0\1"),
    ],
)
def test_runs_are_cut_and_cleared(bits: int, dirty: bytes, expected: bytes) -> None:
    assert rle.follow(dirty, 5, 3, bits).data == expected
    assert rle.follow(expected, 5, 3, bits).data == expected


@pytest.mark.parametrize("behind", [b"\0\0junk", b"\7\7"])
def test_runs_without_an_end_mark_and_more_behind(behind: bytes) -> None:
    with pytest.raises(Refused):
        rle.follow(b"\5\1\0\0\5\2\0\0\5\3" + behind, 5, 3, 8)


@pytest.mark.parametrize("data", [b"", b"\5", b"\0\5ab", b"\0\2\1", b"\5\1\0\0"])
def test_runs_that_end_early(data: bytes) -> None:
    with pytest.raises(Broken):
        rle.follow(data, 5, 3, 8)


@pytest.mark.parametrize("data", [b"\6\1\0\1", b"\0\6abcdef\0\1", b"\0\2\6\0\0\1", b"\0\2\0\3\0\1", b"\3\1\3\1\0\1"])
def test_runs_that_leave_the_picture(data: bytes) -> None:
    with pytest.raises(Refused):
        rle.follow(data, 5, 3, 8)


# Refused and broken


@pytest.mark.parametrize(
    "data",
    [
        bmp(compression=4, bits=24),
        bmp(compression=5, bits=24),
        bmp(compression=7),
        bmp(bits=2, colours=make.palette(4)),
        bmp(bits=64),
        bmp(compression=3, bits=24),
        bmp(compression=1, bits=4),
        bmp(64, compression=4),
        bmp(bits=32, compression=3, masks=struct.pack("<III", 0, 0, 0)),
        bmp(bits=32, compression=3, masks=struct.pack("<III", 255, 255, 255)),
        bmp(bits=8, offset=54),
        bmp()[:14] + struct.pack("<I", 200) + bmp()[18:],
        b"BA" + bytes(12) + bmp(),
        b"CI" + bmp()[2:],
    ],
)
def test_refused(data: bytes) -> None:
    assert FORMAT.sniff(data) is not None
    with Source.of(data) as source, pytest.raises(Refused):
        SCRUBBER.read(source)


@pytest.mark.parametrize(
    "data",
    [
        bmp(width=0, data=b""),
        bmp(width=-5, data=bytes(48)),
        bmp(height=0, data=b"x"),
        bmp(planes=3),
        bmp(compression=1, bits=8, height=-3, data=b"\0\1"),
        bmp()[:-1],
        bmp(height=2**30, data=bytes(48)),
        bmp(12, bits=8, colours=b""),
        bmp(124, more=make.v5(make.EMBEDDED, 124, 10**9)),
        bmp(124, more=make.v5(make.EMBEDDED, 100, 30)),
        bmp()[:20],
    ],
)
def test_broken(data: bytes) -> None:
    with Source.of(data) as source, pytest.raises(Broken):
        SCRUBBER.read(source)


def test_text_is_no_bmp() -> None:
    assert FORMAT.sniff(b"BMW makes cars and motorcycles.") is None
    assert FORMAT.sniff(b"BM") is None
    assert FORMAT.sniff(b"BA is a degree, and so on") is None


def test_large_pictures_cost_no_memory() -> None:
    data = bmp(width=4001, height=3000, data=make.rows(4001, 1, 24, padding=7) * 3000)
    tracemalloc.start()
    with Source.of(data) as source:
        document = SCRUBBER.read(source)
        for piece in SCRUBBER.clean(document, Policy()).pieces:
            assert not isinstance(piece, bytes) or len(piece) < 2_000_000
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


# Hostile files


def judge(data: bytes) -> None:
    with Source.of(data) as source:
        try:
            document = SCRUBBER.read(source)
        except PrivkitError:
            return
        list(SCRUBBER.inspect(document))
        for policy in (Policy(), STRICT, ONLY_LOCATION):
            target = io.BytesIO()
            write(SCRUBBER.clean(document, policy).pieces, source, target)
            with Source.of(target.getvalue()) as copy:
                again = SCRUBBER.read(copy)
                assert not SCRUBBER.clean(again, policy).removed
                assert equal(SCRUBBER.shown(document), source, SCRUBBER.shown(again), copy)
                same = io.BytesIO()
                write(SCRUBBER.clean(again, policy).pieces, copy, same)
                assert same.getvalue() == target.getvalue()
                if not policy.only_location:
                    assert all(finding.level <= Level.NOTE for finding in SCRUBBER.inspect(again))


SEEDS = [*HIDING.values(), *KINDS[::7], make.with_profile(make.profile())]


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_every_truncation(seed: int) -> None:
    data = SEEDS[seed]
    for length in range(0, len(data), 1 + len(data) // 150):
        judge(data[:length])


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_flipped_bytes(data: st.DataObject) -> None:
    changed = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(2, min(len(changed), 160) - 1))] = data.draw(st.integers(0, 255))
    judge(bytes(changed))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(1, 9), st.integers(1, 5), st.sampled_from([4, 8]))
def test_random_runs(data: bytes, width: int, height: int, bits: int) -> None:
    judge(bmp(bits=bits, width=width, height=height, compression=1 if bits == 8 else 2, data=data))


@needs("exiftool")
def test_exiftool_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "clean.bmp"
    path.write_bytes(cleaned(HIDING["ZqLinkedqZ"] + b"ZqMoreqZ")[0])
    tags = {tag.partition(":")[2]: value for tag, value in exiftool(path).items() if tag.startswith("File")}
    allowed = {"FileType", "FileTypeExtension", "MIMEType", "BMPVersion", "ImageWidth", "ImageHeight", "Planes", "BitDepth"}
    allowed |= {"Compression", "ImageLength", "PixelsPerMeterX", "PixelsPerMeterY", "NumColors", "NumImportantColors"}
    allowed |= {"RedMask", "GreenMask", "BlueMask", "AlphaMask", "ColorSpace", "RedEndpoint", "GreenEndpoint", "BlueEndpoint"}
    allowed |= {"GammaRed", "GammaGreen", "GammaBlue", "RenderingIntent", "ProfileDataOffset", "ProfileSize"}
    assert set(tags) <= allowed


@pytest.mark.parametrize("policy", [Policy(), ONLY_LOCATION])
def test_words_do_not_stay_in_the_guise_of_numbers(policy: Policy) -> None:
    density = struct.unpack("<ii", b"ZzWordzZ")
    for dirty, plain in (
        (bmp(density=(density[0], density[1])), bmp()),
        (bmp(108, more=make.v4(0, b"ZzWordzZ" * 6)), bmp(108, more=make.v4(0))),
        (bmp(108, more=make.v4(make.SRGB, ENDPOINTS)), bmp(108, more=make.v4(make.SRGB))),
    ):
        assert clean(dirty, policy) == plain and "hidden.unknown" in found(dirty)


def test_packed_pixels_beyond_the_bound_are_refused_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    dirty = bmp(bits=8, compression=1, width=8, height=3, data=b"\x08\1\0\0" * 3 + b"\0\1")
    assert clean(dirty) == dirty
    monkeypatch.setattr(rle, "LARGEST", 6)
    with pytest.raises(Refused, match="larger"):
        cleaned(dirty)
