"""What a PNG tells beside its picture, and what its parts are called."""

from __future__ import annotations

from collections.abc import Iterator

from privkit.model import Finding, Level, Scalar
from privkit.text import counted, size

from ..metadata import exif, icc
from ..metadata.trailer import trailer
from . import texts
from .chunks import RULES, Chunk
from .pixels import Stream
from .reader import LARGEST_REBUILT, Png

MOST_TEXTS = 100
"""Texts that are unpacked; beyond, they are only counted."""
NEUTRAL = "icc"
"""The name of a colour profile in a clean copy."""

NAMES = {
    b"eXIf": "EXIF",
    b"iCCP": "colour profile",
    b"tIME": "time of the last change",
    b"caBX": "content credentials (C2PA)",
    b"dSIG": "digital signature",
    b"sPLT": "suggested palette",
    b"hIST": "histogram",
    b"PLTE": "suggested palette",
    b"gIFx": "GIF application data",
    b"gIFt": "GIF text",
    b"gIFg": "GIF frame details",
    b"oFFs": "position on a page",
    b"pCAL": "scale of measured values",
    b"sCAL": "scale of the scene",
    b"sTER": "stereo details",
    b"iDOT": "Apple's screenshot data",
    b"msOG": "an animated GIF of Microsoft Office",
    b"mkBF": "layers of Adobe Fireworks",
    b"mkBS": "layers of Adobe Fireworks",
    b"mkBT": "layers of Adobe Fireworks",
    b"mkTS": "layers of Adobe Fireworks",
    b"prVW": "preview of Adobe Fireworks",
    b"IDAT": "picture data that belong to no picture",
    b"fdAT": "hidden frames",
    b"fcTL": "hidden frames",
    b"acTL": "hidden frames",
    b"pHYs": "pixel density",
    b"IEND": "data in the end mark",
}
COLOUR = "colour details"


def name(document: Png, chunk: Chunk) -> str:
    """What a chunk is called."""
    if chunk.name in texts.TEXTS:
        key = texts.keyword(document.source, chunk)
        if key.lower() == texts.XMP:
            return "XMP"
        raw = key.lower().removeprefix(texts.RAW)
        if raw != key.lower():
            return {"exif": "EXIF", "app1": "EXIF", "iptc": "IPTC", "8bim": "IPTC", "xmp": "XMP"}.get(
                raw, f"profile ({raw[:20]})"
            )
        return f"text ({key[:40]})"
    if chunk.name in RULES and chunk.name != b"pHYs":
        return COLOUR
    return NAMES.get(chunk.name) or f"unknown part ({chunk.name.decode()})"


def findings(document: Png) -> Iterator[Finding]:
    """All that the parts tell; in a clean copy notes alone."""
    left, behind = MOST_TEXTS, 0
    for part in document.parts:
        if isinstance(part, Stream):
            yield from _stream(document, part)
        elif part.name in texts.TEXTS and left:
            left -= 1
            yield from texts.findings(texts.decoded(document.source, part))
        elif part.name in texts.TEXTS:
            behind += 1
        else:
            yield from _chunk(document, part)
    if behind:
        yield _hidden("More texts", f"{counted(behind, 'further text')} in this file", name="text", bytes=behind)
    yield from trailer(document.source, document.end, png=True)
    yield from _remains(document)


def _hidden(title: str, detail: str, where: str = "PNG", **facts: Scalar) -> Finding:
    return Finding("hidden.unknown", Level.WARN, title, detail, where=where, facts=facts)


def _stream(document: Png, stream: Stream) -> Iterator[Finding]:
    if not stream.exact:
        detail = "more rows than the picture has, or data between them, where no viewer shows them"
        yield _hidden("Hidden in the picture data", detail, name="hidden rows", bytes=stream.behind)
    elif stream.behind:
        detail = f"{size(stream.behind)} stand behind the last row, where no viewer shows them"
        yield _hidden("Hidden in the picture data", detail, name="data behind the picture data", bytes=stream.behind)


def _chunk(document: Png, chunk: Chunk) -> Iterator[Finding]:
    where = f"PNG {chunk.name.decode()}"
    if chunk.name == b"eXIf":
        yield from _exif(document, chunk)
    elif chunk.name == b"iCCP":
        yield from _profile(document, chunk, where)
    elif chunk.name == b"tIME" and chunk.length == 7:
        yield _changed(document, chunk, where)
    elif chunk.name == b"caBX":
        detail = "a signed record of how and by whom the picture was made"
        yield Finding("hidden.credentials", Level.WARN, "Content credentials", detail, where=where)
    elif chunk.name == b"pHYs" and chunk.exact:
        yield _density(chunk, where)
    elif not chunk.exact:
        called = name(document, chunk)
        detail = f"{called}, {size(chunk.length)}"
        yield _hidden("Other data inside", detail, where, name=chunk.name.decode(), bytes=chunk.length)


def exif_block(document: Png, chunk: Chunk) -> bytes:
    """The TIFF structure of an eXIf chunk; some writers put a name before it."""
    return document.source.read(chunk.content, min(chunk.length, LARGEST_REBUILT)).removeprefix(b"Exif\0\0")


def _exif(document: Png, chunk: Chunk) -> Iterator[Finding]:
    yield from exif.findings(exif_block(document, chunk))
    if chunk.length > LARGEST_REBUILT:
        yield _hidden("Other data inside", f"EXIF, {size(chunk.length)}", name="EXIF", bytes=chunk.length)


def profile(document: Png, chunk: Chunk) -> tuple[str, bytes, bool]:
    """The name and the bytes of a colour profile, and whether the chunk is whole and no more than that."""
    data = document.source.read(chunk.content, min(chunk.length, LARGEST_REBUILT))
    called, _, packed = data.partition(b"\0")
    content, sound = texts.inflated(packed[1:], LARGEST_REBUILT)
    return called[:80].decode("latin-1"), content, sound and packed[:1] == b"\0" and chunk.length <= LARGEST_REBUILT


def _profile(document: Png, chunk: Chunk, where: str) -> Iterator[Finding]:
    called, content, sound = profile(document, chunk)
    yield from icc.findings(content)
    if called != NEUTRAL:
        detail = f"the colour profile is called {called}"
        yield Finding("remains.profile-name", Level.NOTE, "Colour profile", detail, where=where)
    if not sound:
        detail = "the colour profile is damaged, or other data stand behind it"
        yield _hidden("Other data inside", detail, where, name="iCCP", bytes=chunk.length)


def _changed(document: Png, chunk: Chunk, where: str) -> Finding:
    data = document.source.read(chunk.content, 7)
    time = f"{int.from_bytes(data[:2], 'big'):04}-{data[2]:02}-{data[3]:02}T{data[4]:02}:{data[5]:02}:{data[6]:02}Z"
    return Finding("when.edited", Level.WARN, "When it was changed", time, where=where, facts={"time": time})


def _density(chunk: Chunk, where: str) -> Finding:
    data = chunk.data or bytes(9)
    across, down = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
    words = f"{across * 0.0254:.0f} x {down * 0.0254:.0f} dots per inch" if data[8] else f"pixels {across} to {down}"
    return Finding("remains.density", Level.NOTE, "Pixel density", words, where=where, facts={"value": words})


def _remains(document: Png) -> Iterator[Finding]:
    """What no cleaning can take away without changing the picture."""
    first = next((part for part in document.parts if isinstance(part, Stream) or part.name == b"fcTL"), None)
    if document.animated and isinstance(first, Stream):
        detail = "programs that cannot show the animation show another picture, which is not part of it"
        yield Finding("remains.first-picture", Level.NOTE, "One more picture", detail, where="PNG")


def thumbnails(document: Png) -> Iterator[bytes]:
    """The small pictures in EXIF, XMP and Photoshop blocks."""
    left = MOST_TEXTS
    for part in document.parts:
        if isinstance(part, Stream):
            continue
        if part.name == b"eXIf":
            small = exif.thumbnail(exif_block(document, part))
            if small:
                yield small
        elif part.name in texts.TEXTS and left:
            left -= 1
            found = texts.block(texts.decoded(document.source, part))
            if found is not None:
                yield from texts.block_thumbnails(found)
