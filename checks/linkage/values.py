"""What counts as the same value, and which values say nothing."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 500
"""Characters of a value that are compared; readers cut values earlier."""
LARGEST = 10**30
_NOTHING = {
    "unknown", "unbekannt", "inconnu", "none", "null", "nil", "n/a", "na", "not available", "not set", "undefined",
    "unspecified", "default", "no name", "noname", "your name", "user", "username", "owner", "camera owner", "owner name",
    "author", "artist", "creator", "photographer", "administrator", "admin", "root", "home", "public", "guest", "test",
    "untitled", "copyright", "all rights reserved", "true", "false", "yes", "no", "0123456789", "1234567890", "123456789",
    "12345678", "0123456789abcdef", "d41d8cd98f00b204e9800998ecf8427e", "faf5bdd5ba3d11daad31d33d75182f1b",
}  # fmt: skip
"""What cameras and programs write where they know nothing; the last two: the MD5 of no bytes, and what Windows gives all."""
_CLAIM = re.compile(r"^(?:\W|copyright\b|c\)|by\b|(?:19|20)\d\d\b)+|(?:\W|\b(?:19|20)\d\d|\ball rights reserved)+$")
_KIND_OF_ID = re.compile(r"^(?:(?:xmp\.[a-z]+|uuid|adobe|docid|photoshop|urn|guid):)+")
_HOST = re.compile(r"[a-z][a-z0-9+.-]{0,30}://(?:[^/\s@]{0,255}@)?(\[[0-9a-f:.]+\]|[^/\s:?#,;\\]+)")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def raw(value: object) -> str:
    """A fact as one line of text, "" for what is neither text nor a whole number."""
    if isinstance(value, str):
        return " ".join(value[:LONGEST].replace("\0", " ").split())
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST
    return str(value) if whole else ""


def same(value: str) -> str:
    """Equal for all spellings of one value; "" for a value that says nothing."""
    plain = value if value.isascii() else unicodedata.normalize("NFKC", value)
    plain = plain.casefold().strip()
    return plain if _says_something(plain) else ""


def _says_something(plain: str) -> bool:
    if plain in _NOTHING:
        return False
    letters = {letter for letter in plain if letter.isalnum()} if plain.isascii() else set(plain) - set("\ufffd?-. _*")
    if len(letters) > 1 or not plain.isascii():
        return bool(letters)
    return len(plain) > 1 and not letters <= set("0123456789fx")


def same_name(value: str) -> str:
    """A person by the name alone: `(c) 2014 Jane Doe. All rights reserved` is `jane doe`."""
    return same(_CLAIM.sub("", same(value)))


def same_serial(value: str) -> str:
    """Some fields fill a number up with zeros, and others do not."""
    plain = same(value)
    return plain.lstrip("0") if plain.isdigit() else plain


def same_contact(value: str) -> str:
    """A mail address or telephone number in any way of writing."""
    plain = same(value).removeprefix("mailto:").removeprefix("tel:")
    digits = re.sub(r"[\s()/.+-]", "", plain)
    return digits.lstrip("0") if digits.isdigit() and len(digits) > 5 else plain


def same_id(value: str) -> str:
    """A document id without what only says its kind, `xmp.did:`, and without dashes and braces."""
    return same(re.sub(r"[-{}]", "", _KIND_OF_ID.sub("", same(value))))


def origins(value: str) -> list[str]:
    """The computers that a file was fetched from; where none is named, the number of the download."""
    plain = value.casefold()
    hosts = [host.removeprefix("www.") for host in _HOST.findall(plain)]
    return list(dict.fromkeys(host for host in hosts or _UUID.findall(plain) if same(host)))
