"""What ExifTool may still say of a clean picture: how it is coded and shown, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TAGS = {
    "File": "FileType FileTypeExtension MIMEType ImageWidth ImageHeight EncodingProcess BitsPerSample ColorComponents"
    " YCbCrSubSampling ExifByteOrder BMPVersion Planes BitDepth Compression ImageLength PixelsPerMeterX PixelsPerMeterY"
    " NumColors NumImportantColors RedMask GreenMask BlueMask AlphaMask ColorSpace RedEndpoint GreenEndpoint BlueEndpoint"
    " PageCount GammaRed GammaGreen GammaBlue RenderingIntent ProfileDataOffset ProfileSize",
    "JFIF": "JFIFVersion ResolutionUnit XResolution YResolution",
    "Adobe": "DCTEncodeVersion APP14Flags0 APP14Flags1 ColorTransform",
    "Composite": "ImageSize Megapixels",
    "PNG": "ImageWidth ImageHeight BitDepth ColorType Compression Filter Interlace Palette Transparency BackgroundColor Gamma"
    " SRGBRendering WhitePointX WhitePointY RedX RedY GreenX GreenY BlueX BlueY SignificantBits AnimationFrames AnimationPlays"
    " ProfileName CodingIndependentCodePoints MasteringDisplayColorVolume ContentLightLevelInfo ColorPrimaries"
    " TransferCharacteristics MatrixCoefficients VideoFullRangeFlag",
    "PNG-pHYs": "PixelsPerUnitX PixelsPerUnitY PixelUnits",
    "GIF": "GIFVersion ImageWidth ImageHeight HasColorMap ColorResolutionDepth BitsPerPixel BackgroundColor PixelAspectRatio"
    " AnimationIterations FrameCount Duration TransparentColor",
    "RIFF": "VP8Version ImageWidth ImageHeight HorizontalScale VerticalScale WebP_Flags AlphaIsUsed AlphaPreprocessing"
    " AlphaFiltering AlphaCompression BackgroundColor AnimationLoopCount FrameCount Duration ImageWidth ImageHeight",
}
_TIFF = (
    "SubfileType OldSubfileType ImageWidth ImageHeight BitsPerSample Compression PhotometricInterpretation"
    " Thresholding CellWidth CellLength FillOrder StripOffsets SamplesPerPixel RowsPerStrip StripByteCounts"
    " MinSampleValue MaxSampleValue XResolution YResolution PlanarConfiguration GrayResponseUnit"
    " GrayResponseCurve T4Options T6Options ResolutionUnit TransferFunction Predictor WhitePoint"
    " PrimaryChromaticities ColorMap HalftoneHints TileWidth TileLength TileOffsets TileByteCounts InkSet"
    " ExtraSamples SampleFormat SMinSampleValue SMaxSampleValue JPEGTables YCbCrCoefficients YCbCrSubSampling"
    " YCbCrPositioning ReferenceBlackWhite Orientation PageNumber NumberofInks DotRange TransferRange Decode"
    " DefaultImageColor"
).split()
_ICC = (
    "ProfileVersion ProfileClass ColorSpaceData ProfileConnectionSpace ProfileFileSignature PrimaryPlatform"
    " CMMFlags DeviceAttributes RenderingIntent ConnectionSpaceIlluminant ProfileCMMType ProfileDateTime"
    " DeviceManufacturer DeviceModel ProfileCreator ProfileID ProfileDescription ProfileCopyright"
    " MediaWhitePoint MediaBlackPoint RedMatrixColumn GreenMatrixColumn BlueMatrixColumn RedTRC GreenTRC"
    " BlueTRC GrayTRC ChromaticAdaptation AToB0 AToB1 AToB2 BToA0 BToA1 BToA2 Gamut"
    " ColorimetricIntentImageState"
).split()
_NEUTRAL = {
    "ProfileCMMType": {""},
    "ProfileDateTime": {"0000:00:00 00:00:00"},
    "DeviceManufacturer": {""},
    "DeviceModel": {""},
    "ProfileCreator": {""},
    "ProfileID": {"0"},
    "PrimaryPlatform": {"Unknown ()", ""},
}
"""Fields of a profile's header that must say nothing."""
_KEPT = {"Orientation", "DateTimeOriginal", "ColorSpace", "InteropIndex"}


def beyond_structure(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that tell more than structure, with their values."""
    return {name: value for name, value in tags.items() if not _structural(*_split(name), value)}


def _split(name: str) -> tuple[str, str]:
    group, _, tag = re.sub(r" \(\d+\)$", "", name).partition(":")
    return group, tag


def _structural(group: str, tag: str, value: str) -> bool:
    if group.startswith("ICC"):
        return tag in _ICC and (tag not in _NEUTRAL or value.strip() in _NEUTRAL[tag])
    if re.fullmatch(r"IFD\d+|SubIFD\d*", group):
        return tag in _TIFF or tag in _KEPT
    if group in ("ExifIFD", "InteropIFD"):
        return tag in _KEPT
    return tag in _TAGS.get(group, "").split()
