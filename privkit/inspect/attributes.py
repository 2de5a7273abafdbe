"""What the system keeps about a file beside its content: extended attributes, and the note of where it came from.

Both travel with a file through some copies, archives and shares, and a clean copy has none of them.
"""

from __future__ import annotations

import errno
import os
import plistlib
import re
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import BinaryIO

from privkit.model import Finding, Level

LARGEST = 64 * 1024
"""Bytes of an attribute that are looked at: the most that Linux keeps."""
MOST = 100
LONGEST = 200

ADVICE = "A clean copy does not carry it over: privkit scrub"
ORIGIN = "Downloaded from"
BESIDE = "Kept beside the file"
NONE_KEPT = {errno.ENOENT, errno.ENOTSUP, errno.EOPNOTSUPP}
"""There is nothing to look at: the file is gone, or its file system keeps no attributes."""


def attributes(path: str) -> Iterator[Finding]:
    """One finding for each extended attribute that may tell something, and one where that cannot be looked at. Never raises."""
    try:
        names = [name for name in _names(path) if not name.startswith(("security.", "system.", "trusted."))]
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) not in NONE_KEPT:
            yield _unseen("could not be looked at")
        return
    for name in names[:MOST]:
        yield from _told(name.removeprefix("user."), _read(path, name))
    if len(names) > MOST:
        yield _kept(f"{len(names) - MOST} more", "", "extended attributes")


def _read(path: str, name: str) -> bytes | None:
    """A value, or None for one that cannot be read: then its name still tells."""
    try:
        return _value(path, name)[:LARGEST]
    except (OSError, ValueError):
        return None


def _unseen(words: str) -> Finding:
    return Finding("hidden.attribute", Level.NOTE, BESIDE, words, "", "extended attributes", {"name": ""})


if sys.platform == "darwin":  # pragma: no cover
    import ctypes

    _libc = ctypes.CDLL(None, use_errno=True)
    _libc.listxattr.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
    _libc.getxattr.argtypes = [*[ctypes.c_char_p] * 3, ctypes.c_size_t, ctypes.c_uint32, ctypes.c_int]
    _libc.listxattr.restype = _libc.getxattr.restype = ctypes.c_ssize_t

    def _filled(length: int, space: ctypes.Array[ctypes.c_char]) -> bytes:
        if length < 0:
            raise OSError(ctypes.get_errno(), "attributes could not be read")
        return space.raw[:length]

    def _names(path: str) -> list[str]:
        """Source: listxattr(2) of macOS."""
        space = ctypes.create_string_buffer(LARGEST)
        names = _filled(_libc.listxattr(os.fsencode(path), space, LARGEST, 0), space)
        return [os.fsdecode(name) for name in names.split(b"\0") if name]

    def _value(path: str, name: str) -> bytes:
        """Source: getxattr(2) of macOS. A value that is larger than our space is an error."""
        space = ctypes.create_string_buffer(LARGEST)
        return _filled(_libc.getxattr(os.fsencode(path), os.fsencode(name), space, LARGEST, 0, 0), space)

elif sys.platform == "linux":

    def _names(path: str) -> list[str]:
        return os.listxattr(path)

    def _value(path: str, name: str) -> bytes:
        return os.getxattr(path, name)

else:  # pragma: no cover

    def _names(path: str) -> list[str]:
        raise OSError(errno.ENOSYS, "not known on this system")

    def _value(path: str, name: str) -> bytes:
        raise OSError(errno.ENOSYS, "not known on this system")


QUIET = {"com.apple.provenance", "com.apple.macl", "com.apple.FinderInfo", "com.apple.TextEncoding", "com.apple.lastuseddate#PS"}
"""macOS puts these on nearly every file; they hold no words."""


QUIETER = {"mime_type", "btrfs.compression"}
"""What every reader of the content sees as well, and how a file system stores it."""
ORIGINS = {"xdg.origin.url", "xdg.referrer.url", "com.apple.metadata:kMDItemWhereFroms"}
NAMES = {"dublincore.creator", "dublincore.contributor", "dublincore.publisher"}
WORDS = {
    *("xdg.comment", "xdg.tags", "xdg.origin.email.subject", "baloo.tags", "baloo.comment", "baloo.usercomment"),
    *("dublincore.title", "dublincore.description", "dublincore.subject"),
    *("com.apple.metadata:kMDItemFinderComment", "com.apple.metadata:_kMDItemUserTags"),
}


def _told(name: str, value: bytes | None) -> Iterator[Finding]:
    """What an attribute says. Source: freedesktop.org, Common Extended Attributes; Apple, File Metadata Attributes.

    `creator` names a program there, not a person.
    """
    text = "" if value is None else _text(value)
    where = f"extended attribute {name[:LONGEST]}"
    if name in QUIETER:
        return
    if name == "Zone.Identifier" and value is not None:  # as NTFS drivers of Linux show the stream
        yield _zone(value)
    elif name == "com.apple.quarantine":
        yield _quarantine(text, where)
    elif name in ORIGINS:
        yield Finding("who.origin", Level.RISK, ORIGIN, text, ADVICE, where, {"value": text})
    elif name in NAMES:
        yield Finding("who.name", Level.RISK, "Name of a person", text, ADVICE, where, {"value": text, "field": name})
    elif name == "xdg.origin.email.from":
        yield Finding("who.contact", Level.RISK, "Came by mail from", text, ADVICE, where, {"value": text})
    elif name in WORDS:
        yield Finding("who.text", Level.WARN, "Words about the file", text, ADVICE, where, {"value": text, "field": name})
    else:
        yield _kept(name[:LONGEST], text, where, Level.NOTE if name in QUIET else Level.WARN)


def _kept(name: str, text: str, where: str, level: Level = Level.WARN) -> Finding:
    detail = f"{name}: {text}" if text and level is Level.WARN else name
    return Finding("hidden.attribute", level, BESIDE, detail, ADVICE, where, {"name": name, "value": text})


def _text(value: bytes) -> str:
    """An attribute as text: a list of Apple's, or UTF-8; what is neither only by its length."""
    if value.startswith(b"bplist"):
        return _listed(value)
    text = value[: LONGEST * 8].rstrip(b"\0").decode("utf-8", "replace")
    readable = sum(sign == "\ufffd" or (sign < " " and not sign.isspace()) for sign in text) * 4 <= len(text)
    return text[:LONGEST] if readable else f"{len(value)} bytes"


def _listed(value: bytes) -> str:
    try:
        found = plistlib.loads(value, fmt=plistlib.FMT_BINARY)
        items = found if isinstance(found, list) else [found]
        words = [str(item).partition("\n")[0] for item in items[:MOST] if isinstance(item, str | int | float | date)]
    except Exception:  # plistlib raises many kinds for a damaged list; a number may be too long to be written
        return f"{len(value)} bytes"
    return ", ".join(word for word in words if word)[:LONGEST]


def _quarantine(text: str, where: str) -> Finding:
    """`0083;66a1f2c3;Safari;UUID`: flags, seconds since 1970 in hexadecimal, program, number of the download."""
    _, seconds, program, *_ = *text.split(";"), "", "", ""
    when = _moment(int(seconds, 16)) if re.fullmatch(r"[0-9a-fA-F]{1,10}", seconds) else ""
    detail = " ".join(("fetched", *([f"with {program}"] if program else []), *([f"on {when}"] if when else [])))
    facts = {"name": "com.apple.quarantine", "value": text, "program": program, "time": when or None}
    return Finding("hidden.attribute", Level.WARN, BESIDE, detail, ADVICE, where, facts)


def _moment(seconds: float) -> str:
    """ISO time in UTC, or "" for one that no calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):
        return ""


def zone(path: str) -> Iterator[Finding]:
    """Windows' note of a download: the stream `name:Zone.Identifier`, or the file of that name that other systems make of it."""
    try:
        descriptor = os.open(f"{path}:Zone.Identifier", os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, ValueError):
        return
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENAMETOOLONG, errno.ENOTDIR):  # those: there can be none
            yield Finding("hidden.attribute", Level.WARN, BESIDE, "could not be read", ADVICE, ZONE, {"name": ZONE, "value": ""})
        return
    with open(descriptor, "rb") as file:
        value = _start(file)
    if value is not None:
        yield _zone(value)


def _start(file: BinaryIO) -> bytes | None:
    """The first bytes of a file; None for what is none, such as a pipe."""
    try:
        return file.read(LARGEST) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except OSError:
        return b""


ZONE = "Zone.Identifier"
_ADDRESSES = {"hosturl", "referrerurl"}
NOWHERE = {"about:internet", "about:blank"}


def _zone(value: bytes) -> Finding:
    """`[ZoneTransfer]` with HostUrl and ReferrerUrl. Source: Microsoft, MS-FSCC, section 5.6.1."""
    text = value.decode("utf-16" if value.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig", "replace")
    lines = [line.partition("=") for line in text.splitlines()[:MOST]]
    found = {key.strip().casefold(): words.strip() for key, _, words in lines if words.strip()}
    urls = ", ".join(words for key, words in found.items() if key in _ADDRESSES and words.casefold() not in NOWHERE)
    if urls:
        return Finding("who.origin", Level.RISK, ORIGIN, urls[:LONGEST], ADVICE, ZONE, {"value": urls[:LONGEST]})
    program = found.get("lastwriterpackagefamilyname", "")[:LONGEST]
    detail = f"written by {program}" if program else "marked as fetched from elsewhere"
    return Finding("hidden.attribute", Level.WARN, BESIDE, detail, ADVICE, ZONE, {"name": ZONE, "value": program})
