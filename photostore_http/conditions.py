"""Versions as entity tags, and requests that depend on them (RFC 9110, 13)."""

import re
from typing import Any

from litestar import Request

from photostore.shared.errors import PreconditionFailed

_TAG = re.compile(r'(W/)?"([^"]*)"')


def etag(version: int) -> str:
    return f'"{version}"'


def is_unchanged(request: Request[Any, Any, Any], version: int) -> bool:
    """Whether `If-None-Match` names the version: then 304 is the answer."""
    header = request.headers.get("if-none-match", "")
    return header.strip() == "*" or str(version) in {tag for _, tag in _TAG.findall(header)}


def expected_version(request: Request[Any, Any, Any]) -> int | None:
    """The version that `If-Match` demands; `None` when any will do. Raise `PreconditionFailed` for no version at all."""
    header = request.headers.get("if-match", "").strip()
    if header in ("", "*"):
        return None
    strong = [tag for weak, tag in _TAG.findall(header) if not weak]
    if len(strong) != 1 or not strong[0].isdecimal():
        raise PreconditionFailed("If-Match names no version of this resource.")
    return int(strong[0])
