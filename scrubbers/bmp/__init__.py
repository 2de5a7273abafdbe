"""BMP: reads the headers, builds them anew, and cuts away all that stands beside the pixels."""

from .scrubber import BmpScrubber

SCRUBBERS = (BmpScrubber(),)
