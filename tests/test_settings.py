"""The settings file and the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from privkit.errors import PrivkitError
from privkit.settings import Settings, config_path, load


def written(tmp_path: Path, content: str | bytes) -> dict[str, str]:
    """An environment whose settings file has this content."""
    path = tmp_path / "config.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return {"PRIVKIT_CONFIG": str(path)}


def test_defaults_where_there_is_no_file(tmp_path: Path) -> None:
    assert load({"PRIVKIT_CONFIG": str(tmp_path / "none.toml")}) == Settings()
    assert load({"PRIVKIT_CONFIG": str(tmp_path / "no" / "folder" / "none.toml")}) == Settings()


def test_the_file(tmp_path: Path) -> None:
    environment = written(tmp_path, 'output = "/o"\nlevel = "strict"\ncolor = "never"\njobs = 3\nplugins = ["a", "b"]\n')
    assert load(environment) == Settings("/o", "strict", "never", 3, ("a", "b"))


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    environment = written(tmp_path, 'level = "strict"\njobs = 3\n')
    environment |= {"PRIVKIT_LEVEL": "share", "PRIVKIT_PLUGINS": "a, b,", "PRIVKIT_COLOR": "", "PRIVKIT_OUTPUT": "~/c"}
    settings = load(environment)
    assert (settings.level, settings.jobs, settings.plugins, settings.color) == ("share", 3, ("a", "b"), "auto")
    assert settings.output == str(Path("~/c").expanduser())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("level = ", "is not valid TOML"),
        (b"\xff\xfe", "is not valid TOML"),
        ("a = " + "[" * 5000, "is not valid TOML"),
        ('level = "high"', "'level' must be 'share' or 'strict'"),
        ('color = "blue"', "'color' must be"),
        ("jobs = -1", "'jobs' must be a whole number"),
        ("jobs = true", "'jobs' must be a whole number"),
        ("jobs = 1.5", "'jobs' must be a whole number"),
        ("output = 3", "'output' must be the name of a folder"),
        ('output = "a\\u0000b"', "'output' must be the name of a folder"),
        ('plugins = "a"', "'plugins' must be a list of names"),
        ('levle = "strict"', "there is no setting 'levle'"),
        ('"\\u001b[31m" = 1', "there is no setting '?[31m'"),
    ],
)
def test_one_calm_line_for_what_is_wrong(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(PrivkitError) as caught:
        load(written(tmp_path, content))
    assert words in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_misspelt_name_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(PrivkitError) as caught:
        load(written(tmp_path, 'levle = "strict"'))
    assert caught.value.hint == "did you mean 'level'?"


@pytest.mark.parametrize("name", ["PRIVKIT_JOBS", "PRIVKIT_LEVEL", "PRIVKIT_COLOR"])
def test_the_environment_is_checked_too(tmp_path: Path, name: str) -> None:
    with pytest.raises(PrivkitError, match=f"environment variable {name} must be"):
        load({"PRIVKIT_CONFIG": str(tmp_path / "none"), name: "nonsense"})


def test_a_settings_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PrivkitError, match="cannot be read"):
        load({"PRIVKIT_CONFIG": str(tmp_path)})


def test_where_the_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
    assert config_path({}).endswith("config.toml")
    assert "privkit" in config_path({})
    assert config_path({"PRIVKIT_CONFIG": "/x.toml"}) == "/x.toml"


@given(some.dictionaries(some.sampled_from(["level", "jobs", "plugins", "output", "color"]), some.text(max_size=8)))
def test_any_environment_gives_settings_or_a_calm_line(given_values: dict[str, str]) -> None:
    environment = {f"PRIVKIT_{name.upper()}": value for name, value in given_values.items()} | {"PRIVKIT_CONFIG": "/none/none"}
    try:
        assert isinstance(load(environment), Settings)
    except PrivkitError as error:
        assert str(error).startswith("the environment variable PRIVKIT_")
