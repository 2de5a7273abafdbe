"""PNG and animated PNG: walks the chunks, inflates the picture data to check them, keeps an allow-list."""

from .scrubber import PngScrubber

SCRUBBERS = (PngScrubber(),)
