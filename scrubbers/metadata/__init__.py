"""Readers and builders of metadata that several formats share: EXIF, XMP, IPTC, ICC."""
