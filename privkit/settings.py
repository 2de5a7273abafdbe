"""The user's preferences: a small file, and `PRIVKIT_*` in the environment. Never answers, never names of files.

An option on the command line goes before the environment, that before the file, that before the default.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from privkit.errors import PrivkitError
from privkit.text import safe, safe_path

LEVELS = ("share", "strict")
COLORS = ("auto", "always", "never")
MOST_JOBS = 64
LARGEST_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """The preferences, each with its default."""

    output: str = ""
    """The folder for clean copies; "" puts them beside the originals."""
    level: str = "share"
    color: str = "auto"
    jobs: int = 0
    """How many files are cleaned at once; 0 lets privkit choose."""
    plugins: tuple[str, ...] = ()
    """Third-party plug-ins that may be loaded, by name."""


NAMES = tuple(field.name for field in fields(Settings))


def load(environ: Mapping[str, str]) -> Settings:
    """The settings of this user. Raises PrivkitError, naming the place, for what is not understood."""
    path = config_path(environ)
    values = _checked(_from_file(path), path) | _checked(_from_environment(environ), "")
    return Settings(**values)


def config_path(environ: Mapping[str, str]) -> str:
    """Where the settings file is looked for: `PRIVKIT_CONFIG`, else the usual place of the system."""
    named = environ.get("PRIVKIT_CONFIG")
    if named:
        return named
    from platformdirs import user_config_dir

    return os.path.join(user_config_dir("privkit", appauthor=False, roaming=True), "config.toml")


def _from_file(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            return tomllib.loads(file.read(LARGEST_FILE).decode())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise PrivkitError(f"the settings file {safe_path(path)} cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:  # both decoding and TOML errors are ValueErrors
        hint = "correct or remove that file"
        raise PrivkitError(f"the settings file {safe_path(path)} is not valid TOML: {safe(error)}", hint) from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """`PRIVKIT_JOBS=2` as `{"jobs": 2}`; empty variables count as not set."""
    given: dict[str, Any] = {}
    for name in NAMES:
        text = environ.get(f"PRIVKIT_{name.upper()}")
        if text:
            given[name] = _parsed(name, text)
    return given


def _parsed(name: str, text: str) -> object:
    if name == "jobs":
        return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else text
    if name == "plugins":
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _checked(given: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The given settings, each of its right kind. `path` names the file they came from, "" the environment."""
    return {name: _value(name, value, path) for name, value in given.items()}


def _value(name: str, value: object, path: str) -> object:
    match name:
        case "output" if isinstance(value, str) and "\0" not in value:
            return os.path.expanduser(value)
        case "level" if value in LEVELS:
            return value
        case "color" if value in COLORS:
            return value
        case "jobs" if type(value) is int and 0 <= value <= MOST_JOBS:
            return value
        case "plugins" if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        case _ if name in NAMES:
            raise _wrong_value(name, path)
        case _:
            raise _unknown_name(name, path)


def _wrong_value(name: str, path: str) -> PrivkitError:
    expected = {
        "output": "the name of a folder, in quotes",
        "level": "'share' or 'strict'",
        "color": "'auto', 'always' or 'never'",
        "jobs": f"a whole number from 0 (automatic) to {MOST_JOBS}",
        "plugins": "a list of names",
    }[name]
    place = f"{safe_path(path)}: the setting '{name}'" if path else f"the environment variable PRIVKIT_{name.upper()}"
    return PrivkitError(f"{place} must be {expected}")


def _unknown_name(name: str, path: str) -> PrivkitError:
    near = difflib.get_close_matches(name, NAMES, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"the settings are {', '.join(NAMES)}"
    return PrivkitError(f"{safe_path(path)}: there is no setting '{safe(name, 40)}'", hint)
