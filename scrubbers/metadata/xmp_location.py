"""Takes the place out of an XMP packet and writes the rest anew.

Only names of known namespaces stay, since others may hold a place; so do comments, padding and coded data not.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import xmp_values as values
from .xmp_names import DATA, KEYWORDS, META, PLACE, PLACES, RDF, UNDERSTOOD, XML, told
from .xmp_tree import Name, Node, Packet, Value

RDF_ELEMENTS = frozenset({"RDF", "Description", "li", "Bag", "Seq", "Alt", "value"})
HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
TAIL = '\n<?xpacket end="w"?>'
ROOTS = ((META, "xmpmeta"), (META, "xapmeta"))


def without_location(packet: Packet) -> bytes | None:
    """The rest of a packet in one canonical form; None where it is not understood, or nothing is left."""
    root = packet.root
    if root is None or packet.problem:
        return None
    trees = [root] if root.name == (RDF, "RDF") else root.children if root.name in ROOTS else []
    parts = [child for tree in trees if tree.name == (RDF, "RDF") for child in tree.children]
    gone = {text.casefold() for part in parts for text in _places(part, False)}
    kept = [clean for part in parts if part.name == (RDF, "Description") and (clean := _kept(part, gone))]
    return _written(root, kept).encode("utf-8") if kept else None


def _is_place(name: Name) -> bool:
    return told(name) in PLACES or PLACE.search(name[1]) is not None


def _known(name: Name) -> bool:
    """Whether a name is understood, and is neither a place nor data."""
    namespace, local = name
    if namespace in (RDF, META):
        return namespace == RDF and local in RDF_ELEMENTS
    return namespace in UNDERSTOOD and namespace != XML and name not in DATA and not _is_place(name)


def _places(node: Node, inside: bool) -> Iterator[str]:
    """The words for the place, which may stand among the keywords again."""
    inside = inside or _is_place(node.name)
    if inside and not node.children and node.value.text.strip():
        yield node.value.text.strip()
    for name, value in node.attributes:
        if (inside and name[0] not in (RDF, XML)) or _is_place(name):
            yield value.text.strip()
    for child in node.children:
        yield from _places(child, inside)


def _words(value: Value, gone: set[str], keyword: bool) -> bool:
    """Whether a value is words, and none that tell the place."""
    text = value.text
    if not text.strip() or values.is_data(text, value.length) or values.has_place(text):
        return False
    return not keyword or (text.strip().casefold() not in gone and values.branch(text) != "places" and not _leaf_gone(text, gone))


def _leaf_gone(keyword: str, gone: set[str]) -> bool:
    """Whether a part of a keyword of a tree names the place: `2026|Lisbon`."""
    return any(part.strip().casefold() in gone for part in keyword.replace("/", "|").split("|"))


def _kept(node: Node, gone: set[str], keyword: bool = False) -> Node | None:
    """What may stay of an element, or None."""
    if not _known(node.name):
        return None
    keyword = keyword or told(node.name) in KEYWORDS
    if any(name == (RDF, "parseType") and value.text != "Resource" for name, value in node.attributes):
        return None
    attributes = list(_attributes(node, gone, keyword))
    children = [clean for child in node.children if (clean := _kept(child, gone, keyword))]
    words = not node.children and _words(node.value, gone, keyword)
    telling = any(name[0] not in (RDF, XML) or name[1] == "resource" for name, _ in attributes)
    if not (children or words or telling):
        return None
    return Node(node.name, attributes, children, node.parts if words else [], node.length if words else 0)


def _attributes(node: Node, gone: set[str], keyword: bool) -> Iterator[tuple[Name, Value]]:
    """The attributes that may stay, each once."""
    seen: set[Name] = set()
    for name, value in node.attributes:
        name = (RDF, "about") if name == ("", "about") else name
        if name in seen:
            continue
        seen.add(name)
        if name in ((RDF, "about"), (XML, "lang"), (RDF, "resource")):
            if not (values.has_place(value.text) or values.is_data(value.text, value.length)):
                yield name, value
        elif name == (RDF, "parseType") or (
            name[0] != RDF and _known(name) and _words(value, gone, told(name) in KEYWORDS or keyword)
        ):
            yield name, value


def _written(root: Node, parts: list[Node]) -> str:
    used = sorted({namespace for part in parts for namespace in _namespaces(part)} - {RDF, XML})
    spaces = "".join(f' xmlns:{UNDERSTOOD[uri]}="{uri}"' for uri in [RDF, *used])
    kit = next((value.text for name, value in root.attributes if name[1] in ("xmptk", "xaptk") and value.whole), "")
    toolkit = f' x:xmptk="{_attribute(kit)}"' if kit and not values.has_place(kit) else ""
    body = "".join(_element(part) for part in parts)
    return f'{HEAD}<x:xmpmeta xmlns:x="{META}"{toolkit}><rdf:RDF{spaces}>{body}</rdf:RDF></x:xmpmeta>{TAIL}'


def _namespaces(node: Node) -> Iterator[str]:
    yield node.name[0]
    yield from (name[0] for name, _ in node.attributes)
    for child in node.children:
        yield from _namespaces(child)


def _element(node: Node) -> str:
    name = told(node.name)
    attributes = "".join(f' {told(key)}="{_attribute(value.text)}"' for key, value in node.attributes)
    inner = "".join(_element(child) for child in node.children) or _text(node.value.text)
    return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _attribute(text: str) -> str:
    return _text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
