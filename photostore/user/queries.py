"""What is read of users."""

from abc import abstractmethod
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.shared.ids import ApiKeyId, SessionId, UserId
from photostore.user.actor import Actor


@dataclass(slots=True)
class UserView:
    id: UUID
    email: str | None
    display_name: str | None
    is_admin: bool
    created_at: datetime
    version: int


@dataclass(slots=True)
class SessionView:
    id: UUID
    created_at: datetime
    last_seen_at: datetime
    user_agent: str | None
    ip_address: str | None


@dataclass(slots=True)
class ApiKeyView:
    id: UUID
    name: str
    scopes: Sequence[str]
    created_at: datetime
    expires_at: datetime | None


class UserQueries(Protocol):
    @abstractmethod
    async def get(self, user_id: UserId) -> UserView:
        """Raise `UserNotFound`."""


class CredentialQueries(Protocol):
    """Sessions that live and keys that are there, newest first; `after` is the last id of the page before."""

    @abstractmethod
    async def sessions(self, owner: UserId, *, after: SessionId | None, limit: int) -> Sequence[SessionView]: ...

    @abstractmethod
    async def api_keys(self, owner: UserId, *, after: ApiKeyId | None, limit: int) -> Sequence[ApiKeyView]: ...


class LiveCredentials(Protocol):
    """Which credentials are good right now. Answers may be up to 5 seconds old, which bounds every revocation; what expires
    by itself does so to the moment.
    """

    @abstractmethod
    async def of_session(self, user_id: UserId, session_id: SessionId) -> Actor | None:
        """Who it is, while the session lives and the user is active."""

    @abstractmethod
    async def of_api_key(self, user_id: UserId, key_id: ApiKeyId, secret_digest: bytes) -> Actor | None:
        """Who it is, while the key lives, the secret is its own and the user is active."""

    @abstractmethod
    async def of_identity(self, issuer: str, subject: str) -> Actor | None:
        """Who signed in before with this identity, while the user is active."""

    @abstractmethod
    async def ended(self, actors: Sequence[Actor]) -> Set[Actor]:
        """Those whose credential has ended, or whose account is disabled or closed. Always looked up, all in one statement:
        for what goes on for so long that no request asks again."""

    @abstractmethod
    def forget(self, user_id: UserId) -> None:
        """Drop what this process remembers of the user, so that its next look is fresh."""
