"""Taking the place out of XMP: the properties that tell it are overwritten with spaces, and all else stays as it was."""

import re
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate

from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.stripping.assembling import Patch, difference
from photostore_adapters.imaging.stripping.places import names_place, speaks_of_place

_TAG = re.compile(rb"""<[^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")
_ATTRIBUTE = re.compile(rb"""[ \t\r\n]([^\s=<>/"']+)[ \t\r\n]*=[ \t\r\n]*("[^"]*"|'[^']*')""")
# What follows the picture goes, and so must what describes it: gain maps, films, depth.
_OF_TRAILERS = (b"ns.google.com/photos/1.0/container", b"MicroVideo", b"MotionPhoto")
_EXTENDED = "HasExtendedXMP"
# Trees of keywords, with a branch of places: Lightroom's, digiKam's, Media Pro's and Microsoft's.
_KEYWORD_TREES = frozenset({"HierarchicalSubject", "TagsList", "CatalogSets", "LastKeywordXMP", "LastKeywordIPTC"})
# Captions and categories of ACDSee say where in words of one's own.
_NAMESPACE_OF_PLACES = "http://ns.acdsee.com/"


def without_location(content: bytes) -> list[Patch]:
    """What to overwrite in the packet. Raise `BrokenPictureError` when it cannot be read, or still speaks of places."""
    packet = content.rstrip(b"\0")
    if any(sign in packet for sign in _OF_TRAILERS):
        raise BrokenPictureError("it describes what follows the picture")
    spans = _spans_of_places(packet)
    blanked = bytearray(packet)
    for start, stop in spans:
        blanked[start:stop] = b" " * (stop - start)
    after = bytes(blanked)
    if spans and _spans_of_places(after):
        raise BrokenPictureError("it still names places")
    if speaks_of_place(after):
        raise BrokenPictureError("it still speaks of places")
    return difference(packet, after, spans)


def _spans_of_places(packet: bytes) -> list[tuple[int, int]]:
    walk = _Walk(packet)
    # No encoding but UTF-8: offsets would not be of the bytes that are searched for tags.
    parser = ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: walk.begin(name, attributes, parser.CurrentByteIndex)
    parser.EndElementHandler = lambda _: walk.end(parser.CurrentByteIndex)
    try:
        parser.Parse(packet, True)
    except ExpatError as error:
        raise BrokenPictureError("its XMP is no XML") from error
    return walk.spans


def _refuse(*_: object) -> None:
    raise BrokenPictureError("its XMP has a document type")


@dataclass(slots=True)
class _Walk:
    """`spans` of elements and attributes that tell a place; of an element within another only the outer's."""

    packet: bytes
    spans: list[tuple[int, int]] = field(default_factory=list)
    _prefixes: set[str] = field(default_factory=set)
    _depth: int = 0
    _place_depth: int = 0
    _place_start: int = 0

    def begin(self, name: str, attributes: dict[str, str], position: int) -> None:
        self._depth += 1
        if self._place_depth:
            return
        self._learn_prefixes(attributes)
        if self._is_place(name) and (tag := self._tag(position)).endswith(b"/>"):
            self.spans.append((position, position + len(tag)))
        elif self._is_place(name):
            self._place_depth, self._place_start = self._depth, position
        elif any(map(self._is_place, attributes)):
            self.spans += [
                (position + found.start(1), position + found.end())
                for found in _ATTRIBUTE.finditer(self._tag(position))
                if self._is_place(found[1].decode())
            ]

    def end(self, position: int) -> None:
        if self._place_depth == self._depth:
            self.spans.append((self._place_start, position + len(self._tag(position))))
            self._place_depth = 0
        self._depth -= 1

    def _tag(self, position: int) -> bytes:
        found = _TAG.match(self.packet, position)
        if found is None:
            raise BrokenPictureError("its XMP is no XML")
        return found[0]

    def _learn_prefixes(self, attributes: dict[str, str]) -> None:
        """For good: a prefix that means something else further on costs no more than that."""
        for name, namespace in attributes.items():
            declares, _, prefix = name.partition(":")
            if declares == "xmlns" and namespace.startswith(_NAMESPACE_OF_PLACES):
                self._prefixes.add(prefix)

    def _is_place(self, name: str) -> bool:
        prefix, _, own = name.rpartition(":")
        return own == _EXTENDED or own in _KEYWORD_TREES or prefix in self._prefixes or names_place(own)
