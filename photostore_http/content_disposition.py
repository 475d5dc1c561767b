"""`Content-Disposition` of RFC 6266 from whatever a filename holds."""

import re
import unicodedata
from typing import Literal
from urllib.parse import quote

_MAX_CHARACTERS = 180
_SEPARATORS = re.compile(r"[/\\]")
_NOT_QUOTABLE = re.compile(r"[^\x20-\x7e]|[\"%\\;]")
_ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"  # RFC 8187


def content_disposition(kind: Literal["inline", "attachment"], filename: str) -> str:
    """The name in full as `filename*`, and as much of it as ASCII can say as `filename` for those who know no better."""
    name = safe_filename(filename)
    plain = _NOT_QUOTABLE.sub("_", unicodedata.normalize("NFKC", name))
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=_ATTRIBUTE_CHARACTERS)}"


def safe_filename(filename: str) -> str:
    """One name, no path: without control characters and those that turn the direction of writing."""
    kept = "".join(character for character in filename if unicodedata.category(character) not in _UNPRINTABLE)
    name = _SEPARATORS.sub("_", kept).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if len(name) > _MAX_CHARACTERS and dot and len(extension) <= 16:
        name = f"{stem[: _MAX_CHARACTERS - len(extension) - 1]}.{extension}"
    return name[:_MAX_CHARACTERS] or "file"


_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
