"""Telling whether words say where something is. Taking too many for a place costs a comment; too few costs a secret."""

import re

_WORDS = re.compile(rb"gps|latitude|longitude|longtitude|geo-?(?:tag|hash|cod|loc|coord)", re.IGNORECASE)
_LONG_WORDS = re.compile(rb"gps_?(?:lat|lon|alt|pos|info|data)|latitude|longitude|longtitude", re.IGNORECASE)
# 48.85661, 2.35222 and ISO 6709's +48.8566+002.3522/
_PAIR = re.compile(rb"\d{1,3}\.\d{4,}\s{0,3}[,;/ ]\s{0,3}[-+]?\d{1,3}\.\d{4,}|[-+]\d{2}(?:\.\d+)?[-+]\d{3}(?:\.\d+)?/")

_NAMES = re.compile(
    r"gps.*|.*(?:latitude|longt?itude|altitude|geo(?:tag|hash|cod|loc|coord)).*|(?-i:lat|lon|long|alt)|city|"
    r"state|province.*|.*country.*|.*location.*|sublocation|.*landmark|worldregion|coverage|ciadr.*",
    re.IGNORECASE,
)


def tells_place(text: bytes) -> bool:
    """In Latin letters, whatever the encoding: a wide one has noughts between the letters."""
    plain = text.replace(b"\0", b"")
    return _WORDS.search(plain) is not None or _PAIR.search(plain) is not None


def mentions_place(content: bytes) -> bool:
    """As `tells_place` for what is not, or not only, text: shorter words stand in any noise."""
    return _LONG_WORDS.search(content.replace(b"\0", b"")) is not None


def speaks_of_place(text: bytes) -> bool:
    """As `tells_place` for markup, where pairs of fractions are curves and crops more often than places."""
    return _WORDS.search(text) is not None


def names_place(name: str) -> bool:
    """Whether a property of this name (without its prefix) tells a place, as XMP's schemas name them."""
    return _NAMES.fullmatch(name) is not None
