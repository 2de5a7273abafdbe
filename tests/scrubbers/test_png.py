"""PNG: every hiding place, the exact picture, hostile files."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from privkit.errors import Broken, PrivkitError, Refused
from privkit.model import Level
from privkit.pieces import equal, write
from privkit.plugin import Policy
from privkit.scrubbers.png import pixels
from privkit.scrubbers.png.scrubber import PngScrubber
from privkit.source import Source

from ..layers import found_words
from ..made_clean import ONLY_LOCATION, STRICT, cleaned
from ..real import exiftool, needs
from . import make_png as make
from .make_png import chunk, png

SCRUBBER = PngScrubber()


def found(data: bytes) -> set[str]:
    with Source.of(data) as source:
        return {finding.id for finding in SCRUBBER.inspect(SCRUBBER.read(source))}


def pixels_of(data: bytes) -> list[tuple[str, bytes]]:
    image = Image.open(io.BytesIO(data))
    frames = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        frames.append((image.mode, image.convert("RGBA").tobytes()))
    return frames


def clean(data: bytes, policy: Policy | None = None) -> bytes:
    """The clean copy, verified by the runner; the pixels are compared by Pillow here as well."""
    result, _ = cleaned(data, policy, verify="full")
    assert pixels_of(result) == pixels_of(data)
    return result


PILLOW_CANNOT = {"ZqOrphanqZ", "ZqLateControlqZ"}
"""Where Pillow shows the dirty file in a way of its own, or not at all."""


HIDING: dict[str, bytes] = {
    "ZqTextqZ": make.text("Comment", b"ZqTextqZ"),
    "ZqKeyqZ": make.text("ZqKeyqZ", b"value"),
    "ZqPackedqZ": make.ztxt("Description", b"ZqPackedqZ"),
    "ZqUtfqZ": make.itxt("Title", b"ZqUtfqZ"),
    "ZqUtfPackedqZ": make.itxt("Title", b"ZqUtfPackedqZ", packed=True),
    "ZqTranslatedqZ": make.itxt("Title", b"x", translated=b"ZqTranslatedqZ"),
    "ZqLanguageqZ": make.itxt("Title", b"x", language=b"ZqLanguageqZ"),
    "ZqXmpqZ": make.itxt("XML:com.adobe.xmp", make.XMP.format("ZqXmpqZ").encode()),
    "ZqRawExifqZ": make.ztxt("Raw profile type exif", make.raw_profile("exif", b"Exif\0\0" + make.exif("ZqRawExifqZ"))),
    "ZqRawApp1qZ": make.text("Raw profile type APP1", make.raw_profile("app1", b"Exif\0\0" + make.exif("ZqRawApp1qZ"))),
    "ZqRawXmpqZ": make.ztxt("Raw profile type xmp", make.raw_profile("xmp", make.XMP.format("ZqRawXmpqZ").encode())),
    "ZqRawIptcqZ": make.text("Raw profile type iptc", make.raw_profile("iptc", b"\x1c\x02\x50\x00\x0bZqRawIptcqZ")),
    "ZqPromptqZ": make.text("parameters", b"a cat, ZqPromptqZ"),
    "ZqWorkflowqZ": make.text("workflow", b'{"nodes": "ZqWorkflowqZ"}'),
    "ZqExifqZ": chunk(b"eXIf", make.exif("ZqExifqZ")),
    "ZqPrefixqZ": chunk(b"eXIf", b"Exif\0\0" + make.exif("ZqPrefixqZ")),
    "ZqProfileNameqZ": chunk(b"iCCP", b"ZqProfileNameqZ\0\0" + zlib.compress(make.profile())),
    "ZqBehindProfileqZ": chunk(b"iCCP", b"icc\0\0" + zlib.compress(make.profile()) + b"ZqBehindProfileqZ"),
    "ZqC2paqZ": chunk(b"caBX", b"ZqC2paqZ"),
    "ZqPrivateqZ": chunk(b"prVt", b"ZqPrivateqZ"),
    "ZqVpagqZ": chunk(b"vpAg", b"ZqVpagqZ"),
    "ZqSignedqZ": chunk(b"dSIG", b"ZqSignedqZ"),
    "ZqGifqZ": chunk(b"gIFx", b"ZqGifqZ"),
    "ZqSpltqZ": chunk(b"sPLT", b"ZqSpltqZ\0\x08" + bytes(6)),
    "ZqOfficeqZ": chunk(b"msOG", b"ZqOfficeqZ"),
    "ZqGammaqZ": chunk(b"gAMA", b"\0\0\xb1\x8fZqGammaqZ"),
    "ZqDensityqZ": chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1) + b"ZqDensityqZ"),
    "ZqBackqZ": chunk(b"bKGD", bytes(6) + b"ZqBackqZ"),
    "ZqBitsqZ": chunk(b"sBIT", b"\x08\x08\x08ZqBitsqZ"),
    "ZqPurposeqZ": chunk(b"pCAL", b"ZqPurposeqZ\0" + bytes(12)),
    "ZqOrphanqZ": make.fdat(0, b"ZqOrphanqZ"),
    "ZqSuggestedqZZZ": chunk(b"PLTE", b"ZqSuggestedqZZZ"),
}
AFTER: dict[str, bytes] = {
    "ZqLateTextqZ": make.text("Comment", b"ZqLateTextqZ"),
    "ZqLateExifqZ": chunk(b"eXIf", make.exif("ZqLateExifqZ")),
    "ZqLatePrivateqZ": chunk(b"prVt", b"ZqLatePrivateqZ"),
    "ZqLateGammaqZ": chunk(b"gAMA", b"ZqLateGammaqZ"),
    "ZqLateControlqZ": chunk(b"acTL", b"ZqLateControlqZ"),
    "ZqStrayqZ": make.idat(b"ZqStrayqZ"),
}


@pytest.mark.parametrize("word", HIDING)
@pytest.mark.parametrize("policy", [Policy(), STRICT], ids=["share", "strict"])
def test_nothing_stays_before_the_picture(word: str, policy: Policy) -> None:
    dirty = png(HIDING[word])
    assert found_words(dirty, [word]) == {word}
    result = cleaned(dirty, policy)[0] if word in PILLOW_CANNOT else clean(dirty, policy)
    assert not found_words(result, [word])
    assert clean(result, policy) == result


@pytest.mark.parametrize("word", AFTER)
def test_nothing_stays_behind_the_picture(word: str) -> None:
    dirty = png(chunk(b"prVt"), after=[AFTER[word]])
    result = cleaned(dirty)[0] if word in PILLOW_CANNOT else clean(dirty)
    assert not found_words(result, [word])


def test_all_at_once_and_counted() -> None:
    many = [HIDING[word] for word in HIDING if HIDING[word][4:8] not in (b"eXIf", b"iCCP", b"gAMA", b"PLTE")]
    dirty = png(*many, *many[:1] * 20, after=list(AFTER.values()), behind=b"ZqTailqZ")
    result, how = cleaned(dirty)
    assert not found_words(result, [*HIDING, *AFTER, "ZqTailqZ"])
    assert len(how.removed) <= 14


@pytest.mark.parametrize(
    ("data", "level"),
    [
        (b"ZqTailqZ", Level.WARN),
        (bytes(900), Level.NOTE),
        (make.idat()[20:] + make.IEND, Level.RISK),
        (b"\xff\xd8\xff\xe0ZqTailqZ", Level.RISK),
        (b"PK\x03\x04ZqTailqZ", Level.RISK),
        (b"\0\0\0\x18ftypmp42ZqTailqZ", Level.RISK),
    ],
)
def test_what_stands_behind_the_end(data: bytes, level: Level) -> None:
    dirty = png(behind=data)
    with Source.of(dirty) as source:
        (finding,) = SCRUBBER.inspect(SCRUBBER.read(source))
    assert (finding.id, finding.level, finding.facts["bytes"]) == ("hidden.trailer", level, len(data))
    assert clean(dirty) == png()


def test_the_rest_of_a_cropped_picture_is_called_so() -> None:
    rest = make.idat(make.rows(40, 40, 120))[30:] + make.IEND
    with Source.of(png(behind=rest)) as source:
        (finding,) = SCRUBBER.inspect(SCRUBBER.read(source))
    assert finding.facts["kind"] == "the rest of a cropped picture"


# The compressed picture data


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_bytes_behind_the_stream_are_cut(parts: int) -> None:
    packed = zlib.compress(make.rows())
    dirty = png(data=make.split(packed + b"ZqBehindStreamqZ", parts))
    result = clean(dirty)
    assert b"BehindStream" not in result and packed[-4:] in result
    assert "hidden.unknown" in found(dirty) and not found(result)


def test_whole_chunks_behind_the_stream_are_cut() -> None:
    dirty = png(data=make.idat() + chunk(b"IDAT") + chunk(b"IDAT", b"ZqMoreqZ"))
    assert clean(dirty) == png()
    assert clean(png(data=make.idat() + chunk(b"IDAT"))) == png()


@pytest.mark.parametrize("interlace", [0, 1])
def test_rows_below_the_picture_are_packed_away(interlace: int) -> None:
    head = make.ihdr(9, 7, 8, 0, interlace)
    expected = sum(rows * stride for rows, stride in pixels.passes(pixels.Header(9, 7, 8, 0, bool(interlace)), 9, 7))
    data = bytes(expected) + b"ZqBelowqZ" * 50
    dirty = png(head=head, data=make.idat(data, 3))
    result = clean(dirty)
    assert not found_words(result, ["ZqBelowqZ"])
    assert zlib.decompress(b"".join(data_of(result, b"IDAT"))) == bytes(expected)
    assert "hidden.unknown" in found(dirty) and not found(result)


def data_of(data: bytes, name: bytes) -> list[bytes]:
    at, result = 8, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == name:
            result.append(data[at + 8 : at + 8 + length])
        at += length + 12
    return result


def test_blocks_without_pixels_at_the_end_are_packed_away() -> None:
    """Deflate blocks that hold no pixel can hold anything: here, empty stored blocks."""
    packer = zlib.compressobj()
    packed = packer.compress(make.rows()) + packer.flush(zlib.Z_FULL_FLUSH)
    padding = b"\0\0\0\xff\xff" * 100
    packed += padding + packer.flush()
    result = clean(png(data=make.split(packed, 2)))
    assert padding[:40] not in result


@pytest.mark.parametrize("flush", [zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_PARTIAL_FLUSH])
@pytest.mark.parametrize("level", range(10))
def test_usual_encoders_are_left_alone(level: int, flush: int) -> None:
    packer = zlib.compressobj(level)
    packed = packer.compress(make.rows()) + packer.flush(flush) + packer.flush()
    data = png(data=make.split(packed, 2))
    assert clean(data) == data


@pytest.mark.parametrize("colour", [0, 2, 3, 4, 6])
@pytest.mark.parametrize("interlace", [0, 1])
def test_all_kinds_of_pixels_stay(colour: int, interlace: int) -> None:
    for depth in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}[colour]:
        for width, height in ((1, 1), (3, 9), (17, 5)):
            head = pixels.Header(width, height, depth, colour, bool(interlace))
            data = b"".join(
                bytes((n % 5 if at == 0 else (n * at) % 256) for n in range(rows) for at in range(stride))
                for rows, stride in pixels.passes(head, width, height)
            )
            before = [chunk(b"PLTE", bytes(3 << depth))] if colour == 3 else []
            picture = png(*before, head=make.ihdr(width, height, depth, colour, interlace), data=make.idat(data, 1))
            assert clean(picture) == picture


def test_wrong_filters_are_refused() -> None:
    for interlace in (0, 1):
        data = bytearray(make.rows(9, 7, 9))
        data[30] = 9
        with pytest.raises(PrivkitError):
            cleaned(png(head=make.ihdr(9, 7, 8, 0, interlace), data=make.idat(bytes(data))))


def test_a_bomb_costs_no_memory() -> None:
    """A gigabyte of zeros where a small picture should be, and where a large one is promised."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(200)) + packer.flush()
    tracemalloc.start()
    small = png(data=make.split(packed, 1))
    with Source.of(small) as source:
        document = SCRUBBER.read(source)
        target = io.BytesIO()
        write(SCRUBBER.clean(document, Policy()).pieces, source, target)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    assert len(target.getvalue()) < 400
    large = png(head=make.ihdr(30_000, 30_000, 8, 6), data=make.split(packed, 1))
    with Source.of(large) as source, pytest.raises(Broken):
        SCRUBBER.read(source)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_picture_too_large_to_check_is_refused() -> None:
    with pytest.raises(Refused):
        cleaned(png(head=make.ihdr(2**31 - 1, 2**31 - 1, 16, 6)))


# What is kept


def test_rotation_and_colours_are_kept_and_strict_keeps_neither() -> None:
    before = [
        chunk(b"iCCP", b"Mine\0\0" + zlib.compress(make.profile())),
        chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
        chunk(b"eXIf", make.exif("ZqWordqZ")),
    ]
    result, how = cleaned(png(*before))
    image = Image.open(io.BytesIO(result))
    assert image.getexif() == {274: 6} and image.info["icc_profile"] and image.info["dpi"]
    assert set(how.kept) == {"rotation", "colours"} and set(how.removed) == {"EXIF", "text in the colour profile"}
    strict, how = cleaned(png(*before), STRICT)
    assert strict == png()
    assert {note.id for note in how.notes} == {"remains.turned", "remains.colours", "remains.density"}
    assert cleaned(result, STRICT)[0] == strict


def test_a_date_is_kept_on_demand() -> None:
    result, how = cleaned(png(chunk(b"eXIf", make.exif("ZqWordqZ"))), Policy(keep_date=True))
    assert "date" in how.kept and b"2026:07:11 18:42:07" in result and b"Zq" not in result


def test_fixed_chunks_stay() -> None:
    before = [
        chunk(b"cICP", b"\x09\x10\0\1"),
        chunk(b"mDCV", bytes(24)),
        chunk(b"cLLI", bytes(8)),
        chunk(b"gAMA", struct.pack(">I", 45455)),
        chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        chunk(b"sRGB", b"\0"),
        chunk(b"sBIT", b"\x08\x08\x08"),
        chunk(b"bKGD", bytes(6)),
        chunk(b"tRNS", bytes(6)),
    ]
    assert clean(png(*before)) == png(*before)
    strict = clean(png(*before), STRICT)
    assert b"mDCV" not in strict and b"cICP" in strict and b"gAMA" in strict
    assert b"gAMA" not in clean(png(chunk(b"gAMA", struct.pack(">I", 50001))), STRICT)


def test_a_profile_that_is_not_understood_goes_with_a_note() -> None:
    result, how = cleaned(png(chunk(b"iCCP", b"x\0\0" + zlib.compress(b"ZqNoProfileqZ" * 30))))
    assert result == png() and [note.id for note in how.notes] == ["remains.colours"]


def test_unused_bits_of_values_are_cleared() -> None:
    head = make.ihdr(9, 7, 4, 0)
    data = make.idat(make.rows(9, 7, 5))
    before = [chunk(b"tRNS", b"Z\x05"), chunk(b"bKGD", b"q\x13")]
    assert cleaned(png(*before, head=head, data=data))[0] == png(
        chunk(b"tRNS", b"\0\x05"), chunk(b"bKGD", b"\0\3"), head=head, data=data
    )


def test_colours_that_no_pixel_can_name_are_cut() -> None:
    head, data = make.ihdr(9, 7, 2, 3), make.idat(bytes(4 * 7))
    dirty = png(chunk(b"PLTE", bytes(12) + b"ZqPaletteqZ!"), head=head, data=data)
    result, how = cleaned(dirty)
    assert result == png(chunk(b"PLTE", bytes(12)), head=head, data=data) and how.removed


def test_second_ones_of_a_kind_go() -> None:
    gammas = [chunk(b"gAMA", struct.pack(">I", number)) for number in (45455, 99)]
    profiles = [chunk(b"iCCP", b"icc\0\0" + zlib.compress(make.profile())) for _ in range(2)]
    result = clean(png(*gammas, *profiles, chunk(b"eXIf", make.exif("A", 6)), chunk(b"eXIf", make.exif("B", 8))))
    assert (result.count(b"gAMA"), result.count(b"iCCP"), result.count(b"eXIf")) == (1, 1, 1)
    assert Image.open(io.BytesIO(result)).getexif() == {274: 6}


def test_damaged_ancillary_chunks_go() -> None:
    bad = chunk(b"gAMA", struct.pack(">I", 45455))[:-1] + b"!"
    assert cleaned(png(bad))[0] == png()


def test_an_end_mark_with_data_is_rebuilt() -> None:
    dirty = png()[: -len(make.IEND)] + chunk(b"IEND", b"ZqEndqZ")
    assert clean(dirty) == png()


# Animation


def test_an_animation_stays_whole() -> None:
    animation = make.apng()
    assert clean(animation) == animation and len(pixels_of(animation)) == 3


@pytest.mark.parametrize(
    "dirty",
    [
        make.apng(extra=b"ZqFrameqZ"),
        make.apng(frame=make.rows(5, 4, 15, 9) + b"ZqFrameqZ" * 9),
        make.apng(late=make.text("Comment", b"ZqFrameqZ")),
    ],
    ids=["behind", "below", "between"],
)
def test_hidden_data_in_frames(dirty: bytes) -> None:
    result, _ = cleaned(dirty)  # Pillow cannot decode a chunk between those of a frame
    assert pixels_of(result) == pixels_of(make.apng())
    assert not found_words(result, ["ZqFrameqZ"]) and len(pixels_of(result)) == 3
    numbers = [data[:4] for name in (b"fcTL", b"fdAT") for data in data_of(result, name)]
    assert sorted(numbers) == [struct.pack(">I", number) for number in range(len(numbers))]


def test_frames_without_an_animation_go() -> None:
    body = make.apng()[8 + 25 :].replace(chunk(b"acTL", struct.pack(">II", 3, 0)), b"")
    dirty = make.SIGNATURE + make.ihdr() + body
    assert cleaned(dirty)[0] == png()


def test_a_first_picture_outside_the_animation_is_told() -> None:
    frames = [make.fctl(0), make.fdat(1, zlib.compress(make.rows(seed=5)))]
    dirty = png(chunk(b"acTL", struct.pack(">II", 1, 0)), after=frames)
    assert found(dirty) == {"remains.first-picture"} and clean(dirty) == dirty


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (make.fctl(1, 5, 4, 2, 3), make.fctl(1, 5, 4, 5, 3)),
        (make.fctl(1, 5, 4, 2, 3), make.fctl(2, 5, 4, 2, 3)),
        (make.fctl(1, 5, 4, 2, 3), b""),
        (make.fctl(0), make.fctl(0, 8, 7)),
        (chunk(b"acTL", struct.pack(">II", 3, 0)), chunk(b"acTL", struct.pack(">II", 2, 0))),
        (chunk(b"acTL", struct.pack(">II", 3, 0)), chunk(b"acTL", struct.pack(">II", 0, 0))),
        (chunk(b"acTL", struct.pack(">II", 3, 0)), 2 * chunk(b"acTL", struct.pack(">II", 3, 0))),
    ],
)
def test_animations_that_lie(old: bytes, new: bytes) -> None:
    with pytest.raises(PrivkitError):
        cleaned(make.apng().replace(old, new))


# What is refused


@pytest.mark.parametrize(
    "data",
    [
        png(chunk(b"ABCD", b"x")),
        png(chunk(b"tRNS", bytes(5))),
        png(chunk(b"tRNS", bytes(6)), chunk(b"tRNS", bytes(6))),
        make.SIGNATURE + chunk(b"CgBI", bytes(4)) + png()[8:],
        b"\x8aMNG\r\n\x1a\n" + png()[8:],
        b"\x8bJNG\r\n\x1a\n" + png()[8:],
        make.SIGNATURE + make.ihdr()[:18] + b"\1" + make.ihdr()[19:] + png()[33:],
    ],
)
def test_refused_or_broken(data: bytes) -> None:
    with Source.of(data) as source, pytest.raises(PrivkitError):
        SCRUBBER.read(source)


@pytest.mark.parametrize(
    "data",
    [
        make.SIGNATURE + make.ihdr() + make.IEND,
        png(make.ihdr()),
        png(head=make.ihdr(0, 1)),
        png(head=make.ihdr(1, 1, 3)),
        png(head=make.ihdr(9, 7, 8, 3)),
        png(data=make.idat(make.rows()[:-1])),
        png(data=make.split(zlib.compress(make.rows())[:-1], 1)),
        png(data=make.split(zlib.compress(make.rows())[:-1] + b"!", 1)),
        png(data=chunk(b"IDAT", b"junk")),
        png(data=make.idat()[:-1] + b"!"),
        png(data=make.idat().replace(chunk(b"IDAT")[4:8], b"IDAT", 1)[:40] + chunk(b"tEXt", b"a\0b")),
        png(data=b"".join((make.split(zlib.compress(make.rows()), 2)[:40], b"1234"))),
        png()[:-12],
        png()[:-1],
        png(chunk(b"PLTE", bytes(4))),
        png(chunk(b"PLTE", bytes(3)), chunk(b"PLTE", bytes(3)), head=make.ihdr(9, 7, 8, 3), data=make.idat(make.rows(9, 7, 9))),
    ],
)
def test_broken(data: bytes) -> None:
    with Source.of(data) as source, pytest.raises(Broken):
        SCRUBBER.read(source)


def test_interrupted_picture_data_are_broken() -> None:
    parts = make.split(zlib.compress(make.rows()), 2)
    first = parts[: 12 + int.from_bytes(parts[:4], "big")]
    with Source.of(png(data=first + make.text("a", b"b") + parts[len(first) :])) as source, pytest.raises(Broken):
        SCRUBBER.read(source)


# What it tells


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        (make.text("Author", b"Jo"), "who.name"),
        (make.text("Software", b"GIMP"), "device.software"),
        (make.text("Creation Time", b"Sat, 11 Jul 2026 18:42:07 +0100"), "when.taken"),
        (make.text("date:modify", b"2026-07-11T18:42:07+00:00"), "when.edited"),
        (make.text("Thumb::MTime", b"1783795327"), "when.edited"),
        (make.text("prompt", b"{}"), "hidden.prompt"),
        (make.text("Title", b"Me"), "who.text"),
        (make.text("exif:GPSLatitude", b"38/1"), "where.named"),
        (make.text("Source", b"Phone"), "device.camera"),
        (make.text("mxfile", b"%3Cmxfile"), "hidden.unknown"),
        (make.text("svg:base-uri", b"file:///home/jo/x.svg"), "who.name"),
        (make.text("Whatever", b"x"), "hidden.comment"),
        (chunk(b"tIME", struct.pack(">HBBBBB", 2026, 7, 11, 18, 42, 7)), "when.edited"),
        (chunk(b"caBX", b"x"), "hidden.credentials"),
        (chunk(b"eXIf", make.exif("x")), "where.gps"),
        (make.ztxt("Raw profile type exif", make.raw_profile("exif", b"Exif\0\0" + make.exif("x"))), "where.gps"),
        (chunk(b"xyZa", b"x"), "hidden.unknown"),
    ],
)
def test_findings(chunks: bytes, expected: str) -> None:
    assert expected in found(png(chunks))


def test_times_are_iso() -> None:
    with Source.of(png(make.text("Creation Time", b"Sat, 11 Jul 2026 18:42:07 +0100"))) as source:
        (finding,) = SCRUBBER.inspect(SCRUBBER.read(source))
    assert finding.facts["time"] == "2026-07-11T18:42:07+01:00"


# Only the place


def test_only_the_place_goes() -> None:
    gone = {
        "ZqXmpCityqZ": make.itxt("XML:com.adobe.xmp", make.XMP.format("ZqXmpCityqZ").encode()),
        "ZqRawXmpqZ": make.ztxt("Raw profile type xmp", make.raw_profile("xmp", make.XMP.format("ZqRawXmpqZ").encode())),
        "ZqLatitudeqZ": make.text("exif:GPSLatitude", b"ZqLatitudeqZ"),
        "ZqPrivateqZ": chunk(b"prVt", b"ZqPrivateqZ"),
        "ZqC2paqZ": chunk(b"caBX", b"ZqC2paqZ"),
        "ZqBrokenTextqZ": chunk(b"zTXt", b"k\0\0" + zlib.compress(b"x") + b"ZqBrokenTextqZ"),
    }
    stays = {
        "ZqAuthorqZ": make.text("Author", b"ZqAuthorqZ"),
        "ZqPackedqZ": make.ztxt("Comment", b"ZqPackedqZ"),
        "ZqArtistqZ": chunk(b"eXIf", make.exif("ZqArtistqZ")),
        "ZqProfileqZ": chunk(b"iCCP", b"ZqProfileqZ\0\0" + zlib.compress(make.profile())),
    }
    dirty = png(*gone.values(), *stays.values(), behind=b"ZqTailqZ")
    result, how = cleaned(dirty, ONLY_LOCATION)
    assert found_words(result, [*gone, *stays, "ZqTailqZ"]) == set(stays)
    assert "where.gps" in found(dirty) and not any(name.startswith("where") for name in found(result))
    assert how.notes and how.removed
    assert cleaned(result, ONLY_LOCATION)[0] == result


def test_too_many_texts_are_not_unpacked() -> None:
    bomb = make.ztxt("Comment", bytes(20_000_000))
    with Source.of(png(*[bomb] * 300)) as source:
        document = SCRUBBER.read(source)
        ids = [finding.id for finding in SCRUBBER.inspect(document)]
        assert len(ids) == 101
        SCRUBBER.clean(document, ONLY_LOCATION)


# Hostile files

SEEDS = [
    png(*list(HIDING.values())[:20], after=list(AFTER.values()), behind=b"tail"),
    make.apng(extra=b"hidden"),
    png(chunk(b"PLTE", bytes(48)), head=make.ihdr(9, 7, 4, 3, 1), data=make.idat(bytes(63 + 40))),
]


def judge(data: bytes) -> None:
    """Whatever the bytes: an answer, or Broken or Refused; and the answer is stable and clean."""
    with Source.of(data) as source:
        try:
            document = SCRUBBER.read(source)
        except PrivkitError:
            return
        list(SCRUBBER.inspect(document))
        list(SCRUBBER.thumbnails(document))
        for policy in (Policy(), STRICT, ONLY_LOCATION):
            made = SCRUBBER.clean(document, policy)
            target = io.BytesIO()
            write(made.pieces, source, target)
            with Source.of(target.getvalue()) as copy:
                again = SCRUBBER.read(copy)
                assert not SCRUBBER.clean(again, policy).removed
                assert equal(SCRUBBER.shown(document), source, SCRUBBER.shown(again), copy)
                same = io.BytesIO()
                write(SCRUBBER.clean(again, policy).pieces, copy, same)
                assert same.getvalue() == target.getvalue()
                if not policy.only_location:
                    assert all(finding.level <= Level.NOTE for finding in SCRUBBER.inspect(again))


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_every_truncation_is_broken(seed: int) -> None:
    data = SEEDS[seed]
    for length in range(0, len(data) - 40, 1 + len(data) // 400):
        judge(data[:length])


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_flipped_bytes(data: st.DataObject) -> None:
    changed = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(8, len(changed) - 1))] = data.draw(st.integers(0, 255))
    judge(repaired(bytes(changed)) if data.draw(st.booleans()) else bytes(changed))


def repaired(data: bytes) -> bytes:
    """The same with each CRC made right, so that the change gets past it."""
    at, result = 8, bytearray(data[:8])
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + length > len(data):
            break
        result += chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + length])
        at += 12 + length
    return bytes(result) + data[at:]


NAMES = [
    b"IHDR",
    b"PLTE",
    b"tRNS",
    b"IDAT",
    b"IEND",
    b"acTL",
    b"fcTL",
    b"fdAT",
    b"gAMA",
    b"iCCP",
    b"eXIf",
    b"tEXt",
    b"zTXt",
    b"iTXt",
    b"pHYs",
    b"abCd",
]
CHUNK = st.builds(chunk, st.sampled_from(NAMES), st.binary(max_size=40))


@settings(max_examples=120, deadline=None)
@given(st.lists(CHUNK, max_size=6), st.lists(CHUNK, max_size=4), st.binary(max_size=20))
def test_random_chunks(before: list[bytes], after: list[bytes], behind: bytes) -> None:
    judge(png(*before, after=after, behind=behind))


# Real programs


@needs("exiftool")
def test_exiftool_finds_nothing(tmp_path: Path) -> None:
    many = [HIDING[word] for word in HIDING if word not in ("ZqPrefixqZ", "ZqGammaqZ", "ZqSuggestedqZZZ", "ZqBehindProfileqZ")]
    path = tmp_path / "clean.png"
    path.write_bytes(cleaned(png(*many, behind=b"x"))[0])
    tags = {tag for tag in exiftool(path) if not tag.startswith(("ICC", "Composite", "File"))}
    allowed = {"ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter", "Interlace", "ProfileName"}
    assert tags <= {f"PNG:{name}" for name in allowed} | {"IFD0:Orientation"}


@pytest.mark.parametrize(("name", "length"), [(b"gAMA", 4), (b"cHRM", 32), (b"mDCV", 24), (b"cLLI", 8), (b"pHYs", 9)])
@pytest.mark.parametrize("policy", [Policy(), ONLY_LOCATION])
def test_words_do_not_stay_in_the_guise_of_numbers(name: bytes, length: int, policy: Policy) -> None:
    body = (b"Zz" * 16)[: length - (name == b"pHYs")] + b"\1" * (name == b"pHYs")
    dirty = png(chunk(name, body))
    assert name not in clean(dirty, policy) and "hidden.unknown" in found(dirty)


@pytest.mark.parametrize("name", [b"tIME", b"oFFs", b"gIFg", b"hIST", b"sPLT", b"pCAL", b"sCAL"])
def test_other_data_in_known_chunks_go_where_only_the_place_goes(name: bytes) -> None:
    assert b"ZzPlace" not in clean(png(chunk(name, b"x\0" + b"ZzPlace" * 3)), ONLY_LOCATION)


def test_data_behind_a_profile_go_where_only_the_place_goes() -> None:
    packed = b"x\0\0" + zlib.compress(make.profile())
    assert clean(png(chunk(b"iCCP", packed)), ONLY_LOCATION) == png(chunk(b"iCCP", packed))
    assert clean(png(chunk(b"iCCP", packed + b"ZzBehind")), ONLY_LOCATION) == png()


def test_a_place_in_xmp_under_any_keyword_goes() -> None:
    packet = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        b' xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,12.5N" exif:GPSLongitude="11,2E"/></rdf:RDF>'
    )
    dirty = png(make.text("notes", packet))
    assert b"48,12.5N" not in clean(dirty, ONLY_LOCATION) and "where.gps" in found(dirty)


def test_an_impossible_time_zone_is_told_as_it_stands() -> None:
    assert "when.taken" in found(png(make.text("Creation Time", b"Mon, 1 Jan 2020 00:00:00 +99999999999999999999")))
