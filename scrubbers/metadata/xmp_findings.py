"""What an XMP packet tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from privkit.model import Finding, Level
from privkit.text import counted

from . import xmp_names as names
from . import xmp_values as values
from .teller import Teller
from .xmp_names import RDF, XML, told
from .xmp_tree import Name, Node, Packet, Value

ALIASED = re.compile(r"[\w:.-]+ is aliased")
"""A comment that old Photoshops write into every packet."""
GEO = {"geo:lat": "latitude", "geo:long": "longitude"}
PROBLEMS = {
    "type": "it declares a document type or entities, as no camera or editor does; it was not read",
    "broken": "it is damaged and could only be read in part",
    "large": "it is larger or deeper than any real one and was only read in part",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value, with the names that lead to it: `("Iptc4xmpExt:LocationShown", "Iptc4xmpExt:City")`."""

    path: tuple[str, ...]
    value: Value
    group: tuple[str, ...]
    """The structure that it stands in, with the numbers of list items: what has the same one belongs together."""
    name: Name

    @property
    def last(self) -> str:
        return self.path[-1] if self.path else ""


def leaves(node: Node, path: tuple[str, ...] = (), group: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every value of a tree, whatever form of RDF it is written in."""
    if node.name[0] != RDF and told(node.name) not in ("x:xmpmeta", "x:xapmeta"):
        path, group = (*path, told(node.name)), (*group, told(node.name))
    for name, value in node.attributes:
        if name in ((RDF, "resource"), (RDF, "value")):
            yield Leaf(path, value, group[:-1], node.name)
        elif name[0] not in (RDF, XML) or name[1] == "about":
            yield Leaf((*path, "rdf:about" if name[1] == "about" else told(name)), value, group, name)
    if node.length and (not node.children or node.value.text.strip()):
        yield Leaf(path, node.value, group[:-1], node.name)
    for number, child in enumerate(node.children):
        yield from leaves(child, path, (*group, str(number)) if child.name == (RDF, "li") else group)


def findings(packet: Packet, size: int) -> Iterator[Finding]:
    """size: bytes of the whole packet."""
    found = list(leaves(packet.root)) if packet.root else []
    found = [leaf for leaf in found if leaf.value.text.strip()]
    yield from _whole(packet, found, size)
    teller = Teller("XMP")
    for part in (_device, _faces, _places):
        yield from part(found, teller)
    for leaf in found:
        yield from _leaf(leaf, teller)
    teller.where = "XMP"
    for comment in packet.comments:
        if not ALIASED.fullmatch(comment):
            yield from teller.tell("hidden.comment", Level.WARN, "Comment", comment, value=comment)
    if packet.behind:
        detail = f"{counted(packet.behind, 'byte')} behind the end of the XMP block"
        yield from teller.tell(
            "hidden.trailer", Level.WARN, "Bytes behind the XMP block", detail, bytes=packet.behind, kind="XMP"
        )


def _whole(packet: Packet, found: list[Leaf], size: int) -> Iterator[Finding]:
    """The block itself, whatever it says."""
    detail = f"{counted(len(found), 'entry', 'entries')}, {counted(size, 'byte')}"
    if packet.problem:
        detail += f"; {PROBLEMS[packet.problem]}"
    yield from Teller("XMP").tell(
        "hidden.xmp", Level.WARN, "XMP block", detail, bytes=size, entries=len(found), problem=packet.problem
    )


def _places(found: list[Leaf], teller: Teller) -> Iterator[Finding]:
    """Latitudes with the longitudes that stand beside them."""
    beside: dict[tuple[tuple[str, ...], str], dict[str, str]] = {}
    for leaf in found:
        local = GEO.get(leaf.last, leaf.last.rpartition(":")[2]).lower().replace("longtitude", "longitude")
        for part in ("latituderef", "longituderef", "latitude", "longitude"):
            if local.endswith(part):
                beside.setdefault((leaf.group, local.removesuffix(part)), {}).setdefault(part, leaf.value.text)
                break
    for parts in beside.values():
        yield from _point(parts, teller)


def _point(parts: dict[str, str], teller: Teller) -> Iterator[Finding]:
    if not {"latitude", "longitude"} & parts.keys():
        return
    latitude = values.angle(parts.get("latitude", ""), parts.get("latituderef", ""))
    longitude = values.angle(parts.get("longitude", ""), parts.get("longituderef", ""))
    title, teller.where = "Where it was taken", "XMP GPS"
    if latitude is None or longitude is None or abs(latitude) > 90:
        raw = ", ".join(parts[part] for part in ("latitude", "longitude") if part in parts)
        yield from teller.tell("where.named", Level.RISK, title, raw, value=raw)
    else:
        detail = describe(latitude, longitude)
        yield from teller.tell("where.gps", Level.RISK, title, detail, latitude=round(latitude, 7), longitude=round(longitude, 7))


def describe(latitude: float, longitude: float) -> str:
    """`38.7139 N, 9.1334 W, about 1 km from Lisbon (Portugal)`."""
    from privkit import towns

    sides = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    point = f"{abs(latitude):.4f} {sides[0]}, {abs(longitude):.4f} {sides[1]}"
    near = towns.place(latitude, longitude)
    return f"{point}, {near}" if near else point


def _device(found: list[Leaf], teller: Teller) -> Iterator[Finding]:
    make = next((leaf.value.text for leaf in found if leaf.last in names.MAKES), "")
    model = next((leaf.value.text for leaf in found if leaf.last in names.MODELS), "")
    if make or model:
        detail = model if make and model.startswith(make) else f"{make} {model}".strip()
        yield from teller.tell("device.camera", Level.WARN, "Device", detail, make=make, model=model)


def _faces(found: list[Leaf], teller: Teller) -> Iterator[Finding]:
    areas = {leaf.group[: leaf.group.index("mwg-rs:Area")] for leaf in found if "mwg-rs:Area" in leaf.group}
    count = max(len(areas), sum(leaf.last == "MPReg:Rectangle" for leaf in found))
    if count:
        detail = f"{counted(count, 'part')} of the picture marked, as programs do that know faces"
        yield from teller.tell("who.faces", Level.WARN, "Faces", detail, count=count)


def _leaf(leaf: Leaf, teller: Teller) -> Iterator[Finding]:
    """What one value tells by its name, then by its look."""
    text, name = leaf.value.text.strip(), leaf.last.removeprefix("?:")
    teller.where = f"XMP {name}".strip()
    if any(part in names.DATA_TOLD for part in leaf.path) or values.is_data(leaf.value.text, leaf.value.length):
        size = leaf.value.length
        yield from teller.tell(
            "hidden.unknown", Level.WARN, "Data inside XMP", f"{name}, {size} characters", name=name, bytes=size
        )
        return
    kind = _kind(leaf)
    yield from _by_kind(kind, text, name, teller)
    if kind not in ("place", "keyword") and values.has_place(text):
        yield from teller.tell("where.named", Level.RISK, "Place in a text", text, value=text)
    path, user = values.path(text)
    if user:
        yield from teller.tell("who.name", Level.RISK, "Name of a user", path, value=user, field=f"path in {name}")
    elif path and kind != "text":
        yield from teller.tell("who.text", Level.WARN, "Path of a file", path, value=path, field=name)


def _by_kind(kind: str, text: str, name: str, teller: Teller) -> Iterator[Finding]:
    if kind in KINDS:
        id, level, title, key = KINDS[kind]
        yield from teller.tell(id, level, title, text, value=text, **({key: name} if key else {}))
    elif kind in ("taken", "edited"):
        title = "When" if kind == "taken" else "When it was edited"
        yield from teller.tell(f"when.{kind}", Level.WARN, title, text, time=values.moment(text), field=name)
    elif kind == "serial":
        of = "lens" if "lens" in name.lower() else "camera"
        yield from teller.tell("device.serial", Level.WARN, "Serial number", text, value=text, of=of)
    elif kind == "place":
        detail = text if any(letter.isalpha() for letter in text) else f"{text} ({name})"
        yield from teller.tell("where.named", Level.RISK, "Where it was taken", detail, value=text, field=name)
    elif kind == "keyword":
        yield from _keyword(text, name, teller)
    elif kind == "motion" and text.casefold() not in ("0", "false"):
        yield from teller.tell("hidden.motion", Level.WARN, "Motion photo", "a short film belongs to this picture", value=name)


KINDS = {
    "person": ("who.name", Level.RISK, "Name of a person", "field"),
    "contact": ("who.contact", Level.RISK, "Contact", "field"),
    "text": ("who.text", Level.WARN, "Text", "field"),
    "prompt": ("hidden.prompt", Level.WARN, "Prompt for a picture made by a machine", ""),
    "software": ("device.software", Level.NOTE, "Edited with", ""),
    "identity": ("hidden.document-id", Level.WARN, "Number that ties copies together", "kind"),
    "lens": ("device.lens", Level.WARN, "Lens", ""),
    "credentials": ("hidden.credentials", Level.WARN, "Content credentials", ""),
    "extended": ("hidden.xmp", Level.WARN, "A second XMP block is announced", ""),
}
"""What a kind of value becomes: id, level, title, and the fact that its name is told in."""
BY_NAME = (
    ("taken", names.TAKEN),
    ("edited", names.EDITED),
    ("contact", names.ADDRESS | names.CONTACTS),
    ("place", names.PLACES),
    ("keyword", names.KEYWORDS),
    ("person", names.PERSONS),
    ("prompt", names.PROMPTS),
    ("text", names.TEXTS),
    ("software", names.SOFTWARE),
    ("identity", names.IDENTITIES),
    ("lens", names.LENSES),
    ("credentials", {"dcterms:provenance"}),
    ("extended", {"xmpNote:HasExtendedXMP"}),
)


def _kind(leaf: Leaf) -> str:
    """The kind of a value by the names that lead to it, or ""."""
    for kind, known in BY_NAME:
        if any(part in known for part in leaf.path):
            return kind
    local = leaf.name[1]
    if names.SERIAL.search(local):
        return "serial"
    if names.MOTION.search(local) or (leaf.last == "Item:Semantic" and leaf.value.text == "MotionPhoto"):
        return "motion"
    told_of = [part for part in leaf.path if part not in names.NOT_A_PLACE and names.PLACE.search(part.rpartition(":")[2])]
    return "place" if told_of and not _angle_name(leaf.last) else ""


def _angle_name(name: str) -> bool:
    """Latitudes and longitudes are told in pairs, and a word beside a number is no place."""
    return re.search(r"(?i)(latitude|longi?ti?t?ude|ref)$", name) is not None


def _keyword(text: str, name: str, teller: Teller) -> Iterator[Finding]:
    branch = values.branch(text)
    if branch == "people":
        yield from teller.tell(
            "who.name", Level.RISK, "Name of a person", text, value=text.replace("/", "|").rpartition("|")[2], field=name
        )
    elif branch == "places" or values.has_place(text):
        yield from teller.tell("where.named", Level.RISK, "Place in a keyword", text, value=text)
    else:
        yield from teller.tell("who.text", Level.WARN, "Keyword", text, value=text, field=name)
