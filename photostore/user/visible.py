"""Names that people can tell apart by looking at them."""

import unicodedata

# Control, formatting (such as zero-width and bidirectional marks), surrogates, private use, unassigned.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


# How words of some scripts and some emoji are written needs them, though they are not seen (UAX #31, 2.3).
_JOINERS = str.maketrans("", "", "\u200c\u200d")


def is_visible(text: str) -> bool:
    """Whether there is something to see, and nothing in it that is not, but for joiners."""
    seen = text.translate(_JOINERS)
    return seen.strip() != "" and not has_invisible(seen)


def has_invisible(text: str) -> bool:
    return any(unicodedata.category(character) in _INVISIBLE for character in text)
