"""What XMP tells, and XMP without the place."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privkit.model import Finding, Level
from privkit.scrubbers.metadata import xmp, xmp_values
from tests.real import needs

from . import make_xmp as make

SIMPLE = "".join(f"<{name}>{value}</{name}>" for name, value in make.PLACES.items())
SHORT = " ".join(f'{name}="{value}"' for name, value in make.PLACES.items())
KEPT = (
    "<xmp:CreatorTool>TOOLWORD</xmp:CreatorTool><tiff:Make>MAKEWORD</tiff:Make><tiff:Model>MODELWORD</tiff:Model>"
    "<aux:SerialNumber>SERIALWORD</aux:SerialNumber><aux:LensSerialNumber>LENSWORD</aux:LensSerialNumber><aux:Lens>GLASSWORD</aux:Lens>"
    "<aux:OwnerName>OWNERWORD</aux:OwnerName><xmp:CreateDate>2026-07-11T18:42:07+01:00</xmp:CreateDate>"
    "<exif:DateTimeOriginal>2026:07:11 18:42:07</exif:DateTimeOriginal><xmp:ModifyDate>2026-07-12</xmp:ModifyDate>"
    "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>TITLEWORD</rdf:li></rdf:Alt></dc:title>"
    "<photoshop:AuthorsPosition>JOBWORD</photoshop:AuthorsPosition><photoshop:Credit>CREDITWORD</photoshop:Credit>"
    "<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang='de'>TERMSWORD</rdf:li></rdf:Alt></xmpRights:UsageTerms>"
)
LOST = (
    "<xmpNote:HasExtendedXMP>0123456789ABCDEF</xmpNote:HasExtendedXMP><GCamera:MotionPhoto>1</GCamera:MotionPhoto>"
    "<dcterms:provenance>http://example.org/CREDENTIALWORD</dcterms:provenance><!-- COMMENTWORD -->"
)
FULL = make.packet(SIMPLE + make.STRUCTURES + make.KEYWORDS + make.BLOBS + make.PEOPLE + make.HISTORY + KEPT + LOST)
PLACE_WORDS = (
    "AREA CITY STATE COUNTRY SUB CODE COVER UNKNOWN HOME SHOWN LNAME CREATED HOMETOWN TREE COMMENT".replace(" ", "WORD ") + "WORD"
).split()
KEPT_WORDS = (
    "KIT ABOUT CREATOR PERSON DIGI FACE OTHER MSFACE DOC ORIG EVENT AGENT DERIVED USER TOOL MAKE MODEL SERIAL LENS GLASS OWNER "
    "TITLE JOB CREDIT TERMS ANNA".replace(" ", "WORD ")
    + "WORD"
).split()
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32-be", "utf-32"]


def found(packet: str | bytes) -> list[Finding]:
    return list(xmp.findings(packet.encode() if isinstance(packet, str) else packet))


def facts(packet: str | bytes, id: str, fact: str = "value") -> list[object]:
    return [finding.facts.get(fact) for finding in found(packet) if finding.id == id]


def cleaned(packet: str | bytes) -> str:
    result = xmp.without_location(packet.encode() if isinstance(packet, str) else packet)
    assert result is not None
    assert xmp.without_location(result) == result
    assert not [f for f in xmp.findings(result) if f.topic == "where"]
    return result.decode()


@pytest.mark.parametrize(("body", "attributes"), [(SIMPLE, ""), ("", SHORT)], ids=["elements", "attributes"])
def test_places_are_found_in_both_forms_and_taken_out(body: str, attributes: str) -> None:
    packet = make.packet(body + KEPT, attributes)
    point = next(f for f in found(packet) if f.id == "where.gps")
    assert (point.facts["latitude"], point.facts["longitude"]) == (38.71389, -9.1334)
    assert "Lisbon (Portugal)" in point.detail and point.level == Level.RISK
    assert {"CITYWORD", "STATEWORD", "COUNTRYWORD", "SUBWORD", "CODEWORD", "AREAWORD", "COVERWORD", "HOMEWORD", "213.5"} <= set(
        facts(packet, "where.named")
    )
    clean = cleaned(packet)
    assert not [word for word in [*make.PLACES, *make.PLACES.values()] if word in clean]
    assert "TOOLWORD" in clean and "TITLEWORD" in clean


def test_everything_at_once_loses_the_place_and_keeps_the_rest() -> None:
    clean = cleaned(FULL)
    assert not [word for word in PLACE_WORDS if word.casefold() in clean.casefold()]
    assert [word for word in KEPT_WORDS if word not in clean] == []
    assert make.BASE64[:40] not in clean and "HasExtended" not in clean and "38.7" not in clean
    assert "beach" in clean and "Trips|summer" in clean


def test_people_numbers_and_times_are_named() -> None:
    names = {
        "CREATORWORD",
        "PERSONWORD",
        "DIGIWORD",
        "FACEWORD",
        "OTHERWORD",
        "MSFACEWORD",
        "ANNAWORD",
        "OWNERWORD",
        "CREDITWORD",
        "USERWORD",
    }
    assert names <= set(facts(FULL, "who.name"))
    assert {"xmp.did:DOCWORD", "ORIGWORD", "EVENTWORD", "DERIVEDWORD", "uuid:ABOUTWORD"} == set(facts(FULL, "hidden.document-id"))
    assert {"2026-07-11T18:42:07+01:00", "2026-07-11T18:42:07"} == set(facts(FULL, "when.taken", "time"))
    assert {"2026-07-12T10:00:00+01:00", "2026-07-12"} == set(facts(FULL, "when.edited", "time"))
    assert {("SERIALWORD", "camera"), ("LENSWORD", "lens")} == {
        (f.facts["value"], f.facts["of"]) for f in found(FULL) if f.id == "device.serial"
    }
    assert facts(FULL, "device.lens") == ["GLASSWORD"]
    assert {"TOOLWORD", "AGENTWORD", "KITWORD"} == set(facts(FULL, "device.software"))
    assert [(f.facts["make"], f.facts["model"]) for f in found(FULL) if f.id == "device.camera"] == [("MAKEWORD", "MODELWORD")]
    assert {"TITLEWORD", "TERMSWORD", "JOBWORD", "beach"} <= set(facts(FULL, "who.text"))
    assert {"HOMETOWNWORD", "MAILWORD@example.org"} == set(facts(FULL, "who.contact"))
    assert facts(FULL, "who.faces", "count") == [2]
    assert facts(FULL, "hidden.motion") and facts(FULL, "hidden.credentials") and facts(FULL, "hidden.comment") == ["COMMENTWORD"]


def test_every_packet_is_at_least_a_warning() -> None:
    for packet in (b"", b"\0" * 40, b"no xml", make.packet("").encode(), b"<a/>"):
        assert any(f.id == "hidden.xmp" and f.level == Level.WARN for f in xmp.findings(packet))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_is_read(encoding: str) -> None:
    packet = FULL.encode(encoding)
    assert "CITYWORD" in facts(packet, "where.named")
    assert cleaned(packet) == cleaned(FULL)


def test_blanks_before_and_zeros_behind_do_not_matter() -> None:
    packet = b"\n \0" + FULL.encode() + bytes(100)
    assert cleaned(packet) == cleaned(FULL)
    assert not facts(packet, "hidden.trailer", "bytes")
    assert facts(make.packet(KEPT, behind="BEHINDWORD"), "hidden.trailer", "bytes") == [10]
    assert "BEHINDWORD" not in cleaned(make.packet(KEPT, behind="BEHINDWORD"))


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY a "SECRETWORD">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY a "' + "b" * 1000 + '"><!ENTITY c "' + "&a;" * 1000 + '">]>',
        "<!DOCTYPE x>",
    ],
)
def test_document_types_and_entities_are_never_expanded(head: str) -> None:
    packet = head + f'<x:xmpmeta xmlns:x="{make.SPACES["x"]}" x:xmptk="k">&a;</x:xmpmeta>'
    assert [(f.id, f.facts["problem"]) for f in found(packet)] == [("hidden.xmp", "type")]
    assert xmp.without_location(packet.encode()) is None


def test_thumbnails_are_handed_over() -> None:
    assert list(xmp.thumbnails(FULL.encode())) == [make.JPEG, make.JPEG]
    assert list(xmp.thumbnails(make.packet("", f'GImage:Data="{make.BASE64}"').encode())) == [make.JPEG]
    assert [f.facts["name"] for f in found(FULL) if f.id == "hidden.unknown"]
    assert list(xmp.thumbnails(b"rubbish")) == list(xmp.thumbnails(make.packet("<GImage:Data>!!!!</GImage:Data>").encode())) == []


def test_what_is_damaged_is_told_as_far_as_it_goes_and_dropped() -> None:
    cut = FULL[: FULL.index("STATEWORD")].encode()
    assert "CITYWORD" in facts(cut, "where.named")
    assert facts(cut, "hidden.xmp", "problem") == ["broken"]
    assert xmp.without_location(cut) is None


@pytest.mark.parametrize(
    "body",
    [
        '<dc:title rdf:parseType="Literal"><own:x>LITERALWORD</own:x></dc:title>',
        "<own:Wrapper><photoshop:Headline>WRAPPEDWORD</photoshop:Headline></own:Wrapper>",
        '<dc:source rdf:resource="geo:38.7,-9.1"/>',
        "<dc:title>MIXEDWORD<rdf:Alt><rdf:li>kept</rdf:li></rdf:Alt></dc:title>",
        "<dc:description>at 38°42'50\"N</dc:description>",
        "<dc:description>https://www.google.com/maps/@38.7139,-9.1334,17z</dc:description>",
        "<?target PIWORD?>",
        '<dc:title own:note="QUALIFIERWORD"/>',
        '<dc:title rdf:ID="IDWORD"/>',
    ],
)
def test_other_hiding_places_of_rdf(body: str) -> None:
    clean = cleaned(make.packet(body + KEPT))
    for word in ("LITERALWORD", "WRAPPEDWORD", "MIXEDWORD", "PIWORD", "QUALIFIERWORD", "IDWORD", "38.7", "38°"):
        assert word not in clean


def test_texts_survive_the_writing_whatever_is_in_them() -> None:
    odd = "a&amp;b &lt;c&gt; &quot;d&quot; &#13;&#10;&#9; ü 漢 \U0001f600 ]]&gt;"
    packet = make.packet(f"<dc:source>{odd}</dc:source>", f'photoshop:Headline="{odd}"')
    clean = cleaned(packet)
    assert facts(clean, "who.text") == facts(packet, "who.text")


def test_nothing_left_is_none() -> None:
    assert xmp.without_location(make.packet(SIMPLE).encode()) is None
    assert xmp.without_location(b"") is None
    assert xmp.without_location(b'<other xmlns="urn:x"><a/></other>') is None


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [
        ("38,42.8334N", "", 38.71389),
        ("38,42,50N", "", 38.713889),
        ("9,8.004W", "", -9.1334),
        ("-9.1334", "", -9.1334),
        ("9.1334", "W", -9.1334),
        ("33,51,25.5S", "", -33.857083),
        ("200", "", None),
        ("north", "", None),
        ("", "", None),
    ],
)
def test_angles(text: str, sign: str, value: float | None) -> None:
    angle = xmp_values.angle(text, sign)
    assert angle == value or (angle is not None and value is not None and abs(angle - value) < 1e-5)


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("/Users/USER/Pictures/a.psd", "USER"),
        ("file:///home/USER/a.jpg", "USER"),
        ("C:\\Users\\USER\\a.jpg", "USER"),
        ("saved in D:\\photos\\a.jpg", ""),
    ],
)
def test_paths_and_users(text: str, user: str) -> None:
    path, name = xmp_values.path(text)
    assert path and name == user
    assert xmp_values.path("see http://example.org/home") == ("", "")


@pytest.mark.parametrize(
    "packet",
    [
        b"<a>" * 100_000,
        b"<a>" + b"<b/>" * 200_000 + b"</a>",
        b"<a b='" + b"x" * 30_000_000,
        make.packet("<dc:source>" + "9.9 " * 2_000_000 + "</dc:source>").encode(),
        make.packet("<dc:source>" + "1.234," * 1_000_000 + "</dc:source>").encode(),
        make.packet(make.bag("dc:subject", *["38.7139, -9.1 " * 50] * 9000)).encode(),
    ],
    ids=["deep", "many", "long tag", "long text", "numbers", "texts"],
)
def test_hostile_packets_end_soon(packet: bytes) -> None:
    start = time.process_time()
    assert len(found(packet)) < 300
    xmp.without_location(packet)
    list(xmp.thumbnails(packet))
    assert time.process_time() - start < 6


def test_a_value_too_long_to_look_through_is_data() -> None:
    clean = cleaned(make.packet("<dc:source>" + "word " * 20_000 + "LONGWORD</dc:source>" + KEPT))
    assert "word word" not in clean


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damage_never_crashes_and_the_rest_has_no_place(data: st.DataObject) -> None:
    packet = bytearray(FULL.encode(data.draw(st.sampled_from(ENCODINGS))))
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(packet) - 1))
        packet[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    cut = bytes(packet[: data.draw(st.integers(0, len(packet)))]) if data.draw(st.booleans()) else bytes(packet)
    list(xmp.findings(cut))
    list(xmp.thumbnails(cut))
    clean = xmp.without_location(cut)
    if clean is not None:
        cleaned(clean)


NAME = st.sampled_from(
    [
        "rdf:li",
        "rdf:Bag",
        "rdf:Description",
        "dc:title",
        "photoshop:City",
        "own:x",
        "exif:GPSLatitude",
        "dc:subject",
        "xmpMM:History",
    ]
)
TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Z", "S")), max_size=12)


def element(name: str, text: str, attribute: str, value: str, inner: list[str]) -> str:
    safe, quoted = (
        part.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace(">", "&gt;") for part in (text, value)
    )
    return f'<{name} {attribute}="{quoted}">{safe}{"".join(inner)}</{name}>'


TREE = st.recursive(
    st.builds(element, NAME, TEXT, NAME, TEXT, st.just([])),
    lambda inner: st.builds(element, NAME, TEXT, NAME, TEXT, st.lists(inner, max_size=3)),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(TREE)
def test_any_tree_is_stable_and_without_place(body: str) -> None:
    list(xmp.findings(make.packet(body).encode()))
    if xmp.without_location(make.packet(body).encode()) is not None:
        assert "City" not in cleaned(make.packet(body))


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_rubbish_gives_one_finding(data: bytes) -> None:
    assert list(xmp.findings(data))
    xmp.without_location(data)


@needs("exiftool")
def test_exiftool_finds_the_rest_and_no_place(tmp_path: Path) -> None:
    path = tmp_path / "clean.xmp"
    path.write_text(cleaned(FULL), encoding="utf-8")
    said = subprocess.run(
        ["exiftool", "-a", "-G1", "-s", str(path)], capture_output=True, timeout=60, check=False
    ).stdout.decode()
    assert "Warning" not in said
    assert not [word for word in (*PLACE_WORDS, "GPS", "City", "Location", "Country") if word in said]
    assert not [word for word in KEPT_WORDS if word not in said and word != "ABOUTWORD"]


@pytest.mark.skipif("PRIVKIT_CORPUS" not in os.environ, reason="PRIVKIT_CORPUS names no folder of real pictures")
def test_packets_of_real_files() -> None:
    seen = 0
    for path in sorted(Path(os.environ["PRIVKIT_CORPUS"]).rglob("*")):
        data = path.read_bytes() if path.is_file() and path.stat().st_size < 5_000_000 else b""
        start = data.find(b"<x:xmpmeta")
        end = data.find(b"</x:xmpmeta>", start)
        if start >= 0 and end >= 0 and xmp.without_location(data[start : end + 12]) is not None:
            cleaned(data[start : end + 12])
            seen += 1
    assert seen
