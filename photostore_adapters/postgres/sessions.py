"""Sessions and API keys, as rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import delete, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from photostore.shared.ids import ApiKeyId, SessionId, UserId
from photostore.user.errors import ApiKeyNotFound, SessionNotFound
from photostore.user.ports import ApiKeyRepository, SessionRepository
from photostore.user.session import ApiKey, Session
from photostore_adapters.postgres.rows import Row, update_versioned


class SessionRow(Row):
    __tablename__ = "sessions"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    family_digest: Mapped[bytes]
    current_digest: Mapped[bytes]
    user_agent: Mapped[str | None]
    ip_address: Mapped[str | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int]


class ApiKeyRow(Row):
    __tablename__ = "api_keys"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    scopes: Mapped[list[str]]
    secret_digest: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class SessionRows(SQLAlchemyAsyncRepository[SessionRow]):
    model_type = SessionRow


def _to_session(row: SessionRow) -> Session:
    return Session(
        id=SessionId(row.id),
        version=row.version,
        user_id=UserId(row.user_id),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        family_digest=row.family_digest,
        current_digest=row.current_digest,
        user_agent=row.user_agent,
        ip_address=row.ip_address,
        revoked_at=row.revoked_at,
    )


def _changing(session: Session) -> dict[str, object]:
    return {
        "last_seen_at": session.last_seen_at,
        "expires_at": session.expires_at,
        "current_digest": session.current_digest,
        "revoked_at": session.revoked_at,
    }


class PostgresSessionRepository(SessionRepository):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._rows = SessionRows(session=session, auto_expunge=True)

    async def add(self, session: Session) -> None:
        fixed = {
            "user_id": session.user_id,
            "id": session.id,
            "created_at": session.created_at,
            "family_digest": session.family_digest,
            "user_agent": session.user_agent,
            "ip_address": session.ip_address,
            "version": session.version,
        }
        await self._session.execute(insert(SessionRow).values(**fixed, **_changing(session)))

    async def get(self, session_id: SessionId, *, owner: UserId) -> Session:
        row = await self._rows.get_one_or_none(user_id=owner, id=session_id, with_for_update=True)
        if row is None:
            raise SessionNotFound(f"There is no session {session_id}.")
        return _to_session(row)

    async def save(self, session: Session) -> None:
        key = {"user_id": session.user_id, "id": session.id}
        await update_versioned(self._session, SessionRow, session, _changing(session), **key)

    async def revoke_all(self, owner: UserId, *, but: SessionId | None, now: datetime) -> Sequence[SessionId]:
        statement = (
            update(SessionRow)
            .where(
                SessionRow.user_id == owner,
                SessionRow.id.is_distinct_from(but),
                SessionRow.revoked_at.is_(None),
                SessionRow.expires_at > now,
            )
            .values(revoked_at=now, version=SessionRow.version + 1)
            .execution_options(synchronize_session=False)
            .returning(SessionRow.id)
        )
        return [SessionId(each) for each in (await self._session.execute(statement)).scalars()]

    async def prune(self, *, before: datetime) -> int:
        over = or_(SessionRow.expires_at < before, SessionRow.revoked_at < before)
        removed = await self._session.execute(
            delete(SessionRow).where(over).execution_options(synchronize_session=False).returning(SessionRow.id)
        )
        return len(removed.all())


class PostgresApiKeyRepository(ApiKeyRepository):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, key: ApiKey) -> None:
        values = {
            "user_id": key.user_id,
            "id": key.id,
            "name": key.name,
            "scopes": sorted(key.scopes),
            "secret_digest": key.secret_digest,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
        }
        await self._session.execute(insert(ApiKeyRow).values(**values))

    async def remove(self, key_id: ApiKeyId, *, owner: UserId) -> None:
        removed = await self._session.execute(
            delete(ApiKeyRow)
            .where(ApiKeyRow.user_id == owner, ApiKeyRow.id == key_id)
            .execution_options(synchronize_session=False)
            .returning(ApiKeyRow.id)
        )
        if removed.scalar_one_or_none() is None:
            raise ApiKeyNotFound(f"There is no API key {key_id}.")
