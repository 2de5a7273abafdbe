"""Colour profiles keep their colours and lose their words."""

from __future__ import annotations

import io
import os
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from privkit.model import Level
from privkit.scrubbers.metadata import icc, icc_srgb
from tests.real import needs

from . import make_icc as make

MATRICES = {
    "sRGB": make.profile(make.matrix(**make.HIDING)),
    "sRGB version 4": make.profile(make.matrix(chad=b"sf32" + bytes(4) + make.fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)), major=4),
    "P3": make.profile(make.matrix(make.P3), major=4),
    "Adobe": make.profile(make.matrix(make.ADOBE, make.gamma(2.19921875))),
    "ProPhoto": make.profile(make.matrix(make.PROPHOTO, make.gamma(1.8))),
    "identity": make.profile(make.matrix(make.SRGB, make.points())),
    "sampled": make.profile(make.matrix(make.SRGB, make.points(0, 9000, 30000, 65535))),
    "cicp": make.profile(make.matrix(make.P3, cicp=b"cicp" + bytes(4) + b"\x0c\x0d\0\1"), major=4),
    "black point": make.profile(make.matrix(make.P3, bkpt=make.xyz(0, 0, 0))),
}
MATRICES |= {
    f"para {kind}": make.profile(make.matrix(make.P3, make.para(kind, *values)))
    for kind, values in enumerate(
        [(2.2,), (2.2, 1, 0), (2.2, 0.9, 0.1, 0), (2.4, 0.95, 0.05, 0.08, 0.04), (2.2, 0.9, 0.05, 0.1, 0.05, 0, 0)]
    )
}
GRAYS = {
    "gamma": make.profile({"wtpt": make.xyz(0.9642, 1, 0.8249), "kTRC": make.gamma(2.2)}, b"GRAY"),
    "points": make.profile({"kTRC": make.points(0, 100, 65535) + b"KTRCWORD"}, b"GRAY", b"prtr"),
}
WHITE = {"wtpt": make.xyz(0.9642, 1, 0.8249)}
TABLES = {
    "mft1": make.profile(
        {**WHITE, "A2B0": make.mft1(4, 3, 3) + b"A2B0WORD", "B2A0": make.mft1(3, 4, 5)}, b"CMYK", b"prtr", b"Lab "
    ),
    "mft2": make.profile({**WHITE, "A2B0": make.mft2(4, 3, 2), "gamt": make.mft1(3, 1, 3)}, b"CMYK", b"prtr", b"Lab "),
    "mAB": make.profile({**WHITE, "A2B0": make.nested(b"mAB ", 4, 3, b"NESTWORD")}, b"CMYK", b"prtr", b"Lab ", 4),
}
ALL = MATRICES | GRAYS | TABLES


def shown(profile: bytes, mode: str, intent: int = 1) -> bytes:
    """What littlecms makes of a test picture."""
    size = 48 * 48 * len(mode)
    picture = Image.frombytes(mode, (48, 48), bytes(number * 167 % 251 for number in range(size)))
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    changed = ImageCms.profileToProfile(picture, opened, ImageCms.createProfile("sRGB"), ImageCms.Intent(intent), "RGB")
    assert changed is not None
    return changed.tobytes()


def reduced(profile: bytes) -> bytes:
    result = icc.reduced(profile)
    assert result is not None
    return result


@pytest.mark.parametrize("name", ALL)
def test_no_word_survives_and_the_result_is_canonical(name: str) -> None:
    clean = reduced(ALL[name])
    assert not [word for word in [*make.WORDS, b"WORD"] if word in clean or word.decode().encode("utf-16-be") in clean]
    assert reduced(clean) == clean
    assert len(clean) == struct.unpack(">I", clean[:4])[0] and len(clean) % 4 == 0
    assert [f for f in icc.findings(clean) if f.level > Level.NOTE] == []


@pytest.mark.parametrize("name", MATRICES)
def test_littlecms_shows_the_same_colours(name: str) -> None:
    for intent in (0, 1, 3):
        assert shown(reduced(MATRICES[name]), "RGB", intent) == shown(MATRICES[name], "RGB", intent)


@pytest.mark.parametrize("name", GRAYS)
def test_littlecms_shows_the_same_grays(name: str) -> None:
    assert shown(reduced(GRAYS[name]), "L") == shown(GRAYS[name], "L")


@pytest.mark.parametrize("name", TABLES)
def test_littlecms_shows_the_same_inks(name: str) -> None:
    assert shown(reduced(TABLES[name]), "CMYK") == shown(TABLES[name], "CMYK")


def test_the_profile_that_littlecms_makes_stays_the_same_colour() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert shown(reduced(profile), "RGB") == shown(profile, "RGB")
    assert "when.edited" in {f.id for f in icc.findings(profile)}  # made the moment the picture was saved


def test_every_element_of_nested_tables_is_kept_and_every_gap_closed() -> None:
    tags = {"A2B0": make.nested(b"mAB ", 3, 3, b"NESTWORD"), "B2A0": make.nested(b"mBA ", 3, 3, b"NESTWORD")}
    tags |= {"D2B0": make.chain(b"STEPWORD"), "B2D0": make.chain(b"STEPWORD")}
    clean = reduced(make.profile(tags | make.matrix(), major=4))
    assert b"WORD" not in clean and reduced(clean) == clean
    for part in (b"A2B0", b"B2A0", b"D2B0", b"cvst", b"matf", b"clut", b"parf", b"samf"):
        assert part in clean
    assert shown(clean, "RGB") == shown(make.profile(tags | make.matrix(), major=4), "RGB")


def test_equal_curves_share_their_bytes() -> None:
    assert reduced(MATRICES["sampled"]).count(b"curv") == 1


def test_only_true_srgb_is_called_so() -> None:
    names = {name: ImageCms.ImageCmsProfile(io.BytesIO(reduced(data))).profile.profile_description for name, data in ALL.items()}
    assert names["sRGB"] == names["sRGB version 4"] == "sRGB"
    assert {names["P3"], names["Adobe"], names["identity"], names["sampled"], names["ProPhoto"]} == {"Display"}
    assert (names["gamma"], names["mft1"]) == ("Gray", "CMYK")


def test_a_curve_of_points_close_to_srgb_counts_as_srgb() -> None:
    steps = [round(65535 * icc_srgb._srgb(number / 1023)) for number in range(1024)]
    assert b"sRGB" in reduced(make.profile(make.matrix(make.SRGB, make.points(*steps))))


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"acsp" * 40,
        make.profile(make.matrix(), kind=b"link"),
        make.profile(make.matrix(), kind=b"nmcl"),
        make.profile(make.matrix(), major=5),
        make.profile(make.matrix(), major=0x41),
        make.profile(make.matrix(), space=b"ANNA"),
        make.profile(make.matrix(), middle=b"ANNA"),
        make.profile({"desc": make.desc("x")}),
        make.profile(make.matrix(rTRC=b"curv" + bytes(4) + b"\xff\xff\xff\xff")),
        make.profile(make.matrix(rTRC=make.para(0, 2.2)[:12])),
        make.profile(make.matrix(rTRC=b"para" + bytes(4) + b"\0\x09\0\0" + bytes(40))),
        make.profile(make.matrix(rXYZ=b"XYZ " + bytes(4) + b"ANNAANNAANNA")),
        make.profile(make.matrix(rXYZ=b"text" + bytes(20))),
        make.profile(make.matrix(A2B0=b"unkn" + bytes(100))),
        make.profile(make.matrix(A2B0=make.mft1(3, 3, 5)[:-1])),
        make.profile(make.matrix(A2B0=make.mft1(4, 3, 2))),
        make.profile(make.matrix(A2B0=make.nested(b"mAB ", 3, 3)[:-5])),
        make.profile(make.matrix(D2B0=make.chain()[:-1])),
        make.profile({"rXYZ": make.xyz(1, 1, 1)}),
        make.profile({"wtpt": make.xyz(1, 1, 1)}, b"CMYK"),
    ],
)
def test_what_is_not_understood_is_refused_and_said(profile: bytes) -> None:
    assert icc.reduced(profile) is None
    assert any(f.level == Level.WARN and f.id == "hidden.unknown" for f in icc.findings(profile))


def test_tags_that_overlap_or_come_twice_are_refused() -> None:
    profile = bytearray(make.profile(make.matrix(), dirty=False))
    row = profile.index(b"gXYZ")
    start = struct.unpack_from(">I", profile, profile.index(b"rXYZ") + 4)[0]
    struct.pack_into(">I", profile, row + 4, start + 4)
    assert icc.reduced(bytes(profile)) is None
    twice = make.profile(make.matrix(), dirty=False).replace(b"bXYZ", b"gXYZ", 1)
    assert icc.reduced(twice) is None


def test_what_only_helps_a_little_is_left_out_where_it_lies() -> None:
    clean = reduced(make.profile(make.matrix(bkpt=b"XYZ " + bytes(4) + b"ANNAANNAANNA")))
    assert b"bkpt" not in clean and b"ANNA" not in clean


def test_findings_name_the_screen_its_owner_and_the_day() -> None:
    found = list(icc.findings(MATRICES["sRGB"] + b"BEHIND"))
    assert {"device.software", "device.serial", "who.text", "when.edited", "hidden.unknown", "hidden.trailer"} <= {
        f.id for f in found
    }
    said = " ".join(f"{f.detail} {dict(f.facts)}" for f in found)
    for word in (
        "DESCWORD",
        "CPRTWORD",
        "DMNDWORD",
        "DMDDWORD",
        "TARGWORD",
        "DSCMWORD",
        "2026-07-11T18:42:07",
        "53455221",
        "prv1",
        "MODL",
    ):
        assert word in said
    assert all(f.topic == f.id.partition(".")[0] for f in found)


def test_names_and_values_of_a_calibration_are_told() -> None:
    words = [word.encode("utf-16-be") for word in ("EDID_serial", "SERIAL4471", "EDID_model", "METAMODEL")]
    row, at = b"", 16 + 2 * 16
    for word in words:
        row += struct.pack(">II", at, len(word))
        at += len(word)
    meta = b"dict" + bytes(4) + struct.pack(">II", 2, 16) + row + b"".join(words)
    found = list(icc.findings(make.profile(make.matrix(meta=meta))))
    assert any(f.id == "device.serial" and f.facts["value"] == "EDID_serial=SERIAL4471" for f in found)


@pytest.mark.parametrize(
    ("kind", "values"),
    [(0, (1.0,)), (1, (1, 1, 0)), (2, (1, 1, 0, 0)), (3, (1, 1, 0, 1, 0.5)), (4, (1, 1, 0, 1, 0.5, 0, 0))],
)
def test_formulas_give_what_the_table_says(kind: int, values: tuple[float, ...]) -> None:
    assert [icc_srgb.value(make.para(kind, *values), x) for x in (0.0, 0.25, 0.75, 1.0)] == pytest.approx([0, 0.25, 0.75, 1])
    assert icc_srgb.value(make.points(0, 65535), 0.3) == pytest.approx(0.3)
    assert icc_srgb.value(make.gamma(2), 0.5) == 0.25


@pytest.mark.parametrize("cut", range(1, 300, 7))
def test_nested_tables_cut_anywhere_are_refused(cut: int) -> None:
    for name, tag in (("A2B0", make.nested(b"mAB ", 3, 3)), ("B2A0", make.nested(b"mBA ", 3, 3)), ("D2B0", make.chain())):
        assert icc.reduced(make.profile(make.matrix(**{name: tag[:-cut]}), dirty=False)) is None


@pytest.mark.parametrize("at", range(8, 60))
def test_nested_tables_with_lying_fields_stay_canonical(at: int) -> None:
    for name, tag in (("A2B0", make.nested(b"mAB ", 3, 3)), ("D2B0", make.chain())):
        for value in (0, 1, 255):
            clean = icc.reduced(make.profile(make.matrix(**{name: tag[:at] + bytes([value]) + tag[at + 1 :]}), dirty=False))
            assert clean is None or icc.reduced(clean) == clean


def test_a_usual_profile_is_no_more_than_a_note() -> None:
    tags = make.matrix(desc=make.desc("sRGB IEC61966-2.1"), cprt=make.text("Copyright (c) 1998 Hewlett-Packard Company"))
    assert (
        max(f.level for f in icc.findings(make.profile(tags, dirty=False)[:80] + b"HP  " + make.profile(tags, dirty=False)[84:]))
        == Level.NOTE
    )


def test_numbers_of_a_single_screen_remain_and_are_named() -> None:
    own = make.profile(make.matrix((0.45, 0.23, 0.02, 0.37, 0.70, 0.09, 0.15, 0.07, 0.72)))
    assert [f.id for f in icc.findings(reduced(own))] == ["remains.colours"]
    assert [f.id for f in icc.findings(reduced(MATRICES["P3"]))] == []


def test_hostile_tables_cost_little() -> None:
    huge = bytes([15, 3, 255, 0])
    assert icc.reduced(make.profile(make.matrix(A2B0=b"mft1" + bytes(4) + huge + bytes(4000)))) is None
    many = bytearray(make.profile(make.matrix(), dirty=False))
    struct.pack_into(">I", many, 128, 0xFFFFFFFF)
    assert icc.reduced(bytes(many)) is None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(ALL)), st.data())
def test_damaged_profiles_never_crash_and_never_leak(name: str, data: st.DataObject) -> None:
    profile = bytearray(ALL[name])
    for _ in range(data.draw(st.integers(1, 4))):
        profile[data.draw(st.integers(0, len(profile) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(profile[: data.draw(st.integers(0, len(profile)))]) if data.draw(st.booleans()) else bytes(profile)
    list(icc.findings(cut))
    clean = icc.reduced(cut)
    if clean is not None:
        assert icc.reduced(clean) == clean
        assert not [word for word in make.WORDS if word in clean]
        assert max((f.level for f in icc.findings(clean)), default=Level.OK) <= Level.NOTE


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_rubbish_never_crashes(data: bytes) -> None:
    assert icc.reduced(data) is None
    list(icc.findings(data))


@needs("exiftool")
def test_exiftool_reads_the_result_and_finds_no_text_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "clean.icc"
    for profile in ALL.values():
        path.write_bytes(reduced(profile))
        said = subprocess.run(["exiftool", "-a", "-u", "-b", str(path)], capture_output=True, timeout=60, check=False).stdout
        assert b"Warning" not in said and not [word for word in make.WORDS if word in said]


@pytest.mark.skipif("PRIVKIT_CORPUS" not in os.environ, reason="PRIVKIT_CORPUS names no folder of real pictures")
def test_profiles_of_real_pictures_keep_their_colours() -> None:
    seen = set()
    for path in sorted(Path(os.environ["PRIVKIT_CORPUS"]).rglob("*")):
        try:
            with Image.open(path) as picture:
                profile = picture.info.get("icc_profile")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
            continue
        clean = icc.reduced(profile) if profile and profile not in seen else None
        if clean is None:
            continue
        seen.add(profile)
        mode = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}[clean[16:20]]
        assert shown(clean, mode) == shown(profile, mode), path
        assert icc.reduced(clean) == clean
    assert seen
