"""The names in XMP that tell something, by what they tell.

Source: ISO 16684-1 and -2; XMP specification, part 2; IPTC Photo Metadata 2023.2; CIPA DC-010 (Exif in XMP); MWG Guidelines 2.0.
"""

from __future__ import annotations

import re

from .xmp_tree import Name

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
META = "adobe:ns:meta/"
XML = "http://www.w3.org/XML/1998/namespace"

UNDERSTOOD = {
    RDF: "rdf",
    META: "x",
    XML: "xml",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/bj/": "xmpBJ",
    "http://ns.adobe.com/xap/1.0/t/pg/": "xmpTPg",
    "http://ns.adobe.com/xap/1.0/g/": "xmpG",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/xap/1.0/sType/Version#": "stVer",
    "http://ns.adobe.com/xap/1.0/sType/Job#": "stJob",
    "http://ns.adobe.com/xap/1.0/sType/Font#": "stFnt",
    "http://ns.adobe.com/xap/1.0/sType/Dimensions#": "stDim",
    "http://ns.adobe.com/xap/1.0/sType/ManifestItem#": "stMfs",
    "http://ns.adobe.com/xmp/sType/Area#": "stArea",
    "http://ns.adobe.com/xmp/1.0/DynamicMedia/": "xmpDM",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://ns.adobe.com/hdr-gain-map/1.0/": "hdrgm",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://creativecommons.org/ns#": "cc",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://ns.microsoft.com/photo/1.0": "MicrosoftPhoto10",
    "http://ns.microsoft.com/photo/1.2/": "MP",
    "http://ns.microsoft.com/photo/1.2/t/RegionInfo#": "MPRI",
    "http://ns.microsoft.com/photo/1.2/t/Region#": "MPReg",
    "http://www.digikam.org/ns/1.0/": "digiKam",
    "http://ns.apple.com/faceinfo/1.0/": "apple-fi",
    "http://ns.apple.com/HDRGainMap/1.0/": "HDRGainMap",
    "http://ns.google.com/photos/1.0/panorama/": "GPano",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
}
"""Namespaces that are known well enough to say which of their names can hold a place, with the usual prefix."""
NAMED = {
    "http://www.metadataworkinggroup.com/schemas/keywords/": "mwg-kw",
    "http://www.metadataworkinggroup.com/schemas/collections/": "mwg-coll",
    "http://ns.adobe.com/xap/1.0/g/img/": "xmpGImg",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
    "http://ns.google.com/photos/1.0/image/": "GImage",
    "http://ns.google.com/photos/1.0/audio/": "GAudio",
    "http://ns.google.com/photos/1.0/depthmap/": "GDepth",
    "http://purl.org/dc/terms/": "dcterms",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.dji.com/drone-dji/1.0/": "drone-dji",
    "http://ns.iview-multimedia.com/mediapro/1.0/": "mediapro",
    "http://ns.acdsee.com/iptc/1.0/": "acdsee",
    "http://rs.tdwg.org/dwc/index.htm": "dwc",
}
"""Namespaces whose names are told to people, but not kept when the place alone is taken out."""
PREFIXES = UNDERSTOOD | NAMED
PICTURES = frozenset(
    {
        ("http://ns.adobe.com/xap/1.0/g/img/", "image"),
        ("http://ns.google.com/photos/1.0/image/", "Data"),
        ("http://ns.google.com/photos/1.0/depthmap/", "Data"),
        ("http://ns.google.com/photos/1.0/depthmap/", "Confidence"),
    }
)
"""Values that are whole pictures in base64."""
DATA = PICTURES | {("http://ns.adobe.com/xap/1.0/", "Thumbnails"), ("http://ns.google.com/photos/1.0/audio/", "Data")}


def _all(prefix: str, names: str) -> set[str]:
    return {f"{prefix}:{name}" for name in names.split()}


PLACES = (
    _all("photoshop", "City State Country")
    | _all("Iptc4xmpCore", "Location CountryCode CiAdrCity CiAdrCtry CiAdrExtadr CiAdrPcode CiAdrRegion")
    | _all("Iptc4xmpExt", "LocationShown LocationCreated LocationId LocationName WorldRegion")
    | _all("plus", "LicensorCity LicensorCountry LicensorRegion LicensorStreetAddress LicensorExtendedAddress LicensorPostalCode")
    | _all("GPano", "PoseHeadingDegrees PosePitchDegrees PoseRollDegrees")
    | {"dc:coverage", "xmpDM:shotLocation", "geo:lat", "geo:long", "geo:alt", "geo:location"}
)
PLACE = re.compile(
    r"(?i:gps|latitude|longi?ti?t?ude|altitude|geotag|geouri|geocode|geohash|geoname)|[Ll]ocation|City(?![a-z])|^city$"
    r"|[Cc]ountry|[Pp]rovince|(^|[a-z_-])State$|^state$|[Ss]treet|[Pp]ostal(C|c)ode|[Ll]andmark|^[Pp]lace(s|Name|$)"
)
"""Names that mean a place in any namespace."""
NOT_A_PLACE = {
    "exif:SubjectLocation",
    "exif:GPSVersionID",
    "exif:GPSMapDatum",
    "exif:GPSStatus",
    "exif:GPSMeasureMode",
    "exif:GPSDOP",
}
NOT_A_PLACE |= {"exif:GPSDifferential", "exif:GPSSatellites", "exif:GPSHPositioningError", "exif:GPSAltitudeRef"}
"""They go with the place, but tell none."""
ADDRESS = _all("Iptc4xmpCore", "CreatorContactInfo") | _all("plus", "Licensor")
PERSONS = (
    _all("dc", "creator contributor publisher")
    | _all("photoshop", "CaptionWriter Credit Author")
    | _all("Iptc4xmpExt", "PersonInImage PersonInImageWDetails PersonName PersonId AOCreator OrganisationInImageName")
    | _all("MPReg", "PersonDisplayName PersonEmailDigest PersonLiveIdCID PersonSourceID")
    | _all("plus", "ImageCreatorName CopyrightOwnerName ImageSupplierName LicensorName")
    | _all("xmpDM", "artist director directorPhotography")
    | {"xmpRights:Owner", "aux:OwnerName", "exifEX:CameraOwnerName", "exifEX:Photographer", "tiff:Artist", "mwg-rs:Name"}
    | {"pdf:Author", "xmpMM:Manager", "mediapro:People", "acdsee:author", "digiKam:ImageRegionName"}
)
CONTACTS = _all("plus", "LicensorEmail LicensorTelephone1 LicensorTelephone2 LicensorURL")
KEYWORDS = {
    "dc:subject",
    "lr:hierarchicalSubject",
    "lr:weightedFlatSubject",
    "digiKam:TagsList",
    "MicrosoftPhoto:LastKeywordXMP",
    "mediapro:CatalogSets",
}
KEYWORDS |= {"MicrosoftPhoto10:LastKeywordXMP", "mwg-kw:Keyword", "acdsee:keywords", "acdsee:categories", "pdf:Keywords"}
TEXTS = (
    _all("dc", "title description rights source relation")
    | _all(
        "photoshop",
        "Headline Instructions Source TransmissionReference Category SupplementalCategories History LayerText LayerName",
    )
    | _all("photoshop", "AuthorsPosition CopyrightFlag Caption")
    | _all("xmpRights", "UsageTerms WebStatement Certificate")
    | _all("xmp", "Label Nickname Title Description")
    | _all("Iptc4xmpCore", "AltTextAccessibility ExtDescrAccessibility")
    | _all("Iptc4xmpExt", "Event EventName ProductInImage AOTitle AOSource CVterm RegionInfo")
    | _all("pdf", "Subject Title")
    | _all("acdsee", "caption notes")
    | {"exif:UserComment", "tiff:ImageDescription", "tiff:Copyright", "exif:ImageDescription", "mwg-rs:Description"}
    | {"digiKam:CaptionsAuthorNames", "mediapro:Event", "xmpDM:comment", "stJob:name"}
)
PROMPTS = _all("Iptc4xmpExt", "AIPromptInformation AIPromptWriterName")
SOFTWARE = {"xmp:CreatorTool", "stEvt:softwareAgent", "tiff:Software", "exif:Software", "pdf:Producer", "x:xmptk", "x:xaptk"}
SOFTWARE |= {"GPano:StitchingSoftware", "GPano:CaptureSoftware", "Iptc4xmpExt:AISystemUsed"}
IDENTITIES = (
    _all("xmpMM", "DocumentID InstanceID OriginalDocumentID VersionID RenditionOf")
    | _all("stRef", "documentID instanceID originalDocumentID")
    | {
        "stEvt:instanceID",
        "photoshop:DocumentAncestors",
        "Iptc4xmpExt:DigImageGUID",
        "exif:ImageUniqueID",
        "exifEX:ImageUniqueID",
    }
    | {
        "digiKam:ImageUniqueID",
        "GCamera:BurstID",
        "GCamera:BurstPrimary",
        "xmp:Identifier",
        "dc:identifier",
        "crs:UUID",
    }
    | {"rdf:about"}
)
TAKEN = {
    "exif:DateTimeOriginal",
    "exif:DateTimeDigitized",
    "photoshop:DateCreated",
    "xmp:CreateDate",
    "exif:GPSTimeStamp",
    "dc:date",
}
TAKEN |= {"Iptc4xmpCore:DateCreated", "Iptc4xmpExt:CircaDateCreated", "MicrosoftPhoto:DateAcquired", "GPano:FirstPhotoDate"}
EDITED = {
    "xmp:ModifyDate",
    "xmp:MetadataDate",
    "stEvt:when",
    "tiff:DateTime",
    "exif:DateTime",
    "stVer:modifyDate",
    "stRef:lastModifyDate",
}
LENSES = {"aux:Lens", "aux:LensInfo", "aux:LensID", "exifEX:LensModel", "exifEX:LensMake", "exifEX:LensSpecification"}
MAKES = {"tiff:Make", "exif:Make"}
MODELS = {"tiff:Model", "exif:Model", "aux:UniqueCameraModel"}
SERIAL = re.compile(r"[Ss]erial(Number|No|Num|$)")
MOTION = re.compile(r"^(MotionPhoto|MicroVideo)$")
PEOPLE_WORDS = "people person persons personen personnes personas persone pessoas faces gesichter who wer mensen osoby"
PLACE_WORDS = "place places ort orte lieu lieux lugar lugares luogo luoghi where wo location locations plaatsen geography"
BRANCHES = dict.fromkeys(PEOPLE_WORDS.split(), "people") | dict.fromkeys(PLACE_WORDS.split(), "places")
"""First words of keywords that stand in a tree: `People|Anna`, `Orte/München`."""


def told(name: Name) -> str:
    """A name as people who know XMP write it, `photoshop:City`; with `?` for an unknown namespace."""
    namespace, local = name
    return f"{PREFIXES.get(namespace, '?')}:{local}" if namespace else local


DATA_TOLD = frozenset(told(name) for name in DATA)
