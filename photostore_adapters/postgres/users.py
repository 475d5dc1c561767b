"""Users, as rows."""

from datetime import datetime
from uuid import UUID

from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import UserId
from photostore.user.email import EmailAddress
from photostore.user.errors import EmailTaken, UserNotFound
from photostore.user.ports import UserRepository
from photostore.user.queries import UserQueries, UserView
from photostore.user.user import User
from photostore_adapters.postgres.events import Outbox
from photostore_adapters.postgres.quotas import QuotaRow
from photostore_adapters.postgres.reading import Reader, compiled
from photostore_adapters.postgres.rows import Row, update_versioned

# Any number does, as long as nothing else in this database takes the same advisory lock.
_FIRST_REGISTRATION_LOCK = 7_306_001
_ADMINISTRATORS_LOCK = 7_306_003


# The words of an erased account go with it, but for those that others' photos carry; who made those is forgotten.
_FORGET_HASHTAGS = (
    text("DELETE FROM owner_hashtags WHERE owner_id = :owner"),
    text("DELETE FROM hashtags WHERE created_by = :owner AND photo_count = 0"),
    text("UPDATE hashtags SET created_by = NULL WHERE created_by = :owner"),
)


class UserRow(Row):
    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None]
    display_name: Mapped[str | None]
    is_admin: Mapped[bool]
    password_hash: Mapped[str | None]
    issuer: Mapped[str | None]
    subject: Mapped[str | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    version: Mapped[int]


class UserRows(SQLAlchemyAsyncRepository[UserRow]):
    model_type = UserRow


def _to_user(row: UserRow) -> User:
    return User(
        id=UserId(row.id),
        version=row.version,
        email=row.email,
        display_name=row.display_name,
        is_admin=row.is_admin,
        created_at=row.created_at,
        password_hash=row.password_hash,
        issuer=row.issuer,
        subject=row.subject,
        disabled_at=row.disabled_at,
        erased_at=row.erased_at,
    )


def _columns(user: User) -> dict[str, object]:
    return {
        "email": user.email,
        "display_name": user.display_name,
        "is_admin": user.is_admin,
        "password_hash": user.password_hash,
        "issuer": user.issuer,
        "subject": user.subject,
        "disabled_at": user.disabled_at,
        "erased_at": user.erased_at,
    }


class PostgresUserRepository(UserRepository):
    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._rows = UserRows(session=session, auto_expunge=True)
        self._outbox = outbox

    async def add(self, user: User) -> None:
        values = _columns(user) | {"id": user.id, "created_at": user.created_at, "version": user.version}
        added = await self._session.execute(
            insert(UserRow).values(**values).on_conflict_do_nothing().returning(UserRow.id)
        )
        if added.scalar_one_or_none() is None:
            if user.password_hash is not None:
                raise EmailTaken("The email address belongs to an account already.")
            raise ConcurrentUpdate("The identity signed in for the first time twice at once. Try again.")
        await self._session.execute(insert(QuotaRow).values(owner_id=user.id))
        await self._outbox.publish(user.take_events())

    async def get(self, user_id: UserId) -> User:
        row = await self._rows.get_one_or_none(id=user_id)
        if row is None:
            raise UserNotFound(f"There is no user {user_id}.")
        return _to_user(row)

    async def find_local(self, email: EmailAddress) -> User | None:
        row = await self._rows.get_one_or_none(UserRow.password_hash.is_not(None), email=email)
        return None if row is None else _to_user(row)

    async def find_by_identity(self, issuer: str, subject: str) -> User | None:
        row = await self._rows.get_one_or_none(issuer=issuer, subject=subject)
        return None if row is None else _to_user(row)

    async def save(self, user: User) -> None:
        await update_versioned(self._session, UserRow, user, _columns(user), id=user.id)
        await self._outbox.publish(user.take_events())

    async def remove(self, user_id: UserId) -> None:
        for statement in _FORGET_HASHTAGS:
            await self._session.execute(statement, {"owner": user_id})
        await self._session.execute(delete(UserRow).where(UserRow.id == user_id))

    async def lock_administrators(self) -> int:
        await self._session.execute(select(func.pg_advisory_xact_lock(_ADMINISTRATORS_LOCK)))
        active = (UserRow.is_admin, UserRow.disabled_at.is_(None), UserRow.erased_at.is_(None))
        return (await self._session.execute(select(func.count()).select_from(UserRow).where(*active))).scalar_one()

    async def lock_first_registration(self) -> bool:
        await self._session.execute(select(func.pg_advisory_xact_lock(_FIRST_REGISTRATION_LOCK)))
        return (await self._session.execute(select(UserRow.id).limit(1))).scalar_one_or_none() is None


_VIEW = compiled(
    select(
        UserRow.id,
        UserRow.email,
        UserRow.display_name,
        UserRow.is_admin,
        UserRow.created_at,
        UserRow.version,
    ).where(UserRow.id == bindparam("user_id"))
)


class PostgresUserQueries(UserQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def get(self, user_id: UserId) -> UserView:
        row = await self._reader.fetch_one(_VIEW, user_id=user_id)
        if row is None:
            raise UserNotFound(f"There is no user {user_id}.")
        return UserView(*row)
