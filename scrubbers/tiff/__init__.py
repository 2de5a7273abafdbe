"""TIFF and BigTIFF: written anew with only the fields that decoding needs; strips and tiles are copied as they are."""

from .scrubber import SCRUBBERS

__all__ = ["SCRUBBERS"]
