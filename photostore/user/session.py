"""One signed-in device, its refresh tokens, and API keys."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from photostore.shared.aggregate import Aggregate
from photostore.shared.errors import FieldError
from photostore.shared.ids import ApiKeyId, SessionId, UserId
from photostore.user.errors import ApiKeyInvalid
from photostore.user.scopes import Scope
from photostore.user.visible import is_visible

SECRET_SIZE = 16


def digest(secret: bytes) -> bytes:
    """What is stored of a secret of ours: SHA-256. Enough for random secrets, which nobody can enumerate."""
    return sha256(secret).digest()


@dataclass(slots=True, kw_only=True, eq=False)
class Session(Aggregate[SessionId]):
    """A sign-in that lasts. A new one is made at every sign-in; it never changes hands.

    A refresh token holds two secrets: `family`, the same as long as the session lasts, and `current`, new with each
    refresh. Right family and stale current means: spent, and used again (RFC 9700, 4.14.2).
    """

    user_id: UserId
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    family_digest: bytes
    current_digest: bytes
    user_agent: str | None = None
    ip_address: str | None = None
    revoked_at: datetime | None = None

    def is_live(self, *, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    def is_family(self, secret: bytes) -> bool:
        return compare_digest(digest(secret), self.family_digest)

    def is_current(self, secret: bytes) -> bool:
        return compare_digest(digest(secret), self.current_digest)

    def rotate(self, current: bytes, *, now: datetime, expires_at: datetime) -> None:
        """Spend the current refresh secret: from now on only `current` is good."""
        self.current_digest = digest(current)
        self.last_seen_at = now
        self.expires_at = expires_at

    def revoke(self, *, now: datetime) -> None:
        self.revoked_at = self.revoked_at or now


@dataclass(slots=True, kw_only=True, eq=False)
class ApiKey(Aggregate[ApiKeyId]):
    """A long-lived credential of one user for one program, with the scopes that it holds and no more."""

    user_id: UserId
    name: str
    scopes: frozenset[Scope]
    secret_digest: bytes
    created_at: datetime
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        if len(self.name) > 200 or not is_visible(self.name):
            message = "must have 1 to 200 characters, none of them invisible"
            raise ApiKeyInvalid("A key needs a name.", errors=[FieldError("name", message)])
        if self.expires_at is not None and self.expires_at <= self.created_at:
            raise ApiKeyInvalid("The key would be dead already.", errors=[FieldError("expires_at", "must be later")])
