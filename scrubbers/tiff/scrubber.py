"""The TIFF scrubber: an allow-list of fields; strips and tiles up to their true end, as they are.

What it does not remove: what the picture shows, and how its strips or tiles are cut and compressed.
Sources: TIFF 6.0; BigTIFF; Adobe TIFF Technical Notes 1 to 3; ITU-T T.4, T.6, T.81; OGC GeoTIFF 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from privkit.errors import Broken, Refused
from privkit.model import Finding
from privkit.plugin import Clean, Piece, Policy, Scrubber
from privkit.source import Source

from ..metadata import iptc, judges, xmp
from ..metadata.ifd import Directory
from . import TYPES, changes, keep, layout, pages, spans, tags, telling
from .pages import Document

LARGEST_THUMBNAIL = 4 * 1024 * 1024
MOST_THUMBNAILS = 16
MOST_STRIPS = 4096


class TiffScrubber(Scrubber[Document]):
    id = "tiff"
    title = "TIFF pictures"
    types = TYPES
    removes = (
        "EXIF with the place, times, device, serial numbers and maker's notes; XMP, IPTC and Photoshop data with layers",
        "descriptions, names, programs and computers; map positions (GeoTIFF); every field not needed to decode the picture",
        "smaller copies of pages and thumbnails",
        "bytes behind or between the parts of the picture, and comments within JPEG data",
    )
    keeps = (
        "strips and tiles, byte for byte, all pages in order, transparency masks",
        "rotation and colours (ICC profile reduced to colour), pixel density",
    )
    remains = (
        "the way the picture is cut into strips or tiles and compressed, which hints at the program",
        "quantisation tables of JPEG data, tables in them that no part uses, bytes behind their last coded pixel",
        "pixels of tiles beyond the picture's edge, samples that no viewer shows, unused colours of a palette, "
        "and numbers that say what values mean",
        "what the picture shows",
    )
    strict = ("rotation (the picture may lie on its side)", "ICC profile (colours may look different)", "pixel density")
    refuses = (
        "camera raw files (DNG, NEF, CR2, ARW and others)",
        "JPEG 2000, JBIG, Zstandard, WebP, LERC and old-style JPEG compression",
        "files whose parts hold more of the picture than they show, share bytes, or contradict themselves",
    )
    judges = ("exifread", "Pillow", "ExifTool (tests)")

    def read(self, source: Source) -> Document:
        document = pages.read(source)
        spans.check_apart(document)
        for page in document.pages:
            for _ in keep.shown(document.reader, page):
                pass  # raises for what is damaged or not understood
        return document

    def dimensions(self, document: Document) -> tuple[int, int] | None:
        return document.pages[0].shape.width, document.pages[0].shape.height

    def inspect(self, document: Document) -> Iterator[Finding]:
        return telling.findings(document)

    def thumbnails(self, document: Document) -> Iterator[bytes]:
        reader = document.reader
        for directory in document.smaller[:MOST_THUMBNAILS]:
            yield from _small(document, directory)
        for page in document.pages[:MOST_THUMBNAILS]:
            packet = keep.block(reader, page.directory.get(tags.XMP))
            yield from xmp.thumbnails(packet) if packet else ()
            resources = keep.block(reader, page.directory.get(tags.PHOTOSHOP))
            yield from iptc.thumbnails(resources) if resources else ()

    def clean(self, document: Document, policy: Policy) -> Clean:
        made = keep.fields(document, policy)
        return Clean(
            layout.lay_out(document, made),
            tuple(changes.removed(document, policy, made)),
            tuple(changes.kept(document, policy)),
            tuple(changes.notes(document, policy)),
        )

    def shown(self, document: Document) -> Iterator[Piece]:
        """For each page the fields that decide what its data mean, how long each strip or tile is, and all of them."""
        for page in document.pages:
            for item in keep.shown(document.reader, page):
                yield b"%d %d %d " % (item.tag, item.type, item.count) + item.data
            yield b"tiles" if page.shape.tiled else b"strips"
            yield page.lengths.tobytes()
            yield from layout.joined(layout.strips(document, page))

    def objections(self, clean: Source, policy: Policy) -> Iterator[str]:
        if policy.only_location:
            return judges.place_objections(clean)
        return judges.objections(clean, allowed(policy))

    def frames(self, source: Source) -> Iterator[bytes]:
        """Of the pages that are shown; smaller copies are left out, as in the clean copy."""
        shown = set(pages.read(source).numbers)
        return (digest for i, digest in enumerate(judges.frames(source)) if i in shown)


def allowed(policy: Policy) -> frozenset[str]:
    """The fields that may be in a clean copy, by exifread's names."""
    from ..metadata.exif_readers import tag_name

    found = {*tags.STRUCTURE, *tags.PLACES, tags.NEW_SUBFILE, tags.PAGE_NUMBER}
    found |= {*tags.COLOUR, tags.ICC} if policy.keep_color else set()
    found |= set() if policy.strict else {*tags.RESOLUTION}
    found |= {tags.ORIENTATION} if policy.keep_orientation else set()
    found |= {tags.DATE_TIME} if policy.keep_date else set()
    return frozenset(tag_name("Image", tag) for tag in found)


def _small(document: Document, directory: Directory) -> Iterator[bytes]:
    """A smaller copy as a file of its own: the JPEG that it is, or a TIFF with that page alone."""
    reader = document.reader
    at, length = pages.number(reader, directory, tags.JPEG_AT), pages.number(reader, directory, 514)
    try:
        if at and 0 < length <= LARGEST_THUMBNAIL:
            yield reader.read(reader.base + at, length)
        else:
            yield _alone(document, directory)
    except (Broken, Refused):
        return


def _alone(document: Document, directory: Directory) -> bytes:
    page = pages.page(document.reader, directory, MOST_STRIPS)
    if sum(page.lengths) > LARGEST_THUMBNAIL:
        raise Broken("it is not small")
    alone = Document(document.reader, [page])
    pieces = layout.lay_out(alone, keep.fields(alone, Policy()))
    source = document.source
    return b"".join(one if isinstance(one, bytes) else source.read(one.start, one.end - one.start) for one in pieces)
