"""Where and when an EXIF block says that the picture was taken.

Source: Exif 3.0 (CIPA DC-008-2023), sections 4.6.7 (GPS) and 4.6.6.4 (date and time).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from math import isfinite

from privkit import towns
from privkit.model import Finding, Level, Scalar

from .exif_tags import Block, Directory, text

LATITUDE, LONGITUDE, ALTITUDE, CLOCK, SPEED, DIRECTION, METHOD, AREA, DAY = 2, 4, 6, 7, 13, 17, 27, 28, 29
DEST_LATITUDE, DEST_LONGITUDE, TRACK = 20, 22, 15
_SPEEDS = {"K": "km/h", "M": "mph", "N": "knots"}
_DATE = re.compile(r"(\d{4})[:./-](\d\d)[:./-](\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?", re.ASCII)
_ZONE = re.compile(r"[+-]\d\d:\d\d|Z")
TAKEN = ((0x9003, 0x9011), (0x9004, 0x9012))
"""DateTimeOriginal and DateTimeDigitized, each with the tag of its zone."""
EDITED = ((0x0132, 0x9010), (0xC71B, 0))
"""DateTime and PreviewDateTime."""


def _degrees(block: Block, gps: Directory, tag: int) -> float | None:
    """Decimal degrees; None where the field is missing, nan where it makes no sense."""
    field = gps.fields.get(tag)
    if field is None:
        return None
    parts = [*(block.numbers(field) or [float("nan")]), 0.0, 0.0][:3]
    value = parts[0] + parts[1] / 60 + (parts[2] / 3600 if isfinite(parts[2]) else 0)
    reference = gps.fields.get(tag - 1)
    sign = -1 if reference and text(block, reference).upper()[:1] in ("S", "W") else 1
    return sign * value if abs(value) <= (90 if tag in (LATITUDE, DEST_LATITUDE) else 180) else float("nan")


def _one(block: Block, gps: Directory, tag: int) -> float | None:
    """A single finite number, or None."""
    numbers = block.numbers(gps.fields.get(tag))
    return numbers[0] if numbers and isfinite(numbers[0]) else None


def _reference(block: Block, gps: Directory, tag: int) -> str:
    field = gps.fields.get(tag)
    return text(block, field)[:1].upper() if field else ""


def _altitude(block: Block, gps: Directory) -> float | None:
    """Metres above the sea, negative below it."""
    height = _one(block, gps, ALTITUDE)
    below = _one(block, gps, ALTITUDE - 1) in (1, 3)
    return None if height is None else round(-abs(height) if below else height, 1)


def _clock(block: Block, gps: Directory) -> str:
    """The time of the GPS satellites in ISO form, UTC: `2026-07-11T17:42:07Z`, or as much of it as there is."""
    field = gps.fields.get(DAY)
    day = iso_time(text(block, field))[:10] if field else ""
    parts = block.numbers(gps.fields.get(CLOCK))
    if len(parts) != 3 or not all(isfinite(part) and 0 <= part < 61 for part in parts):
        return day
    hours, minutes, seconds = (int(part) for part in parts)
    return f"{day}T{hours:02}:{minutes:02}:{seconds:02}Z" if day else f"{hours:02}:{minutes:02}:{seconds:02}Z"


def _more(block: Block, gps: Directory, facts: dict[str, Scalar]) -> Iterator[str]:
    """What else is known of the place, in words; the same goes into `facts`."""
    height, heading, track = _altitude(block, gps), _one(block, gps, DIRECTION), _one(block, gps, TRACK)
    speed, clock = _one(block, gps, SPEED), _clock(block, gps)
    if height is not None:
        facts["altitude"] = height
        yield f"{abs(height):.0f} m {'below' if height < 0 else 'above'} the sea"
    if heading is not None:
        facts["direction"] = round(heading, 2)
        yield f"camera looking towards {heading:.0f}°"
    if speed:
        facts["speed"] = round(speed, 2)
        towards = f" towards {track:.0f}°" if track is not None else ""
        yield f"moving at {speed:.0f} {_SPEEDS.get(_reference(block, gps, SPEED - 1), 'km/h')}{towards}"
    if clock:
        facts["time"] = clock
        yield f"by the satellites' clock {clock.replace('T', ' ').replace('Z', ' UTC')}"
    method = text_of(block, gps, METHOD)
    if method:
        facts["method"] = method
        yield f"found by {method}"


def text_of(block: Block, gps: Directory, tag: int) -> str:
    """A GPS text, without the eight bytes that name its encoding; up to 200 characters."""
    field = gps.fields.get(tag)
    return re.sub(r"^(ASCII|UNICODE|JIS)\s+", "", text(block, field))[:200] if field else ""


def in_words(latitude: float, longitude: float) -> str:
    """`38.7139 N, 9.1334 W, about 2 km from Lisbon (Portugal)`."""
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.4f} {north}, {abs(longitude):.4f} {east}, {towns.place(latitude, longitude)}"


def _position(block: Block, gps: Directory, tags: tuple[int, int], title: str) -> Iterator[Finding]:
    latitude, longitude = (_degrees(block, gps, tag) for tag in tags)
    if latitude is None and longitude is None:
        return
    facts: dict[str, Scalar] = {}
    more = list(_more(block, gps, facts)) if tags[0] == LATITUDE else []
    if latitude is None or longitude is None or not (isfinite(latitude) and isfinite(longitude)):
        yield Finding(
            "where.gps",
            Level.WARN,
            title,
            "; ".join(["GPS fields without a readable place", *more]),
            where="EXIF GPS",
            facts=facts,
        )
        return
    if latitude == longitude == 0:
        words, level = "0.0000 N, 0.0000 E, which is mostly written where the place was not known", Level.WARN
    else:
        words, level = in_words(latitude, longitude), Level.RISK
        facts |= {"latitude": round(latitude, 6), "longitude": round(longitude, 6)}
    yield Finding("where.gps", level, title, "; ".join([words, *more]), where="EXIF GPS", facts=facts)


def where(block: Block) -> Iterator[Finding]:
    """The place by GPS, the place that was aimed at, the name of the area."""
    for gps in block.directories:
        if gps.name != "GPS":
            continue
        yield from _position(block, gps, (LATITUDE, LONGITUDE), "Where it was taken")
        yield from _position(block, gps, (DEST_LATITUDE, DEST_LONGITUDE), "A place it points to")
        area = text_of(block, gps, AREA)
        if area:
            yield Finding("where.named", Level.RISK, "Name of a place", area, where="EXIF GPS", facts={"value": area})


def iso_time(written: str) -> str:
    """`2026-07-11T18:42:07` (or the day alone), or "" where it is no real date."""
    match = _DATE.match(written)
    if match is None:
        return ""
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return ""
    return moment.isoformat() if match[4] else moment.date().isoformat()


def _moments(block: Block, tags: tuple[tuple[int, int], ...]) -> Iterator[tuple[str, str, str]]:
    """Dates as written, in ISO form ("" for a strange one), and their zones. Blank ones (`0000:00:00`) are left out."""
    for tag, zone_tag in tags:
        for field in block.all(tag):
            written = text(block, field)[:200]
            zone = next((text(block, one) for one in block.all(zone_tag)), "")
            if written.strip("0: -/"):
                yield written, iso_time(written), zone if _ZONE.fullmatch(zone) else ""


def _date(id: str, title: str, moment: tuple[str, str, str], level: Level = Level.WARN) -> Finding:
    written, iso, zone = moment
    facts: dict[str, Scalar] = {"time": iso} if iso else {"value": written}
    if zone:
        facts["zone"] = zone
    return Finding(id, level, title, f"{iso.replace('T', ' ') or written} {zone}".strip(), where="EXIF", facts=facts)


def when(block: Block) -> Iterator[Finding]:
    """When it was taken, digitised, changed. A lone DateTime is taken for the first, as old cameras write it."""
    taken, edited = list(_moments(block, TAKEN)), list(_moments(block, EDITED))
    if not taken:
        taken, edited = edited[:1], edited[1:]
    told = {moment[1] or moment[0] for moment in taken}
    yield from (_date("when.taken", "When", moment) for moment in _unlike(taken))
    yield from (_date("when.edited", "When it was changed", one) for one in _unlike(edited) if (one[1] or one[0]) not in told)


def _unlike(moments: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Each moment once."""
    yield from {moment[1] or moment[0]: moment for moment in reversed(moments)}.values()


def kept_date(block: Block) -> Iterator[Finding]:
    """The date in a block of our own making, as a note."""
    yield from (_date("when.taken", "When", moment, Level.NOTE) for moment in _moments(block, TAKEN[:1]))
