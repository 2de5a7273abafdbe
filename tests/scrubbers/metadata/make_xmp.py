"""XMP packets for tests, with a word in every place where a place, a name or a number can stand."""

from __future__ import annotations

import base64

SPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
    "stRef": "http://ns.adobe.com/xap/1.0/sType/ResourceRef#",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "xmpGImg": "http://ns.adobe.com/xap/1.0/g/img/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "GPano": "http://ns.google.com/photos/1.0/panorama/",
    "GCamera": "http://ns.google.com/photos/1.0/camera/",
    "GImage": "http://ns.google.com/photos/1.0/image/",
    "GDepth": "http://ns.google.com/photos/1.0/depthmap/",
    "drone-dji": "http://www.dji.com/drone-dji/1.0/",
    "dcterms": "http://purl.org/dc/terms/",
    "own": "http://example.org/own/",
}
JPEG = b"\xff\xd8\xff\xe0small picture" + bytes(range(256)) * 4
BASE64 = base64.b64encode(JPEG).decode()


def packet(body: str, attributes: str = "", behind: str = "") -> str:
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in SPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta {spaces} x:xmptk="KITWORD"><rdf:RDF>'
        f'<rdf:Description rdf:about="uuid:ABOUTWORD" {attributes}>{body}</rdf:Description>'
        f'</rdf:RDF></x:xmpmeta>{"   " * 700}<?xpacket end="w"?>{behind}'
    )


def bag(name: str, *words: str, kind: str = "Bag") -> str:
    items = "".join(f"<rdf:li>{word}</rdf:li>" for word in words)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"


PLACES = {
    "exif:GPSLatitude": "38,42.8334N",
    "exif:GPSLongitude": "9,8.004W",
    "exif:GPSAreaInformation": "AREAWORD",
    "photoshop:City": "CITYWORD",
    "photoshop:State": "STATEWORD",
    "photoshop:Country": "COUNTRYWORD",
    "Iptc4xmpCore:Location": "SUBWORD",
    "Iptc4xmpCore:CountryCode": "CODEWORD",
    "dc:coverage": "COVERWORD",
    "GPano:PoseHeadingDegrees": "213.5",
    "drone-dji:GpsLongtitude": "9.1334",
    "own:Anything": "UNKNOWNWORD",
    "own:HomeCity": "HOMEWORD",
}
"""One simple property each."""
STRUCTURES = (
    '<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li rdf:parseType="Resource">'
    "<Iptc4xmpExt:Sublocation>SHOWNWORD</Iptc4xmpExt:Sublocation>"
    "<Iptc4xmpExt:LocationName><rdf:Alt><rdf:li xml:lang='x-default'>LNAMEWORD</rdf:li></rdf:Alt></Iptc4xmpExt:LocationName>"
    "</rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown>"
    '<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li><rdf:Description Iptc4xmpExt:City="CREATEDWORD" exif:GPSLatitude="52,30N" '
    'exif:GPSLongitude="13,24E"/></rdf:li></rdf:Bag></Iptc4xmpExt:LocationCreated>'
    '<Iptc4xmpCore:CreatorContactInfo rdf:parseType="Resource"><Iptc4xmpCore:CiAdrCity>HOMETOWNWORD</Iptc4xmpCore:CiAdrCity>'
    "<Iptc4xmpCore:CiEmailWork>MAILWORD@example.org</Iptc4xmpCore:CiEmailWork></Iptc4xmpCore:CreatorContactInfo>"
)
KEYWORDS = bag("dc:subject", "beach", "cityword", "geo:lat=38.7139", "38.71390, -9.13340") + bag(
    "lr:hierarchicalSubject", "People|ANNAWORD", "Places|TREEWORD", "2026|CITYWORD", "Trips|summer"
)
BLOBS = (
    f'<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"><xmpGImg:image>{BASE64}</xmpGImg:image></rdf:li>'
    "</rdf:Alt></xmp:Thumbnails>"
    f"<GImage:Data>{BASE64}</GImage:Data><photoshop:Instructions>{BASE64}</photoshop:Instructions>"
)
PEOPLE = (
    bag("dc:creator", "CREATORWORD", kind="Seq")
    + bag("Iptc4xmpExt:PersonInImage", "PERSONWORD")
    + bag("digiKam:TagsList", "People/DIGIWORD", "beach")
    + '<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>'
    + "".join(
        f'<rdf:li><rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="Face"><mwg-rs:Area stArea:x="0.3" stArea:y="0.4"/>'
        "</rdf:Description></rdf:li>"
        for name in ("FACEWORD", "OTHERWORD")
    )
    + "</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    + '<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag><rdf:li MPReg:Rectangle="0.403125, 0.330598" '
    'MPReg:PersonDisplayName="MSFACEWORD"/></rdf:Bag></MPRI:Regions></MP:RegionInfo>'
)
HISTORY = (
    "<xmpMM:DocumentID>xmp.did:DOCWORD</xmpMM:DocumentID><xmpMM:OriginalDocumentID>ORIGWORD</xmpMM:OriginalDocumentID>"
    '<xmpMM:History><rdf:Seq><rdf:li stEvt:action="saved" stEvt:instanceID="EVENTWORD" stEvt:when="2026-07-12T10:00:00+01:00" '
    'stEvt:softwareAgent="AGENTWORD"/></rdf:Seq></xmpMM:History>'
    '<xmpMM:DerivedFrom stRef:documentID="DERIVEDWORD" stRef:filePath="C:\\Users\\USERWORD\\Pictures\\x.psd"/>'
)
