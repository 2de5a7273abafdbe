"""JPEG: walks the segments and scans, keeps what is needed to decode, builds anew what is kept beside."""

from .scrubber import JpegScrubber

SCRUBBERS = (JpegScrubber(),)
