"""The reader and writer of image file directories: exact, bounded, the reverse of each other."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privkit.errors import Broken
from privkit.scrubbers.metadata import ifd
from privkit.scrubbers.metadata.ifd import ASCII, LONG, LONG8, RATIONAL, SHORT, UNDEFINED, Field, Form, Node, Reader
from privkit.source import Source

FORMS = [Form(order, big) for order in "<>" for big in (False, True)]


def node(form: Form) -> Node:
    fields = (
        ifd.whole(form, 256, SHORT, 640),
        ifd.whole(form, 273, form.offset, 8, 9, 10),
        Field(270, ASCII, 6, b"hello\0"),
        Field(282, RATIONAL, 1, form.pack("II", 300, 4)),
    )
    return Node(fields, {34665: Node((Field(37500, UNDEFINED, 5, b"abcde"),))}, {513: b"\xff\xd8\xff\xd9!"})


def entries(directory: ifd.Directory) -> dict[int, ifd.Entry]:
    return {entry.tag: entry for entry in directory.entries}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_read_again(form: Form) -> None:
    data = ifd.written(form, [node(form), Node((ifd.whole(form, 257, LONG, 7),))])
    reader = Reader(Source.of(data))
    first, second = reader.chain(reader.first)
    found = entries(first)
    assert (reader.form, sorted(found)) == (form, [256, 270, 273, 282, 513, 34665])
    assert reader.number(found[256]) == 640
    assert list(reader.numbers(found[273])) == [8, 9, 10]
    assert reader.data(found[270]) == b"hello\0"
    assert reader.reals(found[282]) == (75.0,)
    assert data[reader.number(found[513]) :].startswith(b"\xff\xd8\xff\xd9!")
    below = reader.directory(reader.number(found[34665]))
    assert reader.data(entries(below)[37500]) == b"abcde"
    assert reader.number(second.entries[0]) == 7
    assert second.get(256) is None


@pytest.mark.parametrize("form", FORMS)
def test_no_byte_is_left_unused(form: Form) -> None:
    data = ifd.written(form, [node(form)])
    reader = Reader(Source.of(data))
    first = reader.directory(reader.first)
    below = reader.directory(reader.number(entries(first)[34665]))
    used = bytearray(data)
    for directory in (first, below):
        used[directory.at : directory.end] = bytes(directory.end - directory.at)
        for entry in directory.entries:
            used[entry.at : entry.at + entry.size] = bytes(entry.size)
    used[: form.header] = bytes(form.header)
    assert used.replace(b"\xff\xd8\xff\xd9!", b"").strip(b"\0") == b""
    assert len(data) == form.header + ifd.measure(form, node(form))


def test_it_reads_at_a_base_within_a_file() -> None:
    form = Form(">")
    data = b"12345" + ifd.written(form, [node(form)]) + b"behind"
    reader = Reader(Source.of(data), 5, len(data) - 6)
    found = entries(reader.directory(reader.first))
    assert reader.data(found[270]) == b"hello\0"
    with pytest.raises(Broken):
        reader.read(len(data) - 6, 1)
    with pytest.raises(Broken):
        reader.read(4, 1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"II*",
        b"II*\0\0\0\0",
        b"XX*\0\x08\0\0\0",
        b"II\x2c\0\x08\0\0\0",
        b"II+\0\x04\0\0\0" + bytes(20),
        b"II+\0\x08\0\0\0\x10",
        b"MM\0+\0\x08\0\1" + bytes(20),
    ],
)
def test_other_heads_are_broken(data: bytes) -> None:
    with pytest.raises(Broken):
        Reader(Source.of(data))


def row(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


def directory_of(*rows: bytes, following: int = 0, tail: bytes = b"") -> bytes:
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(rows)) + b"".join(rows) + struct.pack("<I", following) + tail


@pytest.mark.parametrize(
    "bad",
    [row(256, 0, 1, 5), row(256, 99, 1, 5), row(256, LONG, 0, 5), row(256, LONG, 2, 10**6), row(256, LONG8, 2**29, 0)],
)
def test_values_that_cannot_be_are_unsound_and_never_read(bad: bytes) -> None:
    reader = Reader(Source.of(directory_of(bad)))
    (entry,) = reader.directory(8).entries
    assert not entry.sound
    for read in (reader.data, reader.number, reader.numbers):
        with pytest.raises(Broken):
            read(entry)


def test_a_value_that_ends_with_the_file_is_sound() -> None:
    data = directory_of(row(256, LONG, 2, 26), tail=bytes(8))
    for cut, sound in ((0, True), (1, False)):
        reader = Reader(Source.of(data[: len(data) - cut]))
        assert reader.directory(8).entries[0].sound == sound


def test_circles_are_found() -> None:
    reader = Reader(Source.of(directory_of(row(256, LONG, 1, 1), following=8)))
    with pytest.raises(Broken, match="circle"):
        list(reader.chain(8))


def test_long_chains_are_bounded() -> None:
    one = struct.pack("<H", 1) + row(256, LONG, 1, 1)
    data = b"II*\0\x08\0\0\0" + b"".join(one + struct.pack("<I", 8 + 18 * (i + 1)) for i in range(20))
    reader = Reader(Source.of(data))
    with pytest.raises(Broken, match="more pages"):
        list(reader.chain(8, most=10))


@pytest.mark.parametrize("count", [0, ifd.MOST_ENTRIES + 1, 65535])
def test_directories_without_or_with_too_many_entries_are_broken(count: int) -> None:
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", count) + bytes(12 * count + 4)
    with pytest.raises(Broken):
        Reader(Source.of(data)).directory(8)


def test_one_reader_takes_a_bounded_number_of_entries() -> None:
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", 4096) + bytes(12 * 4096 + 4)
    reader = Reader(Source.of(data))
    with pytest.raises(Broken):
        for _ in range(100):
            reader.directory(8)


def test_a_list_where_one_number_belongs_is_broken() -> None:
    reader = Reader(Source.of(directory_of(row(256, SHORT, 2, 5))))
    (entry,) = reader.directory(8).entries
    assert list(reader.numbers(entry)) == [5, 0]
    with pytest.raises(Broken):
        reader.number(entry)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0\x10" + bytes(7), b""]))
def test_rubbish_gives_broken_or_a_directory(rubbish: bytes, head: bytes) -> None:
    try:
        reader = Reader(Source.of(head + rubbish))
        for directory in reader.chain(reader.first):
            for entry in directory.entries:
                if entry.sound:
                    assert len(reader.data(entry)) == entry.size
    except Broken:
        pass


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(FORMS),
    st.dictionaries(st.integers(1, 65535), st.binary(min_size=1, max_size=40), min_size=1, max_size=12),
)
def test_any_fields_come_back_as_they_were(form: Form, values: dict[int, bytes]) -> None:
    fields = tuple(Field(tag, UNDEFINED, len(value), value) for tag, value in values.items())
    reader = Reader(Source.of(ifd.written(form, [Node(fields)])))
    (directory,) = reader.chain(reader.first)
    assert {entry.tag: reader.data(entry) for entry in directory.entries} == values
    assert [entry.tag for entry in directory.entries] == sorted(values)
