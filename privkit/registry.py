"""Finds plug-ins: those in our own folders, then those of others that the user has enabled.

The core names no plug-in: it walks the folders, so that a new format or check is one new file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from typing import Any

from privkit.errors import PrivkitError
from privkit.plugin import FileType, Format, Scrubber

HEAD = 4096
"""How many bytes of a file decide its type."""


def _modules(package: str) -> Iterable[Any]:
    """Every module and sub-package directly in `package`, by name."""
    folder = importlib.import_module(package)
    for found in sorted(pkgutil.iter_modules(folder.__path__), key=lambda module: module.name):
        yield importlib.import_module(f"{package}.{found.name}")


@cache
def formats(enabled: tuple[str, ...] = ()) -> tuple[Format, ...]:
    """All formats: our own, then those of the third-party entry points named in `enabled`."""
    found = [module.FORMAT for module in _modules("privkit.scrubbers") if hasattr(module, "FORMAT")]
    return (*found, *_third_party("privkit.scrubbers", enabled))


def _third_party(group: str, enabled: tuple[str, ...]) -> Iterable[Format]:
    """What installed packages of others offer, of those that the user enabled."""
    if not enabled:
        return
    from importlib.metadata import entry_points

    points = {point.name: point for point in entry_points(group=group)}
    for name in enabled:
        if name not in points:
            raise PrivkitError(f"the plug-in {name!r} is enabled in the settings but not installed")
        yield points[name].load().FORMAT


def scrubbers(enabled: tuple[str, ...] = ()) -> tuple[Scrubber[Any], ...]:
    """The scrubbers of all formats, loaded."""
    return tuple(offered.load() for offered in formats(enabled))


def recognise(head: bytes, enabled: tuple[str, ...] = ()) -> tuple[Scrubber[Any], FileType] | None:
    """The scrubber and type for a file that starts with `head`, or None where no scrubber knows it."""
    for offered in formats(enabled):
        kind = offered.sniff(head)
        if kind is not None:
            return offered.load(), kind
    return None
