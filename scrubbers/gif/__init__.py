"""GIF: walks the blocks and the LZW data of every frame, keeps what is shown, leaves out every other extension."""

from privkit.plugin import FileType, Format

TYPES = (FileType("gif", "GIF", (".gif",)),)
SIGNATURES = (b"GIF87a", b"GIF89a")


def sniff(head: bytes) -> FileType | None:
    return TYPES[0] if head.startswith(SIGNATURES) else None


FORMAT = Format(TYPES, sniff, f"{__name__}.scrubber:GifScrubber")
