"""Paths that hold the token of a share: whoever reads one is let in, so that no log may tell it."""

import re

_WITH_TOKEN = re.compile(r"^(/api/v1/public/|/s/)[^/]+")
# Whoever mistypes what stands around a token has the token right: what looks like one is not told either.
_NEARLY = re.compile(r"/(public|s)/", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![\w-])[A-Za-z0-9_-]{32}(?![\w-])", re.ASCII)


def names_token(path: str) -> bool:
    return path.startswith(("/api/v1/public/", "/s/"))


def told_path(path: str) -> str:
    """The path as it may be written down."""
    if not _NEARLY.search(path):
        return path
    return _TOKEN.sub("{token}", _WITH_TOKEN.sub(r"\1{token}", path))
