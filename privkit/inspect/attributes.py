"""What the system keeps about a file beside its content: extended attributes, and the note of where it came from.

Both travel with a file through some copies, archives and shares, and a clean copy has none of them.
"""

from __future__ import annotations

import os
import plistlib
import re
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime

from privkit.model import Finding, Level

LARGEST = 64 * 1024
"""Bytes of an attribute that are looked at: the most that Linux keeps."""
MOST = 100
LONGEST = 200

ADVICE = "A clean copy does not carry it over: privkit scrub"
ORIGIN = "Where the file came from"


def attributes(path: str) -> Iterator[Finding]:
    """One finding for each extended attribute that may tell something. Never raises; where there are none, nothing."""
    for name, value in _attributes(path):
        yield from _told(name.removeprefix("user."), value)


def _attributes(path: str) -> Iterator[tuple[str, bytes]]:
    """Names and values. Those of the system (rights, labels) are left out."""
    try:
        names = [name for name in _names(path) if not name.startswith(("security.", "system.", "trusted."))]
        for name in names[:MOST]:
            yield name, _value(path, name)[:LARGEST]
    except OSError:
        return  # this file system keeps none


if sys.platform == "darwin":  # pragma: no cover
    import ctypes

    _libc = ctypes.CDLL(None, use_errno=True)

    def _names(path: str) -> list[str]:
        """Source: listxattr(2) of macOS."""
        space = ctypes.create_string_buffer(LARGEST)
        length = _libc.listxattr(os.fsencode(path), space, LARGEST, 0)
        return [name.decode("utf-8", "replace") for name in space.raw[: max(0, length)].split(b"\0") if name]

    def _value(path: str, name: str) -> bytes:
        """Source: getxattr(2) of macOS. A value that is larger than our space is not read: then b""."""
        space = ctypes.create_string_buffer(LARGEST)
        length = _libc.getxattr(os.fsencode(path), name.encode(), space, LARGEST, 0, 0)
        return space.raw[: max(0, length)]

elif sys.platform == "linux":

    def _names(path: str) -> list[str]:
        return os.listxattr(path)

    def _value(path: str, name: str) -> bytes:
        return os.getxattr(path, name)

else:  # pragma: no cover

    def _names(path: str) -> list[str]:
        return []

    def _value(path: str, name: str) -> bytes:
        return b""


QUIET = {"com.apple.provenance", "com.apple.macl", "com.apple.FinderInfo", "com.apple.TextEncoding", "com.apple.lastuseddate#PS"}
"""macOS puts these on nearly every file; they hold no words."""


def _told(name: str, value: bytes) -> Iterator[Finding]:
    """What an attribute says. Source: freedesktop.org, Common Extended Attributes; Apple, File Metadata Attributes."""
    text = _text(value)
    where = f"extended attribute {name[:LONGEST]}"
    if name == "Zone.Identifier":  # as NTFS drivers of Linux show the stream
        yield _zone(value)
    elif name == "com.apple.quarantine":
        yield _quarantine(text, where)
    elif name in ("xdg.origin.url", "xdg.referrer.url", "com.apple.metadata:kMDItemWhereFroms"):
        yield Finding("who.origin", Level.RISK, ORIGIN, text, ADVICE, where, {"value": text})
    elif name in ("creator", "dublincore.creator", "xdg.creator"):
        yield Finding("who.name", Level.RISK, "Name of a person", text, ADVICE, where, {"value": text, "field": name})
    elif name in ("xdg.comment", "com.apple.metadata:kMDItemFinderComment", "dublincore.description", "dublincore.title"):
        yield Finding("who.text", Level.WARN, "Words about the file", text, ADVICE, where, {"value": text, "field": name})
    else:
        level = Level.NOTE if name in QUIET else Level.WARN
        short = name[:LONGEST]
        detail = f"{short}: {text}" if text and level is Level.WARN else short
        yield Finding("hidden.attribute", level, "Kept beside the file", detail, ADVICE, where, {"name": short, "value": text})


def _text(value: bytes) -> str:
    """An attribute as text: a list of Apple's, or UTF-8; what is neither only by its length."""
    if value.startswith(b"bplist"):
        return _listed(value)
    text = value.rstrip(b"\0").decode("utf-8", "replace")
    readable = text.count("\ufffd") * 4 <= len(text)
    return text[:LONGEST] if readable else f"{len(value)} bytes"


def _listed(value: bytes) -> str:
    try:
        found = plistlib.loads(value, fmt=plistlib.FMT_BINARY)
    except Exception:  # plistlib raises many kinds for a damaged list
        return f"{len(value)} bytes"
    items = found if isinstance(found, list) else [found]
    words = [str(item).partition("\n")[0] for item in items[:MOST] if isinstance(item, str | int | float | date) and item != ""]
    return ", ".join(words)[:LONGEST]


def _quarantine(text: str, where: str) -> Finding:
    """`0083;66a1f2c3;Safari;UUID`: flags, seconds since 1970 in hexadecimal, program, number of the download."""
    _, seconds, program, *_ = *text.split(";"), "", "", ""
    when = _moment(int(seconds, 16)) if re.fullmatch(r"[0-9a-fA-F]{1,10}", seconds) else ""
    detail = " ".join(("fetched", *([f"with {program}"] if program else []), *([f"on {when}"] if when else [])))
    facts = {"value": text, "program": program, "time": when or None}
    return Finding("who.origin", Level.WARN, ORIGIN, detail, ADVICE, where, facts)


def _moment(seconds: float) -> str:
    """ISO time in UTC, or "" for one that no calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):
        return ""


def zone(path: str) -> Iterator[Finding]:
    """Windows' note of a download: the stream `name:Zone.Identifier`, or the file of that name that other systems make of it."""
    beside = f"{path}:Zone.Identifier"
    try:
        if stat.S_ISREG(os.stat(beside).st_mode):
            with open(beside, "rb") as file:
                yield _zone(file.read(LARGEST))
    except (OSError, ValueError):
        return  # there is none


def _zone(value: bytes) -> Finding:
    """`[ZoneTransfer]` with HostUrl and ReferrerUrl. Source: Microsoft, MS-FSCC, section 5.6.1."""
    text = value.decode("utf-16" if value.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8", "replace")
    found = dict(re.findall(r"(?im)^\s*(HostUrl|ReferrerUrl|LastWriterPackageFamilyName)\s*=\s*(\S.*?)\s*$", text)[:MOST])
    words = ", ".join(found.values())[:LONGEST]
    level = Level.RISK if any("Url" in name or "url" in name for name in found) else Level.WARN
    detail = words or "marked as fetched from elsewhere"
    return Finding("who.origin", level, ORIGIN, detail, ADVICE, "Zone.Identifier", {"value": words})
