"""Whether a request comes from the page itself, and who sends it: the cookie that unlocking sets."""

from collections.abc import Mapping
from urllib.parse import urlsplit

COOKIE = "photostore_share"
_OWN = frozenset({"same-origin", "none"})


def unlocked_by(cookies: str) -> str | None:
    """The token of the unlock, of a `Cookie` header."""
    for pair in cookies.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE and value:
            return value
    return None


def is_own_script(headers: Mapping[str, str]) -> bool:
    """For what changes something: browsers tell where a script's request comes from, and no page can make them lie."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(headers.get("origin", "")).netloc == headers.get("host")


def is_own_form(headers: Mapping[str, str]) -> bool:
    """Forms of a page that sends no referrer have the origin `null`, so only one that is told and another's is refused."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in _OWN
    origin = headers.get("origin", "null")
    return origin == "null" or urlsplit(origin).netloc == headers.get("host")


def comes_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether the browser kept a strict cookie back, if it has one."""
    return headers.get("sec-fetch-site") == "cross-site"
