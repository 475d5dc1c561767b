"""Paths that hold the token of a share: whoever reads one is let in, so that no log may tell it."""

import re

_WITH_TOKEN = re.compile(r"^(/api/v1/public/|/s/)[^/]+")


def names_token(path: str) -> bool:
    return path.startswith(("/api/v1/public/", "/s/"))


def told_path(path: str) -> str:
    """The path as it may be written down."""
    return _WITH_TOKEN.sub(r"\1{token}", path) if names_token(path) else path
