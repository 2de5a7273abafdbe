"""What tells beyond the content: names, dates, attributes of the system, files beside."""

from __future__ import annotations

import errno
import os
import plistlib
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privkit.inspect import attributes as kept
from privkit.inspect.names import series, tells
from privkit.inspect.outside import outside
from privkit.model import Finding, Level
from privkit.plugin import FileType
from tests.real import needs

JPEG = FileType("jpeg", "JPEG", (".jpg", ".jpeg"))
DAY = "2026-07-11"
MOMENT = "2026-07-11T18:42:07"

NAMES = [
    ("IMG_20260711_184207.jpg", MOMENT, "", ""),
    ("IMG_20260711_184207123.jpg", MOMENT, "", ""),
    ("IMG_20260711_184207~2.jpg", MOMENT, "", ""),
    ("P_20260711_184207.jpg", MOMENT, "", ""),
    ("P20260711_184207.jpg", MOMENT, "", ""),
    ("PXL_20260711_184207123.MP.jpg", MOMENT, "", "Google Pixel"),
    ("20260711_184207.jpg", MOMENT, "", ""),
    ("IMG_20260711.jpg", DAY, "", ""),
    ("IMG_20260711_291010.jpg", DAY, "", ""),
    ("VID-20260711-WA0001.mp4", DAY, "WhatsApp", ""),
    ("IMG-20260711-WA0001.jpg", DAY, "WhatsApp", ""),
    ("WhatsApp Image 2026-07-11 at 18.42.07.jpeg", MOMENT, "WhatsApp", ""),
    ("WhatsApp Image 2026-07-11 at 6.42.07 PM (1).jpeg", MOMENT, "WhatsApp", ""),
    ("WhatsApp Bild 2026-07-11 um 18.42.07.jpeg", MOMENT, "WhatsApp", ""),
    ("Screenshot_20260711-184207_Signal.png", MOMENT, "picture of the screen of Signal", ""),
    ("Screenshot_20260711-184207_Signal (1).png", MOMENT, "picture of the screen of Signal", ""),
    ("Screenshot_2026-07-11-18-42-07-123_com.whatsapp.jpg", MOMENT, "picture of the screen of com.whatsapp", ""),
    ("Screenshot_20260711-184207.png", MOMENT, "picture of the screen", ""),
    ("Screenshot 2026-07-11 184207.png", MOMENT, "picture of the screen", ""),
    ("Screenshot from 2026-07-11 18-42-07.png", MOMENT, "picture of the screen", ""),
    ("Screen Shot 2026-07-11 at 18.42.07.png", MOMENT, "picture of the screen", ""),
    ("Screen Shot 2026-07-11 at 18.42.07", MOMENT, "picture of the screen", ""),
    ("Screenshot 2026-07-11 at 6.42.07\u202fPM.png", MOMENT, "picture of the screen", ""),
    ("Screenshot 2026-07-11 at 12.42.07 AM.png", "2026-07-11T00:42:07", "picture of the screen", ""),
    ("Bildschirmfoto 2026-07-11 um 18.42.07.png", MOMENT, "picture of the screen", ""),
    ("Bildschirmfoto vom 2026-07-11 18-42-07.png", MOMENT, "picture of the screen", ""),
    ("Bildschirmfoto 11.07.2026.png", DAY, "picture of the screen", ""),
    ("Capture d’écran 2026-07-11 à 18.42.07.png", MOMENT, "picture of the screen", ""),
    ("Capture d'e\u0301cran 2026-07-11 a\u0300 18.42.07.png", MOMENT, "picture of the screen", ""),
    ("Captura de pantalla 2026-07-11 a la(s) 18.42.07.png", MOMENT, "picture of the screen", ""),
    ("signal-2026-07-11-184207.jpg", MOMENT, "Signal", ""),
    ("signal-2026-07-11-18-42-07-123.jpg", MOMENT, "Signal", ""),
    ("photo_2026-07-11_18-42-07.jpg", MOMENT, "Telegram", ""),
    ("photo_2026-07-11_18-42-07 (2).jpg", MOMENT, "Telegram", ""),
    ("photo_1@11-07-2026_18-42-07.jpg", MOMENT, "Telegram", ""),
    ("FB_IMG_1783795327000.jpg", "2026-07-11T18:42:07+00:00", "Facebook", ""),
    ("1783795327000.jpg", "2026-07-11T18:42:07+00:00", "", ""),
    ("received_1234567890123456.jpeg", "", "Facebook Messenger", ""),
    ("12345678_1234567890123_1234567890_n.jpg", "", "Facebook or Instagram", ""),
    ("Snapchat-123456789.jpg", "", "Snapchat", ""),
    ("DSC_0412.JPG", "", "", "DSC 0412"),
    ("DSC00412.JPG", "", "", "DSC 00412"),
    ("IMG_0412.clean.jpg", "", "", "IMG 0412"),
    ("DSCF1234.jpg", "", "", "DSCF 1234"),
    ("P1010001.JPG", "", "", "P101 0001"),
    ("_MG_1234.CR2", "", "", "_MG 1234"),
    ("GOPR0412.JPG", "", "", "GOPR 0412"),
    ("DJI_0412.JPG", "", "", "DJI 0412"),
    ("Copy of IMG_0412.jpg", "", "", "IMG 0412"),
    ("2026-07-11 IMG_0412.jpg", DAY, "", "IMG 0412"),
    ("123e4567-e89b-12d3-a456-426614174000.jpg", "", "a number that exists only once", ""),
    ("d41d8cd98f00b204e9800998ecf8427e.png", "", "a number that exists only once", ""),
    ("holiday 2026-07-11 beach.jpg", DAY, "", ""),
    ("holiday 2026-02-31 and 2026-07-11.jpg", DAY, "", ""),
    ("party 11.07.2026", DAY, "", ""),
]


def told(name: str) -> dict[str, str]:
    return {finding.id: str(finding.facts["value"]) for finding in tells(name)}


@pytest.mark.parametrize(("name", "time", "app", "device"), NAMES)
def test_names_that_tell(name: str, time: str, app: str, device: str) -> None:
    expected = {"when.name": time, "hidden.name": app, "device.name": device}
    assert told(name) == {id: value for id, value in expected.items() if value}
    assert all(finding.level is Level.NOTE and "--rename random" in finding.advice for finding in tells(name))


NOTHING = (
    "beach.jpg photo.jpg image.png beach2.jpg 20269999.jpg 2026-02-31.jpg 1889-07-11.jpg 2101-07-11.jpg .jpg MAY2024.jpg".split()
)


@pytest.mark.parametrize("name", [*NOTHING, "", "a" * 300, "IMG_20260230_101010.jpg"])
def test_names_that_do_not_tell(name: str) -> None:
    assert told(name) == {}


def test_facts_for_the_comparison_of_files() -> None:
    when, shot = tells("Screenshot_20260711-184207_Signal.png")
    (number,) = tells("IMG_0412.jpg")
    assert when.facts["time"] == MOMENT and "Signal" in shot.detail
    assert (number.facts["series"], number.facts["number"]) == ("IMG", 412)


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from(["%Y%m%d", "%Y-%m-%d", "%Y_%m_%d", "%d.%m.%Y"]))
def test_every_date_is_found(day: date, form: str) -> None:
    for name in (f"{day.strftime(form)}.jpg", f"at home {day.strftime(form)} again.jpg"):
        assert told(name)["when.name"] == day.isoformat()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IMG_0412.JPG", ("img_", 412)),
        ("img_0412 (2).jpg", ("img_", 412)),
        ("IMG_0412.clean.jpg", ("img_", 412)),
        ("P1010123.JPG", ("p", 1010123)),
        ("IMG-20260711-WA0007.jpg", ("img-20260711-wa", 7)),
        ("IMG_20260711_184207.jpg", None),
        ("beach.jpg", None),
        ("0412.jpg", None),
    ],
)
def test_series(name: str, expected: tuple[str, int] | None) -> None:
    assert series(name) == expected


@given(st.text(st.characters(), max_size=300) | st.text("IMG_-2026071 :.PDSC\udcff\n", max_size=300))
def test_any_name_is_looked_at_without_error(name: str) -> None:
    assert all(finding.level is Level.NOTE for finding in tells(name)) and len(told(name)) == len(list(tells(name)))
    series(name)


# The file and what lies beside it -----------------------------------------------------------------------------------


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "beach.jpg"
    path.write_bytes(b"\xff\xd8\xff")
    return path


def looked(path: Path, kind: FileType | None = JPEG) -> dict[str, Finding]:
    return {finding.id: finding for finding in outside(str(path), kind, os.stat(path))}


def test_plain_file_tells_only_its_date(photo: Path) -> None:
    os.utime(photo, (0, datetime(2026, 7, 11, 18, 42, 7, tzinfo=UTC).timestamp()))
    found = looked(photo)
    assert list(found) == ["when.file"]
    assert found["when.file"].facts["time"] == "2026-07-11T18:42:07+00:00" and found["when.file"].level == Level.NOTE


def test_relative_path_without_folder(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(photo.parent)
    Path("beach.xmp").write_text("x")
    found = [finding.id for finding in outside("beach.jpg", JPEG, os.stat("beach.jpg"))]
    assert found == ["when.file", "hidden.sidecar"]


def test_type_against_suffix(photo: Path) -> None:
    finding = looked(photo, FileType("png", "PNG", (".png",)))["hidden.type-mismatch"]
    assert finding.level == Level.WARN and ".jpg" in finding.detail and "PNG" in finding.detail
    assert "hidden.type-mismatch" not in looked(photo, None)
    assert "hidden.type-mismatch" not in looked(photo.rename(photo.parent / "beach.JPEG"))
    assert "hidden.type-mismatch" not in looked((photo.parent / "beach.JPEG").rename(photo.parent / "beach"))


@pytest.mark.parametrize(
    "name",
    [
        *("beach.xmp", "beach.jpg.xmp", "beach.XMP", "beach.AAE", "beach.thm", "beach.jpg_original", "._beach.jpg"),
        *("beach.jpg.json", "beach.jpg.supplemental-metadata.json"),
    ],
)
def test_files_beside(photo: Path, name: str) -> None:
    (photo.parent / name).write_text("x")
    finding = looked(photo)["hidden.sidecar"]
    assert finding.level == Level.NOTE and finding.facts["name"] == name


def test_zone_identifier_beside(photo: Path) -> None:
    beside = Path(f"{photo}:Zone.Identifier")
    beside.write_bytes(
        b"[ZoneTransfer]\r\nZoneId=3\r\nReferrerUrl=https://r.example/\r\nHostUrl=https://h.example/x.jpg?id=7\r\n"
    )
    finding = looked(photo)["who.origin"]
    assert finding.level == Level.RISK and finding.facts["value"] == "https://r.example/, https://h.example/x.jpg?id=7"
    beside.write_bytes("[ZoneTransfer]\r\nHostUrl=https://h.example/".encode("utf-16"))
    assert looked(photo)["who.origin"].facts["value"] == "https://h.example/"
    for words in (b"[ZoneTransfer]\r\nZoneId=3\r\n", b"HostUrl=about:internet\r\n", b""):
        beside.write_bytes(words)
        assert looked(photo)["hidden.attribute"].level == Level.WARN and "who.origin" not in looked(photo)
    beside.write_bytes(b"lastwriterpackagefamilyname = Some.App_1\n")
    assert looked(photo)["hidden.attribute"].facts["value"] == "Some.App_1"


@pytest.mark.parametrize("filler", [b"\n", b" ", b"HostUrl=", b"=\n", b"HostUrl"])
def test_a_huge_note_of_a_download_is_bounded(photo: Path, filler: bytes) -> None:
    Path(f"{photo}:Zone.Identifier").write_bytes(filler * 500_000)
    start = time.perf_counter()
    assert len(looked(photo)) == 2 and all(len(str(one.facts)) < 1000 for one in looked(photo).values())
    assert time.perf_counter() - start < 1


def test_a_clean_copy_tells_nothing_above_a_note(tmp_path: Path) -> None:
    for name, *_ in NAMES:
        path = tmp_path / name
        path.write_bytes(b"\xff\xd8\xff")
        kind = FileType("any", "any", (path.suffix.lower(),))
        assert max(finding.level for finding in outside(str(path), kind, os.stat(path))) is Level.NOTE


def test_an_ending_is_no_number_and_survives_exiftool(tmp_path: Path) -> None:
    for name in ("11.07.2026", "beach.jpg_original"):
        (tmp_path / name).write_bytes(b"")
        assert "hidden.type-mismatch" not in looked(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_beside_does_not_stop_it(photo: Path) -> None:
    os.mkfifo(f"{photo}:Zone.Identifier")
    assert "who.origin" not in looked(photo)


@given(st.text(st.characters(), max_size=40))
def test_any_path_is_looked_at_without_error(name: str) -> None:
    list(outside(name, JPEG, os.stat(os.curdir)))


def test_file_that_is_gone_by_now(photo: Path) -> None:
    stat = os.stat(photo)
    photo.unlink()
    assert [finding.id for finding in outside(str(photo), JPEG, stat)] == ["when.file"]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/IMG_20260711_184207\xff\n.jpg"
    try:
        Path(os.fsdecode(path)).write_bytes(b"\xff\xd8")
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    assert {"when.name", "when.file"} <= {finding.id for finding in outside(os.fsdecode(path), JPEG, os.stat(path))}


# Attributes ---------------------------------------------------------------------------------------------------------

ATTRIBUTES = [
    ("user.xdg.origin.url", b"https://h.example/x.jpg", "who.origin", Level.RISK, "https://h.example/x.jpg"),
    ("user.xdg.referrer.url", b"https://r.example/", "who.origin", Level.RISK, "https://r.example/"),
    ("user.xdg.comment", b"words", "who.text", Level.WARN, "words"),
    ("user.xdg.tags", b"beach,us", "who.text", Level.WARN, "beach,us"),
    ("user.creator", b"curl", "hidden.attribute", Level.WARN, "curl"),
    ("user.xdg.origin.email.from", b"ada@mail.example", "who.contact", Level.RISK, "ada@mail.example"),
    ("user.xdg.origin.email.subject", b"the beach", "who.text", Level.WARN, "the beach"),
    ("user.dublincore.creator", b"Ada", "who.name", Level.RISK, "Ada"),
    ("user.anything", b"words", "hidden.attribute", Level.WARN, "words"),
    ("user.binary", b"\xff\xfe\xfd\xfc\0\1", "hidden.attribute", Level.WARN, "6 bytes"),
    (
        "user.com.apple.metadata:kMDItemWhereFroms",
        plistlib.dumps(["https://h.example/x.jpg", "https://r.example/"], fmt=plistlib.FMT_BINARY),
        "who.origin",
        Level.RISK,
        "https://h.example/x.jpg, https://r.example/",
    ),
    (
        "user.com.apple.metadata:_kMDItemUserTags",
        plistlib.dumps(["Ours\n6"], fmt=plistlib.FMT_BINARY),
        "who.text",
        Level.WARN,
        "Ours",
    ),
    ("user.com.apple.metadata:kMDItemWhereFroms", b"bplist00" + b"\xff" * 40, "who.origin", Level.RISK, "48 bytes"),
    ("user.com.apple.provenance", b"\1\2\0\3", "hidden.attribute", Level.NOTE, "4 bytes"),
    ("user.Zone.Identifier", b"[ZoneTransfer]\r\nHostUrl=https://h.example/\r\n", "who.origin", Level.RISK, "https://h.example/"),
]


@pytest.mark.parametrize(("name", "value", "kind", "level", "text"), ATTRIBUTES)
def test_attributes(monkeypatch: pytest.MonkeyPatch, name: str, value: bytes, kind: str, level: Level, text: str) -> None:
    monkeypatch.setattr(kept, "_names", lambda path: [name, "security.selinux", "system.posix_acl_access"])
    monkeypatch.setattr(kept, "_value", lambda path, name: value)
    (finding,) = kept.attributes("any")
    assert (finding.id, finding.level) == (kind, level) and str(finding.facts["value"]).startswith(text[:4])
    assert finding.facts["value"] == text or (kind == "hidden.attribute" and level is Level.NOTE)


def test_quarantine_tells_program_and_time() -> None:
    (finding,) = kept._told("com.apple.quarantine", b"0083;6a528fff;Safari;0B1C2D3E-0000")
    assert (finding.id, finding.level) == ("hidden.attribute", Level.WARN) and "Safari" in finding.detail
    assert finding.facts["program"] == "Safari" and finding.facts["time"] == "2026-07-11T18:48:31+00:00"
    (finding,) = kept._told("com.apple.quarantine", b"zz;zz")
    assert finding.id == "hidden.attribute" and finding.facts["time"] is None
    (finding,) = kept._told("com.apple.quarantine", b"0;ffffffffff;")
    assert finding.level == Level.WARN


@given(st.sampled_from([name for name, *_ in ATTRIBUTES] + ["com.apple.quarantine"]), st.binary(max_size=200))
def test_any_attribute_is_looked_at_without_error(name: str, value: bytes) -> None:
    for data in (value, b"bplist00" + value):
        assert len(list(kept._told(name.removeprefix("user."), data))) == 1


def refusing(number: int) -> Callable[..., bytes]:
    def refuse(*_: str) -> bytes:
        raise OSError(number, "refused")

    return refuse


def test_file_systems_without_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_names", refusing(errno.ENOTSUP))
    assert list(kept.attributes("any")) == []


def test_what_cannot_be_looked_at_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_names", refusing(errno.EACCES))
    (finding,) = kept.attributes("any")
    assert (finding.id, finding.level, finding.detail) == ("hidden.attribute", Level.NOTE, "could not be looked at")


def test_an_attribute_that_cannot_be_read_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["user.one", "user.xdg.origin.url", "user.Zone.Identifier", "user.com.apple.quarantine"]
    monkeypatch.setattr(kept, "_names", lambda path: names)
    monkeypatch.setattr(kept, "_value", refusing(errno.ENODATA))
    assert [one.level for one in kept.attributes("any")] == [Level.WARN, Level.RISK, Level.WARN, Level.WARN]


def test_many_attributes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_names", lambda path: [f"user.{number}" for number in range(150)])
    monkeypatch.setattr(kept, "_value", lambda path, name: b"x" * 100_000)
    found = list(kept.attributes("any"))
    assert len(found) == kept.MOST + 1 and found[-1].detail == "50 more" and found[-1].level is Level.WARN


def test_a_type_of_content_tells_nothing_new() -> None:
    assert list(kept._told("mime_type", b"image/jpeg")) == []


def test_a_number_too_long_to_be_written() -> None:
    """An integer of 4,096 bytes in a binary property list: Python refuses to write it in decimals."""
    number = b"\x1c" + b"\x7f" * 4096
    trailer = bytes(6) + b"\x02\x01" + (1).to_bytes(8, "big") + bytes(8) + (8 + len(number)).to_bytes(8, "big")
    assert kept._listed(b"bplist00" + number + b"\x00\x08" + trailer).endswith("bytes")


@pytest.mark.skipif(sys.platform != "linux", reason="attributes of Linux")
def test_real_attributes(photo: Path) -> None:
    try:
        os.setxattr(photo, "user.creator", b"curl")
        os.setxattr(photo, "user.mime_type", b"image/jpeg")
        os.setxattr(photo, "user.xdg.origin.url", b"https://h.example/x.jpg")
    except OSError:
        pytest.skip("this file system keeps no extended attributes")
    finding = looked(photo)["who.origin"]
    assert finding.level == Level.RISK and finding.facts["value"] == "https://h.example/x.jpg"
    assert looked(photo)["hidden.attribute"].facts["name"] == "creator"


@needs("setfattr")
def test_attributes_that_a_real_program_sets(photo: Path) -> None:
    done = subprocess.run(["setfattr", "-n", "user.xdg.comment", "-v", "words", photo], check=False)
    if done.returncode:
        pytest.skip("this file system keeps no extended attributes")
    assert looked(photo)["who.text"].facts["value"] == "words"
