"""What the values in XMP look like: places, paths, data in base64."""

from __future__ import annotations

import re

from .xmp_names import BRANCHES

ANGLE = re.compile(
    r"""\s* ([+-]?\d{1,3}(?:\.\d{1,12})?) (?: \s*[,;:°\ ]\s* (\d{1,2}(?:\.\d{1,12})?) )?
    (?: \s*[,;:'′\ ]\s* (\d{1,2}(?:\.\d{1,12})?) )?
    \s* ["″'′]? \s* ([NSEWnsew]?) \s*""",
    re.VERBOSE,
)
"""`38,42.8334N`, `38,42,50N` (XMP part 2, 1.2.7.4), and decimal degrees."""
RUN = re.compile(r"[+-]?\d{1,3}\.\d{3,15}(?:\s*[,;/ ]\s*[+-]?\d{1,3}\.\d{3,15})+")
NUMBER = re.compile(r"[+-]?\d{1,3}\.\d{3,15}")
WRITTEN = re.compile(
    r"""\d{1,3} \s? (?:°|º|deg) \s? \d{1,2} (?:[.,]\d+)? \s? ['′’]? .{0,12}? \s? [NSEWO]\b
    | \b geo:\s? (?:lat|lon|-?\d) | \b geotagged \b | \b (?:lat|latitude|lon|longitude) \s? [:=] \s? [+-]?\d
    | maps\.google | google\.\w+(?:\.\w+)?/maps
    | goo\.gl/maps | maps\.app\.goo | maps\.apple\.com | openstreetmap\.org | what3words""",
    re.VERBOSE | re.IGNORECASE,
)
BASE64 = re.compile(r"[A-Za-z0-9+/=_\s-]{512,}")
PATH = re.compile(
    r"(?:(?<![A-Za-z])[A-Za-z]:[\\/](?!/)|file:/{1,3}|(?<![\w.])/(?:Users|home|Volumes|media|mnt|storage|sdcard|private)/|\\\\[\w.-]+\\)"
    r"[^\"<>|\r\n]{2,}"
)
USER = re.compile(r"[\\/](?:Users|home|Documents and Settings|Benutzer)[\\/]([^\\/\"<>|\r\n]{1,64})")
MOMENT = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?")
LONGEST = 4096
"""Characters of a value in which a path is looked for."""


def angle(text: str, sign: str = "") -> float | None:
    """A latitude or longitude in degrees. sign: N, S, E or W where it stands elsewhere."""
    found = ANGLE.fullmatch(text[:64])
    if found is None:
        return None
    degrees, minutes, seconds = (float(part or 0) for part in found.group(1, 2, 3))
    size = abs(degrees) + minutes / 60 + seconds / 3600
    south = found[1].startswith("-") or (found[4] or sign[:1]).upper() in ("S", "W")
    return None if size > 180 else -size if south else size


def has_place(text: str) -> bool:
    """Whether a text holds coordinates or a link to a map."""
    return WRITTEN.search(text) is not None or any(_pair(run) for run in RUN.findall(text))


def _pair(run: str) -> bool:
    """Whether exactly two numbers stand together that can be degrees; shares of a picture are not larger than 1."""
    values = [abs(float(number)) for number in NUMBER.findall(run)]
    return len(values) == 2 and max(values) > 1.0 and values[0] <= 180 and values[1] <= 180 and min(values) <= 90


def is_data(text: str, length: int) -> bool:
    """Whether a value of `length` characters, of which `text` is known, is coded data and not words: cut off, or base64."""
    return length > len(text) or (length >= 512 and " " not in text.strip() and BASE64.fullmatch(text) is not None)


def path(text: str) -> tuple[str, str]:
    """A file's path in a text and the user's name in it, each "" where there is none."""
    found = PATH.search(text[:LONGEST])
    if found is None:
        return "", ""
    user = USER.search(found[0])
    return found[0], user[1] if user else ""


def branch(keyword: str) -> str:
    """`people` or `places` for a keyword of a tree that says so in its first word, `People|Anna`; else ""."""
    first, mark, _ = keyword.replace("/", "|").partition("|")
    return BRANCHES.get(first.strip().casefold(), "") if mark else ""


def moment(text: str) -> str:
    """A date and time in the form of ISO 8601, also where it is written as in EXIF (`2011:10:17 18:19:51`)."""
    found = MOMENT.match(text)
    return f"{found[1]}-{found[2]}-{found[3]}{'T' + found[4] if found[4] else ''}{found[5] or ''}" if found else text
