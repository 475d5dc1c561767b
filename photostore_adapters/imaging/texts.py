"""Text of unknown hand, made fit to be kept."""

import codecs
from unicodedata import category

# Python reads a codec from its files when it is first asked for; a confined process may open none.
for _codec in ("latin-1", "utf-16", "utf-16-le", "utf-32"):
    codecs.lookup(_codec)


def decoded(content: bytes) -> str:
    """UTF-8, else Latin-1: hardly any text of the one is valid as the other."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def cleaned(text: str | None, *, most: int) -> str | None:
    """At most `most` characters, none of them a control character; nothing when nothing is left."""
    kept = (" " if character in "\t\n\r" else character for character in (text or "")[: 16 * most])
    printable = "".join(character for character in kept if category(character) not in {"Cc", "Cs"})
    return printable.strip()[:most].strip() or None
