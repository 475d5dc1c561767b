"""Keywords, wherever they are written."""

from collections.abc import Iterable, Sequence

from photostore_adapters.imaging.exif import ExifDirectories
from photostore_adapters.imaging.texts import cleaned

_XP_KEYWORDS = 0x9C9E
_MAX_XP_BYTES = 256 * 1024
_MAX_LENGTH = 200
_MAX_KEYWORDS = 200


def joined(*lists: Sequence[str]) -> tuple[str, ...]:
    """One after another, each keyword once, as written but for what cannot be seen."""
    found: dict[str, None] = {}
    for keyword in _cleaned(written for written_ones in lists for written in written_ones):
        found.setdefault(keyword)
        if len(found) == _MAX_KEYWORDS:
            break
    return tuple(found)


def keywords_of_windows(directories: ExifDirectories) -> list[str]:
    """What Windows writes into EXIF: one text, UTF-16, of words between semicolons."""
    content = directories.first.raw(_XP_KEYWORDS)
    if content is None:
        return []
    length = min(content.byte_size, _MAX_XP_BYTES) // 2 * 2
    text, _, _ = content.read(0, length).decode("utf-16-le", errors="replace").partition("\0")
    return text.split(";")


def _cleaned(written: Iterable[str]) -> Iterable[str]:
    return (keyword for keyword in (cleaned(text, most=_MAX_LENGTH) for text in written) if keyword)
