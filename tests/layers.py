"""Unpacks every layer of a file and looks for planted words: the test of "clean" that trusts no parser."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator

DEEPEST = 4
_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]{24,}={0,2}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}[\r\n]?){16,}")
_ZLIB = re.compile(rb"[\x08\x18\x28\x38\x48\x58\x68\x78][\x01\x5e\x9c\xda]|[\x78][\x00-\xff]")


def layers(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """`data` itself, then what is packed in it by deflate, gzip, base64 or hexadecimal, layer by layer."""
    yield data
    if depth == DEEPEST:
        return
    for inner in _unpacked(data):
        if len(inner) > 8 and inner != data:
            yield from layers(inner, depth + 1)


def _unpacked(data: bytes) -> Iterator[bytes]:
    for found in _ZLIB.finditer(data):
        inflater = zlib.decompressobj()
        try:
            yield inflater.decompress(data[found.start() :], 16 * 1024 * 1024)
        except zlib.error:
            continue
    for found in re.finditer(rb"\x1f\x8b\x08", data):
        try:
            yield gzip.decompress(data[found.start() :])
        except (OSError, EOFError, zlib.error):
            continue
    for found in _BASE64.finditer(data):
        text = re.sub(rb"[\r\n=]", b"", found[0])
        for skip in range(4):
            part = text[skip : skip + (len(text) - skip) // 4 * 4]
            yield base64.b64decode(part)
    for found in _HEX.finditer(data):
        try:
            yield binascii.unhexlify(re.sub(rb"[\r\n]", b"", found[0]))
        except binascii.Error:
            continue


def found_words(data: bytes, words: Iterable[str]) -> set[str]:
    """Which of the planted words stand in any layer, as ASCII or UTF-16, either byte order."""
    forms = {word: (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")) for word in words}
    hits: set[str] = set()
    for layer in layers(data):
        hits |= {word for word, ways in forms.items() if any(way in layer for way in ways)}
    return hits
