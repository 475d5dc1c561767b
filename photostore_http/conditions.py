"""Versions as entity tags, and requests that depend on them (RFC 9110, 13)."""

import re
from typing import Any

from litestar import Request

from photostore.shared.errors import FieldError
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore_http.paging import BadParameter

_TAG = re.compile(r'(W/)?("[^"]*")')
# Postgres keeps versions as 64-bit integers; no resource has one with more digits. Behind it stands what else is shown.
_VERSION = re.compile(r'"([0-9]{1,18})(?:-[0-9]{1,5})?"', re.ASCII)


def etag(version: int) -> str:
    return f'"{version}"'


def names_tag(request: Request[Any, Any, Any], tag: str) -> bool:
    """Whether `If-None-Match` names this entity tag, by weak comparison: then 304 is the answer."""
    header = request.headers.get("if-none-match", "")
    return header.strip() == "*" or tag in {each for _, each in _TAG.findall(header)}


def is_unchanged(request: Request[Any, Any, Any], version: int) -> bool:
    """Whether `If-None-Match` names the version."""
    return names_tag(request, etag(version))


def expected_version(request: Request[Any, Any, Any]) -> ExpectedVersion:
    """The versions that `If-Match` names, by strong comparison; any when it names none or is `*`."""
    header = request.headers.get("if-match", "").strip()
    if header in ("", "*"):
        return ANY_VERSION
    strong = [_VERSION.fullmatch(tag) for weak, tag in _TAG.findall(header) if not weak]
    return ExpectedVersion(frozenset(int(found[1]) for found in strong if found is not None))


def refuses_deleted(request: Request[Any, Any, Any]) -> bool:
    """Whether `If-Previously-Deleted` says `refuse`; it can say nothing else."""
    said = request.headers.get("if-previously-deleted")
    if said is not None and said.strip().lower() != "refuse":
        errors = [FieldError("If-Previously-Deleted", "must be refuse")]
        raise BadParameter("A header says what it cannot say.", errors=errors)
    return said is not None
