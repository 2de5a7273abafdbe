"""The words in a colour profile, and which of them stand in so many profiles that they tell nothing.

Source: ICC.1:2022, sections 10.7 (dict), 10.15 (mluc), 10.24 (text); ICC.1:2001-04, 6.5.17 (desc).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from .icc_types import u32

MOST_RECORDS = 64
LONGEST = 4096
"""Bytes of one text that are looked at."""
USUAL = re.compile(
    r"""
    s?RGB | e-?sRGB | scRGB | uRGB | c2 | c2ci | Display | Gr[ae]y | CMYK | sGr[ae]y
    | sRGB \W{0,2} (IEC \s? 61966 [-.]2 [-.]1 | built-in | v4 [\w ]{0,40} | \w{1,12})
    | IEC \s 61966-2[.-]1 \s Default \s RGB \s colou?r \s space \s - \s sRGB | IEC \s http://www\.iec\.ch
    | Reference \s Viewing \s Condition \s in \s IEC \s? 61966-2[.-]1
    | (Display|DCI) [ -]? (\(?P3\)?) (\s D65)? | Adobe \s? RGB (\s \(1998\))? | opRGB | GIMP
    | (ProPhoto|ROMM|Apple|ColorMatch|Wide \s Gamut) [ -]? RGB
    | (ITU-R \s)? (Rec\.?|BT\.?) [ .]? (709|2020|2100) [\w .-]{0,24}
    | Dot \s Gain \s \d\d% | Gr[ae]y \s? (Gamma \s \d\.\d)? (\s built-in)? | Generic \s (RGB|Gray|CMYK) [\w .]{0,24} Profile
    | U\.S\. \s (Web|Sheetfed) \s (Unc|C)oated [\w ().]{0,16} | (Unc|C)oated \s (FOGRA|GRACoL) [\w ():.-]{0,40}
    | Artifex \s [\w ]{3,40} | GIMP \s built-in \s sRGB | Nikon \s (sRGB|Adobe \s RGB) \s [\d.]+
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Descriptions and names of makers in profiles that come with systems, cameras and programs."""
USUAL_RIGHTS = re.compile(
    r"""
    (Copyright|\(c\)|©|\s|[\d,-])* (Hewlett-Packard|Apple|Adobe|Google|Artifex|Microsoft|Eastman|Kodak|Nikon|Canon|Sony|Samsung)
      [\w ,.'&()-]{0,60}
    | No \s copyright [\w ,]{0,20} | Public \s Domain\.? | CC0 | PD | FB
    | (Copyright \s)? International \s Color \s Consortium [\w ,]{0,20}
    """,
    re.VERBOSE | re.IGNORECASE,
)


def usual(text: str) -> bool:
    return USUAL.fullmatch(text) is not None


def usual_rights(text: str) -> bool:
    return usual(text) or USUAL_RIGHTS.fullmatch(text) is not None


def texts(data: bytes) -> list[str]:
    """The different texts in one tag, each without surrounding blanks; empty for types that hold no text."""
    reader = {b"text": _plain, b"desc": _description, b"mluc": _languages, b"dict": _pairs}.get(data[:4])
    found = reader(data) if reader else iter(())
    return [text for text in dict.fromkeys(text.strip("\0 \r\n\t") for text in found) if text]


def _plain(data: bytes) -> Iterator[str]:
    yield data[8 : 8 + LONGEST].decode("latin-1")


def _description(data: bytes) -> Iterator[str]:
    """Three times the same name, or three different ones: ASCII, Unicode, Macintosh."""
    count = u32(data, 8)
    yield data[12 : 12 + min(count, LONGEST)].decode("latin-1")
    at = 12 + count + 4
    wide = u32(data, at)
    yield _utf16(data[at + 4 : at + 4 + min(2 * wide, LONGEST)])
    yield data[at + 4 + 2 * wide + 3 :][:67].decode("mac-roman", "replace")


def _languages(data: bytes) -> Iterator[str]:
    for number in range(min(u32(data, 8), MOST_RECORDS)):
        length, offset = u32(data, 20 + 12 * number), u32(data, 24 + 12 * number)
        yield _utf16(data[offset : offset + min(length, LONGEST)])


def _pairs(data: bytes) -> Iterator[str]:
    """Names with values, as colord and others write them: `EDID_serial=1234`."""
    size = u32(data, 12)
    for number in range(min(u32(data, 8), MOST_RECORDS) if size in (16, 24, 32) else 0):
        row = data[16 + size * number : 32 + size * number]
        if len(row) == 16:
            name_at, name_size, at, length = struct.unpack(">4I", row)
            name, value = data[name_at : name_at + min(name_size, 512)], data[at : at + min(length, LONGEST)]
            yield f"{_utf16(name)}={_utf16(value)}"


def _utf16(data: bytes) -> str:
    return data.decode("utf-16-be", "replace")
