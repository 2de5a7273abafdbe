"""The TIFF scrubber: every hiding place emptied, strips and tiles untouched, nonsense and camera raw refused calmly."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from privkit.errors import Broken, Refused
from privkit.model import Finding, Level
from privkit.plugin import Policy
from privkit.scrubbers.tiff import FORMAT
from privkit.source import Source
from tests.layers import found_words
from tests.made_clean import ONLY_LOCATION, STRICT, cleaned
from tests.real import exiftool, exiftool_dump, needs
from tests.scrubbers.make_tiff import (
    ASCII,
    BYTE,
    DOUBLE,
    LONG,
    RATIONAL,
    SHORT,
    UNDEFINED,
    Page,
    colours,
    dirty,
    jpeg_tiles,
    lzw,
    packbits,
    rgb,
    rgb_of,
    saved,
    tiff,
    word,
)
from tests.scrubbers.metadata.make_icc import matrix, profile

TIFF = FORMAT.load()
FORMS = [("<", False), (">", False), ("<", True), (">", True)]
STRUCTURE = {
    *("File:" + tag for tag in "FileType FileTypeExtension MIMEType ExifByteOrder".split()),
    *("Composite:" + tag for tag in "ImageSize Megapixels".split()),
    *(
        f"IFD0:{tag}"
        for tag in (
            "ImageWidth ImageHeight BitsPerSample Compression PhotometricInterpretation SamplesPerPixel RowsPerStrip StripOffsets"
            " StripByteCounts PlanarConfiguration Orientation XResolution YResolution ResolutionUnit"
        ).split()
    ),
}
"""What ExifTool may say of a clean TIFF: how it is drawn, its density, its turn."""


def pixels(data: bytes) -> list[tuple[str, bytes]]:
    """All pages as Pillow draws them, turned as they say."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data)) as image:
            for number in range(image.n_frames):
                image.seek(number)
                found.append((f"{image.mode} {image.size}", image.tobytes()))
    return found


def findings(data: bytes) -> list[Finding]:
    with Source.of(data) as source:
        return list(TIFF.inspect(TIFF.read(source)))


def tags_of(data: bytes) -> set[int]:
    with Image.open(io.BytesIO(data)) as image:
        return set(image.tag_v2)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("compression", [1, 5, 8, 32773])
def test_no_planted_word_is_left_in_any_layer(form: tuple[str, bool], compression: int) -> None:
    data, words = dirty(*form, compression)
    assert found_words(data, words.values()) == set(words.values()), "the fixture itself must hold every word"
    clean, made = cleaned(data)
    assert found_words(clean, words.values()) == set()
    assert {"EXIF", "GPS position", "XMP", "IPTC", "map position", "Photoshop layers"} <= set(made.removed)
    assert made.kept == ("rotation",)
    if form != (">", True):  # Pillow reads no big-endian BigTIFF
        assert pixels(clean) == pixels(data)[:1]


@needs("exiftool")
@pytest.mark.parametrize("policy", [Policy(), STRICT], ids=["share", "strict"])
@pytest.mark.parametrize("form", FORMS)
def test_exiftool_finds_only_structure(tmp_path: Path, policy: Policy, form: tuple[str, bool]) -> None:
    data, words = dirty(*form)
    path = tmp_path / "clean.tif"
    path.write_bytes(cleaned(data, policy)[0])
    found = exiftool(path)
    assert set(found) <= STRUCTURE
    assert ("IFD0:Orientation" in found, "IFD0:XResolution" in found) == ((False, False) if policy.strict else (True, True))
    assert found_words(exiftool_dump(path), words.values()) == set()


def test_inspect_tells_each_thing() -> None:
    told = {(finding.id, finding.level) for finding in findings(dirty()[0])}
    wanted = {
        ("where.gps", Level.RISK),
        ("who.name", Level.RISK),
        ("who.text", Level.WARN),
        ("device.camera", Level.WARN),
        ("device.serial", Level.WARN),
        ("when.taken", Level.WARN),
        ("hidden.maker-notes", Level.WARN),
        ("hidden.xmp", Level.WARN),
        ("hidden.unknown", Level.WARN),
        ("hidden.trailer", Level.WARN),
    }
    assert wanted <= told


def test_each_other_thing_is_told_by_its_name() -> None:
    names = {finding.facts.get("name") for finding in findings(dirty()[0]) if finding.id == "hidden.unknown"}
    assert {"Photoshop layers", "smaller copies", "unused bytes", "ImageJ data", "PrintIM", "private data", "WhitePoint"} <= names


@pytest.mark.parametrize(
    ("mode", "compression"),
    [
        *(
            (mode, kind)
            for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "F")
            for kind in ("raw", "tiff_lzw", "packbits")
        ),
        *((mode, "tiff_adobe_deflate") for mode in ("L", "RGB", "LA", "I;16", "LAB")),
        *(("1", kind) for kind in ("group3", "group4", "tiff_ccitt")),
        *((mode, "jpeg") for mode in ("L", "RGB", "CMYK", "YCbCr")),
    ],
)
def test_what_pillow_writes_stays_as_it_is(mode: str, compression: str) -> None:
    image = colours(70, 45).convert("I").point(lambda value: value * 200) if mode == "I;16" else colours(70, 45)
    planted = word("description")
    source = saved(image.convert(mode), compression=compression, tiffinfo={278: 16, 270: planted}, strip_size=70 * 16)
    assert planted.encode() in source
    for policy in (Policy(), STRICT):
        clean, made = cleaned(source, policy, verify="full")
        assert planted.encode() not in clean
        assert "ImageDescription" in made.removed
        assert pixels(clean) == pixels(source)
        assert not cleaned(clean, policy)[1].removed


def test_all_pages_stay_in_order() -> None:
    images = [colours(30 + number, 20) for number in range(5)]
    source = saved(images[0], save_all=True, append_images=images[1:], compression="tiff_lzw")
    clean, _ = cleaned(source, verify="full")
    assert pixels(clean) == pixels(source)
    assert len(pixels(clean)) == 5


def test_pages_may_be_numbered_and_masks_stay() -> None:
    pages = [rgb(), rgb()]
    for number, page in enumerate(pages):
        page.fields |= {254: (LONG, 2), 297: (SHORT, [number, 2])}
    mask = Page({254: (LONG, 4), 256: (SHORT, 20), 257: (SHORT, 12), 258: (SHORT, 1), 262: (SHORT, 4)}, [bytes(range(36))])
    clean, made = cleaned(tiff(*pages, mask))
    assert not made.removed
    assert tags_of(clean) >= {254, 297}
    assert clean.count(bytes(range(36))) == 1


def test_a_sparse_tile_stays_empty() -> None:
    page = jpeg_tiles()
    source = tiff(page)
    maker_sizes = [0, *map(len, page.strips[1:])]
    page.sizes = maker_sizes
    source = tiff(page)
    clean, _ = cleaned(source)
    with Image.open(io.BytesIO(clean)) as image:
        assert image.tag_v2[325][0] == image.tag_v2[324][0] == 0


@pytest.mark.parametrize("form", FORMS[:2])
def test_jpeg_tiles_and_their_tables_lose_what_is_not_picture(form: tuple[str, bool]) -> None:
    app, comment, adobe, table, behind = (word(place) for place in ("app", "comment", "adobe", "table", "behind"))
    extra = _segment(0xE1, b"Exif\0\0" + app.encode()) + _segment(0xFE, comment.encode())
    extra += _segment(0xEE, b"Adobe\0\x64\0\0\0\0\1" + adobe.encode())
    page = jpeg_tiles(extra=extra, table_extra=_segment(0xED, table.encode()))
    page.strips = [strip + behind.encode() for strip in page.strips]
    source = tiff(page, order=form[0])
    clean, made = cleaned(source, verify="full")
    assert found_words(clean, [app, comment, adobe, table, behind]) == set()
    assert clean.count(b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0\1\xff") == 4
    assert "application data and comments within the picture's data" in made.removed
    assert pixels(clean) == pixels(source)
    assert "remains.quantisation" in {finding.id for finding in findings(clean)}


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


@pytest.mark.parametrize("compression", [1, 5, 8, 32773])
def test_what_stands_behind_the_data_of_a_strip_goes(compression: int) -> None:
    page, planted = rgb(compression=compression), word("behind")
    page.strips = [strip + planted.encode() for strip in page.strips]
    source = tiff(page)
    clean, made = cleaned(source, verify="full")
    assert planted.encode() not in clean
    assert "bytes that belong to nothing" in made.removed
    assert pixels(clean) == pixels(source)


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt"])
@pytest.mark.parametrize("fill_order", [1, 2])
def test_what_stands_behind_fax_data_goes(compression: str, fill_order: int) -> None:
    image = colours(501, 60).convert("1")
    source = saved(image, compression=compression, tiffinfo={266: fill_order, 278: 17})
    with Image.open(io.BytesIO(source)) as opened:
        found = opened.tag_v2
    planted = word("behind").encode()
    strips = [source[at : at + size] + planted for at, size in zip(found[273], found[279], strict=True)]
    fields: dict[int, tuple[int, object]] = {256: (SHORT, 501), 257: (SHORT, 60), 277: (SHORT, 1), 278: (SHORT, 17)}
    fields |= {tag: (SHORT, found[tag]) for tag in (259, 262, 266)}
    made = tiff(Page(fields, strips))
    clean, _ = cleaned(made)
    assert planted not in clean
    assert pixels(clean) == pixels(source)


def test_colours_turn_and_date_follow_the_policy() -> None:
    page = rgb()
    page.fields |= {274: (SHORT, 8), 306: (ASCII, b"2026:07:11 19:00:00\0"), 34675: (UNDEFINED, profile(matrix()))}
    source = tiff(page)
    clean, made = cleaned(source, Policy(keep_date=True))
    assert {274, 306, 34675} <= tags_of(clean)
    assert set(made.kept) == {"rotation", "colours", "date"}
    assert {finding.level for finding in findings(clean)} <= {Level.NOTE}
    bare, made = cleaned(source, STRICT)
    assert not {274, 306, 34675, 282} & tags_of(bare)
    assert {note.id for note in made.notes} == {"remains.turned", "remains.colours"}


def test_a_date_that_is_none_is_not_kept() -> None:
    page = rgb()
    page.fields[306] = (ASCII, b"my name is not a dat")
    assert 306 not in tags_of(cleaned(tiff(page), Policy(keep_date=True))[0])


@pytest.mark.parametrize("form", FORMS)
def test_only_the_place_goes(form: tuple[str, bool]) -> None:
    data, words = dirty(*form)
    clean, made = cleaned(data, ONLY_LOCATION)
    stays = {"usercomment", "owner", "serial", "description", "make", "model", "software", "artist", "copyright", "host", "xp"}
    assert (
        found_words(clean, words.values()) & {words[place] for place in ("gps", "makernote", "geo", "gdal", "private")} == set()
    )
    assert {words[place] for place in stays} <= found_words(clean, words.values())
    assert not [finding for finding in findings(clean) if finding.id.startswith("where.")]
    assert made.notes[0].id == "remains.all-but-place"
    assert cleaned(clean)[0] == cleaned(data)[0]


def test_a_map_position_is_told() -> None:
    page = rgb()
    page.fields |= {33550: (DOUBLE, [0.01, 0.01, 0.0]), 33922: (DOUBLE, [0.0, 0.0, 0.0, -9.2, 38.8, 0.0])}
    assert [finding.id for finding in findings(tiff(page)) if finding.level == Level.RISK] == ["where.named"]
    page.fields[34735] = (SHORT, [1, 1, 0, 1, 1024, 0, 1, 2])
    found = next(finding for finding in findings(tiff(page)) if finding.level == Level.RISK)
    assert found.id == "where.gps"
    assert (found.facts["latitude"], found.facts["longitude"]) == (38.74, -9.1)


def test_the_thumbnail_can_be_seen() -> None:
    with Source.of(dirty()[0]) as source:
        small = list(TIFF.thumbnails(TIFF.read(source)))
    assert [pixels(one) for one in small] == [[("RGB (6, 4)", colours(6, 4).tobytes())]] * 2


def _raws() -> Iterator[tuple[str, Page]]:
    def preview(**children: Page) -> Page:
        page = rgb_of(colours(6, 4), 4, 1)
        page.fields[254] = (LONG, 1)
        return page

    sensor = Page({254: (LONG, 0), 256: (LONG, 40), 257: (LONG, 30), 258: (SHORT, 16), 259: (SHORT, 1)}, [bytes(2400)])
    for name, tag, value in (("cfa", 262, 32803), ("linear", 262, 34892), ("nikon", 259, 34713), ("pentax", 259, 65535)):
        page = preview()
        page.children = {330: Page({**sensor.fields, tag: (SHORT, value)}, sensor.strips)}
        yield name, page
    page = rgb()
    page.fields[50706] = (BYTE, b"\1\4\0\0")
    yield "dng", page
    whole = rgb()
    whole.fields[262] = (SHORT, 32803)
    yield "whole", whole


@pytest.mark.parametrize(("name", "page"), list(_raws()), ids=lambda value: value if isinstance(value, str) else "")
def test_camera_raw_is_refused(name: str, page: Page) -> None:
    with pytest.raises(Refused, match=r"camera raw file; it cannot be cleaned safely\. Export a JPEG first"):
        findings(tiff(page))


def test_a_canon_raw_file_is_not_taken_for_a_tiff() -> None:
    assert FORMAT.sniff(b"II*\0\x10\0\0\0CR\2\0") is None
    assert FORMAT.sniff(b"II*\0\x10\0\0\0") is FORMAT.types[0]


def test_a_phase_one_raw_file_is_refused() -> None:
    page = rgb()
    page.strips = [b"IIII" + page.strips[0][4:], *page.strips[1:]]
    with pytest.raises(Refused, match="camera raw"):
        findings(tiff(page))


def test_a_lone_small_page_with_another_picture_below_is_refused() -> None:
    page = rgb()
    page.fields[254] = (LONG, 1)
    cleaned(tiff(page), verify="full")
    page.children = {330: rgb_of(colours(6, 4), 4, 1)}
    with pytest.raises(Refused, match="most programs do not look"):
        findings(tiff(page))


def test_many_pages_with_metadata_are_told_without_end() -> None:
    pages = [rgb(4, 3) for _ in range(300)]
    for number, page in enumerate(pages):
        page.fields |= {270: (ASCII, b"page %d\0" % number), 65000: (UNDEFINED, bytes(5 + number))}
    data = tiff(*pages)
    told = findings(data)
    assert "Metadata in further pages" in {finding.title for finding in told}
    assert len(told) < 400
    clean, made = cleaned(data)
    assert made.removed == ("ImageDescription", "private data")
    assert len(pixels(clean)) == 300


def test_many_pages_with_a_date_and_a_profile_are_clean() -> None:
    pages = [rgb(4, 3) for _ in range(50)]
    for page in pages:
        page.fields |= {306: (ASCII, b"2026:07:11 19:00:00\0"), 34675: (UNDEFINED, profile(matrix()))}
    clean, _ = cleaned(tiff(*pages), Policy(keep_date=True))
    assert {finding.level for finding in findings(clean)} == {Level.NOTE}


def test_fields_that_share_their_bytes_are_refused() -> None:
    page = rgb()
    page.fields |= {65000 + number: (UNDEFINED, b"") for number in range(20)}
    data = bytearray(tiff(page, tail=bytes(5_000_000)))
    for number in range(20):
        at = data.index(struct.pack("<HH", 65000 + number, UNDEFINED))
        data[at + 4 : at + 12] = struct.pack("<II", 5_000_000, 1000)
    with pytest.raises(Refused, match="share their bytes"):
        findings(bytes(data))


def test_a_larger_picture_below_is_refused() -> None:
    page = rgb_of(colours(6, 4), 4, 1)
    page.children = {330: rgb()}
    with pytest.raises(Refused, match="most programs do not look"):
        findings(tiff(page))


@pytest.mark.parametrize("kind", [6, 34661, 34712, 34887, 34925, 50000, 50001, 12345])
def test_compression_that_is_not_understood_is_refused(kind: int) -> None:
    page = rgb()
    page.fields[259] = (SHORT, kind)
    with pytest.raises(Refused, match="compressed in a way that is not understood"):
        findings(tiff(page))


def _rows(compression: int, extra: int) -> Page:
    """One strip that holds `extra` rows more than it shows."""
    page = rgb(rows=12, compression=compression)
    raw = colours(20, 12).tobytes() + bytes(60 * extra)
    pack = {5: lzw, 8: zlib.compress, 32773: packbits}[compression]
    page.strips = [pack(raw)]
    return page


@pytest.mark.parametrize("compression", [8, 32773])
def test_hidden_rows_are_refused(compression: int) -> None:
    with pytest.raises(Refused, match="holds more of the picture than is shown"):
        findings(tiff(_rows(compression, 2)))


@pytest.mark.parametrize("compression", [5, 8, 32773])
def test_missing_rows_are_broken(compression: int) -> None:
    page = _rows(compression, 0)
    page.fields |= {257: (SHORT, 13), 278: (SHORT, 13)}
    with pytest.raises(Broken, match="middle of the picture"):
        findings(tiff(page))


def test_hidden_rows_of_lzw_that_end_with_a_code_are_cut() -> None:
    page, planted = _rows(5, 0), word("rows").encode()
    page.strips = [lzw(colours(20, 12).tobytes() + planted * 3)]
    clean, _ = cleaned(tiff(page))
    assert pixels(clean) == pixels(tiff(_rows(5, 0)))
    assert len(clean) < len(tiff(page)) - len(planted) * 3


def test_hidden_rows_of_a_jpeg_tile_are_refused() -> None:
    page = jpeg_tiles(side=32)
    page.fields |= {257: (SHORT, 16), 323: (SHORT, 16)}
    page.strips = page.strips[:2]
    with pytest.raises(Refused, match="holds more of the picture than is shown"):
        findings(tiff(page))


def _lies() -> Iterator[tuple[str, bytes]]:
    page = rgb(compression=5)
    page.fields[279] = (LONG, [0])
    yield "too few sizes", tiff(page)
    page = rgb()
    page.fields[273] = (LONG, [8, 8, 8])
    yield "shared strips", tiff(page)
    page = rgb()
    page.fields[273] = (LONG, [8, 308, 500])
    yield "overlapping strips", tiff(page)
    page = rgb()
    page.fields[273] = (LONG, [8, 308, 10**9])
    yield "strips beyond the end", tiff(page)
    page = rgb()
    page.fields[279] = (LONG, [300, 300, 10])
    yield "short strip", tiff(page)
    for tag, value in ((256, 0), (257, 2**32 - 1), (258, 0), (262, 99), (266, 3), (277, 0), (284, 3), (278, 0)):
        page = rgb()
        page.fields[tag] = (LONG, value)
        yield f"impossible {tag}", tiff(page)
    page = rgb()
    page.fields[256] = (ASCII, b"wide\0wide\0")
    yield "width in words", tiff(page)
    page = rgb()
    page.fields[320] = (SHORT, [1] * 700)
    yield "colour map of a wrong size", tiff(page)
    page = rgb()
    page.fields[254] = (LONG, 8)
    yield "unknown kind of page", tiff(page)
    page = jpeg_tiles(table_extra=b"\xff\xdb\x00\x50" + bytes(78))
    yield "quantisation table that is too long", tiff(page)
    looped = bytearray(tiff(rgb()))
    looped[-4:] = looped[4:8]
    yield "pages in a circle", bytes(looped)
    yield "no page", b"II*\0\0\0\0\0"
    yield "nothing but a head", b"II*\0\x08\0\0\0"
    yield "an empty directory", b"II*\0\x08\0\0\0\0\0\0\0\0\0"
    yield "a giant directory", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0" + b"\xff" * 40


@pytest.mark.parametrize(("name", "data"), list(_lies()), ids=lambda value: value if isinstance(value, str) else "")
def test_lies_are_told_calmly(name: str, data: bytes) -> None:
    with pytest.raises((Broken, Refused)):
        findings(data)


def test_two_fields_of_a_kind_are_refused() -> None:
    data = bytearray(tiff(rgb()))
    at = data.index(struct.pack("<HHI", 257, SHORT, 1))
    data[at : at + 2] = struct.pack("<H", 256)
    with pytest.raises(Refused, match="the same thing twice"):
        findings(bytes(data))


def test_missing_sizes_of_raw_strips_are_computed() -> None:
    page = rgb()
    page.fields[279] = (LONG, [300, 300, 120])
    whole = tiff(page)
    without = whole.replace(struct.pack("<HHI", 279, LONG, 3), struct.pack("<HHI", 65100, LONG, 3))
    clean, _ = cleaned(without)
    assert pixels(clean) == pixels(whole)


def test_a_strip_must_not_share_bytes_with_fields() -> None:
    page = rgb(rows=12)
    page.fields[270] = (ASCII, b"x" * 700)
    data = tiff(page)
    page.fields[273] = (LONG, [data.index(b"x" * 700)])
    page.fields[279] = (LONG, [720])
    with pytest.raises(Refused, match="shares its bytes"):
        findings(tiff(page))


def test_more_offsets_than_strips_hide_nothing() -> None:
    page, planted = rgb(), word("extra").encode()
    data = tiff(page, tail=planted)
    page.fields |= {273: (LONG, [8, 308, 608, len(data)]), 279: (LONG, [300, 300, 120, len(planted)])}
    clean, _ = cleaned(tiff(page, tail=planted))
    assert planted not in clean


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["group3", "group4", "tiff_ccitt", "tiff_lzw", "packbits", "tiff_adobe_deflate"]),
    st.integers(1, 3000),
    st.integers(1, 40),
    st.integers(1, 64),
    st.randoms(use_true_random=False),
)
def test_the_end_of_what_libtiff_writes_is_found_to_the_byte(
    compression: str, width: int, height: int, grain: int, chance: random.Random
) -> None:
    noise = Image.frombytes("L", (-(-width // grain), height), chance.randbytes(-(-width // grain) * height))
    image = noise.resize((width, height), Image.Resampling.NEAREST).point(lambda value: 255 * (value > 127)).convert("1")
    source = saved(image, compression=compression, tiffinfo={278: 7, 292: chance.choice([0, 1, 4, 5])})
    page = Image.open(io.BytesIO(source)).tag_v2
    with Source.of(source) as opened:
        assert list(TIFF.read(opened).pages[0].extents) == list(page[279])


def acceptable(data: bytes, policy: Policy) -> None:
    """Either the file is refused calmly, or its clean copy passes the whole verification, place by place."""
    try:
        with Source.of(data) as source:
            document = TIFF.read(source)
            list(TIFF.inspect(document))
            list(TIFF.thumbnails(document))
            TIFF.clean(document, policy)
    except (Broken, Refused):
        return
    with Source.of(data) as source:
        document = TIFF.read(source)
        made = TIFF.clean(document, policy)
        pieces = [one if isinstance(one, bytes) else source.read(one.start, one.end - one.start) for one in made.pieces]
        shown = [one if isinstance(one, bytes) else source.read(one.start, one.end - one.start) for one in TIFF.shown(document)]
    with Source.of(b"".join(pieces)) as clean:
        document = TIFF.read(clean)
        again = TIFF.clean(document, policy)
        assert not again.removed
        whole = [one if isinstance(one, bytes) else clean.read(one.start, one.end - one.start) for one in again.pieces]
        assert b"".join(whole) == b"".join(pieces)
        still = [one if isinstance(one, bytes) else clean.read(one.start, one.end - one.start) for one in TIFF.shown(document)]
        assert b"".join(still) == b"".join(shown)
        worst = [finding for finding in TIFF.inspect(document) if finding.level > Level.NOTE]
        assert not worst or policy.only_location


SAMPLES = [
    dirty()[0],
    dirty(">", True, 5)[0],
    tiff(jpeg_tiles(32, 32, 32), rgb(compression=8), rgb(compression=32773)),
    saved(colours(99, 20).convert("1"), compression="group4"),
    saved(colours(99, 20).convert("1"), compression="group3", tiffinfo={292: 5}),
]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0), st.sampled_from([Policy(), ONLY_LOCATION]))
def test_files_that_are_cut_off(data: bytes, at: int, policy: Policy) -> None:
    acceptable(data[: at % len(data)], policy)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(SAMPLES), st.randoms(use_true_random=False), st.integers(1, 6), st.sampled_from([Policy(), ONLY_LOCATION]))
def test_files_with_flipped_bits(data: bytes, chance: random.Random, number: int, policy: Policy) -> None:
    changed = bytearray(data)
    for _ in range(number):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    acceptable(bytes(changed), policy)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0), st.binary(min_size=1, max_size=8), st.sampled_from([Policy(), ONLY_LOCATION]))
def test_directories_that_lie(data: bytes, at: int, lie: bytes, policy: Policy) -> None:
    """The directories stand at the end of the samples, or at the start."""
    place = at % 2400 + max(0, len(data) - 2400) * (at % 3 > 0)
    acceptable(data[:place] + lie + data[place + len(lie) :], policy)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0"]))
def test_rubbish_behind_a_head(rubbish: bytes, head: bytes) -> None:
    acceptable(head + rubbish, Policy())


@pytest.mark.parametrize(
    ("tag", "kind", "values"),
    [
        (291, SHORT, [0x7A5A] * 256),
        (301, SHORT, [0x7A5A] * 768),
        (320, SHORT, [0x7A5A] * 768),
        (347, UNDEFINED, b"\xff\xd8\xff\xdb\0\x43\0" + b"Zz" * 32 + b"\xff\xd9"),
        (529, RATIONAL, [0x7A5A7A5A] * 6),
        (532, RATIONAL, [0x7A5A7A5A] * 12),
    ],
)
@pytest.mark.parametrize("policy", [Policy(), ONLY_LOCATION])
def test_tables_that_this_kind_of_picture_does_not_use_go(tag: int, kind: int, values: object, policy: Policy) -> None:
    page = rgb()
    page.fields[tag] = (kind, values)
    result, how = cleaned(tiff(page), policy)
    assert b"ZzZz" not in result and how.removed
    assert any(finding.level > Level.NOTE for finding in findings(tiff(page)))


@pytest.mark.parametrize(
    "table",
    [
        b"\xff\xdb\0\x43\3" + b"Zz" * 32 + b"\xff\xdb\0\x43\3" + bytes(64),  # one replaces the other
        b"\xff\xdb\0\x83\2" + b"Zz" * 32 + b"\2" + bytes(64),
        b"\xff\xdb\0\x43\x07" + b"Zz" * 32,  # there are only four
        b"\xff\xc4\x0b\xcb\3" + bytes([200] * 15 + [0]) + b"Zz" * 1500,  # more symbols than there can be
        b"\xff\xcc\0\x0aZzZzZzZz",
    ],
)
@pytest.mark.parametrize("place", ["extra", "table_extra"])
def test_jpeg_tables_that_decide_nothing_are_refused(table: bytes, place: str) -> None:
    with pytest.raises((Broken, Refused)):
        cleaned(tiff(jpeg_tiles(extra=table) if place == "extra" else jpeg_tiles(table_extra=table)))


def test_a_fax_taller_than_any_is_refused_at_once() -> None:
    rows = 8_000_000
    fields = {256: (LONG, 8), 257: (LONG, rows), 258: (SHORT, 1), 259: (SHORT, 4), 262: (SHORT, 0), 278: (LONG, rows)}
    with pytest.raises(Refused, match="fax"):
        cleaned(tiff(Page({**fields}, [b"\xff" * (rows // 8)])))
