"""Names that people can tell apart by looking at them."""

import unicodedata

# Control, formatting (such as zero-width and bidirectional marks), surrogates, private use, unassigned.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def is_visible(text: str) -> bool:
    """Whether there is something to see, and nothing in it that is not."""
    return not text.isspace() and text != "" and not has_invisible(text)


def has_invisible(text: str) -> bool:
    return any(unicodedata.category(character) in _INVISIBLE for character in text)
