"""What EXIF tells, and what is kept of it: each place has its own word; rubbish and lies of every kind."""

from __future__ import annotations

import io
import random
import struct
import time
import tracemalloc
import warnings
from typing import Any

import exifread
import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from piexif import GPSIFD, ExifIFD, ImageIFD, InteropIFD
from PIL import Image

from privkit.model import Finding, Level
from privkit.plugin import Policy
from privkit.scrubbers.metadata import exif, exif_tags
from tests.real import exiftool, needs

ALL = Policy(keep_date=True)
STRICT = Policy(keep_orientation=False, keep_color=False, strict=True)
DATE = b"2026:07:11 18:42:07"


def block(image: Any = None, more: Any = None, gps: Any = None, interop: Any = None, **rest: Any) -> bytes:
    """A TIFF structure by piexif."""
    parts = {"0th": image or {}, "Exif": more or {}, "GPS": gps or {}, "Interop": interop or {}, **rest}
    made: bytes = piexif.dump(parts)
    return made.removeprefix(b"Exif\0\0")


def rows(*fields: tuple[int, int, int, bytes], order: str = "<", after: bytes = b"") -> bytes:
    """A TIFF structure with one directory of these rows, as they are."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    body = b"".join(struct.pack(order + "HHI4s", *field) for field in fields)
    return head + struct.pack(order + "IH", 8, len(fields)) + body + bytes(4) + after


def told(tiff: bytes) -> dict[str, Finding]:
    """Findings by id, the first of each."""
    found: dict[str, Finding] = {}
    for finding in exif.findings(tiff):
        found.setdefault(finding.id, finding)
    return found


def values(tiff: bytes, id: str) -> set[Any]:
    return {finding.facts.get("value") for finding in exif.findings(tiff) if finding.id == id}


LISBON = {
    GPSIFD.GPSLatitudeRef: "N",
    GPSIFD.GPSLatitude: ((38, 1), (42, 1), (5004, 100)),
    GPSIFD.GPSLongitudeRef: "W",
    GPSIFD.GPSLongitude: ((9, 1), (8, 1), (24, 100)),
    GPSIFD.GPSAltitudeRef: 0,
    GPSIFD.GPSAltitude: (123, 10),
    GPSIFD.GPSImgDirection: (23150, 100),
    GPSIFD.GPSSpeedRef: "K",
    GPSIFD.GPSSpeed: (42, 10),
    GPSIFD.GPSTimeStamp: ((17, 1), (42, 1), (7, 1)),
    GPSIFD.GPSDateStamp: "2026:07:11",
    GPSIFD.GPSProcessingMethod: b"ASCII\0\0\0CELLID",
}


# What it tells ------------------------------------------------------------------------------------------------------


def test_where() -> None:
    finding = told(block(gps=LISBON))["where.gps"]
    assert finding.level is Level.RISK
    assert finding.facts == {
        "latitude": 38.7139,
        "longitude": -9.1334,
        "altitude": 12.3,
        "direction": 231.5,
        "speed": 4.2,
        "time": "2026-07-11T17:42:07Z",
        "method": "CELLID",
    }
    for words in ("38.7139 N, 9.1334 W", "about 2 km from Lisbon (Portugal)", "12 m above the sea", "4 km/h", "17:42:07 UTC"):
        assert words in finding.detail


@pytest.mark.parametrize(("north", "east", "signs"), [("N", "E", (1, 1)), ("S", "W", (-1, -1)), ("s", "e", (-1, 1))])
def test_hemispheres(north: str, east: str, signs: tuple[int, int]) -> None:
    facts = told(block(gps=LISBON | {GPSIFD.GPSLatitudeRef: north, GPSIFD.GPSLongitudeRef: east}))["where.gps"].facts
    assert (facts["latitude"], facts["longitude"]) == (signs[0] * 38.7139, signs[1] * 9.1334)


def test_below_the_sea() -> None:
    facts = told(block(gps=LISBON | {GPSIFD.GPSAltitudeRef: 1}))["where.gps"].facts
    assert facts["altitude"] == -12.3


@pytest.mark.parametrize("latitude", [((0, 0), (0, 0), (0, 0)), ((91, 1), (0, 1), (0, 1)), ((2**32 - 1, 1), (0, 1), (0, 1))])
def test_a_place_that_is_none(latitude: Any) -> None:
    finding = told(block(gps=LISBON | {GPSIFD.GPSLatitude: latitude}))["where.gps"]
    assert finding.level is Level.WARN
    assert "latitude" not in finding.facts
    assert finding.facts["time"] == "2026-07-11T17:42:07Z"


def test_half_a_place() -> None:
    half = {GPSIFD.GPSLatitudeRef: "N", GPSIFD.GPSLatitude: ((38, 1), (42, 1), (5004, 100))}
    assert told(block(gps=half))["where.gps"].level is Level.WARN


def test_zero_zero_ties_no_files_together() -> None:
    zero = {GPSIFD.GPSLatitude: ((0, 1),) * 3, GPSIFD.GPSLongitude: ((0, 1),) * 3}
    finding = told(block(gps=zero))["where.gps"]
    assert finding.level is Level.WARN
    assert not finding.facts


def test_other_places() -> None:
    aimed = {
        GPSIFD.GPSDestLatitudeRef: "S",
        GPSIFD.GPSDestLatitude: ((33, 1), (52, 1), (0, 1)),
        GPSIFD.GPSDestLongitudeRef: "E",
        GPSIFD.GPSDestLongitude: ((151, 1), (12, 1), (0, 1)),
        GPSIFD.GPSAreaInformation: b"ASCII\0\0\0Alfama",
    }
    found = told(block(gps=aimed))
    assert found["where.gps"].title == "A place it points to"
    assert "Sydney (Australia)" in found["where.gps"].detail
    assert (found["where.named"].level, found["where.named"].facts) == (Level.RISK, {"value": "Alfama"})


def test_when() -> None:
    dates = {ExifIFD.DateTimeOriginal: DATE, ExifIFD.DateTimeDigitized: DATE, ExifIFD.OffsetTimeOriginal: "+01:00"}
    tiff = block({ImageIFD.DateTime: "2026:07:12 09:00:00"}, dates)
    found = list(exif.findings(tiff))
    taken = [finding for finding in found if finding.id == "when.taken"]
    assert [(one.level, one.detail, one.facts) for one in taken] == [
        (Level.WARN, "2026-07-11 18:42:07 +01:00", {"time": "2026-07-11T18:42:07", "zone": "+01:00"})
    ]
    assert told(tiff)["when.edited"].facts == {"time": "2026-07-12T09:00:00"}


def test_a_lone_date_is_when_it_was_taken() -> None:
    found = told(block({ImageIFD.DateTime: DATE}))
    assert found["when.taken"].facts == {"time": "2026-07-11T18:42:07"}
    assert "when.edited" not in found


@pytest.mark.parametrize("date", [b"0000:00:00 00:00:00", b"    :  :     :  :  ", b""])
def test_no_date(date: bytes) -> None:
    assert "when.taken" not in told(block(more={ExifIFD.DateTimeOriginal: date, ExifIFD.LensModel: "lens"}))


def test_a_strange_date_is_shown_as_it_is() -> None:
    finding = told(block(more={ExifIFD.DateTimeOriginal: b"2026:13:45 Murmansk"}))["when.taken"]
    assert finding.facts == {"value": "2026:13:45 Murmansk"}


def test_device() -> None:
    tiff = block(
        {
            ImageIFD.Make: "Canon",
            ImageIFD.Model: "Canon EOS R5",
            ImageIFD.Software: "WORDSOFT",
            ImageIFD.HostComputer: "Anna's Mac",
        },
        {
            ExifIFD.BodySerialNumber: "0123BODY",
            ExifIFD.LensSerialNumber: "LENS4471",
            ExifIFD.LensMake: "Canon",
            ExifIFD.LensModel: "RF50mm",
        },
    )
    found = told(tiff)
    assert (found["device.camera"].detail, found["device.camera"].facts) == (
        "Canon EOS R5",
        {"make": "Canon", "model": "Canon EOS R5"},
    )
    assert found["device.lens"].facts == {"value": "Canon RF50mm"}
    assert values(tiff, "device.serial") == {"0123BODY", "LENS4471"}
    assert values(tiff, "device.software") == {"WORDSOFT", "Anna's Mac"}
    assert found["device.software"].level is Level.NOTE


@pytest.mark.parametrize(
    ("image", "more"),
    [
        ({ImageIFD.Artist: "Zoë Quill"}, {}),
        ({ImageIFD.Copyright: "Zoë Quill"}, {}),
        ({ImageIFD.XPAuthor: "Zoë Quill\0".encode("utf-16-le")}, {}),
        ({}, {ExifIFD.CameraOwnerName: "Zoë Quill"}),
    ],
)
def test_who(image: Any, more: Any) -> None:
    """Latin-1 (piexif's) and UTF-16."""
    finding = told(block(image, more))["who.name"]
    assert finding.level is Level.RISK
    assert finding.facts["value"] == "Zoë Quill"


def test_both_names_in_a_copyright() -> None:
    assert values(block({ImageIFD.Copyright: b"Zo Quill\0Ed Itor"}), "who.name") == {"Zo Quill Ed Itor"}


def test_utf8_fields_of_exif_3() -> None:
    name = "Zoë Quill".encode() + b"\0"
    tiff = rows((0xA437, 129, len(name), struct.pack("<I", 26)), after=name)
    assert values(tiff, "who.name") == {"Zoë Quill"}


@pytest.mark.parametrize(
    "comment",
    [
        b"ASCII\0\0\0our hidden beach",
        b"\0" * 8 + b"our hidden beach",
        b"UNICODE\0" + "our hidden beach".encode("utf-16-be"),
        b"UNICODE\0" + "our hidden beach".encode("utf-16-le"),
        b"UNICODE\0" + "our hidden beach".encode("utf-16"),
        b"JIS\0\0\0\0\0our hidden beach",
        b"our hidden beach",
    ],
)
def test_comments(comment: bytes) -> None:
    finding = told(block(more={ExifIFD.UserComment: comment}))["who.text"]
    assert (finding.level, finding.facts) == (Level.WARN, {"value": "our hidden beach", "field": "comment"})


def test_texts_of_windows() -> None:
    fields = {tag: f"word{tag}\0".encode("utf-16-le") for tag in (ImageIFD.XPTitle, ImageIFD.XPComment, ImageIFD.XPKeywords)}
    assert values(block(fields | {ImageIFD.XPSubject: "日本\0".encode("utf-16-le")}), "who.text") == {
        "word40091",
        "word40092",
        "word40094",
        "日本",
    }


def test_a_long_text_is_found_and_cut() -> None:
    """exifread skips texts of this length."""
    finding = told(block({ImageIFD.XPComment: ("x" * 5000).encode("utf-16-le")}))["who.text"]
    assert finding.facts["value"] == "x" * 200


def test_mail_addresses() -> None:
    assert values(block({ImageIFD.ImageDescription: "by Zo (zo.quill@mail.example.org), @home, a@b"}), "who.contact") == {
        "zo.quill@mail.example.org"
    }


def test_stock_texts_are_notes() -> None:
    assert told(block({ImageIFD.ImageDescription: "OLYMPUS DIGITAL CAMERA         "}))["who.text"].level is Level.NOTE


def test_prompts() -> None:
    prompt = b"UNICODE\0" + "a red fox\nNegative prompt: blur\nSteps: 20, Sampler: Euler".encode("utf-16-be")
    assert "hidden.prompt" in told(block(more={ExifIFD.UserComment: prompt}))


def test_numbers_of_the_picture() -> None:
    assert values(block(more={ExifIFD.ImageUniqueID: "a1b2c3d4e5f60718"}), "hidden.document-id") == {"a1b2c3d4e5f60718"}


def test_fields_in_the_second_directory_are_found() -> None:
    tiff = block(None, None, **{"1st": {ImageIFD.Artist: "Second Artist"}, "thumbnail": jpeg()})
    assert values(tiff, "who.name") == {"Second Artist"}


def test_presence_is_always_told() -> None:
    finding = told(block({ImageIFD.XResolution: (72, 1)}))["hidden.exif"]
    assert (finding.level, finding.facts["tags"]) == (Level.WARN, 1)


@pytest.mark.parametrize("rubbish", [b"", b"II", b"rubbish", b"II*\0", bytes(64), b"MM\0+" + bytes(20), b"\xff" * 64])
def test_rubbish_is_told(rubbish: bytes) -> None:
    assert "could not be read" in told(rubbish)["hidden.exif"].detail
    assert told(rubbish)["hidden.exif"].level is Level.WARN


def test_one_failing_part_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def bad(*_: Any) -> str:
        raise ValueError("towns are gone")

    monkeypatch.setattr("privkit.towns.place", bad)
    found = told(block({ImageIFD.Artist: "Zo Quill"}, gps=LISBON))
    assert found["who.name"].facts["value"] == "Zo Quill"
    assert "could not be read" in found["hidden.exif"].detail


@pytest.mark.parametrize(
    ("tag", "data", "word"),
    [
        (
            0x02BC,
            b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
            b"<rdf:Description xmlns:p='http://ns.adobe.com/photoshop/1.0/' p:City='Xanadu'/></rdf:RDF></x:xmpmeta>",
            "Xanadu",
        ),
        (0x83BB, b"\x1c\x02\x5a\x00\x06Xanadu", "Xanadu"),
        (0x8649, b"8BIM\x04\x04\0\0\0\0\0\x0b\x1c\x02\x5a\x00\x06Xanadu\0", "Xanadu"),
    ],
)
def test_other_metadata_in_a_field(tag: int, data: bytes, word: str) -> None:
    tiff = rows((tag, 7, len(data), struct.pack("<I", 26)), after=data)
    assert any(word in finding.detail for finding in exif.findings(tiff))


# Maker's notes ------------------------------------------------------------------------------------------------------


def canon_note(order: str = ">") -> bytes:
    """A Canon MakerNote whose only fields are owner and serial number; offsets as if it stood at 100."""
    owner = b"Wanda Owner\0"
    fields = struct.pack(">HHHII", 2, 9, 2, len(owner), 100 + 2 + 24 + 4) + struct.pack(">HHII", 12, 4, 1, 424242)
    return fields + bytes(4) + owner


def with_note(make: bytes, note: bytes) -> bytes:
    """A block in which the note stands at 100."""
    tiff = b"MM\0*" + struct.pack(">IH", 8, 2)
    tiff += struct.pack(">HHII", 0x010F, 2, len(make) + 1, 80) + struct.pack(">HHIII", 0x8769, 4, 1, 40, 0)
    tiff = tiff.ljust(40, b"\0") + struct.pack(">HHHIII", 1, 0x927C, 7, len(note), 100, 0)
    return (tiff.ljust(80, b"\0") + make + b"\0").ljust(100, b"\0") + note


def test_maker_notes_are_decoded() -> None:
    tiff = with_note(b"Canon", canon_note())
    found = told(tiff)
    assert found["who.name"].facts == {"value": "Wanda Owner", "field": "owner of the camera"}
    assert found["device.serial"].facts == {"value": "424242", "of": "camera"}
    assert found["hidden.maker-notes"].facts == {"bytes": 42, "values": 2}


def test_apple_identifiers() -> None:
    """Numbers that tie a photo to its film are found by their form, whatever their tag."""
    uuid = b"0E19B36C-5A70-4C1B-8E6C-1D2B3F4A5C6D\0"
    note = b"Apple iOS\0\0\1MM" + struct.pack(">HHHIII", 1, 0x0011, 2, len(uuid), 32, 0) + uuid
    assert values(with_note(b"Apple", note), "hidden.document-id") == {uuid[:-1].decode()}


def test_unknown_maker_notes_are_told() -> None:
    assert told(with_note(b"Nobody", b"secret" * 9))["hidden.maker-notes"].level is Level.WARN


def test_lying_maker_notes_end_soon() -> None:
    """A count of four thousand million makes exifread loop for hours; here it is stopped, and the rest is told."""
    tiff = bytearray(with_note(b"Canon", canon_note()))
    tiff[46:50] = b"\xff\xff\xff\xff"
    start = time.perf_counter()
    found = told(bytes(tiff))
    assert time.perf_counter() - start < 5
    assert found["hidden.maker-notes"].facts["values"] == 0
    assert found["device.camera"].detail == "Canon"


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    for cut in range(0, 140, 7):
        list(exif.findings(with_note(b"Canon", canon_note())[:cut]))
    assert capfd.readouterr() == ("", "")


# Bounds -------------------------------------------------------------------------------------------------------------


def hostile() -> list[bytes]:
    """Blocks made to take long or much: loops, a crowd of directories, everything overlapping, huge texts."""
    loop = rows((0x8769, 4, 1, struct.pack("<I", 8)), (0x8825, 4, 1, struct.pack("<I", 8)))
    chain = b"II*\0" + struct.pack("<I", 8) + b"".join(struct.pack("<HI", 0, 14 + 6 * i) for i in range(300_000))
    crowd = b"II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHII", 0x013B, 2, 0xFFFFFFFF, 0) * 65535
    note = struct.pack("<HHII", 0x927C, 7, 0xFFFFFFFF, 0)
    notes = b"II*\0\x08\0\0\0\xff\xff" + (note + struct.pack("<HHII", 0x010F, 2, 0xFFFFFFFF, 40)) * 30000
    big = rows((0x9C9C, 1, 0xFFFFFFF0, struct.pack("<I", 26)), (0x9286, 7, 0x7FFFFFFF, bytes(4)), after=b"a@b.example " * 900_000)
    return [loop, chain, crowd, notes, big]


@pytest.mark.parametrize("number", range(5))
def test_hostile_blocks_cost_little(number: int) -> None:
    tiff = hostile()[number]
    told(block(gps=LISBON))  # what is loaded once does not count
    tracemalloc.start()
    start = time.perf_counter()
    found = told(tiff)
    exif.keepsakes(tiff, ALL)
    exif.thumbnail(tiff)
    taken, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found["hidden.exif"].level is Level.WARN
    assert taken < 8  # tracing makes it several times slower
    assert peak < 40_000_000


def rich() -> bytes:
    """A block with something in each directory."""
    return block(
        {ImageIFD.Make: "Canon", ImageIFD.Orientation: 6, ImageIFD.Artist: "Zo Quill"},
        {ExifIFD.DateTimeOriginal: DATE, ExifIFD.ColorSpace: 0xFFFF, ExifIFD.MakerNote: canon_note()},
        LISBON,
        {InteropIFD.InteroperabilityIndex: b"R03"},
        **{"1st": {ImageIFD.Compression: 6}, "thumbnail": jpeg()},
    )


def everything(tiff: bytes) -> None:
    """Nothing of it raises; what is kept is stable and tells nothing; what is there is told."""
    found = list(exif.findings(tiff))
    assert found or exif.keepsakes(tiff, ALL).tiff == tiff or len(tiff) <= 4096
    assert exif.orientation(tiff) in (None, 2, 3, 4, 5, 6, 7, 8)
    exif.thumbnail(tiff)
    for policy in (Policy(), ALL, STRICT):
        stable(exif.keepsakes(tiff, policy), policy)


def stable(kept: exif.Kept, policy: Policy) -> None:
    assert exif.keepsakes(kept.tiff, policy) == kept
    if kept.tiff:
        assert max((finding.level for finding in exif.findings(kept.tiff)), default=Level.OK) <= Level.NOTE


def test_cut_off_anywhere() -> None:
    whole = rich()
    for end in [*range(500), *range(500, len(whole), 29)]:
        everything(whole[:end])


def test_flipped_bits() -> None:
    whole, dice = rich(), random.Random(7)
    for _ in range(150):
        bent = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            bent[dice.randrange(len(bent) if dice.random() < 0.3 else 420)] = dice.randrange(256)
        everything(bytes(bent))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    everything(data)
    everything(b"II*\0\x08\0\0\0" + data)


_FIELD = st.tuples(
    st.sampled_from(sorted([0x0112, 0x8769, 0x8825, 0x014A, 0xA005, 0x9003, 0xA001, 0x927C, 0x0201, 0x0202, 0x9286, 1, 2, 4])),
    st.integers(0, 14),
    st.one_of(st.integers(0, 30), st.sampled_from([0xFFFF, 2**31, 2**32 - 1])),
    st.one_of(st.binary(min_size=4, max_size=4), st.integers(0, 200).map(lambda number: struct.pack("<I", number))),
)


@settings(deadline=None)
@given(st.lists(_FIELD, max_size=8), st.binary(max_size=200))
def test_any_fields(fields: list[tuple[int, int, int, bytes]], after: bytes) -> None:
    everything(rows(*fields, after=after))


# What is kept -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", range(2, 9))
@pytest.mark.parametrize("order", "<>")
def test_rotation(turn: int, order: str) -> None:
    tiff = rows((0x010F, 2, 4, b"abc\0"), (0x0112, 3, 1, struct.pack(order + "HH", turn, 0)), order=order)
    assert exif.orientation(tiff) == turn
    kept = exif.keepsakes(tiff, Policy())
    assert (kept.words, kept.tags) == (("rotation",), {"Image Orientation"})
    assert kept.tiff == block({ImageIFD.Orientation: turn})
    assert list(exif.findings(kept.tiff)) == []


@pytest.mark.parametrize("value", [0, 1, 9, 255, 65535])
def test_no_rotation(value: int) -> None:
    tiff = rows((0x0112, 3, 1, struct.pack("<HH", value, 0)))
    assert exif.orientation(tiff) is None
    assert exif.keepsakes(tiff, ALL) == exif.Kept(b"")


def test_strict_keeps_nothing() -> None:
    assert exif.keepsakes(rich(), STRICT) == exif.Kept(b"")


@pytest.mark.parametrize("tiff", [None, b"", b"rubbish"])
def test_nothing_to_keep(tiff: bytes | None) -> None:
    assert exif.keepsakes(tiff, ALL) == exif.Kept(b"")


def test_adobe_rgb_needs_both_signs() -> None:
    adobe = {ExifIFD.ColorSpace: 0xFFFF}, None, {InteropIFD.InteroperabilityIndex: b"R03"}
    assert exif.keepsakes(block(None, *adobe), Policy()).words == ("colours",)
    assert exif.keepsakes(block(None, *adobe), Policy(keep_color=False)) == exif.Kept(b"")
    plain = {ExifIFD.ColorSpace: 1}, None, {InteropIFD.InteroperabilityIndex: b"R98"}
    assert exif.keepsakes(block(None, *plain), Policy()) == exif.Kept(b"")
    assert exif.keepsakes(block(None, {ExifIFD.ColorSpace: 0xFFFF}), Policy()) == exif.Kept(b"")


def test_the_date_is_kept_on_request_only() -> None:
    tiff = block(more={ExifIFD.DateTimeOriginal: DATE, ExifIFD.OffsetTimeOriginal: "+01:00"})
    assert exif.keepsakes(tiff, Policy()) == exif.Kept(b"")
    kept = exif.keepsakes(tiff, ALL)
    assert kept.words == ("date",)
    assert [(one.id, one.level, one.detail) for one in exif.findings(kept.tiff)] == [
        ("when.taken", Level.NOTE, "2026-07-11 18:42:07")
    ]


@pytest.mark.parametrize(
    "date", [b"2026:13:11 18:42:07", b"2026:07:11 18:42:07Zo", b"0000:00:00 00:00:00", b"Zo Quill was here!!"]
)
def test_nothing_hides_in_a_date(date: bytes) -> None:
    tiff = block(more={ExifIFD.DateTimeOriginal: date})
    kept = exif.keepsakes(tiff, ALL).tiff
    assert kept == b"" or (b"2026:07:11 18:42:07\0" in kept and b"Zo" not in kept)


COMBINATIONS = [(turn, adobe, date) for turn in (None, 6) for adobe in (False, True) for date in (b"", DATE)][1:]


@pytest.mark.parametrize(("turn", "adobe", "date"), COMBINATIONS)
def test_what_is_built_reads_well(turn: int | None, adobe: bool, date: bytes) -> None:
    """By exifread and Pillow, without a warning, exactly the announced tags; canonical; a note at most."""
    kept = exif._built(turn, adobe, date)
    stable(kept, ALL)
    assert set(exifread.process_file(io.BytesIO(kept.tiff))) == kept.tags
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = Image.Exif()
        read.load(kept.tiff)
        below = read.get_ifd(0x8769)
        assert read.get(0x0112) == turn
        assert below.get(0x9003) == (date.decode() or None)
        assert below.get(0xA001) == (0xFFFF if adobe else None)
        if adobe:
            assert read.get_ifd(0xA005) == {1: "R03"}
    assert all(finding.id == "when.taken" and finding.level is Level.NOTE for finding in exif.findings(kept.tiff))


@needs("exiftool")
@pytest.mark.parametrize(("turn", "adobe", "date"), COMBINATIONS)
def test_what_is_built_reads_well_by_exiftool(turn: int | None, adobe: bool, date: bytes, tmp_path: Any) -> None:
    picture = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(picture, exif=b"Exif\0\0" + exif._built(turn, adobe, date).tiff)
    tags = {name for name in exiftool(picture) if name.split(":")[0] in ("IFD0", "ExifIFD", "InteropIFD")}
    wanted = {
        "IFD0:Orientation": turn,
        "ExifIFD:DateTimeOriginal": date,
        "ExifIFD:ColorSpace": adobe,
        "InteropIFD:InteropIndex": adobe,
    }
    assert tags == {name for name, there in wanted.items() if there}


def test_others_plain_blocks_tell_nothing() -> None:
    """Rotation and colour alone, in any layout, if no byte is left over."""
    turned = rows((0x0112, 3, 1, b"\6\0\0\0"))
    assert list(exif.findings(turned)) == []
    assert list(exif.findings(turned + bytes(10))) == []


@pytest.mark.parametrize(
    "tiff",
    [
        rows((0x0112, 3, 1, b"\6\0\0\0"), after=b"hidden"),
        rows((0x0112, 3, 1, b"\6\0Zo")),
        rows((0x0112, 3, 1, b"\x63\0\0\0")),
        rows((0x0112, 3, 1, b"\6\0\0\0"), (0x0112, 3, 1, b"\7\0\0\0")),
        rows((0x0112, 2, 4, b"Zo\0\0")),
        rows((0x0112, 3, 1, b"\6\0\0\0"))[:-4] + b"\x09\0\0\0",
        rows((0x0112, 3, 1, b"\6\0\0\0")) + bytes(5000) + b"hidden",
    ],
)
def test_plain_blocks_that_hide_something_are_told(tiff: bytes) -> None:
    assert told(tiff)["hidden.exif"].level is Level.WARN


def test_keeping_is_quick() -> None:
    tiff = rich()
    exif.keepsakes(tiff, Policy())
    start = time.perf_counter()
    for _ in range(500):
        exif.keepsakes(tiff, Policy())
    assert (time.perf_counter() - start) / 500 < 0.0005  # 20 microseconds on an ordinary machine


# The small picture --------------------------------------------------------------------------------------------------


def jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 12), "red").save(file, "JPEG")
    return file.getvalue()


def test_jpeg_thumbnail() -> None:
    small = exif.thumbnail(rich())
    assert small is not None
    assert Image.open(io.BytesIO(small)).size == (16, 12)


@pytest.mark.parametrize("order", "<>")
def test_uncompressed_thumbnail(order: str) -> None:
    """Two strips of RGB samples become a TIFF of their own."""
    samples = bytes(range(36)) + bytes(reversed(range(36)))
    fields = [(0x0100, 4, 1, 6), (0x0101, 4, 1, 4), (0x0102, 3, 3, 500), (0x0103, 4, 1, 1), (0x0106, 4, 1, 2)]
    fields += [(0x0111, 4, 2, 510), (0x0115, 4, 1, 3), (0x0116, 4, 1, 2), (0x0117, 4, 2, 520)]
    second = struct.pack(order + "H", len(fields)) + b"".join(struct.pack(order + "HHII", *field) for field in fields) + bytes(4)
    tiff = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IHI", 8, 0, 14) + second
    tiff = tiff.ljust(500, b"\0") + struct.pack(order + "HHH", 8, 8, 8).ljust(10, b"\0")
    tiff += struct.pack(order + "II", 540, 600).ljust(10, b"\0") + struct.pack(order + "II", 36, 36).ljust(20, b"\0")
    tiff = tiff.ljust(540, b"\0") + samples[:36].ljust(60, b"\0") + samples[36:]
    small = exif.thumbnail(tiff)
    assert small is not None
    with Image.open(io.BytesIO(small)) as picture:
        assert picture.size == (6, 4)
        assert picture.tobytes() == samples


def test_no_thumbnail() -> None:
    assert exif.thumbnail(b"rubbish") is None
    assert exif.thumbnail(block({ImageIFD.Make: "Canon"})) is None


def test_what_the_reader_gives_up_on_is_said() -> None:
    assert exif_tags.read(hostile()[1]).whole is False  # type: ignore[union-attr]
