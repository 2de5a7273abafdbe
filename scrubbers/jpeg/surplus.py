"""Do the last bytes of the coded data still make the picture? If not, something else may stand there.

Only a decoder can tell where coded data end. So the picture is decoded once more without the last bytes: where that
gives the same picture, they were not needed. Progressive pictures are left alone: their last bytes may rightly change
nothing.
"""

from __future__ import annotations

from privkit.errors import Refused
from privkit.source import Source

from ..metadata import judges
from .markers import PROGRESSIVE
from .segments import walk

CUT = 8
"""Bytes left out: more than any fill at the end, less than a planted word with its surroundings."""
LARGEST = 32 * 1024 * 1024
"""Bytes of a file that is looked at: it is held in memory."""


def refuse_surplus(source: Source) -> None:
    """Raises Refused where the picture is the same without the last bytes of its coded data."""
    jpeg = walk(source)
    coded = jpeg.by_marker[0][-1]
    if jpeg.end > LARGEST or jpeg.coding.frame in PROGRESSIVE or coded.end - coded.start <= 2 * CUT:
        return
    cut = source.read(0, coded.end - CUT) + b"\xff\xd9"
    with Source.of(cut) as shorter:
        if list(judges.frames(shorter)) == list(judges.frames(source)):
            raise Refused("bytes behind the coded picture, within its data, would stay: export it as a new JPEG first")
