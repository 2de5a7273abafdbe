"""Colour profiles (ICC), reduced to what colours need.

A profile that a vendor or a screen's calibration made tells the device, its serial number, the program and the day.
`reduced` builds a new one that holds only the numbers that decide colours. What it does not remove: those numbers
themselves. A profile measured for one single screen stays recognisable by them; `findings` says so.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import pairwise

from privkit.model import Finding

from .icc_luts import from_connection, padded, processing, to_connection
from .icc_profile import CONNECTION, HEADER, SPACES, Profile, Tag, header, parse, shows_pictures
from .icc_srgb import COLUMNS, CURVES, is_srgb
from .icc_types import adaptation, ascii_description, ascii_text, cicp, curve, unicode_text, xyz

REMEMBERED = 128 * 1024
"""Profiles up to this size are remembered: a camera writes the same one into every picture."""
COPYRIGHT = "No copyright, use freely"
"""Readers require some text; this one stands in very many profiles."""
OPTIONAL = (b"bkpt", b"gamt")
"""Tags that change no colour that is shown: left out where they are not understood."""
Builder = Callable[[bytes], bytes | None]


def reduced(profile: bytes) -> bytes | None:
    """A profile with the same colours and nothing else, canonical; None where it is not understood."""
    return _remembered(profile) if len(profile) <= REMEMBERED else _reduce(profile)


def findings(profile: bytes) -> Iterator[Finding]:
    """What a profile tells. For a reduced one nothing, or one note where its numbers are those of a single device."""
    from . import icc_findings

    return icc_findings.findings(profile, reduced(profile))


def _reduce(data: bytes) -> bytes | None:
    profile = parse(data)
    if profile is None or not shows_pictures(profile):
        return None
    tags = _colour_tags(profile)
    return None if tags is None or not _decides(profile, tags) else _written(profile, tags)


_remembered = lru_cache(64)(_reduce)


def _builders(profile: Profile) -> dict[bytes, Builder]:
    """The tags that colours need, in the order they are written, each with what rebuilds it."""
    device, middle = SPACES[profile.space], CONNECTION[profile.connection]
    builders: dict[bytes, Builder] = {b"wtpt": xyz, b"bkpt": xyz, b"chad": adaptation, b"cicp": cicp}
    if profile.space == b"RGB ":
        builders |= dict.fromkeys(COLUMNS, xyz) | dict.fromkeys(CURVES, curve)
    if profile.space == b"GRAY":
        builders |= {b"kTRC": curve}
    there, back = partial(to_connection, inputs=device, outputs=middle), partial(from_connection, inputs=middle, outputs=device)
    builders |= dict.fromkeys((b"A2B0", b"A2B1", b"A2B2"), there) | dict.fromkeys((b"B2A0", b"B2A1", b"B2A2"), back)
    builders |= {b"gamt": partial(from_connection, inputs=middle, outputs=1)}
    there, back = partial(processing, inputs=device, outputs=middle), partial(processing, inputs=middle, outputs=device)
    builders |= dict.fromkeys((b"D2B0", b"D2B1", b"D2B2", b"D2B3"), there)
    return builders | dict.fromkeys((b"B2D0", b"B2D1", b"B2D2", b"B2D3"), back)


def _apart(tags: list[Tag], size: int) -> bool:
    """Whether tags lie within the profile, each name once, sharing all their bytes or none."""
    if len({tag.name for tag in tags}) < len(tags) or any(tag.end > size or tag.start < HEADER for tag in tags):
        return False
    places = sorted({(tag.start, tag.end) for tag in tags})
    return all(first[1] <= second[0] for first, second in pairwise(places))


def _colour_tags(profile: Profile) -> dict[bytes, bytes] | None:
    """The tags that colours need, rebuilt; None when one of them is not understood."""
    builders = _builders(profile)
    there = [tag for tag in profile.tags if tag.name in builders]
    if not _apart(there, len(profile.data)):
        return None
    named = {tag.name: tag for tag in there}
    built: dict[bytes, bytes] = {}
    same: dict[bytes, bytes] = {}
    for name in (name for name in builders if name in named):
        data = builders[name](profile.body(named[name]))
        if data is not None:
            built[name] = same.setdefault(data, data)
        elif name not in OPTIONAL:
            return None
    return built


def _decides(profile: Profile, tags: dict[bytes, bytes]) -> bool:
    """Whether these tags are enough to tell colours in this class of profile (ICC.1:2022, section 8)."""
    if b"A2B0" in tags:
        return True
    if profile.connection != b"XYZ " and profile.space == b"RGB ":
        return False
    needed = COLUMNS + CURVES if profile.space == b"RGB " else (b"kTRC",)
    return all(name in tags for name in needed)


def _title(profile: Profile, tags: dict[bytes, bytes]) -> str:
    """A description that fits thousands of pictures: only the colours themselves are named."""
    if b"A2B0" not in tags and is_srgb(tags):
        return "sRGB"
    return {b"GRAY": "Gray", b"CMYK": "CMYK"}.get(profile.space, "Display")


def _written(profile: Profile, tags: dict[bytes, bytes]) -> bytes:
    """The new profile: header, table, tags without gaps; equal tags share their bytes."""
    title = _title(profile, tags)
    if profile.major < 4:
        texts = {b"desc": ascii_description(title), b"cprt": ascii_text(COPYRIGHT)}
    else:
        texts = {b"desc": unicode_text(title), b"cprt": unicode_text(COPYRIGHT)}
    every = texts | tags
    at = HEADER + 4 + 12 * len(every)
    places: dict[bytes, int] = {}
    rows, bodies = [struct.pack(">I", len(every))], []
    for name, data in every.items():
        if data not in places:
            places[data] = at
            bodies.append(padded(data))
            at += len(bodies[-1])
        rows.append(struct.pack(">4sII", name, places[data], len(data)))
    return header(profile, at) + b"".join(rows + bodies)
