"""What a colour profile tells of a device, a program, a day and a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from privkit.model import Finding, Level, Scalar
from privkit.text import counted

from .icc_profile import HEADER, Profile, Tag, parse
from .icc_srgb import COLUMNS, primaries
from .icc_text import texts, usual, usual_rights
from .icc_types import u16

STANDARD = frozenset(
    b"A2B0 A2B1 A2B2 A2B3 B2A0 B2A1 B2A2 B2A3 B2D0 B2D1 B2D2 B2D3 D2B0 D2B1 D2B2 D2B3 bTRC bXYZ bkpt calt chad chrm cicp ciis "
    b"clro clrt clot cprt desc dmdd dmnd gTRC gXYZ gamt kTRC lumi meas meta ncl2 ncol pre0 pre1 pre2 ps2s psd0 psd1 psd2 pseq "
    b"psid rTRC rXYZ resp rig0 rig2 scrd scrn targ tech ucrb vcgt view vued wtpt".split()
)
"""Tags that the specifications name, and the gamma table of video cards, which everyone writes."""
CALIBRATION = (b"vcgt", b"mmod", b"meta", b"ndin")
"""Tags that only a profile made for one single screen has."""
OWN_WORDS = (b"desc", b"dscm", b"dmnd", b"dmdd", b"vued", b"meta")
SERIAL = re.compile(r"serial|\bs/?n\b|#\s?\d{3,}|\b(?=\w*\d\w*\d\w*\d)(?=\w*[A-Za-z])\w{9,}\b", re.IGNORECASE)
MOST = 16
MOST_WORDS = 500
MOST_BYTES = 256 * 1024
"""Bytes of one tag in which texts are looked for."""
WHERE = "ICC colour profile"


def findings(profile: bytes, clean: bytes | None) -> Iterator[Finding]:
    """`clean` is the reduced form of `profile`, or None where it has none."""
    parsed = parse(profile)
    if parsed is None or clean is None:
        yield _finding("hidden.unknown", "Colour profile that is not understood", name="colour profile", bytes=len(profile))
    if parsed is None:
        return
    if profile != clean:
        words = list(_words(parsed))
        yield from words
        yield from _serials(parsed)
        yield from _header(parsed, bool(words))
        yield from _hidden(parsed)
    if _single(parsed):
        yield _note("remains.colours", "Colours of one device", "the numbers of this colour profile were measured for one device")


def _finding(id: str, title: str, detail: str = "", /, **facts: Scalar) -> Finding:
    text = detail or ", ".join(str(value) for value in facts.values())
    return Finding(id, Level.WARN, title, text[:200], where=WHERE, facts=facts)


def _note(id: str, title: str, detail: str, /, **facts: Scalar) -> Finding:
    return Finding(id, Level.NOTE, title, detail[:200], where=WHERE, facts=facts)


def _words(profile: Profile) -> Iterator[Finding]:
    """Texts that do not stand in thousands of profiles."""
    seen: set[str] = set()
    for tag in profile.tags:
        known = usual if tag.name in OWN_WORDS else usual_rights
        telling = [text for text in texts(profile.body(tag, MOST_BYTES)) if text not in seen and not known(text)]
        seen.update(telling)
        if len(seen) > MOST_WORDS:
            return
        if telling:
            yield _word(tag, next((text for text in telling if text.isascii()), telling[0]))


def _word(tag: Tag, text: str) -> Finding:
    if tag.name not in OWN_WORDS:
        return _finding("who.text", "Text in the colour profile", text, value=text[:200], field=_named(tag))
    if SERIAL.search(text):
        return _finding("device.serial", "Device in the colour profile", text, value=text[:200], of="screen")
    return _finding("device.software", "Colour profile of a device", text, value=text[:200])


def _serials(profile: Profile) -> Iterator[Finding]:
    """The make, model and serial number that macOS writes for a screen."""
    for tag in profile.tags:
        data = profile.body(tag, 20)
        if tag.name == b"mmod" and len(data) >= 20 and any(data[16:20]):
            yield _finding("device.serial", "Serial number of a screen", value=data[16:20].hex(), of="screen")


def _header(profile: Profile, own: bool) -> Iterator[Finding]:
    """`own`: words say already that this profile is not one that everyone has."""
    time, makers = _made(profile.data), (profile.data[4:8], profile.data[80:84])
    if time and (own or b"lcms" in makers or any(tag.name in CALIBRATION for tag in profile.tags)):
        yield _finding("when.edited", "When the colour profile was made", time=time)
    program = _letters(profile.data[80:84])
    if program:
        yield _note("device.software", "Colour profile made by", program, value=program)
    model = _letters(profile.data[52:56])
    if model and not usual(model):
        yield _finding("device.software", "Device in the colour profile", value=model)


def _made(data: bytes) -> str:
    try:
        return datetime(*(u16(data, at) for at in range(24, 36, 2))).isoformat()  # type: ignore[arg-type]
    except ValueError:
        return ""


def _letters(data: bytes) -> str:
    text = data.decode("latin-1").strip("\0 ")
    return text if text.isprintable() else data.hex()


def _named(tag: Tag) -> str:
    return f"ICC {_letters(tag.name)}"


def _hidden(profile: Profile) -> Iterator[Finding]:
    """Private tags, and bytes that belong to no tag."""
    private = [tag for tag in profile.tags if tag.name not in STANDARD]
    if private:
        names = "ICC " + ", ".join(_letters(tag.name) for tag in private[:MOST])
        yield _finding(
            "hidden.unknown", "Private parts of the colour profile", name=names, bytes=sum(tag.size for tag in private)
        )
    between = _between(profile)
    if between:
        detail = f"{counted(between, 'byte')} that belong to nothing"
        yield _finding("hidden.unknown", "Bytes hidden in the colour profile", detail, name="ICC gaps", bytes=between)
    if profile.behind:
        detail = f"{counted(profile.behind, 'byte')} behind its end"
        yield _finding("hidden.trailer", "Bytes behind the colour profile", detail, bytes=profile.behind, kind="colour profile")


def _between(profile: Profile) -> int:
    """How many bytes between the tags and behind the last one are not zero."""
    at, found = HEADER + 4 + 12 * len(profile.tags), 0
    for start, end in sorted((tag.start, tag.end) for tag in profile.tags):
        found += max(0, len(gap := profile.data[at:start]) - gap.count(0)) if start > at else 0
        at = max(at, min(end, len(profile.data)))
    rest = profile.data[at:]
    return found + len(rest) - rest.count(0)


def _single(profile: Profile) -> bool:
    """Whether the primaries are those of no known colour space: measured for one device, or for one make of it."""
    columns = {tag.name: profile.body(tag, 20) for tag in profile.tags if tag.name in COLUMNS}
    if profile.space != b"RGB " or len(columns) < 3 or any(len(data) < 20 for data in columns.values()):
        return False
    return not primaries(columns)
