"""XMP packets: what they tell, the pictures in them, and the same packet without the place."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from privkit.model import Finding

from . import xmp_findings, xmp_location
from .xmp_names import PICTURES
from .xmp_tree import Node, read

MOST_PICTURES = 8
LARGEST_PICTURE = 16 * 1024 * 1024
MAGICS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")


def findings(packet: bytes) -> Iterator[Finding]:
    """What a packet tells, starting with the block itself. Rubbish gives one finding."""
    return xmp_findings.findings(read(packet), len(packet))


def without_location(packet: bytes) -> bytes | None:
    """The packet without the place, written anew and the same when done twice; None where it must be dropped.

    An extended packet belongs to the digest in its main one, which this changes: drop it, the pointer to it goes too.
    What stays: names of people, captions and keywords, which may name a place in plain words.
    """
    return xmp_location.without_location(read(packet))


def thumbnails(packet: bytes) -> Iterator[bytes]:
    """The pictures that stand in a packet as base64: small copies, the picture behind a blurred one, depth."""
    root = read(packet, PICTURES).root
    texts = list(_pictures(root)) if root else []
    for text in texts[:MOST_PICTURES]:
        try:
            picture = base64.b64decode(text[: LARGEST_PICTURE * 4 // 3], validate=False)
        except (binascii.Error, ValueError):
            continue
        if picture.startswith(MAGICS):
            yield picture


def _pictures(node: Node) -> Iterator[str]:
    if node.name in PICTURES:
        yield node.value.text
    yield from (value.text for name, value in node.attributes if name in PICTURES)
    for child in node.children:
        yield from _pictures(child)
