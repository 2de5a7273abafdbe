"""EXIF without its place: GPS, maker notes and the unknown go; all other known fields keep their exact values."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable

import piexif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from privkit.scrubbers.metadata.exif_location import plain_jpeg, without_location
from privkit.scrubbers.metadata.ifd import ASCII, SHORT, UNDEFINED, Field, Form, Node, whole, written


def thumbnail() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 12), (200, 100, 50)).save(out, "JPEG")
    return out.getvalue()


def block(thumb: bytes | None = None) -> bytes:
    content: dict[str, object] = {
        "0th": {
            271: b"MAKEword",
            272: b"MODELword",
            274: 6,
            282: (72, 1),
            305: b"SOFTword",
            315: b"ARTISTword",
            50341: b"PrintIM PRINTIMword",
            700: b"XMPword",
        },
        "Exif": {
            33434: (1, 250),
            36867: b"2026:07:11 18:42:07",
            37500: b"MAKERNOTEword",
            37510: b"ASCII\0\0\0COMMENTword",
            40961: 1,
            42033: b"SERIALword",
        },
        "GPS": {1: b"N", 2: ((38, 1), (42, 1), (50, 1)), 27: b"GPSword"},
        "Interop": {1: b"R98"},
    }
    if thumb is not None:
        content |= {"1st": {282: (72, 1), 259: 6}, "thumbnail": thumb}
    return bytes(piexif.dump(content))[6:]


def with_thumbnail(jpeg: bytes) -> bytes:
    """A block with a thumbnail just as it is; piexif would change it."""
    form = Form(">")
    second = Node((whole(form, 259, SHORT, 6), whole(form, 514, 4, len(jpeg))), blobs={513: jpeg})
    return written(form, [Node((Field(271, ASCII, 5, b"Make\0"),)), second])


def test_the_place_goes_and_all_else_stays_exactly() -> None:
    before = piexif.load(b"Exif\0\0" + block(thumbnail()))
    clean = without_location(block(thumbnail()))
    assert clean is not None
    after = piexif.load(b"Exif\0\0" + clean)
    assert after["GPS"] == {}
    gone = {"0th": {34853, 34665, 50341, 700}, "Exif": {37500, 40965}, "Interop": set(), "1st": {513}}
    for name, tags in gone.items():
        strip = tags | {34665, 40965, 513}
        wanted = {tag: value for tag, value in before[name].items() if tag not in strip}
        assert {tag: value for tag, value in after[name].items() if tag not in strip} == wanted
        assert not (tags - {34665, 40965, 513}) & after[name].keys()
    assert after["thumbnail"] == before["thumbnail"]
    for word in (b"GPSword", b"MAKERNOTEword", b"PRINTIMword", b"XMPword"):
        assert word in block()
        assert word not in clean


def test_it_is_stable() -> None:
    clean = without_location(block(thumbnail()))
    assert clean is not None
    assert without_location(clean) == clean


@pytest.mark.parametrize(
    "change",
    [
        lambda jpeg: jpeg[:2] + b"\xff\xe1\0\x0cplaceword!" + jpeg[2:],
        lambda jpeg: jpeg[:2] + b"\xff\xfe\0\x0cplaceword!" + jpeg[2:],
        lambda jpeg: jpeg.replace(b"JFIF\0\1\1", b"JFXX\0\1\1"),
        lambda jpeg: jpeg[:-2],
        lambda jpeg: b"placeword!",
    ],
)
def test_a_thumbnail_that_could_hold_a_place_goes(change: Callable[[bytes], bytes]) -> None:
    assert without_location(with_thumbnail(thumbnail())) == with_thumbnail(thumbnail())
    clean = without_location(with_thumbnail(change(thumbnail())))
    assert clean == written(Form(">"), [Node((Field(271, ASCII, 5, b"Make\0"),))])


def test_what_stands_behind_a_thumbnail_goes() -> None:
    assert plain_jpeg(thumbnail() + b"placeword") == thumbnail()
    assert without_location(with_thumbnail(thumbnail() + b"placeword")) == with_thumbnail(thumbnail())


@pytest.mark.parametrize("order", "<>")
def test_unknown_and_private_fields_go(order: str) -> None:
    form = Form(order)
    known, private = Field(271, ASCII, 5, b"Make\0"), Field(65000, UNDEFINED, 9, b"placeword")
    padding = Field(0xEA1C, UNDEFINED, 9, b"placeword")
    data = written(form, [Node((known, private), {34665: Node((padding, private))})])
    assert without_location(data) == written(form, [Node((known,))])


def test_nothing_hides_behind_the_end_of_a_text_or_between_values() -> None:
    form = Form("<")
    data = written(form, [Node((Field(271, ASCII, 15, b"Make\0placeword\0"), whole(form, 274, SHORT, 6)))])
    clean = without_location(data + b"placeword")
    assert clean == written(form, [Node((Field(271, ASCII, 5, b"Make\0"), whole(form, 274, SHORT, 6)))])
    padded = written(form, [Node((Field(271, ASCII, 12, b"Make\0\0\0\0\0\0\0\0"),))])
    assert without_location(padded) == padded
    parted = written(form, [Node((Field(0x8298, ASCII, 10, b"Anna\0Bert\0"),))])
    assert without_location(parted) == parted


def test_pointers_that_lead_nowhere_do_no_harm() -> None:
    form = Form(">")
    fields = (Field(271, ASCII, 5, b"Make\0"), whole(form, 34665, 4, 9999))
    data = bytearray(written(form, [Node(fields)]))
    data[8 + 2 + 24 : 8 + 2 + 28] = struct.pack(">I", 0xFFFF)
    assert without_location(bytes(data)) == written(form, [Node(fields[:1])])


@pytest.mark.parametrize("data", [b"", b"II*\0", b"MM\0*\0\0\0\x08", b"nonsense" * 9, b"II*\0\x08\0\0\0\xff\xff"])
def test_what_is_not_understood_is_none(data: bytes) -> None:
    assert without_location(data) is None


def test_nothing_left_is_none() -> None:
    assert without_location(written(Form("<"), [Node((Field(65000, UNDEFINED, 3, b"abc"),))])) is None


def test_fields_that_share_their_bytes_cannot_make_it_grow() -> None:
    form = Form("<")
    rows = b"".join(struct.pack("<HHII", tag, UNDEFINED, 5000, 100) for tag in (271, 272, 305, 315, 316))
    data = form.start(8) + struct.pack("<H", 5) + rows + bytes(4)
    assert without_location(data.ljust(5200, b"x")) is None


DATA = block(thumbnail())


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 8), st.integers(0, len(DATA)))
def test_damaged_blocks_are_cleaned_stably_or_not_at_all(chance: random.Random, flips: int, cut: int) -> None:
    data = bytearray(DATA[:cut] if cut % 2 else DATA)
    for _ in range(flips if data else 0):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    clean = without_location(bytes(data))
    if clean is not None:
        assert without_location(clean) == clean
        assert len(clean) <= 2 * len(DATA)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=150), st.sampled_from([b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"MM\0+\0\x08" + bytes(10)]))
def test_rubbish_never_raises(rubbish: bytes, head: bytes) -> None:
    clean = without_location(head + rubbish)
    assert clean is None or without_location(clean) == clean


def test_a_latitude_in_the_place_of_the_interoperability_fields_goes() -> None:
    """The GPS directory's first tags have the same numbers: a pointer may lead there."""
    form = Form(">")
    latitude = (Field(1, ASCII, 2, b"N\0"), Field(2, 5, 3, struct.pack(">6I", 38, 1, 42, 1, 50, 1)))
    exif = Node((whole(form, 0xA002, SHORT, 640),), {0xA005: Node(latitude)})
    clean = without_location(written(form, [Node((whole(form, 0x0112, SHORT, 6),), {0x8769: exif})]))
    assert clean is not None
    assert latitude[1].data not in clean
    assert without_location(clean) == clean
