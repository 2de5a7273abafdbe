"""Names kinds of files that no scrubber takes, so that a refusal can say what the file is."""

from __future__ import annotations

_RAW = "this is a camera raw file ({}); it cannot be cleaned safely. Export a JPEG first"
_KNOWN: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "PDF document"),
    (0, b"PK\x03\x04", "ZIP archive or office document"),
    (0, b"\xd0\xcf\x11\xe0", "old Office document"),
    (0, b"8BPS", "Photoshop picture"),
    (0, b"\x00\x00\x01\x00", "icon"),
    (0, b"\xff\x0a", "JPEG XL picture"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL picture"),
    (0, b"\x00\x00\x00\x0cjP  ", "JPEG 2000 picture"),
    (0, b"ID3", "MP3 recording"),
    (0, b"fLaC", "FLAC recording"),
    (0, b"OggS", "Ogg recording"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM film"),
    (8, b"WAVE", "WAV recording"),
    (8, b"AVI ", "AVI film"),
    (0, b"\x8aMNG", "MNG animation"),
    (0, b"<svg", "SVG drawing"),
    (0, b"{\\rtf", "RTF document"),
)
_BRANDS = {
    b"heic": "HEIC picture",
    b"heix": "HEIC picture",
    b"mif1": "HEIF picture",
    b"avif": "AVIF picture",
    b"qt  ": "QuickTime film",
}
_RAWS: tuple[tuple[int, bytes, str], ...] = (
    (8, b"CR\x02\x00", "CR2"),
    (0, b"FUJIFILMCCD-RAW", "RAF"),
    (0, b"IIU\x00", "RW2"),
    (0, b"IIRO", "ORF"),
    (0, b"IIRS", "ORF"),
    (0, b"MMOR", "ORF"),
    (8, b"crx ", "CR3"),
)


def name_of(head: bytes) -> str:
    """A sentence that says what a file starting with `head` is, and that it is not cleaned."""
    for offset, mark, name in _RAWS:
        if head[offset : offset + len(mark)] == mark:
            return _RAW.format(name)
    for offset, mark, name in _KNOWN:
        if head[offset : offset + len(mark)] == mark:
            return f"this is a file of a kind that privkit does not clean yet ({name})"
    if head[4:8] == b"ftyp":
        return f"this is a file of a kind that privkit does not clean yet ({_BRANDS.get(head[8:12], 'MP4 film or relative')})"
    return "privkit does not know this kind of file"
