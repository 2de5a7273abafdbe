"""WebP: walks the RIFF chunks, keeps those that a picture or animation needs, builds anew what is kept beside."""

from privkit.plugin import FileType, Format

TYPES = (FileType("webp", "WebP", (".webp",)),)


def sniff(head: bytes) -> FileType | None:
    return TYPES[0] if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


FORMAT = Format(TYPES, sniff, f"{__name__}.scrubber:WebpScrubber")
