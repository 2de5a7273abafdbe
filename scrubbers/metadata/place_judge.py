"""Pillow asked one question: is a place still named in XMP or IPTC? For copies made with `--only location`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from privkit.source import Source

IPTC_PLACES = {(2, number) for number in (26, 27, 90, 92, 95, 100, 101)}
"""Content location, city, sub-location, province and country (IPTC-IIM 4.2, section 6)."""
_XMP_PLACE = re.compile(
    rb"GPS(?:Latitude|Longitude|Dest|Area)|photoshop:(?:City|State|Country)|Iptc4xmp(?:Core|Ext):(?:Location|Country)"
)


def named_places(clean: Source) -> Iterator[str]:
    """An objection for each kind of block in which Pillow still finds the name of a place."""
    from PIL import Image, IptcImagePlugin, UnidentifiedImageError

    clean.file.seek(0)
    try:
        image = Image.open(clean.file, formats=("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"))
    except UnidentifiedImageError:
        return  # a rare kind (BigTIFF of some makes) that Pillow reads by its directories alone: see `judges`
    with image:
        packet = image.info.get("xmp", image.info.get("XML:com.adobe.xmp", b""))
        if _XMP_PLACE.search(packet if isinstance(packet, bytes) else str(packet).encode("utf-8", "replace")):
            yield "a place in XMP"
        iptc: dict[Any, Any] = IptcImagePlugin.getiptcinfo(image) or {}
        if IPTC_PLACES & iptc.keys():
            yield "a place in IPTC"
