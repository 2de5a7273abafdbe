"""Everything that came out of a file, or from outside, is printed through here."""

from __future__ import annotations

import os
import unicodedata

LONGEST = 200
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Unicode categories that are never printed: control, format (bidi, zero width), surrogate, private, separators."""


def safe(value: object, longest: int = LONGEST) -> str:
    """`value` as one line without control, bidirectional or invisible characters, cut to `longest` characters.

    Each such character becomes `?`; undecodable bytes too. Source: Unicode TR 36, section 3; TR 9, section 2.
    """
    if isinstance(value, bytes):
        value = value[: longest * 4 + 4].decode("utf-8", "replace")
    text = str(value)
    cut = text[: longest + 1]
    if not (cut.isascii() and cut.isprintable()):
        cut = "".join("?" if unicodedata.category(c) in _HIDDEN or c == "\ufffd" else c for c in cut)
    return cut if len(cut) <= longest else cut[: longest - 1] + "…"


def safe_path(path: str | os.PathLike[str]) -> str:
    """A path fit to be printed; see `safe`. Never cut so short that names cannot be told apart."""
    return safe(os.fspath(path), longest=4096)


def short_path(path: str) -> str:
    """The path without `./`, `/./` and doubled separators; `..` stays, as what it means depends on links."""
    if os.curdir + os.sep not in path and os.sep * 2 not in path:
        return path
    from pathlib import PurePath

    return str(PurePath(path))


def size(count: int) -> str:
    """A number of bytes for people, in powers of ten as file managers show it: `3.1 MB`."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 risk`, `2 risks`, `3 copies`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(items: list[str] | tuple[str, ...]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]
