"""The user room's ports in memory."""

from collections.abc import Sequence, Set
from datetime import datetime
from uuid import UUID

from photostore.event.ports import EventPublisher
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import ApiKeyId, SessionId, UserId
from photostore.user.actor import Actor
from photostore.user.email import EmailAddress
from photostore.user.errors import ApiKeyNotFound, EmailTaken, SessionNotFound, UserNotFound
from photostore.user.ports import ApiKeyRepository, SessionRepository, UserRepository
from photostore.user.queries import (
    ApiKeyView,
    CredentialQueries,
    LiveCredentials,
    SessionView,
    UserQueries,
    UserView,
)
from photostore.user.session import ApiKey, Session
from photostore.user.user import User
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeQuota, FakeStore

_SEEN_EVERY_SECONDS = 60


class FakeUserRepository(UserRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork, events: EventPublisher) -> None:
        self._store = store
        self._unit_of_work = unit_of_work
        self._events = events

    async def add(self, user: User) -> None:
        await self._unit_of_work.lock(("email", user.email), ("identity", user.issuer, user.subject))
        if user.password_hash is not None and user.email and await self.find_local(EmailAddress(user.email)):
            raise EmailTaken("the email address belongs to an account already")
        if user.issuer and user.subject and await self.find_by_identity(user.issuer, user.subject):
            raise ConcurrentUpdate("the identity signed in for the first time twice at once")
        recorded = user.take_events()
        self._unit_of_work.put(self._store.users, user.id, user)
        self._unit_of_work.put(self._store.quotas, user.id, FakeQuota(self._store.quota_bytes))
        await self._events.publish(recorded)

    async def get(self, user_id: UserId) -> User:
        user = self._unit_of_work.find(self._store.users, user_id)
        if user is None:
            raise UserNotFound(f"There is no user {user_id}.")
        return user

    async def find_local(self, email: EmailAddress) -> User | None:
        found = self._unit_of_work.where(
            self._store.users, lambda user: user.password_hash is not None and user.email == email
        )
        return found[0] if found else None

    async def find_by_identity(self, issuer: str, subject: str) -> User | None:
        found = self._unit_of_work.where(
            self._store.users, lambda user: (user.issuer, user.subject) == (issuer, subject)
        )
        return found[0] if found else None

    async def save(self, user: User) -> None:
        recorded = user.take_events()
        await self._unit_of_work.save(self._store.users, user)
        await self._events.publish(recorded)

    async def lock_administrators(self) -> int:
        await self._unit_of_work.lock("administrators")
        return len(self._unit_of_work.where(self._store.users, lambda user: user.is_admin and user.is_active))

    async def remove(self, user_id: UserId) -> None:
        await self._unit_of_work.lock((self._store.users, user_id))
        owned = self._unit_of_work.where(self._store.photos, lambda photo: photo.owner_id == user_id)
        assert not owned, f"user {user_id} still has photos"
        self._unit_of_work.delete(self._store.users, user_id)
        self._unit_of_work.delete(self._store.quotas, user_id)
        for deleted in [each for each in self._store.deletions.rows if each[0] == user_id]:
            self._unit_of_work.delete(self._store.deletions, deleted)
        self._unit_of_work.delete(self._store.feeds, user_id)
        for told in [each for each in self._store.changes.rows if each[0] == user_id]:
            self._unit_of_work.delete(self._store.changes, told)
        for session in self._unit_of_work.where(self._store.sessions, lambda row: row.user_id == user_id):
            self._unit_of_work.delete(self._store.sessions, session.id)
        for link in self._unit_of_work.where(self._store.share_links, lambda row: row.owner_id == user_id):
            self._unit_of_work.delete(self._store.share_links, link.id)
        for key in self._unit_of_work.where(self._store.api_keys, lambda row: row.user_id == user_id):
            self._unit_of_work.delete(self._store.api_keys, key.id)
        for upload in self._unit_of_work.where(self._store.uploads, lambda row: row.owner_id == user_id):
            self._unit_of_work.delete(self._store.uploads, upload.id)
        for owned_key in [each for each in self._store.idempotency_keys if each[0] == user_id]:
            del self._store.idempotency_keys[owned_key]
        carried = {
            name for photo in self._unit_of_work.where(self._store.photos, lambda _: True) for name in photo.hashtags
        }
        for hashtag in self._unit_of_work.where(self._store.hashtags, lambda row: row.created_by == user_id):
            if hashtag.name not in carried:
                self._unit_of_work.delete(self._store.hashtags, hashtag.name)

    async def lock_first_registration(self) -> bool:
        await self._unit_of_work.lock("first registration")
        return not self._unit_of_work.where(self._store.users, lambda _: True)


class FakeSessionRepository(SessionRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._sessions = store.sessions
        self._unit_of_work = unit_of_work

    async def add(self, session: Session) -> None:
        self._unit_of_work.put(self._sessions, session.id, session)

    async def get(self, session_id: SessionId, *, owner: UserId) -> Session:
        await self._unit_of_work.lock((self._sessions, session_id))
        session = self._unit_of_work.find(self._sessions, session_id)
        if session is None or session.user_id != owner:
            raise SessionNotFound(f"There is no session {session_id}.")
        return session

    async def save(self, session: Session) -> None:
        await self._unit_of_work.save(self._sessions, session)

    async def revoke_all(self, owner: UserId, *, but: SessionId | None, now: datetime) -> Sequence[SessionId]:
        live = self._unit_of_work.where(
            self._sessions, lambda row: row.user_id == owner and row.id != but and row.is_live(now=now)
        )
        for session in live:
            session.revoke(now=now)
            await self._unit_of_work.save(self._sessions, session)
        return [session.id for session in live]

    async def prune(self, *, before: datetime) -> int:
        over = self._unit_of_work.where(
            self._sessions, lambda row: row.expires_at < before or (row.revoked_at or before) < before
        )
        for session in over:
            self._unit_of_work.delete(self._sessions, session.id)
        return len(over)


class FakeApiKeyRepository(ApiKeyRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._keys = store.api_keys
        self._unit_of_work = unit_of_work

    async def add(self, key: ApiKey) -> None:
        self._unit_of_work.put(self._keys, key.id, key)

    async def remove(self, key_id: ApiKeyId, *, owner: UserId) -> None:
        await self._unit_of_work.lock((self._keys, key_id))
        key = self._unit_of_work.find(self._keys, key_id)
        if key is None or key.user_id != owner:
            raise ApiKeyNotFound(f"There is no API key {key_id}.")
        self._unit_of_work.delete(self._keys, key_id)


class FakeUserQueries(UserQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def get(self, user_id: UserId) -> UserView:
        self._store.answer_or_not()
        user = self._store.users.rows.get(user_id)
        if user is None:
            raise UserNotFound(f"There is no user {user_id}.")
        return UserView(
            id=user.id,
            email=user.email,
            display_name=user.display_name,
            is_admin=user.is_admin,
            created_at=user.created_at,
            version=user.version,
        )


class FakeCredentialQueries(CredentialQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def sessions(self, owner: UserId, *, after: SessionId | None, limit: int) -> Sequence[SessionView]:
        self._store.answer_or_not()
        now = self._store.clock.now()
        live = self._store.sessions.where(lambda row: row.user_id == owner and row.is_live(now=now))
        return [
            SessionView(row.id, row.created_at, row.last_seen_at, row.user_agent, row.ip_address)
            for row in sorted(live, key=lambda row: row.id, reverse=True)
            if _is_before(row.id, after)
        ][:limit]

    async def api_keys(self, owner: UserId, *, after: ApiKeyId | None, limit: int) -> Sequence[ApiKeyView]:
        self._store.answer_or_not()
        own = self._store.api_keys.where(lambda row: row.user_id == owner)
        return [
            ApiKeyView(row.id, row.name, sorted(row.scopes), row.created_at, row.expires_at)
            for row in sorted(own, key=lambda row: row.id, reverse=True)
            if _is_before(row.id, after)
        ][:limit]


def _is_before(id: UUID, after: UUID | None) -> bool:
    return after is None or id < after


class FakeLiveCredentials(LiveCredentials):
    """Remembers nothing, so every answer is fresh. `forgotten` are whom it was told to forget; `looked` is how often it was
    asked who has ended."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self.forgotten: list[UserId] = []
        self.looked = 0

    async def of_session(self, user_id: UserId, session_id: SessionId) -> Actor | None:
        self._store.answer_or_not()
        now = self._store.clock.now()
        session, user = self._store.sessions.rows.get(session_id), self._active(user_id)
        if session is None or user is None or session.user_id != user_id or not session.is_live(now=now):
            return None
        if (now - session.last_seen_at).total_seconds() > _SEEN_EVERY_SECONDS:
            session.last_seen_at = now
        return Actor(user_id=user_id, is_admin=user.is_admin, session_id=session_id)

    async def of_api_key(self, user_id: UserId, key_id: ApiKeyId, secret_digest: bytes) -> Actor | None:
        self._store.answer_or_not()
        key, user = self._store.api_keys.rows.get(key_id), self._active(user_id)
        if key is None or user is None or (key.user_id, key.secret_digest) != (user_id, secret_digest):
            return None
        if key.expires_at is not None and key.expires_at <= self._store.clock.now():
            return None
        return Actor(user_id=user_id, is_admin=user.is_admin, scopes=key.scopes, api_key_id=key_id)

    async def of_identity(self, issuer: str, subject: str) -> Actor | None:
        self._store.answer_or_not()
        found = self._store.users.where(lambda row: (row.issuer, row.subject) == (issuer, subject) and row.is_active)
        return Actor(user_id=found[0].id, is_admin=found[0].is_admin) if found else None

    async def ended(self, actors: Sequence[Actor]) -> Set[Actor]:
        self.looked += 1
        self._store.answer_or_not()
        return {actor for actor in actors if not self._lives(actor)}

    def _lives(self, actor: Actor) -> bool:
        now = self._store.clock.now()
        if self._active(actor.user_id) is None:
            return False
        if actor.session_id is not None:
            session = self._store.sessions.rows.get(actor.session_id)
            return session is not None and session.user_id == actor.user_id and session.is_live(now=now)
        if actor.api_key_id is not None:
            key = self._store.api_keys.rows.get(actor.api_key_id)
            return key is not None and key.user_id == actor.user_id and not (key.expires_at and key.expires_at <= now)
        return True

    def forget(self, user_id: UserId) -> None:
        self.forgotten.append(user_id)

    def _active(self, user_id: UserId) -> User | None:
        user = self._store.users.rows.get(user_id)
        return user if user is not None and user.is_active else None
