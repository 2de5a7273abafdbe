"""What the name of a file tells: when it was made, with what, and through which messenger it came."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from privkit.model import Finding, Level, Scalar

ADVICE = "--rename random gives copies a name that tells nothing."
LONGEST = 255
YEARS = range(1990, 2101)
_DATE = r"(?P<date>(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01]))"
_TIME = r"(?P<time>[012]?\d[-_.:]?[0-5]\d(?:[-_.:]?[0-5]\d)?)(?:\s?(?P<half>[AP]M))?"
_SHOTS = (
    "Screenshot|Screen ?Shot|Screen ?Recording|Bildschirmfoto|Bildschirmaufnahme|Capture d[’' ]?[eé]cran"
    "|Captura de (?:pantalla|tela|ecrã)|Schermata|Schermafbeelding|Skærmbillede|Skärmavbild|Skjermbilde|Zrzut ekranu"
    "|Snímek obrazovky|Снимок экрана|スクリーンショット|截屏|屏幕截图|스크린샷"
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of name. Groups: date or day, time and half, epoch (milliseconds or seconds), app, id, series and number."""

    match: re.Pattern[str]
    tells: str = ""
    """Through which program it came, or what it is."""
    device: str = ""
    """What it was taken with."""
    first: bool = False
    """Only at the start of a name: behind other words it would be any number."""


def _pattern(expression: str, tells: str = "", device: str = "", first: bool = False) -> Pattern:
    return Pattern(re.compile(expression, re.IGNORECASE | re.DOTALL), tells, device, first)


_ONCE = "a number that exists only once"
PATTERNS = (
    _pattern(rf"(?:IMG|VID|AUD|PTT|DOC|STK)-{_DATE}-WA\d{{4,}}", "WhatsApp"),
    _pattern(rf"WhatsApp (?:\w+ )?{_DATE}\D{{1,12}}{_TIME}", "WhatsApp"),
    _pattern(rf"signal-{_DATE}(?:[-_ ]{_TIME})?", "Signal"),
    _pattern(rf"(?:photo|video|document|audio|file|sticker)_{_DATE}_{_TIME}", "Telegram"),
    _pattern(rf"(?:photo|video|file)_\d+@(?P<day>\d\d-\d\d-\d{{4}})_{_TIME}", "Telegram"),
    _pattern(rf"viber[_ ](?:image|video)[_ ]{_DATE}[_ ]{_TIME}", "Viber"),
    _pattern(r"FB_(?:IMG|VID)_(?P<epoch>\d{13})", "Facebook"),
    _pattern(r"received_(?P<id>\d{8,})", "Facebook Messenger"),
    _pattern(r"(?P<id>\d{6,12}_\d{10,}_\d{6,}_[no])", "Facebook or Instagram"),
    _pattern(r"Snapchat-(?P<id>\d{6,})", "Snapchat"),
    _pattern(rf"(?:{_SHOTS})[-_ ]{_DATE}[-_ ]{_TIME}(?:-\d+)?_(?P<app>[\w .]+)", "picture of the screen"),
    _pattern(rf"(?:{_SHOTS})\D{{0,12}}{_DATE}(?:\D{{1,12}}{_TIME})?", "picture of the screen"),
    _pattern(rf"(?:{_SHOTS})", "picture of the screen"),
    _pattern(rf"PXL_{_DATE}_{_TIME}", device="Google Pixel"),
    _pattern(rf"DJI_{_DATE}{_TIME}", device="DJI"),
    _pattern(rf"(?:IMG|VID|MVIMG|PANO|BURST|DSC|PIC|CAM|TRIM|MOV|WIN|SL_MO_VID|P)?[-_ ]?{_DATE}[-_ T]?{_TIME}"),
    _pattern(r"(?P<series>DJI)_(?P<number>\d{4})", device="DJI"),
    _pattern(r"(?P<series>G(?:OPR|[HXLP]\d\d|P\d\d))(?P<number>\d{4})", device="GoPro"),
    _pattern(
        r"(?P<series>_?DSC[NF]?|_?IMG[PE]?|_MG|P\d{3}|CIMG|SAM|MVI|MOV|PICT|SANY|KIF|SNC|DCP|R\d{3}|HPIM|EOS)"
        r"_?(?P<number>\d{4,5})(?!\d)"
    ),
    _pattern(r"(?P<epoch>[1-3]\d{12}|1\d{9})(?:_\w+)?", first=True),
    _pattern(r"\{?(?P<id>[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12})\}?", _ONCE, first=True),
    _pattern(r"(?P<id>[0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64})", _ONCE, first=True),
)
"""The first that fits counts. A name may go on behind it: ` (1)`, `-edited`, `.clean`."""
ANYWHERE = (
    _pattern(rf"(?<!\d){_DATE}(?:[-_ T.]{{1,2}}{_TIME})?(?!\d)"),
    _pattern(r"(?<!\d)(?P<day>(?:0?[1-9]|[12]\d|3[01])[.](?:0?[1-9]|1[0-2])[.](?:19|20)\d\d)(?!\d)"),
)
"""Looked for behind any other words, where none of PATTERNS told when."""
_REST = re.compile(r"\d{0,3}(?:[ _.~-].*|\(.*)?", re.DOTALL)
_BREAK = re.compile(r"[ _(-]+")
_STARTS = 8
"""So many words of a name may stand before what a program called it: `Copy of IMG_0412`."""


def tells(name: str) -> Iterator[Finding]:
    """What the name of a file (without folder) tells: when, through what, and with which device; each once at most."""
    stem = _stem(name)
    pattern, groups = _fitting(stem)
    time = _time(groups) or _anywhere(stem)
    words = _words(pattern, groups)
    if time:
        yield _finding("when.name", f"tells when: {time}", {"value": time, "time": time})
    if words:
        unique = groups.get("id")
        yield _finding("hidden.name", f"tells: {words}", {"value": words} | ({"id": unique} if unique else {}))
    if device := _device(pattern, groups):
        yield _finding(
            "device.name", f"tells: taken with {device[0]}" if device[0] else f"numbered: {device[1]['value']}", device[1]
        )


def _stem(name: str) -> str:
    """The name without its ending, composed alike: macOS writes `é` as two characters and a narrow space before `PM`."""
    stem, suffix = os.path.splitext(name[:LONGEST])
    whole = name[:LONGEST] if suffix[1:].isdigit() else stem
    return unicodedata.normalize("NFKC", whole)[:LONGEST]


def _fitting(stem: str) -> tuple[Pattern | None, dict[str, str | None]]:
    """The first pattern that fits, at the start of the name or, for names that programs give, behind a word."""
    starts = [0, *(gap.end() for gap, _ in zip(_BREAK.finditer(stem), range(_STARTS), strict=False))]
    for pattern in PATTERNS:
        for start in starts[:1] if pattern.first else starts:
            found = pattern.match.match(stem, start)
            if found and _REST.fullmatch(stem, found.end()) and not _impossible(found.groupdict()):
                return pattern, found.groupdict()
    return None, {}


def _impossible(groups: dict[str, str | None]) -> bool:
    """A date that no calendar has: then the name means something else."""
    return any(groups.get(key) for key in ("date", "day", "epoch")) and not _time(groups)


def _anywhere(stem: str) -> str:
    for pattern in ANYWHERE:
        for found in pattern.match.finditer(stem):
            if time := _time(found.groupdict()):
                return time
    return ""


def _words(pattern: Pattern | None, groups: dict[str, str | None]) -> str:
    app = (groups.get("app") or "").strip(" ._")
    return f"{pattern.tells} of {app}" if pattern and app else pattern.tells if pattern else ""


def _device(pattern: Pattern | None, groups: dict[str, str | None]) -> tuple[str, dict[str, Scalar]] | None:
    """What it was taken with, and the number that the camera gave."""
    if pattern is None or not (pattern.device or groups.get("series")):
        return None
    if not groups.get("series"):
        return pattern.device, {"value": pattern.device}
    series, number = str(groups["series"]), str(groups["number"])
    return pattern.device, {"value": f"{series} {number}", "series": series, "number": int(number)}


def _finding(id: str, detail: str, facts: Mapping[str, Scalar]) -> Finding:
    return Finding(id, Level.NOTE, "File name", detail, ADVICE, "file name", facts)


def series(name: str) -> tuple[str, int] | None:
    """`("IMG_", 412)` for a name that a camera numbered: `IMG_0412.JPG`."""
    stem = name[:255].rpartition(".")[0] or name[:255]
    found = re.fullmatch(r"([^/]*?[A-Za-z]+[_-]?)(\d{3,7})(?:[ _.~-](?:clean|edited|copy|\d{1,2}))?(?: ?\(\d+\))?", stem)
    return (found[1].casefold(), int(found[2])) if found else None


def _time(groups: dict[str, str | None]) -> str:
    """ISO date, with the time where the name has a whole one; "" for none, and for one that cannot be."""
    if epoch := groups.get("epoch"):
        moment = datetime.fromtimestamp(int(epoch[:10]), UTC)
        return moment.isoformat(timespec="seconds") if moment.year in YEARS else ""
    day = _day(groups)
    if day is None:
        return ""
    clock = _clock(groups.get("time") or "", (groups.get("half") or "").upper())
    return day.date().isoformat() if clock is None else (day + clock).isoformat()


def _day(groups: dict[str, str | None]) -> datetime | None:
    numbers = re.sub(r"\D", "", groups.get("date") or "")
    parts = [int(numbers[:4]), int(numbers[4:6]), int(numbers[6:])] if numbers else []
    parts = parts or [int(part) for part in reversed(re.findall(r"\d+", groups.get("day") or ""))]
    try:
        return datetime(parts[0], parts[1], parts[2]) if parts and parts[0] in YEARS else None
    except ValueError:
        return None


def _clock(text: str, half: str) -> timedelta | None:
    """Time of day from `184207`, `18.42` or `6.42.07` and `PM`; None where there is none or none can be meant."""
    digits = re.sub(r"\D", "", text)
    digits = digits.zfill(len(digits) + len(digits) % 2).ljust(6, "0") if digits else "99"
    hour = int(digits[:2])
    hour = hour % 12 + (12 if half == "PM" else 0) if half and hour <= 12 else hour
    return timedelta(hours=hour, minutes=int(digits[2:4]), seconds=int(digits[4:6])) if hour < 24 else None
