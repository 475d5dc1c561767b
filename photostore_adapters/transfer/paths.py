"""Names in archives, which may be anything."""

import unicodedata

MAX_FILES = 5_000_000


def safe_path(name: str) -> str | None:
    """The relative path that a name in an archive means; `None` for one that leads elsewhere, or is none at all."""
    path = name.replace("\\", "/")
    if path.startswith("/") or "\0" in path or (len(path) > 1 and path[1] == ":"):
        return None
    segments = [segment for segment in path.split("/") if segment not in ("", ".")]
    if not segments or ".." in segments or len(path) > 4096:
        return None
    # Some systems write composed letters apart: names that are compared must be written alike.
    return unicodedata.normalize("NFC", "/".join(segments))
