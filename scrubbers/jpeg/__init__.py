"""JPEG: walks the segments and scans, keeps what is needed to decode, builds anew what is kept beside."""

from privkit.plugin import FileType, Format

TYPES = (FileType("jpeg", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".jif")),)


def sniff(head: bytes) -> FileType | None:
    return TYPES[0] if head.startswith(b"\xff\xd8\xff") else None


FORMAT = Format(TYPES, sniff, f"{__name__}.scrubber:JpegScrubber")
