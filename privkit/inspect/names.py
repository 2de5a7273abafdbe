"""What the name of a file tells: when it was made, with what, and through which messenger it came."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from privkit.model import Finding, Level, Scalar

ADVICE = "Give it another name: privkit scrub --rename random"
_DATE = r"(?P<date>(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01]))"
_TIME = r"(?P<time>[012]?\d[-_.:]?[0-5]\d(?:[-_.:]?[0-5]\d)?)(?:\s?(?P<half>[AP]M))?"
_UNIQUE = "a number that exists only once: it can be found again"
_SHOTS = (
    "Screenshot|Screen ?Shot|Screen ?Recording|Bildschirmfoto|Bildschirmaufnahme|Capture d[’' ]?(?:e|é|e\u0301)cran"
    "|Captura de (?:pantalla|tela|ecrã)|Schermata|Schermafbeelding|Skærmbillede|Skärmavbild|Skjermbilde|Zrzut ekranu"
    "|Snímek obrazovky|Снимок экрана|スクリーンショット|截屏|屏幕截图|스크린샷"
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of name. Groups: date, time, epoch (seconds or milliseconds), app, series and number."""

    match: re.Pattern[str]
    tells: str
    level: Level = Level.NOTE


def _pattern(expression: str, tells: str, level: Level = Level.NOTE) -> Pattern:
    return Pattern(re.compile(expression, re.IGNORECASE), tells, level)


PATTERNS = (
    _pattern(rf"(?:IMG|VID|AUD|PTT|DOC|STK)-{_DATE}-WA\d{{4,}}", "it came through WhatsApp", Level.WARN),
    _pattern(rf"WhatsApp (?:\w+ )?{_DATE} \w+ {_TIME}", "it came through WhatsApp", Level.WARN),
    _pattern(rf"signal-{_DATE}(?:[-_ ]{_TIME})?", "it came through Signal", Level.WARN),
    _pattern(rf"(?:photo|video|document|audio|file|sticker)_{_DATE}_{_TIME}", "it came through Telegram", Level.WARN),
    _pattern(r"(?:photo|video|file)_\d+@(?P<day>\d\d-\d\d-(?:19|20)\d\d)_" + _TIME, "it came through Telegram", Level.WARN),
    _pattern(rf"viber[_ ](?:image|video)[_ ]{_DATE}[_ ]{_TIME}", "it came through Viber", Level.WARN),
    _pattern(r"FB_(?:IMG|VID)_(?P<epoch>\d{13})", "it came through Facebook", Level.WARN),
    _pattern(r"received_(?P<id>\d{8,})", "it came through Facebook Messenger, under this number", Level.WARN),
    _pattern(r"(?P<id>\d{6,12}_\d{10,}_\d{6,}_[no])", "it was fetched from Facebook or Instagram, under this number", Level.WARN),
    _pattern(r"Snapchat-(?P<id>\d{6,})", "it came through Snapchat", Level.WARN),
    _pattern(rf"(?:{_SHOTS})[-_ ]{_DATE}[-_ ]{_TIME}(?:-\d+)?_(?P<app>[\w .]+)", "it is a picture of the screen", Level.WARN),
    _pattern(rf"(?:{_SHOTS})\D{{0,12}}{_DATE}(?:\D{{1,12}}{_TIME})?", "it is a picture of the screen"),
    _pattern(rf"(?:{_SHOTS})", "it is a picture of the screen"),
    _pattern(rf"PXL_{_DATE}_{_TIME}", "it was taken with a Google Pixel (time in UTC)"),
    _pattern(rf"DJI_{_DATE}{_TIME}", "it was taken with a DJI drone or camera"),
    _pattern(rf"(?:IMG|VID|MVIMG|PANO|BURST|DSC|PIC|CAM|TRIM|MOV|WIN|SL_MO_VID)?[-_ ]?{_DATE}[-_ T]?{_TIME}", "when it was made"),
    _pattern(r"(?P<series>DJI)_(?P<number>\d{4})", "it was taken with a DJI drone or camera"),
    _pattern(r"(?P<series>G(?:OPR|[HXLP]\d\d|P\d\d))(?P<number>\d{4})", "it was taken with a GoPro"),
    _pattern(
        r"(?P<series>_?DSC[NF]?|_?IMG[PE]?|_MG|P\d{3}|CIMG|SAM|MVI|MOV|PICT|SANY|KIF|SNC|DCP|R\d{3}|HPIM|EOS)_?(?P<number>\d{4,5})(?!\d)",
        "the number of the picture in the camera",
    ),
    _pattern(r"(?P<epoch>1\d{12}|1\d{9})(?:_\w+)?", "when it was made, counted in seconds since 1970"),
    _pattern(
        r"\{?(?P<id>[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12})\}?", "a number that exists only once: it can be found again"
    ),
    _pattern(r"(?P<id>[0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64})", "a number that exists only once: it can be found again"),
    _pattern(rf".*?(?<!\d){_DATE}(?!\d).*", "a date"),
)
"""The first that fits counts. A name may go on behind it: ` (1)`, `-edited`, `.clean`."""
_REST = re.compile(r"\d{0,3}(?:[ _.~-].*|\(.*)?", re.DOTALL)


def tells(name: str) -> Iterator[Finding]:
    """What the name of a file (without folder) tells: one finding at most."""
    stem = name[:255].rpartition(".")[0] or name[:255]
    for pattern in PATTERNS:
        found = pattern.match.match(stem)
        if found and _REST.fullmatch(stem, found.end()):
            yield _finding(pattern, found.groupdict())
            return


def series(name: str) -> tuple[str, int] | None:
    """`("IMG_", 412)` for a name that a camera numbered: `IMG_0412.JPG`."""
    stem = name[:255].rpartition(".")[0] or name[:255]
    found = re.fullmatch(r"([^/]*?[A-Za-z]+[_-]?)(\d{3,7})(?:[ _.~-](?:clean|edited|copy|\d{1,2}))?(?: ?\(\d+\))?", stem)
    return (found[1].casefold(), int(found[2])) if found else None


def _finding(pattern: Pattern, groups: dict[str, str | None]) -> Finding:
    time = _time(groups)
    words = [pattern.tells, *([f"in {groups['app']}"] if groups.get("app") else []), *([time] if time else [])]
    facts: dict[str, Scalar] = {"tells": pattern.tells}
    facts |= {"time": time} if time else {}
    facts |= {key: groups[key] for key in ("app", "series", "id") if groups.get(key)}
    if groups.get("number"):
        facts["number"] = int(groups["number"] or 0)
    kind = "when.name" if time else "hidden.name"
    return Finding(kind, pattern.level, "File name", "tells: " + ", ".join(words), ADVICE, "file name", facts)


def _time(groups: dict[str, str | None]) -> str:
    """ISO date, with the time where the name has a whole one; "" for none or an impossible one."""
    if epoch := groups.get("epoch"):
        return datetime.fromtimestamp(int(epoch[:10]), UTC).isoformat(timespec="seconds")
    day = re.sub(r"\D", "", groups.get("date") or "") or "".join(reversed((groups.get("day") or "").split("-")))
    clock = re.sub(r"\D", "", groups.get("time") or "")
    clock = clock.zfill(len(clock) + len(clock) % 2).ljust(6, "0") if clock else ""
    try:
        if clock:
            late = timedelta(hours=12) if (groups.get("half") or "").upper() == "PM" and clock < "12" else timedelta()
            return (datetime.strptime(day + clock, "%Y%m%d%H%M%S") + late).isoformat()
        return datetime.strptime(day, "%Y%m%d").date().isoformat() if day else ""
    except ValueError:
        return ""
