"""The renderers, on outcomes made by hand."""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser
from importlib import resources

import jsonschema
import pytest

from privkit.console import colored
from privkit.model import ExitCode, Finding, Level, Outcome, State
from privkit.report import Tally, render
from privkit.report.as_html import POLICY, STYLE
from privkit.report.as_markdown import escaped
from privkit.report.terminal import Look, _cells, cleaned, told, wrapped

EVIL = "a\x1b[31m\u202egnp.exe\n<script>alert(1)</script>|`x`[y](http://evil.example)\ud800"
BEACH = Outcome(
    "beach.jpg",
    State.DONE,
    (
        Finding("where.gps", Level.RISK, "Where it was taken", "38.7139 N, 9.1334 W", where="EXIF GPS"),
        Finding("cut.thumbnail", Level.RISK, "Smaller copy inside", "160 x 120; cropped later", "see it: privkit …"),
        Finding("device.camera", Level.WARN, "Device", "Apple iPhone 15 Pro", facts={"make": "Apple"}),
        Finding("hidden.trailer", Level.WARN, "Behind the end", "12 bytes", facts={"bytes": 12}),
        Finding("remains.quantisation", Level.NOTE, "Quantisation tables", "as of an iPhone"),
        Finding("remains.encoder", Level.NOTE, "Order of segments", "as of an iPhone"),
    ),
    facts={"type": "JPEG", "width": 4032, "height": 3024, "bytes": 3_100_000},
)
CLEANED = (
    Outcome("beach.jpg", State.DONE, facts={"target": "clean/beach.jpg", "removed": ["EXIF", "XMP"], "kept": ["rotation"]}),
    Outcome("two.jpg", State.UNCHANGED, facts={"target": "clean/two.jpg", "removed": [], "kept": []}),
    Outcome("raw.raf", State.REFUSED, reason="this camera format cannot be cleaned safely"),
    Outcome("broken.jpg", State.FAILED, reason="the file ends in the middle of the picture"),
)
HOSTILE = Outcome(
    "evil\udcff\n\u202e.jpg",
    State.DONE,
    (Finding("who.text", Level.WARN, "Caption", EVIL, EVIL, EVIL, {"value": EVIL, "nan": float("nan")}),),
    facts={"target": "clean/evil\udcff\n\u202e.jpg", "removed": [EVIL], "kept": []},
)


def text(*outcomes: Outcome, look: Look | None = None) -> str:
    return "".join(told(outcomes, look or Look()))


def rendered(form: str, *outcomes: Outcome) -> str:
    return "".join(render(form, "inspect", outcomes, Tally()))


# --- terminal ------------------------------------------------------------------------------------------


def test_what_a_file_tells_is_grouped_with_the_worst_first() -> None:
    assert text(BEACH) == (
        "beach.jpg   JPEG, 4032 x 3024, 3.1 MB\n"
        "  Where\n"
        "    RISK  Where it was taken   38.7139 N, 9.1334 W\n"
        "  What was cut away\n"
        "    RISK  Smaller copy inside  160 x 120; cropped later\n"
        "                               see it: privkit …\n"
        "  What with\n"
        "    WARN  Device               Apple iPhone 15 Pro\n"
        "  What else is hidden\n"
        "    WARN  Behind the end       12 bytes\n"
        "  What stays in a clean copy\n"
        "    NOTE  Traces               Quantisation tables and Order of segments (--all says more)\n"
        "\n"
    )


def test_all_shows_each_trace_that_remains() -> None:
    shown = text(BEACH, look=Look(show_all=True))
    assert "NOTE  Quantisation tables  as of an iPhone\n" in shown
    assert "--all" not in shown


def test_verbose_says_where_in_the_file() -> None:
    assert "(EXIF GPS)" in text(BEACH, look=Look(places=True))
    assert "EXIF GPS" not in text(BEACH)


def test_advice_on_notes_is_for_those_who_ask_for_all() -> None:
    note = Outcome("a.jpg", State.DONE, (Finding("when.file", Level.NOTE, "File date", "2026", "another one"),))
    assert "another one" not in text(note)
    assert "another one" in text(note, look=Look(show_all=True))


def test_many_of_one_kind_become_few() -> None:
    many = tuple(Finding("who.text", Level.WARN, "Comment", f"number {n}") for n in range(100))
    shown = text(Outcome("a.gif", State.DONE, many))
    assert shown.count("number") == 3
    assert "and 97 more like this (--all shows them)" in shown
    assert text(Outcome("a.gif", State.DONE, many), look=Look(show_all=True)).count("number") == 100


def test_a_file_that_tells_nothing_and_one_that_cannot_be_read() -> None:
    assert text(Outcome("a.png", State.DONE)) == "a.png   nothing found\n"
    assert text(CLEANED[3]) == "broken.jpg   failed: the file ends in the middle of the picture\n"


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_lines_fit_the_terminal(width: int) -> None:
    long = Finding("who.text", Level.WARN, "Caption", "word " * 40 + "x" * 90 + " 日本語" * 20)
    for line in text(Outcome("a.jpg", State.DONE, (long,)), look=Look(width=width)).splitlines():
        assert _cells(line) <= max(width, 40)


@pytest.mark.parametrize("words", ["", "one", "one two three", "x" * 100, "日本語" * 30, "a " * 100, " lead"])
def test_wrapping_loses_nothing(words: str) -> None:
    lines = wrapped(words, 20)
    assert "".join("".join(lines).split()) == "".join(words.split())
    assert all(_cells(line) <= 20 for line in lines)


def test_one_line_for_each_cleaned_file() -> None:
    assert "".join(cleaned(CLEANED, Look())) == (
        "done        beach.jpg     -> clean/beach.jpg  removed EXIF and XMP, kept rotation\n"
        "unchanged   two.jpg       -> clean/two.jpg    nothing to remove; copied as it is\n"
        "refused     raw.raf       this camera format cannot be cleaned safely\n"
        "failed      broken.jpg    the file ends in the middle of the picture\n"
    )


def test_a_dry_run_says_would() -> None:
    line = "".join(cleaned([Outcome("a.jpg", State.DONE, facts={"removed": ["EXIF"], "kept": ["rotation"]})], Look(), would=True))
    assert line == "done        a.jpg         would remove EXIF, would keep rotation\n"


def test_notes_stand_below_the_line() -> None:
    note = Finding("remains.turn", Level.NOTE, "Turned", "may lie on its side", "look at it")
    outcome = Outcome("a.jpg", State.DONE, (note,), facts={"removed": ["EXIF"], "kept": []})
    shown = "".join(cleaned([outcome], Look()))
    assert "\n            note: Turned: may lie on its side\n                  look at it\n" in shown


def test_a_note_that_is_made_often_is_shown_a_few_times() -> None:
    note, warning = Finding("remains.a", Level.NOTE, "Note"), Finding("remains.b", Level.WARN, "Warning")
    shown = "".join(cleaned([Outcome("a.jpg", State.DONE, (note, warning))] * 10, Look()))
    assert (shown.count("note: "), shown.count("warn: ")) == (3, 10)
    shown = "".join(cleaned([Outcome("a.jpg", State.DONE, (note, warning))] * 10, Look(show_all=True)))
    assert shown.count("note: ") == 10


def test_ten_thousand_lines_cost_next_to_nothing() -> None:
    outcomes = [Outcome(f"IMG_{n}.jpg", State.DONE, facts=CLEANED[0].facts) for n in range(10_000)]
    start = time.process_time()
    assert len(list(cleaned(outcomes, Look(colored)))) == 10_000
    assert time.process_time() - start < 0.6  # 0.1 s on a calm machine


# --- all forms -------------------------------------------------------------------------------------------


def test_nothing_hostile_reaches_a_terminal() -> None:
    for shown in (text(HOSTILE), text(HOSTILE, look=Look(show_all=True, places=True)), "".join(cleaned([HOSTILE], Look()))):
        assert all(character == "\n" or character.isprintable() for character in shown)
        shown.encode()


@pytest.mark.parametrize("form", ["json", "md", "html"])
def test_documents_are_utf_8_without_control_characters(form: str) -> None:
    for outcomes in ([], [BEACH], [*CLEANED, BEACH, HOSTILE]):
        document = rendered(form, *outcomes)
        document.encode()
        assert all(character == "\n" or character.isprintable() for character in document)


def schema() -> dict[str, object]:
    loaded: dict[str, object] = json.loads(resources.files("privkit.data").joinpath("report.schema.json").read_text())
    return loaded


def test_json_keeps_the_schema_that_is_shipped() -> None:
    checker = jsonschema.Draft202012Validator(schema())
    checker.check_schema(schema())
    for outcomes in ([], [BEACH], [*CLEANED, BEACH, HOSTILE]):
        checker.validate(json.loads(rendered("json", *outcomes)))


def test_json_says_everything() -> None:
    report = json.loads(rendered("json", BEACH, CLEANED[2]))
    assert (report["schema"], report["command"]) == ("privkit.report/1", "inspect")
    assert report["summary"] == {"done": 1, "refused": 1}
    assert report["exit_code"] == ExitCode.FINDINGS
    first = report["outcomes"][0]
    assert first["facts"] == {"type": "JPEG", "width": 4032, "height": 3024, "bytes": 3_100_000}
    assert first["findings"][2] == {
        "id": "device.camera",
        "level": "warn",
        "title": "Device",
        "detail": "Apple iPhone 15 Pro",
        "advice": "",
        "where": "",
        "topic": "device",
        "facts": {"make": "Apple"},
    }


def test_json_gives_the_bytes_of_names_that_are_not_utf_8() -> None:
    outcome = json.loads(rendered("json", HOSTILE))["outcomes"][0]
    assert bytes.fromhex(outcome["subject_hex"]) == b"evil\xff\n\xe2\x80\xae.jpg"
    assert bytes.fromhex(outcome["facts"]["target_hex"]) == b"clean/evil\xff\n\xe2\x80\xae.jpg"
    assert outcome["findings"][0]["facts"]["nan"] is None
    assert "subject_hex" not in json.loads(rendered("json", BEACH))["outcomes"][0]


def test_json_comes_piece_by_piece() -> None:
    taken: list[str] = []

    def outcomes() -> object:
        for outcome in (BEACH, *CLEANED):
            taken.append(outcome.subject)
            yield outcome

    pieces = render("json", "inspect", outcomes(), Tally())  # type: ignore[arg-type]
    next(pieces)
    next(pieces)
    assert taken == ["beach.jpg"]


def test_markdown_escapes_what_came_out_of_files() -> None:
    document = rendered("md", HOSTILE)
    assert "<script>" not in document and "\\<script\\>" in document
    assert "](http" not in document
    rows = [line for line in document.splitlines() if line.startswith("| WARN")]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 5


def test_markdown_makes_no_links_of_addresses() -> None:
    assert escaped("http://www.evil.example") == "http\\://www\\.evil.example"


class Page(HTMLParser):
    """Notes the elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_runs_and_loads_nothing() -> None:
    page = Page(rendered("html", *CLEANED, BEACH, HOSTILE))
    assert not {"script", "img", "link", "a", "iframe", "object", "base", "form"} & set(page.tags)
    assert not {"src", "href", "style", "onload", "onclick"} & {name for name, _ in page.attributes}
    assert ("content", POLICY) in page.attributes
    assert "default-src 'none'" in POLICY and "unsafe" not in POLICY
    assert "<script>alert(1)</script>" in page.text
    assert "@media print" in STYLE and "url(" not in STYLE


def test_html_policy_names_the_style_sheet_of_the_page() -> None:
    page = rendered("html")
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert style == STYLE


# --- counting --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], ExitCode.OK),
        ([Outcome("a", State.DONE)], ExitCode.OK),
        ([BEACH], ExitCode.FINDINGS),
        ([Outcome("a", State.SKIPPED)], ExitCode.OK),
        ([CLEANED[2]], ExitCode.NOT_ESTABLISHED),
        ([Outcome("a", State.UNKNOWN)], ExitCode.NOT_ESTABLISHED),
        ([BEACH, CLEANED[2]], ExitCode.FINDINGS),
        ([BEACH, *CLEANED], ExitCode.ERROR),
    ],
)
def test_exit_codes(outcomes: list[Outcome], code: ExitCode) -> None:
    tally = Tally()
    assert list(tally.watch(outcomes)) == outcomes
    assert tally.exit_code == code
