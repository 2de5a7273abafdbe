"""BMP: reads the headers, builds them anew, and cuts away all that stands beside the pixels."""

from privkit.plugin import FileType, Format

OS2_MARKS = (b"BA", b"CI", b"CP", b"IC", b"PT")
TYPES = (FileType("bmp", "BMP", (".bmp", ".dib")), FileType("os2", "OS/2 pictures", (".bmp", ".ptr")))


def sniff(head: bytes) -> FileType | None:
    kind = int.from_bytes(head[14:18], "little")
    if head[:2] == b"BM" and 12 <= kind <= 1024:
        return TYPES[0]
    array = head[:2] == b"BA" and head[14:16] in (b"BM", *OS2_MARKS)
    return TYPES[1] if array or (head[:2] in OS2_MARKS and kind in (12, 40, 64)) else None


FORMAT = Format(TYPES, sniff, f"{__name__}.scrubber:BmpScrubber")
