"""Which credentials live: what every request asks, so it is remembered for a few seconds."""

import time
from collections.abc import Awaitable, Callable, Hashable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, select

from photostore.shared.clock import Clock
from photostore.shared.ids import ApiKeyId, SessionId, UserId
from photostore.user.actor import Actor
from photostore.user.queries import ApiKeyView, CredentialQueries, LiveCredentials, SessionView
from photostore.user.scopes import Scope
from photostore_adapters.postgres.reading import Reader, Statement, compiled
from photostore_adapters.postgres.sessions import ApiKeyRow, SessionRow
from photostore_adapters.postgres.users import UserRow

_SEEN_EVERY_SECONDS = 60
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialCaching:
    """How old an answer may be, in seconds; together with a request's own time it bounds every revocation (5 s)."""

    max_age_seconds: float


_ACTIVE = (UserRow.disabled_at.is_(None), UserRow.erased_at.is_(None))
_SESSION = compiled(
    select(UserRow.id, UserRow.is_admin, SessionRow.last_seen_at, SessionRow.expires_at)
    .join(SessionRow, SessionRow.user_id == UserRow.id)
    .where(
        SessionRow.user_id == bindparam("user_id"),
        SessionRow.id == bindparam("session_id"),
        SessionRow.revoked_at.is_(None),
        SessionRow.expires_at > bindparam("now"),
        *_ACTIVE,
    )
)
_API_KEY = compiled(
    select(UserRow.id, UserRow.is_admin, ApiKeyRow.scopes, ApiKeyRow.expires_at)
    .join(ApiKeyRow, ApiKeyRow.user_id == UserRow.id)
    .where(
        ApiKeyRow.user_id == bindparam("user_id"),
        ApiKeyRow.id == bindparam("key_id"),
        ApiKeyRow.secret_digest == bindparam("secret_digest"),
        (ApiKeyRow.expires_at.is_(None)) | (ApiKeyRow.expires_at > bindparam("now")),
        *_ACTIVE,
    )
)
_IDENTITY = compiled(
    select(UserRow.id, UserRow.is_admin).where(
        UserRow.issuer == bindparam("issuer"), UserRow.subject == bindparam("subject"), *_ACTIVE
    )
)
_ENDED = Statement(
    """
    SELECT place FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS asked (user_id, session_id, key_id, place)
    WHERE NOT EXISTS (SELECT FROM users WHERE id = asked.user_id AND disabled_at IS NULL AND erased_at IS NULL)
       OR asked.session_id IS NOT NULL AND NOT EXISTS (
           SELECT FROM sessions
           WHERE user_id = asked.user_id AND id = asked.session_id AND revoked_at IS NULL AND expires_at > $4
       )
       OR asked.key_id IS NOT NULL AND NOT EXISTS (
           SELECT FROM api_keys
           WHERE user_id = asked.user_id AND id = asked.key_id AND (expires_at IS NULL OR expires_at > $4)
       )
    """,
    ("users", "sessions", "keys", "now"),
)
_SEEN = Statement(
    "UPDATE sessions SET last_seen_at = $3 WHERE user_id = $1 AND id = $2", ("user_id", "session_id", "now")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Living:
    """Whom a credential was found to belong to, and when it ends by itself."""

    actor: Actor
    expires_at: datetime | None = None


class PostgresLiveCredentials(LiveCredentials):
    """A cache of this process over the rows. Only the living are remembered, so a new credential works at once."""

    def __init__(self, reader: Reader, clock: Clock, caching: CredentialCaching) -> None:
        self._reader = reader
        self._clock = clock
        self._max_age = caching.max_age_seconds
        self._known: dict[Hashable, tuple[float, _Living]] = {}

    async def of_session(self, user_id: UserId, session_id: SessionId) -> Actor | None:
        return await self._remembered((user_id, session_id), lambda: self._session(user_id, session_id))

    async def of_api_key(self, user_id: UserId, key_id: ApiKeyId, secret_digest: bytes) -> Actor | None:
        return await self._remembered(
            (user_id, key_id, secret_digest), lambda: self._api_key(user_id, key_id, secret_digest)
        )

    async def of_identity(self, issuer: str, subject: str) -> Actor | None:
        return await self._remembered((issuer, subject), lambda: self._identity(issuer, subject))

    async def ended(self, actors: Sequence[Actor]) -> Set[Actor]:
        rows = await self._reader.fetch(
            _ENDED,
            users=[actor.user_id for actor in actors],
            sessions=[actor.session_id for actor in actors],
            keys=[actor.api_key_id for actor in actors],
            now=self._clock.now(),
        )
        return {actors[row[0] - 1] for row in rows}

    def forget(self, user_id: UserId) -> None:
        for key in [key for key, (_, living) in self._known.items() if living.actor.user_id == user_id]:
            del self._known[key]

    async def _remembered(self, key: Hashable, look: Callable[[], Awaitable[_Living | None]]) -> Actor | None:
        started = time.monotonic()
        known = self._known.get(key)
        if known is not None and started - known[0] < self._max_age and not self._has_expired(known[1]):
            return known[1].actor
        living = await look()
        self._known.pop(key, None)
        if living is None:
            return None
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[key] = (started, living)
        return living.actor

    def _has_expired(self, living: _Living) -> bool:
        return living.expires_at is not None and living.expires_at <= self._clock.now()

    async def _session(self, user_id: UserId, session_id: SessionId) -> _Living | None:
        now = self._clock.now()
        row = await self._reader.fetch_one(_SESSION, user_id=user_id, session_id=session_id, now=now)
        if row is None:
            return None
        if (now - row["last_seen_at"]).total_seconds() > _SEEN_EVERY_SECONDS:
            await self._reader.fetch(_SEEN, user_id=user_id, session_id=session_id, now=now)
        actor = Actor(user_id=user_id, is_admin=row["is_admin"], session_id=session_id)
        return _Living(actor=actor, expires_at=row["expires_at"])

    async def _api_key(self, user_id: UserId, key_id: ApiKeyId, secret_digest: bytes) -> _Living | None:
        row = await self._reader.fetch_one(
            _API_KEY, user_id=user_id, key_id=key_id, secret_digest=secret_digest, now=self._clock.now()
        )
        if row is None:
            return None
        held = frozenset(Scope(name) for name in row["scopes"])
        actor = Actor(user_id=user_id, is_admin=row["is_admin"], scopes=held, api_key_id=key_id)
        return _Living(actor=actor, expires_at=row["expires_at"])

    async def _identity(self, issuer: str, subject: str) -> _Living | None:
        row = await self._reader.fetch_one(_IDENTITY, issuer=issuer, subject=subject)
        return None if row is None else _Living(actor=Actor(user_id=UserId(row["id"]), is_admin=row["is_admin"]))


def _page(columns: Select[tuple[object, ...]], row: type[SessionRow] | type[ApiKeyRow], *, paged: bool) -> Statement:
    after = (row.id < bindparam("after"),) if paged else ()
    page = columns.where(row.user_id == bindparam("owner"), *after)
    return compiled(page.order_by(row.id.desc()).limit(bindparam("limit")))


_SESSION_COLUMNS = select(
    SessionRow.id, SessionRow.created_at, SessionRow.last_seen_at, SessionRow.user_agent, SessionRow.ip_address
).where(SessionRow.revoked_at.is_(None), SessionRow.expires_at > bindparam("now"))
_KEY_COLUMNS = select(ApiKeyRow.id, ApiKeyRow.name, ApiKeyRow.scopes, ApiKeyRow.created_at, ApiKeyRow.expires_at)
_SESSIONS = {paged: _page(_SESSION_COLUMNS, SessionRow, paged=paged) for paged in (False, True)}  # type: ignore[arg-type]
_API_KEYS = {paged: _page(_KEY_COLUMNS, ApiKeyRow, paged=paged) for paged in (False, True)}  # type: ignore[arg-type]


class PostgresCredentialQueries(CredentialQueries):
    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    async def sessions(self, owner: UserId, *, after: SessionId | None, limit: int) -> Sequence[SessionView]:
        statement = _SESSIONS[after is not None]
        rows = await self._reader.fetch(statement, owner=owner, after=after, limit=limit, now=self._clock.now())
        return [SessionView(*row) for row in rows]

    async def api_keys(self, owner: UserId, *, after: ApiKeyId | None, limit: int) -> Sequence[ApiKeyView]:
        rows = await self._reader.fetch(_API_KEYS[after is not None], owner=owner, after=after, limit=limit)
        return [ApiKeyView(*row) for row in rows]
