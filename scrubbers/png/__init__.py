"""PNG and animated PNG: walks the chunks, inflates the picture data to check them, keeps an allow-list."""

from privkit.plugin import FileType, Format

SIGNATURE = b"\x89PNG\r\n\x1a\n"
OTHERS = {b"\x8aMNG\r\n\x1a\n": "MNG", b"\x8bJNG\r\n\x1a\n": "JNG"}
TYPES = (FileType("png", "PNG", (".png", ".apng")), FileType("mng", "MNG", (".mng",)), FileType("jng", "JNG", (".jng",)))


def sniff(head: bytes) -> FileType | None:
    for kind, signature in zip(TYPES, (SIGNATURE, *OTHERS), strict=True):
        if head.startswith(signature):
            return kind
    return None


FORMAT = Format(TYPES, sniff, f"{__name__}.scrubber:PngScrubber")
