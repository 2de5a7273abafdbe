"""WebP: walks the RIFF chunks, keeps those that a picture or animation needs, builds anew what is kept beside."""

from .scrubber import WebpScrubber

SCRUBBERS = (WebpScrubber(),)
