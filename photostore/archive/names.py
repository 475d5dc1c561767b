"""Names of files in an archive: such as every system can unpack, and no two that one of them takes for the same."""

import unicodedata
from functools import lru_cache

MAX_BYTES = 200
_MAX_EXTENSION_BYTES = 16
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"/\\|?*', "_"))
_JOINERS = "\u200c\u200d"  # Persian, the languages of India and emoji are not written without them
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}
    | {f"{device}{number}" for device in ("COM", "LPT") for number in "0123456789¹²³"}
)


def safe_name(name: str) -> str:
    """`name` as Windows allows it: one name of at most 200 bytes in UTF-8, with its extension, cut at a character."""
    stem, extension = _split(_cleaned(name))
    stem = stem.strip(" .") or "photo"
    if stem.partition(".")[0].rstrip(" ").upper() in _DEVICES:
        stem = f"_{stem}"
    return _cut(stem, extension)


def marked_name(name: str, mark: str) -> str:
    """A safe name with a mark before its extension: `a (mark).jpg`."""
    stem, extension = _split(safe_name(name))
    return _cut(stem, extension, f" ({mark})")


class UniqueNames:
    """Gives each name once: `a.jpg`, `a (2).jpg`. Neither case nor the way of composing characters tells two apart."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._tried: dict[str, int] = {}

    def take(self, name: str) -> str:
        """A safe name, and one that nobody has taken."""
        safe = safe_name(name)
        key = folded(safe)
        if key not in self._taken:
            self._taken.add(key)
            return safe
        stem, extension = _split(safe)
        number = self._tried.get(key, 1)
        while True:
            number += 1
            numbered = _cut(stem, extension, f" ({number})")
            if folded(numbered) not in self._taken:
                break
        self._tried[key] = number
        self._taken.add(folded(numbered))
        return numbered


def folded(name: str) -> str:
    """The same for names that some file system takes for one."""
    if name.isascii():
        return name.lower()
    visible = "".join(character for character in name if character not in _JOINERS)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", visible).upper().casefold())


def _cleaned(name: str) -> str:
    if name.isascii() and name.isprintable():
        return name.translate(_FORBIDDEN)
    kept = "".join(character for character in unicodedata.normalize("NFC", name) if _is_kept(character))
    return kept.translate(_FORBIDDEN)


@lru_cache(maxsize=4096)
def _is_kept(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _INVISIBLE


def _split(name: str) -> tuple[str, str]:
    """Stem and extension, which is short or none at all."""
    stem, dot, extension = name.rstrip(" .").rpartition(".")
    extension = extension.strip()
    if not dot or not extension or len(extension.encode()) >= _MAX_EXTENSION_BYTES:
        return name, ""
    return stem, f".{extension}"


def _cut(stem: str, extension: str, number: str = "") -> str:
    room = MAX_BYTES - len(number) - len(extension.encode())
    encoded = stem.encode()
    if len(encoded) > room:
        kept = encoded[:room].decode(errors="ignore")
        stem = _whole(kept, stem[len(kept) :]).rstrip(" ." + _JOINERS) or kept
    return f"{stem}{number}{extension}"


def _whole(kept: str, cut_off: str) -> str:
    """Without the last letter, when marks that belong to it were cut off."""
    if not _clings(cut_off[0]):
        return kept
    return kept[: max((place for place, each in enumerate(kept) if not _clings(each)), default=0)]


def _clings(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character).startswith("M")
