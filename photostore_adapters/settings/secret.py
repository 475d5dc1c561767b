"""Text that must not be seen: it shows as stars wherever it is printed, logged or formatted."""

import re
from hmac import compare_digest
from typing import final
from urllib.parse import urlsplit

MASK = "***"
_USER_INFO = re.compile(r"//[^/\s]*@")


def without_credentials(text: str) -> str:
    """The text with stars where URLs in it hold a user and a password."""
    return _USER_INFO.sub(f"//{MASK}@", text)


class Secret:
    """A secret as text. Only `reveal` gives it away, so a reader can find every place that uses it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; hand it to whoever needs it and keep it nowhere else."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__


@final
class SecretUrl(Secret):
    """A URL that may hold a password: it shows with scheme, host and path alone."""

    __slots__ = ()

    def __repr__(self) -> str:
        try:
            parts = urlsplit(self._text)
        except ValueError:
            return MASK
        if "://" not in self._text or "@" in parts.path:  # where a URL is odd, its password may lie in any part
            return MASK
        user, at, host = parts.netloc.rpartition("@")
        shown_user = f"{user.partition(':')[0]}:{MASK}" if ":" in user else user
        query = f"?{MASK}" if parts.query else ""
        return f"{parts.scheme}://{shown_user}{at}{host}{parts.path}{query}"

    __str__ = __repr__
