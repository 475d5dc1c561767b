"""Quotas: one guarded UPDATE a change."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from photostore.quota.errors import QuotaExceeded
from photostore.quota.figures import Figures
from photostore.quota.ports import Quotas
from photostore.shared.ids import UserId
from photostore.user.errors import UserNotFound
from photostore_adapters.postgres.reading import compiled
from photostore_adapters.postgres.rows import Row, table_of
from photostore_adapters.postgres.writing import run


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaDefault:
    """In bytes, for users without a quota of their own; `None` is no limit."""

    byte_size: int | None


# Larger than any store: what "no limit" means in a comparison. 2 to the 62nd, so that adding to it does not overflow.
NO_LIMIT = 1 << 62


class QuotaRow(Row):
    __tablename__ = "quotas"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    quota_bytes: Mapped[int | None]
    used_bytes: Mapped[int] = mapped_column(server_default="0")
    reserved_bytes: Mapped[int] = mapped_column(server_default="0")
    trash_bytes: Mapped[int] = mapped_column(server_default="0")
    renditions_bytes: Mapped[int] = mapped_column(server_default="0")
    photo_count: Mapped[int] = mapped_column(server_default="0")


_QUOTAS = table_of(QuotaRow)
_ROW = update(_QUOTAS).where(_QUOTAS.c.owner_id == bindparam("owner"))
_RESERVED, _USED = bindparam("reserved", type_=BigInteger), bindparam("used", type_=BigInteger)
_TAKE_IF_FITS = compiled(
    _ROW.values(
        reserved_bytes=_QUOTAS.c.reserved_bytes + _RESERVED,
        used_bytes=_QUOTAS.c.used_bytes + _USED,
        photo_count=_QUOTAS.c.photo_count + bindparam("photos", type_=BigInteger),
    )
    .where(
        _QUOTAS.c.used_bytes + _QUOTAS.c.reserved_bytes + _RESERVED + _USED
        <= func.coalesce(_QUOTAS.c.quota_bytes, bindparam("default", type_=BigInteger))
    )
    .returning(_QUOTAS.c.owner_id)
)
_RELEASE = compiled(_ROW.values(reserved_bytes=_QUOTAS.c.reserved_bytes - _RESERVED))
_ADJUST = compiled(
    _ROW.values(
        used_bytes=_QUOTAS.c.used_bytes + _USED,
        trash_bytes=_QUOTAS.c.trash_bytes + bindparam("trash", type_=BigInteger),
        renditions_bytes=_QUOTAS.c.renditions_bytes + bindparam("renditions", type_=BigInteger),
        photo_count=_QUOTAS.c.photo_count + bindparam("photos", type_=BigInteger),
    )
)


class PostgresQuotas(Quotas):
    def __init__(self, session: AsyncSession, default: QuotaDefault) -> None:
        self._session = session
        self._default = NO_LIMIT if default.byte_size is None else default.byte_size

    async def reserve(self, owner: UserId, byte_size: int) -> None:
        await self._take(owner, reserved=byte_size, used=0, photos=0, requested=byte_size)

    async def settle(self, owner: UserId, *, reserved: int, used: int) -> None:
        await self._take(owner, reserved=-reserved, used=used, photos=1, requested=used)

    async def release(self, owner: UserId, reserved: int) -> None:
        await run(self._session, _RELEASE, owner=owner, reserved=reserved)

    async def allow(self, owner: UserId, quota_bytes: int | None) -> int | None:
        locked = select(QuotaRow.quota_bytes).where(QuotaRow.owner_id == owner).with_for_update()
        before = (await self._session.execute(locked)).one_or_none()
        if before is None:
            raise UserNotFound(f"There is no user {owner}.")
        await self._session.execute(update(_QUOTAS).where(_QUOTAS.c.owner_id == owner).values(quota_bytes=quota_bytes))
        found: int | None = before.quota_bytes
        return found

    async def adjust(self, owner: UserId, by: Figures) -> None:
        if by == Figures():
            return
        await run(
            self._session,
            _ADJUST,
            owner=owner,
            used=by.originals_bytes + by.trash_bytes,
            trash=by.trash_bytes,
            renditions=by.renditions_bytes,
            photos=by.photo_count,
        )

    async def _take(self, owner: UserId, *, reserved: int, used: int, photos: int, requested: int) -> None:
        change = {"reserved": reserved, "used": used, "photos": photos, "default": self._default}
        if not await run(self._session, _TAKE_IF_FITS, owner=owner, **change):
            await self._refuse(owner, requested)

    async def _refuse(self, owner: UserId, requested: int) -> None:
        columns = (QuotaRow.used_bytes, QuotaRow.reserved_bytes, QuotaRow.quota_bytes)
        row = (await self._session.execute(select(*columns).where(QuotaRow.owner_id == owner))).one_or_none()
        if row is None:
            raise UserNotFound("The account was closed.")
        quota = self._default if row.quota_bytes is None else row.quota_bytes
        raise QuotaExceeded(requested=requested, used=row.used_bytes, reserved=row.reserved_bytes, quota=quota)
