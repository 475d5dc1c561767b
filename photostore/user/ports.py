"""What the user room asks of the world to write."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from photostore.shared.ids import ApiKeyId, SessionId, UserId
from photostore.user.email import EmailAddress
from photostore.user.session import ApiKey, Session
from photostore.user.user import User


class UserRepository(Protocol):
    @abstractmethod
    async def add(self, user: User) -> None:
        """Raise `EmailTaken` when a local account has the address, `ConcurrentUpdate` when the identity is taken."""

    @abstractmethod
    async def get(self, user_id: UserId) -> User:
        """Raise `UserNotFound` when it is absent. An erased user is still found."""

    @abstractmethod
    async def find_local(self, email: EmailAddress) -> User | None:
        """The local account of this address."""

    @abstractmethod
    async def find_by_identity(self, issuer: str, subject: str) -> User | None:
        """The account of this (issuer, subject). An address never identifies anyone."""

    @abstractmethod
    async def save(self, user: User) -> None:
        """Raise `ConcurrentUpdate` when it was changed since it was read."""

    @abstractmethod
    async def lock_administrators(self) -> int:
        """How many there are who can sign in; concurrent callers wait for each other until the transaction's end."""

    @abstractmethod
    async def remove(self, user_id: UserId) -> None:
        """Take the row away, with sessions, keys, quota and unused hashtags of its making. Absent already is fine."""

    @abstractmethod
    async def lock_first_registration(self) -> bool:
        """Whether there is no user at all; concurrent callers wait for each other until the transaction's end."""


class SessionRepository(Protocol):
    @abstractmethod
    async def add(self, session: Session) -> None: ...

    @abstractmethod
    async def get(self, session_id: SessionId, *, owner: UserId) -> Session:
        """Lock it until the transaction's end. Raise `SessionNotFound` when it is absent or someone else's."""

    @abstractmethod
    async def save(self, session: Session) -> None:
        """Raise `ConcurrentUpdate` when it was changed since it was read."""

    @abstractmethod
    async def revoke_all(self, owner: UserId, *, but: SessionId | None, now: datetime) -> Sequence[SessionId]:
        """Revoke every live session of the owner except `but`; answer which."""

    @abstractmethod
    async def prune(self, *, before: datetime) -> int:
        """Remove the sessions that expired or were revoked before then; answer how many."""


class ApiKeyRepository(Protocol):
    @abstractmethod
    async def add(self, key: ApiKey) -> None: ...

    @abstractmethod
    async def remove(self, key_id: ApiKeyId, *, owner: UserId) -> None:
        """Raise `ApiKeyNotFound` when it is absent or someone else's."""


class PasswordHasher(Protocol):
    """A slow, salted hash; photostore's own is Argon2id (RFC 9106). Both calls cost tens of milliseconds and run beside the
    event loop. Passwords are any text of 1 to 1,024 characters, never logged."""

    @abstractmethod
    async def hash(self, password: str) -> str:
        """Text that tells how it was made, another one each time."""

    @abstractmethod
    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether they match. Without a hash it takes as long, and is `False`; so is what is no hash of this hasher's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A signed token and how many seconds it lives."""

    token: str
    expires_in: int


class AccessTokens(Protocol):
    """Short-lived bearer tokens: JWT (RFC 7519) with a pinned algorithm."""

    @abstractmethod
    def issue(self, *, user_id: UserId, session_id: SessionId, now: datetime) -> AccessToken: ...

    @abstractmethod
    def read(self, token: str, *, now: datetime) -> tuple[UserId, SessionId]:
        """Raise `InvalidToken` for anything but a live token of ours."""

    @abstractmethod
    def end_of(self, token: str, *, now: datetime) -> datetime:
        """Until when it is one. Raise `InvalidToken`."""
