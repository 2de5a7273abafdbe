"""What ties files together: each kind of tie, what must not tie, the order, hostile facts, ten thousand files."""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privkit.checks.linkage import link
from privkit.checks.linkage.places import near, span
from privkit.checks.linkage.ties import READERS, STRENGTH
from privkit.checks.linkage.values import origins, same, same_contact, same_id, same_name, same_serial
from privkit.model import Finding, Level, Outcome, State

Fact = tuple[str, Mapping[str, Any]]


def told(name: str, *facts: Fact, level: Level = Level.WARN, state: State = State.DONE) -> Outcome:
    return Outcome(name, state, tuple(Finding(id, level, "Title", facts=about) for id, about in facts))


def two(id: str, one: Mapping[str, Any], other: Mapping[str, Any] | None = None) -> tuple[Finding, ...]:
    """What ties two files with these facts; their names have nothing in common."""
    return link([told("beach.jpg", (id, one)), told("cat.jpg", (id, one if other is None else other))])


def test_nothing_shared() -> None:
    assert two("who.name", {"value": "Jane Doe"}, {"value": "John Roe"}) == ()


@pytest.mark.parametrize(
    ("id", "facts", "tie", "level", "said"),
    [
        ("device.serial", {"value": "142066080698", "of": "camera"}, "link.serial", Level.RISK, "142066080698"),
        ("device.serial", {"value": 7700012, "of": "lens"}, "link.serial", Level.RISK, "7700012"),
        ("who.name", {"value": "Jane Doe", "field": "artist"}, "link.name", Level.RISK, "Jane Doe"),
        ("who.contact", {"value": "jane@example.org"}, "link.contact", Level.RISK, "jane@example.org"),
        ("who.contact", {"value": "Portugal", "field": "Iptc4xmpCore:CiAdrCtry"}, "link.contact", Level.NOTE, "Portugal"),
        ("hidden.document-id", {"value": "xmp.did:01801174072068118F62F5D4009E84F4"}, "link.document-id", Level.RISK, "0180"),
        ("hidden.name", {"id": "10203040506070"}, "link.document-id", Level.RISK, "10203040506070"),
        ("cut.thumbnail", {"sha256": "52ed1da58ad72e24" * 4}, "link.thumbnail", Level.RISK, "52ed1da58ad72e24"),
        ("where.gps", {"latitude": 38.7139, "longitude": -9.1334}, "link.place", Level.RISK, "38.7139 N, 9.1334 W"),
        ("where.named", {"value": "Rua Augusta 12"}, "link.place-name", Level.WARN, "Rua Augusta 12"),
        ("where.named", {"value": "Portugal", "field": "photoshop:Country"}, "link.place-name", Level.NOTE, "Portugal"),
        ("who.origin", {"value": "https://pics.example.org/a.jpg"}, "link.origin", Level.RISK, "pics.example.org"),
        ("who.text", {"value": "our garden behind the house"}, "link.text", Level.WARN, "our garden behind the house"),
        ("hidden.comment", {"value": "our garden behind the house"}, "link.text", Level.WARN, "our garden"),
        ("device.software", {"value": "Jane's MacBook", "of": "computer"}, "link.computer", Level.WARN, "Jane's MacBook"),
        ("device.camera", {"make": "NIKON CORPORATION", "model": "NIKON D90"}, "link.camera", Level.WARN, "NIKON D90 ("),
        ("device.camera", {"make": "Apple", "model": "iPhone 4"}, "link.camera", Level.WARN, "Apple iPhone 4"),
        ("device.lens", {"value": "18-55 mm"}, "link.lens", Level.WARN, "18-55 mm"),
        ("when.taken", {"time": "2014-03-05T14:02:11"}, "link.time", Level.WARN, "2014-03-05 14:02 ("),
        ("when.name", {"time": "2014-03-05T14:02:11"}, "link.time", Level.WARN, "2014-03-05 14:02 ("),
        ("when.taken", {"time": "2014-03-05"}, "link.day", Level.NOTE, "2014-03-05"),
        ("when.taken", {"time": "2014-03-05T00:00:00"}, "link.day", Level.NOTE, "2014-03-05"),
        ("remains.quantisation", {"tables": "0cef93bebddb16a8"}, "link.tables", Level.NOTE, "0cef93bebddb16a8"),
    ],
)
def test_each_tie(id: str, facts: Mapping[str, Any], tie: str, level: Level, said: str) -> None:
    (finding,) = two(id, facts)
    assert (finding.id, finding.level) == (tie, level)
    assert said in finding.detail and "2 files: beach.jpg, cat.jpg" in finding.detail
    assert finding.facts["files"] == 2 and finding.facts["value"]
    assert finding.title and finding.advice


def test_every_tie_has_its_strength() -> None:
    assert len(set(STRENGTH)) == len(STRENGTH) == 17
    assert len(READERS) == 16


RUBBISH: list[Any] = [
    *(
        "",
        "0",
        "0000000000",
        "00-00",
        "unknown",
        "None",
        " N/A ",
        "default",
        "Camera Owner",
        "7",
        "x",
        "----",
        "\0\0",
        "ffffffff",
    ),
    *("?", "Copyright", "All rights reserved", "\ufffd\ufffd", None, True, [], 1.5),
    10**5000,
]


@pytest.mark.parametrize("value", RUBBISH, ids=range(len(RUBBISH)))
@pytest.mark.parametrize("id", ["device.serial", "who.name", "who.contact", "hidden.document-id", "device.lens"])
def test_rubbish_ties_nothing(id: str, value: Any) -> None:
    assert two(id, {"value": value, "of": "camera"}) == ()


def test_what_everyone_has_ties_nothing() -> None:
    assert two("hidden.document-id", {"value": "uuid:faf5bdd5-ba3d-11da-ad31-d33d75182f1b", "kind": "rdf:about"}) == ()
    assert two("hidden.document-id", {"value": "d41d8cd98f00b204e9800998ecf8427e", "kind": "IPTC digest"}) == ()
    assert two("device.software", {"value": "Adobe Photoshop CS5"}) == ()
    assert two("who.text", {"value": "short text"}) == ()
    assert two("who.name", {"value": "(c) 2014"}) == ()
    assert two("who.origin", {"value": "about:internet"}) == ()
    assert two("where.gps", {"latitude": 0.0, "longitude": 0.0}) == ()
    assert two("when.taken", {"time": "1970-01-01T00:00:00"}) == ()


def test_words_that_makers_write_are_a_note() -> None:
    files = [told(name, ("who.text", {"value": "OLYMPUS DIGITAL CAMERA"}), level=Level.NOTE) for name in ("a1.jpg", "b.jpg")]
    assert [(one.id, one.level) for one in link(files)] == [("link.text", Level.NOTE)]


def test_serials_of_different_things_are_different() -> None:
    assert two("device.serial", {"value": "4471", "of": "camera"}, {"value": "4471", "of": "lens"}) == ()


def test_spellings_of_one_value() -> None:
    assert same_serial("0000142066") == same_serial("142066\0\0".replace("\0", " "))
    assert same(" Jane  Doe ".strip()) != same("Jane Roe")
    assert same_name("© 2014 Jane Doe. All rights reserved") == same_name("JANE DOE") == "jane doe"
    assert same_name("Copyright by Ian Britton 2003") == "ian britton"
    assert same_contact("+351 (21) 555-0100") == same_contact("351215550100")
    assert same_contact("mailto:Jane@Example.org") == "jane@example.org"
    assert same_id("xmp.did:6F5C4541-CA2F-11D6-80F9-8992130C6A25") == same_id("uuid:{6f5c4541ca2f11d680f98992130c6a25}")
    assert same("李") and same("Jose\u0301") == same("José")
    (finding,) = two("who.name", {"value": "JANE DOE\0\0 "}, {"value": "jane\tdoe"})
    assert finding.id == "link.name"


def test_origins() -> None:
    assert origins("https://user:pw@www.example.org:8443/a?b, http://other.example/x") == ["example.org", "other.example"]
    number = "1b2c3d4e-0000-4111-8222-123456789abc"
    assert origins(f"0083;66a1f2c3;Safari;{number.upper()}") == [number]
    assert origins("https://[2001:db8::1]/x") == ["[2001:db8::1]"]
    assert origins("marked") == []
    hosts = [{"value": "https://a.example/1.jpg, https://shop.example/p"}, {"value": "http://www.a.example/2.jpg"}]
    assert [one.facts["value"] for one in two("who.origin", *hosts)] == ["a.example"]


def test_several_values_of_the_same_files_are_one_finding() -> None:
    facts = [("who.name", {"value": name}) for name in ("Ann Ant", "Bob Bee", "Cay Cat", "Dan Dog")]
    (finding,) = link([told("beach.jpg", *facts), told("cat.jpg", *facts)])
    assert finding.detail == "Ann Ant, Bob Bee, Cay Cat … and 1 more (2 files: beach.jpg, cat.jpg)"


def test_many_files_are_counted_and_names_told_apart() -> None:
    names = ["b/pic.jpg", "a/pic.jpg", *(f"{letter * 3}.jpg" for letter in "cdefg"), "x\u202ey.jpg"]
    serial = ("device.serial", {"value": "4471", "of": "camera"})
    finding = link([told(name, serial) for name in names])[0]
    assert finding.facts == {"value": "4471", "files": 8}
    assert finding.detail == "4471 (8 files: b/pic.jpg, a/pic.jpg, ccc.jpg, ddd.jpg, eee.jpg … and 3 more)"
    (finding,) = link([told("x\u202ey.jpg", serial), told("\udcff.jpg", serial)])
    assert finding.detail == "4471 (2 files: x?y.jpg, ?.jpg)"


def test_a_file_does_not_tie_with_itself() -> None:
    serial = ("device.serial", {"value": "4471", "of": "camera"})
    place = ("where.gps", {"latitude": 38.7139, "longitude": -9.1334})
    when = ("when.taken", {"time": "2014-03-05T14:02:11"})
    file = told("IMG_0411.JPG", serial, serial, place, place, when, when)
    assert link([file, told("other.jpg")]) == ()
    assert [one.id for one in link([file, file])] == ["link.alone"]


def test_unread_files_are_not_compared_and_it_is_said() -> None:
    serial = ("device.serial", {"value": "4471", "of": "camera"})
    files = [told("a.jpg", serial), told("b.jpg", serial), *(told(f"{state}.x", serial, state=state) for state in State)]
    *_, last = link([one for one in files if one.subject != f"{State.DONE}.x"])
    assert (last.id, last.level, last.facts["files"]) == ("link.unread", Level.NOTE, len(State) - 1)
    assert link([*files[:2]])[0].facts["files"] == 2
    assert [one.id for one in link([told("a.jpg", state=State.REFUSED)])] == ["link.unread", "link.alone"]
    assert [one.id for one in link([])] == ["link.alone"]


# --- places -----------------------------------------------------------------------------------------

METRE = 1 / 111_195


def places(*where: tuple[float, float]) -> list[Finding]:
    found = link(
        [told(f"{chr(97 + n) * 3}.jpg", ("where.gps", {"latitude": a, "longitude": o})) for n, (a, o) in enumerate(where)]
    )
    return [one for one in found if one.id == "link.place"]


@pytest.mark.parametrize("latitude", [0.5, 38.7139, -54.8, 89.99])
def test_within_200_metres(latitude: float) -> None:
    assert len(places((latitude, 10), (latitude + 185 * METRE, 10))) == 1
    assert places((latitude, 10), (latitude + 215 * METRE, 10)) == []


def test_across_the_date_line_and_the_pole() -> None:
    assert len(places((10, 179.9999), (10, -179.9999))) == 1
    assert len(places((89.9999, 0), (89.9999, 180))) == 1
    assert len(places((-90, 0), (-90, 77))) == 1


def test_a_long_chain_is_called_one() -> None:
    (chain,) = places(*((38.7 + step * 150 * METRE, -9.1) for step in range(11)))
    assert chain.detail.startswith("a chain of places, each within 200 m of the next, about 1.5 km from end to end, at 38.7000 N")
    (near_by,) = places(*((38.7 + step * 150 * METRE, -9.1) for step in range(3)))
    assert near_by.detail.startswith("within about 300 m: 38.7000 N, 9.1000 W, ")


def test_places_agree_with_comparing_each_with_each() -> None:
    spread = [(38.7 + (n * 7919 % 1000) * 3 * METRE, -9.1 + (n * 104729 % 1000) * 3 * METRE) for n in range(120)]
    groups = {frozenset(group) for group in near(spread)}
    leader = {n: {n} for n in range(len(spread))}
    for one in leader:
        for other in range(one):
            if other not in leader[one] and _metres(spread[one], spread[other]) <= 200:
                joined = leader[one] | leader[other]
                leader.update(dict.fromkeys(joined, joined))
    expected = {frozenset(group) for group in leader.values() if len(group) > 1}
    assert groups == expected and len(groups) > 3


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Haversine."""
    from math import asin, cos, radians, sin, sqrt

    (a, b), (c, d) = (tuple(map(radians, place)) for place in (one, other))
    return 2 * 6_371_009 * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))


def test_span() -> None:
    assert span([]) == 0 and span([(0, 0, 0), (3, 4, 0), (1, 1, 0)]) == 5


# --- times and numbers --------------------------------------------------------------------------------


def times(*written: str | Mapping[str, str]) -> list[Finding]:
    facts = [one if isinstance(one, Mapping) else {"time": one} for one in written]
    return list(link([told(f"{chr(97 + n) * 3}.jpg", ("when.taken", f)) for n, f in enumerate(facts)]))


def test_runs_end_where_the_pause_is_longer() -> None:
    found = times("2014-03-05T14:00:00", "2014-03-05T15:00:01", "2014-03-05T14:30:00", "2014-03-05T15:20:00")
    assert [one.facts["value"] for one in found] == ["2014-03-05 14:00 to 14:30", "2014-03-05 15:00 to 15:20"]


def test_runs_over_midnight_on_new_years_eve() -> None:
    (run,) = times("2013-12-31T23:55:00", "2014-01-01T00:10:00")
    assert run.facts["value"] == "2013-12-31 23:55 to 2014-01-01 00:10"


def test_zones() -> None:
    (run,) = times("2014-03-05T14:00:00+02:00", {"time": "2014-03-05T12:10:00", "zone": "+00:00"})
    assert run.facts["value"] == "2014-03-05 12:00 to 12:10 UTC"
    (run,) = times("2014-03-05T14:00:00+02:00", "2014-03-05T14:10:00+02:00")
    assert "UTC" not in run.detail
    times("0001-01-01T00:00:01+23:00", "0001-01-01T00:00:02+23:00", "9999-12-31T23:59:59-23:00", "9999-12-31T23:59:58-23:00")


@pytest.mark.parametrize("written", ["", "garbage", "2014-13-05T14:02:11", "2014", "20140305", "\0", "２０１４-03-05T14:02:11"])
def test_times_that_are_none(written: str) -> None:
    assert times(written, written) == []


def test_names() -> None:
    def names(*subjects: str) -> list[tuple[str, Any]]:
        return [(one.id, one.facts["value"]) for one in link([told(subject) for subject in subjects])]

    assert names("a/IMG_0412.JPG", "b/IMG_0411.JPG", "IMG_0500.JPG") == [("link.series", "IMG_0411 TO IMG_0412")]
    assert names("IMG_0411.clean.jpg", "IMG_0431.clean.jpg") == [("link.series", "IMG_0411 TO IMG_0431")]
    assert names("IMG_0411.JPG", "IMG_0432.JPG") == []
    assert names("a/beach.jpg", "b/Beach (1).png") == [("link.filename", "Beach")]
    assert names("a/image.jpg", "b/image.jpg") == []


# --- all together --------------------------------------------------------------------------------------


def test_strongest_first_whatever_the_order() -> None:
    facts: list[Fact] = [
        ("remains.quantisation", {"tables": "0cef93bebddb16a8"}),
        ("device.camera", {"make": "Apple", "model": "iPhone 4"}),
        ("where.gps", {"latitude": 38.7139, "longitude": -9.1334}),
        ("when.taken", {"time": "2014-03-05T14:02:11"}),
        ("who.name", {"value": "Jane Doe"}),
        ("device.serial", {"value": "4471", "of": "camera"}),
    ]
    expected = ["link.serial", "link.name", "link.place", "link.time", "link.camera", "link.tables"]
    files = [told("beach.jpg", *facts), told("cat.jpg", *facts[::-1])]
    assert [one.id for one in link(files)] == expected
    assert link(files) == link([told("beach.jpg", *facts[::-1]), told("cat.jpg", *facts)])


HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**400, 10**401),
    st.floats(),
    st.sampled_from(
        [nan, inf, -inf, 0.0, 90, -180, "2014-03-05T14:02:11", "2014-03-05T14:02:11+02:00", "0001-01-01T00:00:01+23:59"]
    ),
    st.text(max_size=30),
    st.characters(categories=["Cs", "Cc"]),
    st.lists(st.text(max_size=3), max_size=2),
    st.binary(max_size=4),
    st.dictionaries(st.text(max_size=2), st.none(), max_size=1),
)
KEYS = ["value", "of", "field", "kind", "make", "model", "time", "zone", "latitude", "longitude", "sha256", "tables", "id"]
IDS = [*READERS, "where.gps", "when.name", "", "no topic"]


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_no_fact_breaks_it(data: st.DataObject) -> None:
    facts = st.dictionaries(st.sampled_from(KEYS), HOSTILE, max_size=8)
    findings = st.lists(st.tuples(st.sampled_from(IDS), facts), max_size=5)
    files = data.draw(st.lists(st.tuples(st.text(max_size=8), findings, st.sampled_from([State.DONE, State.FAILED])), max_size=5))
    found = link([told(name, *about, state=state) for name, about, state in files])
    for one in found:
        assert one.id.startswith("link.") and one.detail and one.title
        assert one.id in ("link.unread", "link.alone") or (2 <= int(str(one.facts["files"])) <= len(files))


def test_ten_thousand_files() -> None:
    def file(n: int) -> Outcome:
        return told(
            f"IMG_{n:05}.JPG",
            ("device.serial", {"value": f"44{n // 50}", "of": "camera"}),
            ("device.camera", {"make": "Canon", "model": f"EOS {n % 30}"}),
            ("who.name", {"value": f"Person {n % 700}", "field": "artist"}),
            ("who.text", {"value": f"a walk in the park, number {n // 2}", "field": "caption"}),
            ("hidden.document-id", {"value": f"xmp.did:{n:032x}"}),
            ("where.gps", {"latitude": 38 + n % 100 * 0.0017, "longitude": -9 + n // 100 * 0.0021}),
            ("when.taken", {"time": f"2014-{n % 12 + 1:02}-{n % 27 + 1:02}T{n % 24:02}:{n % 60:02}:00"}),
            ("cut.thumbnail", {"sha256": f"{n // 3:064x}"}),
            ("remains.quantisation", {"tables": f"ab{n % 7:014x}"}),
        )

    files = [file(n) for n in range(10_000)]
    start = time.process_time()
    found = link(files)
    assert time.process_time() - start < 4  # about 1 second; the machine may be busy
    assert len(found) > 5_000


def test_crowds_in_two_spots_do_not_take_long() -> None:
    crowd = [(38 + (n % 100) * METRE + (n % 2) * 310 * METRE, -9 + (n // 100) * METRE) for n in range(10_000)]
    start = time.process_time()
    assert len(near(crowd)) == 2
    assert time.process_time() - start < 4
