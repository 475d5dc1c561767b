"""Versions as entity tags, and requests that depend on them (RFC 9110, 13)."""

import re
from typing import Any

from litestar import Request

from photostore.shared.errors import PreconditionFailed

_TAG = re.compile(r'(W/)?("[^"]*")')
# Postgres keeps versions as 64-bit integers; no resource has one with more digits.
_VERSION = re.compile(r'"([0-9]{1,18})"', re.ASCII)


def etag(version: int) -> str:
    return f'"{version}"'


def names_tag(request: Request[Any, Any, Any], tag: str) -> bool:
    """Whether `If-None-Match` names this entity tag, by weak comparison: then 304 is the answer."""
    header = request.headers.get("if-none-match", "")
    return header.strip() == "*" or tag in {each for _, each in _TAG.findall(header)}


def is_unchanged(request: Request[Any, Any, Any], version: int) -> bool:
    """Whether `If-None-Match` names the version."""
    return names_tag(request, etag(version))


def expected_version(request: Request[Any, Any, Any]) -> int | None:
    """The version that `If-Match` demands; `None` when any will do. Raise `PreconditionFailed` for no version at all."""
    header = request.headers.get("if-match", "").strip()
    if header in ("", "*"):
        return None
    strong = [tag for weak, tag in _TAG.findall(header) if not weak]
    version = _VERSION.fullmatch(strong[0]) if len(strong) == 1 else None
    if version is None:
        raise PreconditionFailed("If-Match names no version of this resource.")
    return int(version[1])


def demand_version(expected: int | None, version: int) -> None:
    """Raise `PreconditionFailed` when another version is expected than there is: for requests that change nothing."""
    if expected is not None and expected != version:
        raise PreconditionFailed(f"The resource is at version {version}.")
