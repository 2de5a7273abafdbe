"""Independent readers asked one question: is there still a place? For copies made with `--only location`.

exifread and Pillow read EXIF; Pillow reads IPTC; XMP is searched for the names of its place properties.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

from privkit.source import Source

from .exif_readers import careful, exifread_tags

GPS_IFD, EXIF_IFD, MAKER_NOTE = 0x8825, 0x8769, 0x927C
IPTC_PLACES = {(2, number) for number in (26, 27, 90, 92, 95, 100, 101)}
_XMP_PLACE = re.compile(
    rb"GPS(?:Latitude|Longitude|Dest|Area)|photoshop:(?:City|State|Country)|Iptc4xmp(?:Core|Ext):(?:Location|Country)"
)


def place_objections(clean: Source) -> Iterator[str]:
    """What other readers still find of a place, one sentence each. Never raises: a reader that fails objects."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = [*_by_exifread(clean), *_by_pillow(clean)]
    except Exception as error:
        found = [f"that it cannot read the copy ({type(error).__name__})"]
    yield from found


def _by_exifread(clean: Source) -> Iterator[str]:
    for name in exifread_tags(careful(clean.file)):
        if name.startswith(("GPS ", "MakerNote")) or name in ("Image GPSInfo", "EXIF MakerNote"):
            yield name


def _by_pillow(clean: Source) -> Iterator[str]:
    from PIL import Image, IptcImagePlugin

    clean.file.seek(0)
    with Image.open(clean.file, formats=("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")) as image:
        exif = image.getexif()
        if exif.get_ifd(GPS_IFD) or MAKER_NOTE in exif.get_ifd(EXIF_IFD):
            yield "a GPS block or a maker's note"
        if _XMP_PLACE.search(_bytes(image.info.get("xmp", image.info.get("XML:com.adobe.xmp", b"")))):
            yield "a place in XMP"
        iptc: dict[Any, Any] = IptcImagePlugin.getiptcinfo(image) or {}
        if IPTC_PLACES & iptc.keys():
            yield "a place in IPTC"


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
