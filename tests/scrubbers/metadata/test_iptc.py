"""What IPTC and Photoshop blocks tell, and both without the place."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privkit.model import Finding, Level
from privkit.scrubbers.metadata import iptc
from tests.real import needs

from . import make_icc, make_xmp

UTF8 = (1, 90, b"\x1b%G")
SETS: list[tuple[int, int, bytes]] = [
    UTF8,
    (2, 0, b"\0\4"),
    (2, 5, b"TITLEWORD"),
    (2, 25, b"beach"),
    (2, 25, b"cityword"),
    (2, 25, b"People|ANNAWORD"),
    (2, 25, b"Places|TREEWORD"),
    (2, 26, b"PLACECODEWORD"),
    (2, 27, b"PLACENAMEWORD"),
    (2, 40, b"SPECIALWORD"),
    (2, 55, b"20260711"),
    (2, 60, b"184207+0100"),
    (2, 65, b"PROGRAMWORD"),
    (2, 80, "BYLINEWORD ü".encode()),
    (2, 85, b"JOBTITLEWORD"),
    (2, 90, b"CITYWORD"),
    (2, 92, b"SUBWORD"),
    (2, 95, b"STATEWORD"),
    (2, 100, b"PRT"),
    (2, 101, b"COUNTRYWORD"),
    (2, 103, b"JOBWORD"),
    (2, 116, b"RIGHTSWORD"),
    (2, 118, b"mail@CONTACTWORD.example"),
    (2, 120, b"CAPTIONWORD"),
    (2, 122, b"WRITERWORD"),
    (2, 187, b"DOCWORD"),
    (2, 202, b"\xff\xd8\xff\xe0PREVIEWWORD"),
    (2, 232, b"C:\\Users\\USERWORD\\x.nef"),
    (3, 77, b"RECORDWORD"),
]
PLACE_WORDS = "CITYWORD SUBWORD STATEWORD PRT COUNTRYWORD PLACECODEWORD PLACENAMEWORD TREEWORD".split()
GONE_WORDS = [*PLACE_WORDS, "cityword", "DOCWORD", "PREVIEWWORD", "USERWORD", "RECORDWORD"]
KEPT_WORDS = (
    "TITLEWORD beach ANNAWORD SPECIALWORD BYLINEWORD JOBTITLEWORD JOBWORD RIGHTSWORD CONTACTWORD CAPTIONWORD WRITERWORD".split()
)


def iim(sets: list[tuple[int, int, bytes]] = SETS, gap: bytes = b"") -> bytes:
    return b"".join(gap + bytes([0x1C, record, number]) + struct.pack(">H", len(data)) + data for record, number, data in sets)


def block(id: int, data: bytes, name: bytes = b"", signature: bytes = b"8BIM") -> bytes:
    title = bytes([len(name)]) + name
    return (
        signature
        + struct.pack(">H", id)
        + title
        + bytes(len(title) % 2)
        + struct.pack(">I", len(data))
        + data
        + bytes(len(data) % 2)
    )


def tiff(place: bytes = b"N\0\0\0") -> bytes:
    """An EXIF with a maker and a GPS directory."""
    first = (
        struct.pack("<H", 2) + struct.pack("<HHI4s", 0x10F, 2, 4, b"MKR\0") + struct.pack("<HHII", 0x8825, 4, 1, 38) + bytes(4)
    )
    return b"II*\0\x08\0\0\0" + first + struct.pack("<H", 1) + struct.pack("<HHI4s", 1, 2, 2, place) + bytes(4)


SMALL = struct.pack(">7I", 1, 1, 1, 4, 4, 4, 0x180001) + b"\xff\xd8\xff\xe0THUMBWORD"
PROFILE = make_icc.profile(make_icc.matrix())
FULL = b"".join(
    [
        block(0x0404, iim()),
        block(0x03ED, bytes(16), b"NAMEWORD"),
        block(0x040C, SMALL),
        block(0x0409, SMALL),
        block(0x0422, tiff()),
        block(0x0424, make_xmp.packet("<photoshop:City>XCITYWORD</photoshop:City><dc:source>XSOURCEWORD</dc:source>").encode()),
        block(0x0425, b"DIGESTWORD012345"),
        block(0x040B, b"http://example.org/URLWORD"),
        block(0x040F, PROFILE),
        block(0x041A, bytes(20) + "SLICEWORD".encode("utf-16-be")),
        block(0x0421, bytes(5) + "VERSIONWORD".encode("utf-16-be")),
        block(0x07D1, bytes(26), b"PATHWORD"),
        block(0x0FA1, b"PLUGINWORD"),
        block(0x043B, b"PRINTER" + "DESKWORD".encode("utf-16-be")),
        block(0x0414, bytes(4) + b"LONGWORD"),
        block(0x1234, b"UNKNOWNWORD", signature=b"PHUT"),
        b"STRAYWORD",
    ]
)


def facts(found: list[Finding], id: str, fact: str = "value") -> set[object]:
    return {finding.facts.get(fact) for finding in found if finding.id == id}


def cleaned(resources: bytes) -> bytes:
    result = iptc.without_location(resources)
    assert result is not None
    assert iptc.without_location(result) == result
    assert not [f for f in iptc.findings(result) if f.topic == "where"]
    return result


def test_iptc_fields_are_told() -> None:
    found = list(iptc.iim_findings(iim()))
    assert set(PLACE_WORDS) - {"TREEWORD"} <= facts(found, "where.named")
    assert {"BYLINEWORD ü", "WRITERWORD", "ANNAWORD", "USERWORD"} <= facts(found, "who.name")
    assert {"TITLEWORD", "CAPTIONWORD", "JOBWORD", "SPECIALWORD", "RIGHTSWORD", "JOBTITLEWORD", "beach"} <= facts(
        found, "who.text"
    )
    assert facts(found, "who.contact") == {"mail@CONTACTWORD.example"}
    assert facts(found, "when.taken", "time") == {"2026-07-11T18:42:07+01:00"}
    assert facts(found, "hidden.document-id") == {"DOCWORD"}
    assert facts(found, "device.software") == {"PROGRAMWORD"}
    assert "IPTC 3:77" in facts(found, "hidden.unknown", "name")
    assert found[0].id == "hidden.iptc" and all(f.topic == f.id.partition(".")[0] for f in found)


def test_characters_without_declaration_are_guessed() -> None:
    for data, text in (("Zoë".encode(), "Zoë"), ("Zoë".encode("latin-1"), "Zoë")):
        assert facts(list(iptc.iim_findings(iim([(2, 80, data)]))), "who.name") == {text}


def test_iptc_in_words_of_the_wrong_order_is_read() -> None:
    data = iim()
    data += bytes(-len(data) % 4)
    swapped = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
    assert "CITYWORD" in facts(list(iptc.iim_findings(swapped)), "where.named")
    assert iptc.iim_without_location(swapped) == iptc.iim_without_location(data)


def test_iptc_without_the_place() -> None:
    clean = iptc.iim_without_location(iim(gap=b"GAPWORD"))
    assert clean is not None and iptc.iim_without_location(clean) == clean
    assert not [word for word in [*GONE_WORDS, "GAPWORD"] if word.encode() in clean]
    assert not [word for word in KEPT_WORDS if word.encode() not in clean]
    assert iptc.iim_without_location(iim([(2, 90, b"CITYWORD"), UTF8])) is None


def test_long_values_and_lying_lengths() -> None:
    long = b"\x1c\x02\x78\x80\x04" + struct.pack(">I", 40_000) + b"word " * 8000
    assert any("word word" in f.detail for f in iptc.iim_findings(long))
    for lie in (b"\x1c\x02\x78\x80\x04\xff\xff\xff\xff", b"\x1c\x02\x78\xff\xff", b"\x1c\x02\x78\x00\x09abc", b"\x1c\x02"):
        assert iptc.iim_without_location(iim() + lie) is None
        assert "damaged" in next(iptc.iim_findings(iim() + lie)).detail


def test_every_block_is_told() -> None:
    found = list(iptc.findings(FULL))
    assert {"CITYWORD", "XCITYWORD"} <= facts(found, "where.named")
    assert {"DESCWORD"} <= facts(found, "device.software") and {"VERSIONWORD"} <= facts(found, "device.software")
    assert b"DIGESTWORD012345".hex() in facts(found, "hidden.document-id")
    assert {"NAMEWORD", "PATHWORD", "http://example.org/URLWORD", "SLICEWORD", "DESKWORD"} <= facts(found, "who.text")
    assert {"Photoshop 0x0FA1", "Photoshop 0x1234", "Photoshop 0x0414"} <= facts(found, "hidden.unknown", "name")
    assert 9 in {f.facts.get("bytes") for f in found if f.title == "Bytes hidden between blocks"}
    assert {"hidden.exif", "hidden.xmp", "hidden.iptc"} <= {f.id for f in found}


def test_small_copies_are_handed_over() -> None:
    assert list(iptc.thumbnails(FULL)) == [SMALL[28:], SMALL[28:], b"\xff\xd8\xff\xe0PREVIEWWORD"]
    assert list(iptc.thumbnails(b"rubbish")) == []


def test_blocks_without_the_place() -> None:
    clean = cleaned(FULL)
    gone = [
        "XCITYWORD",
        "NAMEWORD",
        "THUMBWORD",
        "DIGESTWORD",
        "SLICEWORD",
        "VERSIONWORD",
        "PATHWORD",
        "PLUGINWORD",
        "DESKWORD",
        "LONGWORD",
    ]
    for word in [*GONE_WORDS, *gone, "UNKNOWNWORD", "STRAYWORD", "DESCWORD"]:
        assert word.encode() not in clean and word.encode("utf-16-be") not in clean
    for word in [*KEPT_WORDS, "XSOURCEWORD", "URLWORD", "MKR"]:
        assert word.encode() in clean
    assert cleaned(b"Photoshop 3.0\0" + FULL) == b"Photoshop 3.0\0" + clean


def test_a_block_that_lies_about_its_length_is_dropped() -> None:
    lie = FULL + b"8BIM\x03\xed\0\0\xff\xff\xff\xff"
    assert iptc.without_location(lie) is None
    assert "damaged" in next(iptc.findings(lie)).detail
    assert "CITYWORD" in facts(list(iptc.findings(lie)), "where.named")


def test_a_map_in_the_address_goes() -> None:
    assert iptc.without_location(block(0x040B, b"https://maps.google.com/?q=38.7139,-9.1334")) is None


def test_blocks_within_blocks_end() -> None:
    data = block(0x040A, b"\1")
    for _ in range(300):
        first = struct.pack(">H", 1) + struct.pack(">HHII", 0x8649, 7, len(data), 26) + bytes(4)
        data = block(0x0422, b"MM\0*\0\0\0\x08" + first + data)
    found = list(iptc.findings(data))
    assert any(f.title == "Block within blocks" for f in found) and len(found) < 50
    iptc.without_location(data)
    list(iptc.thumbnails(data))


def test_there_is_always_a_warning() -> None:
    for data in (b"", b"rubbish", b"8BIM", bytes(50), b"Photoshop 3.0\0"):
        assert max(f.level for f in iptc.findings(data)) >= Level.WARN
        assert max(f.level for f in iptc.iim_findings(data)) >= Level.WARN
        assert iptc.without_location(data) is None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_never_crashes_and_the_rest_has_no_place(data: st.DataObject) -> None:
    packet = bytearray(FULL)
    for _ in range(data.draw(st.integers(0, 5))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(packet[: data.draw(st.integers(0, len(packet)))]) if data.draw(st.booleans()) else bytes(packet)
    list(iptc.findings(cut))
    list(iptc.thumbnails(cut))
    if iptc.without_location(cut) is not None:
        cleaned(cut)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=20)), max_size=12), st.binary(max_size=8))
def test_any_fields_are_stable(sets: list[tuple[int, int, bytes]], tail: bytes) -> None:
    data = iim(sets) + tail
    list(iptc.iim_findings(data))
    clean = iptc.iim_without_location(data)
    if clean is not None:
        assert iptc.iim_without_location(clean) == clean
        assert not [f for f in iptc.iim_findings(clean) if f.topic == "where"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_rubbish_never_crashes(data: bytes) -> None:
    for given_data in (data, b"8BIM" + data, b"8BIM\x04\x04\0\0\0\0\0\x20" + data):
        list(iptc.findings(given_data))
        list(iptc.thumbnails(given_data))
        iptc.without_location(given_data)


@needs("exiftool")
def test_exiftool_finds_the_rest_and_no_place(tmp_path: Path) -> None:
    path = tmp_path / "clean.jpg"
    segment = b"Photoshop 3.0\0" + cleaned(FULL)
    path.write_bytes(b"\xff\xd8\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + b"\xff\xd9")
    said = subprocess.run(
        ["exiftool", "-a", "-G1", "-s", str(path)], capture_output=True, timeout=60, check=False
    ).stdout.decode()
    assert "CAPTIONWORD" in said and "XSOURCEWORD" in said and "BYLINEWORD ü" in said
    assert not [word for word in (*GONE_WORDS, "GPS", "City", "Country", "Sub-location") if word in said]


@pytest.mark.skipif("PRIVKIT_CORPUS" not in os.environ, reason="PRIVKIT_CORPUS names no folder of real pictures")
def test_blocks_of_real_files() -> None:
    seen = 0
    for path in sorted(Path(os.environ["PRIVKIT_CORPUS"]).rglob("*.jpg")):
        data = path.read_bytes()
        start = data.find(b"Photoshop 3.0\0")
        if start > 4:
            resources = data[start : start - 2 + int.from_bytes(data[start - 2 : start], "big")]
            assert list(iptc.findings(resources))
            if iptc.without_location(resources) is not None:
                cleaned(resources)
                seen += 1
    assert seen
