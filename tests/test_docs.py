"""The documentation says what is true: options, commands, exit codes, links, generated pages, sample output."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest

from privkit import __version__
from privkit.cli import COMMANDS, cli
from privkit.formats import formats, markdown
from privkit.model import ExitCode
from privkit.settings import NAMES

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)  # type: ignore[attr-defined]
    assert isinstance(found, click.Command)
    return found


def options(of: click.Command, hidden: bool = False) -> dict[str, click.Option]:
    """All spellings of the options of a command."""
    found = [one for one in of.params if isinstance(one, click.Option) and (hidden or not one.hidden)]
    return {spelling: one for one in found for spelling in one.opts}


def documented(text: str) -> set[str]:
    """Every option that stands in a first column of a table, in code."""
    cells = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| `-")]
    return {word for cell in cells for word in re.findall(r"(?<![\w-])--?[a-zA-Z][a-z-]*", cell)}


def lines_in_code(text: str) -> Iterator[str]:
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()


def commands_in(text: str) -> list[list[str]]:
    """The words of every `privkit …` line in a block of code."""
    found = []
    for line in lines_in_code(text):
        line = re.split(r"\s{2,}|\s#|\s[<>]", line.strip().removeprefix("$ "))[0]
        if re.match(r"privkit( |$)", line) and "..." not in line:
            found.append(shlex.split(line)[1:])
    return found


@pytest.mark.parametrize("name", ["inspect", "scrub"])
def test_each_option_has_its_line(name: str) -> None:
    assert documented(page(name)) == set(options(command(name)))


def test_general_options_have_their_line() -> None:
    general = set(options(cli)) | {"-h", "--help"}
    assert documented(page("index")) == general
    for name in COMMANDS:
        assert general - {"-V", "--version", "-h", "--help"} <= set(options(command(name), hidden=True))


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_its_page(name: str) -> None:
    assert page(name).startswith(("# privkit ", "# Formats"))
    assert f"]({name}.md)" in page("index")
    assert f"](docs/{name}.md)" in README


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_commands_in_the_documentation_exist(path: Path) -> None:
    for words in commands_in(path.read_text(encoding="utf-8")):
        if not words or words[0].startswith("-"):
            continue
        known = options(command(words[0]), hidden=True) | {"-h": None, "--help": None}
        for word in words[1:]:
            assert not word.startswith("-") or word == "-" or word in known, f"{path.name}: {' '.join(words)}"
        choices = {spelling: one.type.choices for spelling, one in known.items() if one and isinstance(one.type, click.Choice)}
        for option, value in pairwise(words):
            assert option not in choices or value in choices[option], f"{path.name}: {option} {value}"


def test_the_readme_shows_both_commands_of_a_newcomer() -> None:
    assert "make demo" in README and "make test" in README
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", "\n".join(lines_in_code(README)), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("text", [README, page("index")])
def test_exit_codes_are_listed(text: str) -> None:
    listed = [int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)]
    assert listed == [code.value for code in ExitCode]


def test_settings_are_listed() -> None:
    listed = re.findall(r"^\| `(\w+)` \| `(\w+)`", page("settings"), re.MULTILINE)
    assert listed == [(name, f"PRIVKIT_{name.upper()}") for name in NAMES]


def test_the_page_of_formats_is_what_the_code_says() -> None:
    assert page("formats") == markdown(formats()), "run: python tools/make_docs.py"


def test_the_readme_shows_what_is_really_printed() -> None:
    from tools.make_docs import SAMPLE, settled, with_samples

    assert len(SAMPLE.findall(README)) >= 3
    assert settled(with_samples(README)) == settled(README), "run: python tools/make_docs.py"


def test_all_formats_are_named_in_the_readme() -> None:
    sentence = next(line for line in README.splitlines() if line.startswith("It cleans "))
    for one in formats():
        assert any(name in sentence for name in (one.title, *one.types)), one.title


def test_limits_are_named_in_the_readme() -> None:
    for words in ("faces", "view from the window", "noise", "Watermarks", "quantisation tables"):
        assert words in README


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        linked = path.parent / name if name else path
        assert linked.exists(), f"{path.name}: {target}"
        if anchor:
            text = linked.read_text(encoding="utf-8")
            headings = {
                re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
                for line in text.splitlines()
                if line.startswith("#")
            }
            assert anchor in headings or f'id="{anchor}"' in text, f"{path.name}: {target}"


def test_the_changelog_knows_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{__version__}]" in changelog or "## [Unreleased]" in changelog


def test_the_modules_named_in_the_architecture_exist() -> None:
    for name in re.findall(r"^\| `([\w/]+(?:\.py)?)`", page("architecture"), re.MULTILINE):
        assert any((ROOT / area / name).exists() for area in ("", "privkit", "scrubbers/metadata")), name
    for folder in re.findall(r"^\| `(scrubbers/\w+/)`.*", page("architecture"), re.MULTILINE):
        line = next(line for line in page("architecture").splitlines() if line.startswith(f"| `{folder}`"))
        assert all((ROOT / folder / module).exists() for module in re.findall(r"`(\w+\.py)`", line)), folder


def test_the_architecture_names_every_part() -> None:
    text = page("architecture")
    core = [path.name for path in (ROOT / "privkit").glob("*.py") if path.name != "__init__.py"]
    folders = [f"{path.parent.name}/{path.name}/" for area in ("scrubbers", "checks") for path in (ROOT / area).glob("[a-z]*/")]
    for name in [*core, *folders]:
        assert f"`{name}`" in text, name
    patterns = re.findall(r"`([\w*]+\.py)`", "\n".join(re.findall(r"^\| `[\w*]+\.py`[^|]*", text, re.MULTILINE)))
    for path in (ROOT / "scrubbers" / "metadata").glob("[a-z]*.py"):
        assert any(path.match(pattern) for pattern in patterns), path.name


def test_all_ties_are_named() -> None:
    from privkit.checks.linkage.ties import STRENGTH

    named = re.findall(r"^\| `(link\.[\w-]+)`", page("inspect"), re.MULTILINE)
    assert named == [*STRENGTH, "link.unread", "link.alone"]


def test_all_dependencies_are_accounted_for() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=]", one)[0] for one in project["dependencies"]}
    rows = re.findall(r"^\| (\w+) \|", page("dependencies"), re.MULTILINE)
    assert set(rows) - {"package"} == names and all(rows.count(name) == 2 for name in names)
