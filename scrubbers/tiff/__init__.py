"""TIFF and BigTIFF: written anew with only the fields that decoding needs; strips and tiles are copied as they are."""

from privkit.plugin import FileType, Format

MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
TYPES = (FileType("tiff", "TIFF", (".tif", ".tiff", ".btf", ".tf8")),)


def sniff(head: bytes) -> FileType | None:
    return TYPES[0] if head.startswith(MARKS) and head[8:10] != b"CR" else None


FORMAT = Format(TYPES, sniff, f"{__name__}.scrubber:TiffScrubber")
