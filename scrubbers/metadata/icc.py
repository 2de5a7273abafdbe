"""Colour profiles (ICC), reduced to what colours need.

A profile that a screen's calibration or a vendor made tells the device, its serial number, the program and the day.
`reduced` builds a new one that holds only the numbers that decide colours. What it does not remove: those numbers
themselves. A profile measured for one single screen stays recognisable by them; `findings` says so.
"""

from __future__ import annotations

import struct
from functools import lru_cache, partial

from . import icc_luts, icc_types
from .icc_findings import findings as _findings
from .icc_profile import CONNECTION, HEADER, SPACES, Profile, Tag, header, parse, shows_pictures
from .icc_types import LARGEST, ascii_description, ascii_text, unicode_text

__all__ = ["findings", "reduced"]

REMEMBERED = 128 * 1024
"""Profiles up to this size are remembered: a camera writes the same one into every picture."""
COPYRIGHT = "No copyright, use freely"
COLUMNS = (b"rXYZ", b"gXYZ", b"bXYZ")
CURVES = (b"rTRC", b"gTRC", b"bTRC")
ALWAYS = {b"wtpt": icc_types.xyz, b"chad": icc_types.adaptation, b"cicp": icc_types.cicp}
OPTIONAL = (b"bkpt", b"gamt")
"""Tags that change no colour on a screen: left out where they are not understood."""
SRGB_COLUMNS = (0.43607, 0.22249, 0.01392, 0.38515, 0.71687, 0.09708, 0.14307, 0.06061, 0.71410)
"""The primaries of IEC 61966-2-1, adapted to D50."""


def reduced(profile: bytes) -> bytes | None:
    """A profile with the same colours and nothing else, canonical; None where it is not understood."""
    return _remembered(profile) if len(profile) <= REMEMBERED else _reduce(profile)


def findings(profile: bytes) -> icc_findings_type:
    """What a profile tells. Nothing for a reduced one, or one note where its numbers are those of a single device."""
    return _findings(profile, reduced(profile))
