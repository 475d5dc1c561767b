"""XMP (ISO 16684-1): the few properties that are wanted, from packets that may be anything.

No tree is built. A packet may not declare entities, nest deeply, have elements without number, or names without end:
an honest one has no need to.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterable, Mapping, Set

from defusedxml.ElementTree import DefusedXMLParser, ParseError  # type: ignore[import-untyped]

from photostore_adapters.imaging.texts import decoded

Properties = Mapping[str, tuple[str, ...]]

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_EXIF, _PHOTOSHOP = "{http://ns.adobe.com/exif/1.0/}", "{http://ns.adobe.com/photoshop/1.0/}"
SUBJECT = "{http://purl.org/dc/elements/1.1/}subject"
ORIGINAL, CREATED = _EXIF + "DateTimeOriginal", _PHOTOSHOP + "DateCreated"
LATITUDE, LONGITUDE = _EXIF + "GPSLatitude", _EXIF + "GPSLongitude"
ALTITUDE, ALTITUDE_REFERENCE = _EXIF + "GPSAltitude", _EXIF + "GPSAltitudeRef"
EXTENDED = "{http://ns.adobe.com/xmp/note/}HasExtendedXMP"
_WANTED = frozenset(
    {SUBJECT, ORIGINAL, CREATED, LATITUDE, LONGITUDE, ALTITUDE, ALTITUDE_REFERENCE, EXTENDED},
)

MAX_PACKET = 1024 * 1024
_MAX_ELEMENTS = 20_000
_MAX_DEPTH = 64
_MAX_VALUES = 1000
# Every name of a namespace repeats it whole: a long one is a bomb.
_LONG_NAMESPACE = re.compile(r"""xmlns[^=<>]{0,256}=\s*["'][^"']{256}|xmlns[^=<>"']{257}""")
_LONGEST_ENCODINGS_FIRST = (
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)


def properties_of(packets: Iterable[bytes], *, wanted: Set[str] = _WANTED) -> Properties:
    """Every packet that can be read adds to what the ones before it said."""
    found: dict[str, list[str]] = {}
    for packet in packets:
        for name, values in _properties(packet, wanted).items():
            found.setdefault(name, []).extend(values)
    return {name: tuple(values) for name, values in found.items()}


def _properties(packet: bytes, wanted: Set[str]) -> dict[str, list[str]]:
    if len(packet) > MAX_PACKET:
        return {}
    target = _Reading(wanted)
    try:
        text = _text(packet)
        if _LONG_NAMESPACE.search(text):
            return {}
        parser = DefusedXMLParser(target=target, forbid_dtd=True)
        parser.feed(text)
        parser.close()
    except (ParseError, ValueError):  # what defusedxml forbids, and what is not in its encoding, are ValueErrors
        return {}
    return target.found


def _text(packet: bytes) -> str:
    """The declaration of an encoding is not asked: what the bytes are valid as, they are."""
    for mark, encoding in _LONGEST_ENCODINGS_FIRST:
        if packet.startswith(mark):
            return packet.decode(encoding).strip("\0 \t\r\n")
    return decoded(packet).strip("\ufeff\0 \t\r\n")


class _Reading:
    """Keeps what is said of the picture itself: of the resources that it mentions, the same is said further inside."""

    def __init__(self, wanted: Set[str]) -> None:
        self._wanted = wanted
        self.found: dict[str, list[str]] = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self._elements = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        self._path.append(tag)
        self._text = []
        if self._elements > _MAX_ELEMENTS or len(self._path) > _MAX_DEPTH:
            raise ValueError("that is no picture's metadata")
        if self._path[-2:] == [_RDF + "RDF", _RDF + "Description"]:
            for name, value in attributes.items():
                self._keep(name, value)

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, tag: str) -> None:
        text, self._text = "".join(self._text), []
        if self._is_property(self._path[:-1]):
            self._keep(tag, text)
        elif tag == _RDF + "li" and self._is_property(self._path[:-3]):
            self._keep(self._path[-3], text)
        self._path.pop()

    def close(self) -> None:
        """The parser wants a target to have it."""

    def _is_property(self, above: list[str]) -> bool:
        return above[-2:] == [_RDF + "RDF", _RDF + "Description"]

    def _keep(self, name: str, text: str) -> None:
        if name in self._wanted and text.strip() and len(self.found.get(name, ())) < _MAX_VALUES:
            self.found.setdefault(name, []).append(text.strip())
