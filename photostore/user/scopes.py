"""What a token allows."""

from collections.abc import Iterable
from enum import StrEnum

from photostore.shared.errors import FieldError
from photostore.user.errors import ApiKeyInvalid


class Scope(StrEnum):
    """Read scopes do not follow from write scopes: a key holds exactly what it names."""

    PHOTOS_READ = "photos:read"
    PHOTOS_WRITE = "photos:write"
    ALBUMS_READ = "albums:read"
    ALBUMS_WRITE = "albums:write"
    SHARES_READ = "shares:read"
    SHARES_WRITE = "shares:write"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)


def scopes(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes by their names; at least one. Raise `ApiKeyInvalid`."""
    try:
        found = frozenset(Scope(name) for name in names)
    except ValueError as error:
        known = ", ".join(Scope)
        raise ApiKeyInvalid(f"{error}.", errors=[FieldError("scopes", f"must be among {known}")]) from None
    if not found:
        raise ApiKeyInvalid("A key needs a scope.", errors=[FieldError("scopes", "must name at least one scope")])
    return found
