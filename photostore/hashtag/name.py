"""What a hashtag is called."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NewType

from photostore.hashtag.errors import NotAHashtag
from photostore.shared.errors import FieldError

HashtagName = NewType("HashtagName", str)

LONGEST = 64

_BETWEEN_WORDS = re.compile(r"[\s\-/|.,:;&+'\u2019]+")


def fold(text: str) -> str:
    """`text` as names are compared: without white space around it and a leading `#`, NFKC-normalised, casefolded."""
    folded = unicodedata.normalize("NFKC", text).strip()
    # A full-width number sign becomes `#` only by the normalisation. Folding can undo the normal form: do it again.
    return unicodedata.normalize("NFKC", folded.removeprefix("#").casefold())


def hashtag_name(text: str, *, field: str = "name") -> HashtagName:
    """The name that `text` means: 1 to 64 letters, marks, digits and `_` of any script, not all of them `_` or marks.

    Raise `NotAHashtag`, which names `field`. Naming is idempotent: the name of a name is itself.
    """
    name = fold(text)
    categories = {unicodedata.category(character)[0] for character in name}
    allowed = all(c == "_" or unicodedata.category(c)[0] in "LM" or unicodedata.category(c) == "Nd" for c in name)
    if not (1 <= len(name) <= LONGEST and allowed and categories & {"L", "N"}):
        message = f"{text[:80]!r} must be 1 to {LONGEST} letters, digits or _, at least one of them no _"
        raise NotAHashtag("A hashtag is made of letters, digits and _.", errors=[FieldError(field, message)])
    return HashtagName(name)


def hashtag_names(texts: Iterable[str], *, field: str = "hashtags") -> tuple[HashtagName, ...]:
    """Their names, each once, in the order of their first mention."""
    return tuple(dict.fromkeys(hashtag_name(text, field=field) for text in texts))


def hashtag_names_in(keywords: Iterable[str]) -> tuple[HashtagName, ...]:
    """The names that free text gives, each once: what parts its words becomes `_`; what still is no hashtag is left out."""
    names = dict[HashtagName, None]()
    for keyword in keywords:
        words = "_".join(_BETWEEN_WORDS.sub(" ", fold(keyword)).split())
        try:
            names[hashtag_name(words)] = None
        except NotAHashtag:
            continue
    return tuple(names)
