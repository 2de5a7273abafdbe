"""Reads an XMP packet into a tree of bounded size. Document types and entities are refused, never expanded.

Source: ISO 16684-1 (XMP), sections 7.3 (packets) and 7.4 (RDF in XML); XML 1.0, section 4.3.3 (encodings).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

Name = tuple[str, str]
"""Namespace and local name; the namespace is "" where there is none."""
LARGEST = 64 * 1024 * 1024
CHUNK = 2 * 1024 * 1024
LONGEST_TOKEN = 16 * 1024 * 1024
"""A single tag that does not end within this many bytes ends the reading: expat would hold all of it."""
LONGEST_TEXT = 64 * 1024
"""What is kept of one value; a longer one is data, not words."""
MOST_TEXT = 4 * 1024 * 1024
MOST_NODES = 50_000
DEEPEST = 64
MOST_COMMENTS = 16
PACKET_END = re.compile(rb"<\?xpacket\s+end=[\"'][wr][\"']\s?(?:\?>|$)|[\s\0]+|\xef\xbb\xbf")
BOMS = ((b"\0\0\xfe\xff", "utf-32-be"), (b"\xff\xfe\0\0", "utf-32-le"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
STARTS = ((b"\0\0\0<", "utf-32-be"), (b"<\0\0\0", "utf-32-le"), (b"\0<", "utf-16-be"), (b"<\0", "utf-16-le"))


@dataclass(slots=True)
class Value:
    """A text, or the start of one that is `length` characters long."""

    text: str
    length: int

    @property
    def whole(self) -> bool:
        return len(self.text) == self.length


@dataclass(slots=True)
class Node:
    """An XML element."""

    name: Name
    attributes: list[tuple[Name, Value]]
    children: list[Node] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    length: int = 0
    """How long its own text is; `parts` may hold less."""

    @property
    def value(self) -> Value:
        return Value("".join(self.parts), self.length)


@dataclass(slots=True)
class Packet:
    """What could be read. `problem` says why it is not all: "type", "broken", "large", or "" when it is all."""

    root: Node | None = None
    problem: str = ""
    comments: list[str] = field(default_factory=list)
    behind: int = 0
    """Bytes behind the end that are neither blank nor the end mark of a packet."""


class _Stop(Exception):
    """Ends the reading; its text is the problem."""


def read(packet: bytes, long: frozenset[Name] = frozenset()) -> Packet:
    """The tree of a packet. Values of the names in `long` are kept up to LONGEST_TOKEN, others up to LONGEST_TEXT."""
    found = _Reader(long).read(packet, _encoding(packet))
    if found.root is None and found.problem == "broken" and _encoding(packet) == "utf-8":
        found = _Reader(long).read(packet, "utf-8", "replace")
    return found


def _encoding(packet: bytes) -> str:
    for mark, name in (*BOMS, *STARTS):
        if packet.startswith(mark):
            return name
    return "utf-8"


def _utf8(packet: bytes, encoding: str, errors: str) -> Iterator[bytes]:
    """The packet as UTF-8 without byte order mark and leading blanks, in chunks."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    started = False
    for at in range(0, len(packet), CHUNK):
        text = decoder.decode(packet[at : at + CHUNK], at + CHUNK >= len(packet))
        if not started:
            text = text.lstrip("\ufeff\0 \t\r\n")
            started = bool(text)
        yield text.encode("utf-8", "surrogatepass")


class _Reader:
    """Turns the events of expat into a tree, within bounds."""

    def __init__(self, long: frozenset[Name]) -> None:
        self.long = long
        self.packet = Packet()
        self.stack: list[Node] = []
        self.nodes = self.text = self.fed = self.event = 0
        self.end = -1  # where the last tag of the root starts
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.finish
        self.parser.CharacterDataHandler = self.words
        self.parser.CommentHandler = self.comment
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.EntityDeclHandler = self.refuse

    def read(self, packet: bytes, encoding: str, errors: str = "strict") -> Packet:
        if len(packet) > LARGEST:
            return Packet(problem="large")
        try:
            self.feed(_utf8(packet, encoding, errors))
        except _Stop as stop:
            self.packet.problem = str(stop)
        except (expat.ExpatError, UnicodeError):
            self.packet.problem = "broken"
        return self.packet

    def feed(self, chunks: Iterator[bytes]) -> None:
        for chunk in chunks:
            try:
                self.parser.Parse(chunk, False)
            except expat.ExpatError:
                if self.end < 0:
                    raise
            if self.end >= 0:
                tail = chunk[self.end - self.fed :].partition(b">")[2] + next(chunks, b"")
                self.packet.behind = len(PACKET_END.sub(b"", tail))
                return
            self.fed += len(chunk)
            if self.fed - self.event > LONGEST_TOKEN:
                raise _Stop("large")
        raise _Stop("broken")

    def refuse(self, *_: object) -> None:
        raise _Stop("type")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.event = self.parser.CurrentByteIndex
        self.nodes += 1 + len(attributes)
        if self.nodes > MOST_NODES or len(self.stack) >= DEEPEST:
            raise _Stop("large")
        node = Node(_name(name), [(_name(key), self.kept(_name(key), value)) for key, value in attributes.items()])
        if self.stack:
            self.stack[-1].children.append(node)
        elif self.packet.root is None:
            self.packet.root = node
        self.stack.append(node)

    def kept(self, name: Name, text: str) -> Value:
        most = LONGEST_TOKEN if name in self.long else LONGEST_TEXT
        value = Value(text[:most], len(text))
        if name not in self.long:
            self.text += len(value.text)
        if self.text > MOST_TEXT:
            raise _Stop("large")
        return value

    def finish(self, _: str) -> None:
        self.event = self.parser.CurrentByteIndex
        self.stack.pop()
        if not self.stack:
            self.end = self.event

    def words(self, text: str) -> None:
        self.event = self.parser.CurrentByteIndex
        node = self.stack[-1]
        most = LONGEST_TOKEN if node.name in self.long else LONGEST_TEXT
        if node.length < most:
            node.parts.append(self.kept(node.name, text).text[: most - node.length])
        node.length += len(text)

    def comment(self, text: str) -> None:
        self.event = self.parser.CurrentByteIndex
        if len(self.packet.comments) < MOST_COMMENTS and text.strip():
            self.packet.comments.append(text.strip()[:1000])


def _name(name: str) -> Name:
    namespace, _, local = name.rpartition(" ")
    return namespace, local
