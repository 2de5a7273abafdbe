"""Makes JPEG files with one unique word in each place where something can hide."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Iterator
from itertools import count

import piexif
from PIL import Image

NUMBERS = count(100)


def word(place: str) -> str:
    """A word that stands nowhere else: `Zq<place><number>qZ`."""
    return f"Zq{place}{next(NUMBERS)}qZ"


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    image = Image.radial_gradient("L").resize(size).convert(mode)
    image.save(out, "JPEG", **options)
    return out.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def insert(jpeg: bytes, *segments: bytes) -> bytes:
    """Segments right behind SOI."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def exif_block(words: dict[str, str], orientation: int = 6, thumbnail: bytes | None = None) -> bytes:
    content: dict[str, object] = {
        "0th": {
            271: words["make"].encode(),
            272: words["model"].encode(),
            274: orientation,
            270: words["description"].encode(),
            315: words["artist"].encode(),
            33432: words["copyright"].encode(),
            305: words["software"].encode(),
            40092: words["xpcomment"].encode("utf-16-le"),
        },
        "Exif": {
            36867: b"2026:07:11 18:42:07",
            37500: b"\0\1" + words["makernote"].encode(),
            37510: b"UNICODE\0" + words["usercomment"].encode("utf-16-be"),
            42033: words["serial"].encode(),
            42032: words["owner"].encode(),
            42036: words["lens"].encode(),
            42016: words["imageid"].encode(),
        },
        "GPS": {1: b"N", 2: ((38, 1), (42, 1), (50, 1)), 3: b"W", 4: ((9, 1), (8, 1), (0, 1)), 27: words["gpsmethod"].encode()},
        "1st": {259: 6},
    }
    if thumbnail is not None:
        content["thumbnail"] = thumbnail
    return bytes(piexif.dump(content))


EXIF_WORDS = (
    "make model description artist copyright software xpcomment makernote usercomment serial owner lens imageid gpsmethod"
).split()


def dirty() -> tuple[bytes, set[str]]:
    """A JPEG with a word in every place, and the words."""
    words: dict[str, str] = {name: word(name) for name in EXIF_WORDS}

    def plant(place: str) -> bytes:
        words[place] = word(place)
        return words[place].encode()

    thumbnail = insert(picture((40, 30)), segment(0xFE, plant("thumbcomment")))
    base = picture((160, 120), quality=85, progressive=True)
    guid = b"A" * 32
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="%s"/></rdf:RDF></x:xmpmeta>' % plant("xmp")
    )
    iptc = b"\x1c\x02\x50" + struct.pack(">H", 20) + plant("iptc").ljust(20)[:20]
    resources = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)
    segments = [
        segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\2\2" + plant("jfifthumb")[:12].ljust(12)),
        segment(0xE0, b"JFXX\0\x10" + thumbnail),
        segment(0xE1, b"Exif\0\0" + exif_block(words, thumbnail=thumbnail)[6:]),
        segment(0xE1, b"Exif\0\xff" + exif_block(words)[6:]),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + guid + struct.pack(">II", 60, 0) + plant("extended").ljust(60)),
        segment(0xE1, plant("app1")),
        segment(0xE2, b"MPF\0" + plant("mpf")),
        segment(0xE2, b"FPXR\0" + plant("fpxr")),
        segment(0xE3, plant("app3")),
        segment(0xE6, b"GoPro\0" + zlib.compress(plant("gopro") * 3)),
        segment(0xEB, b"JP\0\1\0\0\0\1" + base64.b64encode(plant("jumbf") * 3)),
        segment(0xEC, b"Ducky" + plant("ducky")),
        segment(0xED, b"Photoshop 3.0\0" + resources),
        segment(0xEE, b"Adobe\0\x64\0\0\0\0\1" + plant("adobe")),
        segment(0xEF, plant("app15")),
        segment(0xFE, plant("comment")),
    ]
    second = base.index(b"\xff\xda", base.index(b"\xff\xda") + 2)
    data = insert(base[:second] + segment(0xE5, plant("between")) + b"\xff\xff" + base[second:], *segments)
    film = b"\0\0\0\x18ftypmp42" + plant("film") * 20
    data += b"\xff\xd8\xff" + plant("behind") + film + b"SEFT"
    words["jfifthumb"] = words["jfifthumb"][:12]
    return data, set(words.values())


def hiding_places() -> Iterator[tuple[str, bytes, str]]:
    """One file a place: name, file, word; for finding out which place a leak comes from."""
    base = picture((64, 48), quality=80)
    for marker in [*range(0xE0, 0xF0), 0xFE]:
        planted = word(f"m{marker:x}")
        yield f"marker {marker:02X}", insert(base, segment(marker, planted.encode() * 2)), planted
    for name in (
        b"JFIF\0\1\1\0\0\1\0\1\0\0",
        b"Adobe\0\x64\0\0\0\0\1",
        b"Exif\0\0",
        b"Exif\0\0MM\0*\0\0\0\x08",
        b"ICC_PROFILE\0\1\1",
    ):
        planted = word("named")
        marker = (
            0xE0 if name.startswith(b"JFIF") else 0xEE if name.startswith(b"Adobe") else 0xE2 if name.startswith(b"ICC") else 0xE1
        )
        yield f"behind {name!r}", insert(base, segment(marker, name + planted.encode())), planted
    planted = word("tail")
    yield "behind the end", base + planted.encode(), planted
    planted = word("loose")
    yield "loose bytes before a marker", base[:20] + planted.encode() + base[20:], planted


def odd_tables() -> Iterator[tuple[str, bytes, bytes]]:
    """Pictures with tables that no scan needs: name, file, what stands in them."""
    base = picture((64, 48), quality=80)
    scan = base.index(b"\xff\xda")
    hidden = b"ZqtaBLe7" * 8
    code = b"\x13" + bytes(15) + b"\x08" + hidden[:8]
    for name, head, tail in (
        ("a quantisation table of its own", segment(0xDB, b"\x03" + hidden), b""),
        ("one beside another", segment(0xDB, base[base.index(b"\xff\xdb") + 4 :][:65] + b"\x03" + hidden), b""),
        ("one behind the scan", b"", segment(0xDB, b"\x03" + hidden)),
        ("a Huffman table", segment(0xC4, code), b""),
        ("a Huffman table behind the scan", b"", segment(0xC4, code)),
        ("restarts that are called off", segment(0xDD, b"Zq") + segment(0xDD, b"\0\0"), b""),
    ):
        yield name, base[:scan] + head + base[scan:-2] + tail + b"\xff\xd9", b"Zq"
    yield "a table defined anew", insert(base, segment(0xDB, b"\0" + hidden)), b"Zq"
