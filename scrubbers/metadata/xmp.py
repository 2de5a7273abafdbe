"""XMP packets: what they tell, the pictures in them, and the same packet without the place.

Cheap to import: the readers are loaded when a file has a packet.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import TYPE_CHECKING

from privkit.model import Finding

if TYPE_CHECKING:
    from .xmp_tree import Name, Node

MOST_PICTURES = 8
LARGEST_PICTURE = 16 * 1024 * 1024
MAGICS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")


def findings(packet: bytes) -> Iterator[Finding]:
    """What a packet tells, starting with the block itself. Rubbish gives one finding."""
    from . import xmp_findings, xmp_tree

    return xmp_findings.findings(xmp_tree.read(packet), len(packet))


def without_location(packet: bytes) -> bytes | None:
    """The packet without the place, written anew and the same when done twice; None where it must be dropped.

    An extended packet belongs to the digest in its main one, which this changes: drop it, the pointer to it goes too.
    What stays: names of people, captions and keywords, which may name a place in plain words.
    """
    from . import xmp_location, xmp_tree

    return xmp_location.without_location(xmp_tree.read(packet))


def thumbnails(packet: bytes) -> Iterator[bytes]:
    """The pictures that stand in a packet as base64: small copies, the picture behind a blurred one, depth."""
    from .xmp_names import PICTURES
    from .xmp_tree import read

    root = read(packet, PICTURES).root
    texts = list(_pictures(root, PICTURES)) if root else []
    for text in texts[:MOST_PICTURES]:
        try:
            picture = base64.b64decode(text[: LARGEST_PICTURE * 4 // 3], validate=False)
        except (binascii.Error, ValueError):
            continue
        if picture.startswith(MAGICS):
            yield picture


def _pictures(node: Node, names: frozenset[Name]) -> Iterator[str]:
    if node.name in names:
        yield node.value.text
    yield from (value.text for name, value in node.attributes if name in names)
    for child in node.children:
        yield from _pictures(child, names)
