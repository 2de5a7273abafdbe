"""Photoshop image resources and IPTC: what they tell, the pictures in them, and both without the place.

Cheap to import: the readers are loaded when a file has such blocks.
"""

from __future__ import annotations

from collections.abc import Iterator

from privkit.model import Finding


def findings(resources: bytes) -> Iterator[Finding]:
    """What image resources tell (JPEG APP13 behind `Photoshop 3.0`, TIFF tag 34377), starting with the block itself."""
    from . import iptc_blocks

    return iptc_blocks.findings(resources)


def iim_findings(data: bytes) -> Iterator[Finding]:
    """What bare IPTC tells (TIFF tag 33723), starting with the block itself."""
    from . import iptc_blocks

    return iptc_blocks.iim_findings(data)


def without_location(resources: bytes) -> bytes | None:
    """The known blocks without the place, written anew and the same when done twice; None where nothing is left.

    Small copies, the digest, printer settings, slices, paths and names go too: they hold words or are not understood.
    """
    from . import iptc_blocks

    return iptc_blocks.without_location(resources)


def iim_without_location(data: bytes) -> bytes | None:
    """Bare IPTC without the place, written anew; None where it is not understood, or nothing is left."""
    from . import iptc_iim

    return iptc_iim.without_location(data)


def thumbnails(resources: bytes) -> Iterator[bytes]:
    """The small copies of the picture inside."""
    from . import iptc_blocks

    return iptc_blocks.thumbnails(resources)
