"""What each owner keeps: told, and counted anew."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.quota.ports import QuotaAudit
from photostore.quota.queries import QuotaQueries, StorageView, SweepView, TotalsView
from photostore.shared.ids import UserId
from photostore.user.errors import UserNotFound
from photostore_adapters.postgres.quotas import QuotaDefault, QuotaRow
from photostore_adapters.postgres.reading import Reader, Statement, compiled
from photostore_adapters.postgres.rows import table_of

_QUOTAS = table_of(QuotaRow)
_STORAGE = compiled(
    select(
        _QUOTAS.c.quota_bytes,
        _QUOTAS.c.used_bytes,
        _QUOTAS.c.reserved_bytes,
        (_QUOTAS.c.used_bytes - _QUOTAS.c.trash_bytes).label("originals_bytes"),
        _QUOTAS.c.renditions_bytes,
        _QUOTAS.c.trash_bytes,
        _QUOTAS.c.photo_count,
    ).where(_QUOTAS.c.owner_id == bindparam("owner"))
)
_TOTALS = Statement(
    """
    SELECT count(*) AS users, coalesce(sum(photo_count), 0)::bigint AS photo_count,
           coalesce(sum(used_bytes - trash_bytes), 0)::bigint AS originals_bytes,
           coalesce(sum(trash_bytes), 0)::bigint AS trash_bytes,
           coalesce(sum(renditions_bytes), 0)::bigint AS renditions_bytes,
           coalesce(sum(used_bytes), 0)::bigint AS used_bytes,
           coalesce(sum(reserved_bytes), 0)::bigint AS reserved_bytes,
           (SELECT count(*) FROM uploads WHERE state IN ('pending', 'completing')) AS uploads_open
    FROM quotas
    """,
    (),
)
_LAST_SWEEP = Statement("SELECT at, blobs, multiparts, refusal FROM last_sweep", ())


class PostgresQuotaQueries(QuotaQueries):
    def __init__(self, reader: Reader, default: QuotaDefault) -> None:
        self._reader = reader
        self._default = default.byte_size

    async def storage(self, owner: UserId) -> StorageView:
        row = await self._reader.fetch_one(_STORAGE, owner=owner)
        if row is None:
            raise UserNotFound("The account was closed.")
        view = StorageView(*row)
        view.quota_bytes = self._default if view.quota_bytes is None else view.quota_bytes
        return view

    async def totals(self) -> TotalsView:
        totals, swept = await self._reader.fetch_one(_TOTALS), await self._reader.fetch_one(_LAST_SWEEP)
        return TotalsView(**totals, last_sweep=None if swept is None else SweepView(*swept))


FIGURES = ("used_bytes", "reserved_bytes", "trash_bytes", "renditions_bytes", "photo_count")
# By how much each figure is too large, and what it is. One statement sees counters and rows as they were at one moment,
# whatever is written meanwhile: both are changed in the same transactions.
DRIFT = text("""
    SELECT owner_id,
           used_bytes - kept.used AS used_bytes, used_bytes AS used_bytes_now,
           reserved_bytes - under_way.reserved AS reserved_bytes, reserved_bytes AS reserved_bytes_now,
           trash_bytes - kept.trash AS trash_bytes, trash_bytes AS trash_bytes_now,
           renditions_bytes - kept.made AS renditions_bytes, renditions_bytes AS renditions_bytes_now,
           photo_count - kept.photos AS photo_count, photo_count AS photo_count_now
    FROM quotas,
        LATERAL (
            SELECT coalesce(sum(byte_size), 0)::bigint AS used,
                   coalesce(sum(byte_size) FILTER (WHERE trashed_at IS NOT NULL), 0)::bigint AS trash,
                   count(*) FILTER (WHERE trashed_at IS NULL) AS photos,
                   coalesce(sum(images_bytes + made.bytes), 0)::bigint AS made
            FROM photos, LATERAL (
                SELECT coalesce(sum((each->>'byte_size')::bigint), 0) AS bytes FROM jsonb_array_elements(renditions) AS each
            ) AS made
            WHERE photos.owner_id = quotas.owner_id
        ) AS kept,
        LATERAL (
            SELECT coalesce(sum(reserved_bytes), 0)::bigint AS reserved FROM uploads
            WHERE uploads.owner_id = quotas.owner_id AND state IN ('pending', 'completing')
        ) AS under_way
    WHERE quotas.owner_id = ANY(CAST(:owners AS uuid[]))
""")
_LOCK = select(_QUOTAS.c.owner_id).where(_QUOTAS.c.owner_id == bindparam("owner")).with_for_update()


class PostgresQuotaAudit(QuotaAudit):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def owners(self, *, after: UserId | None, limit: int) -> Sequence[UserId]:
        statement = select(_QUOTAS.c.owner_id).order_by(_QUOTAS.c.owner_id).limit(limit)
        if after is not None:
            statement = statement.where(_QUOTAS.c.owner_id > after)
        return [UserId(found) for found in (await self._session.execute(statement)).scalars()]

    async def recount(self, owner: UserId) -> Mapping[str, int]:
        if not await self._drift(owner):
            return {}
        # Rare. Counted once more under a lock, so that two who find the same drift do not both take it away.
        await self._session.execute(_LOCK, {"owner": owner})
        drift = await self._drift(owner)
        if drift:
            right: dict[str, Any] = {name: _QUOTAS.c[name] - off for name, off in drift.items()}
            await self._session.execute(update(_QUOTAS).where(_QUOTAS.c.owner_id == owner).values(**right))
        return drift

    async def _drift(self, owner: UserId) -> dict[str, int]:
        row = (await self._session.execute(DRIFT, {"owners": [owner]})).mappings().one_or_none()
        return {name: int(row[name]) for name in FIGURES if row[name]} if row is not None else {}
