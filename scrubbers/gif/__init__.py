"""GIF: walks the blocks and the LZW data of every frame, keeps what is shown, leaves out every other extension."""

from .scrubber import GifScrubber

SCRUBBERS = (GifScrubber(),)
