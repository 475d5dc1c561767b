"""Quotas and counted tries in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from photostore.quota.errors import QuotaExceeded
from photostore.quota.figures import Figures
from photostore.quota.ports import QuotaAudit, Quotas
from photostore.quota.queries import QuotaQueries, StorageView, TotalsView
from photostore.shared.ids import UserId
from photostore.shared.rate_limits import RateLimit, RateLimiter, RateState
from photostore.user.errors import UserNotFound
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeQuota, FakeStore


class FakeQuotas(Quotas):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._quotas = store.quotas
        self._default = store.quota_bytes
        self._unit_of_work = unit_of_work

    async def reserve(self, owner: UserId, byte_size: int) -> None:
        row = await self._row(owner)
        if row is None:
            raise UserNotFound("The account was closed.")
        _demand_room(row, byte_size, requested=byte_size)
        row.reserved += byte_size
        self._keep(owner, row)

    async def settle(self, owner: UserId, *, reserved: int, used: int) -> None:
        row = await self._row(owner)
        if row is None:
            raise UserNotFound("The account was closed.")
        _demand_room(row, used - reserved, requested=used)
        row.reserved -= reserved
        row.used += used
        row.photos += 1
        self._keep(owner, row)

    async def release(self, owner: UserId, reserved: int) -> None:
        row = await self._row(owner)
        if row is not None:
            row.reserved -= reserved
            self._keep(owner, row)

    async def allow(self, owner: UserId, quota_bytes: int | None) -> int | None:
        row = await self._row(owner)
        if row is None:
            raise UserNotFound(f"There is no user {owner}.")
        before, row.own = row.own, quota_bytes
        row.quota = self._default if quota_bytes is None else quota_bytes
        self._keep(owner, row)
        return before

    async def adjust(self, owner: UserId, by: Figures) -> None:
        row = await self._row(owner)
        if row is not None:
            row.used += by.originals_bytes + by.trash_bytes
            row.trash += by.trash_bytes
            row.renditions += by.renditions_bytes
            row.photos += by.photo_count
            self._keep(owner, row)

    async def _row(self, owner: UserId) -> FakeQuota | None:
        await self._unit_of_work.lock((self._quotas, owner))
        return self._unit_of_work.find(self._quotas, owner)

    def _keep(self, owner: UserId, row: FakeQuota) -> None:
        assert min(row.reserved, row.used, row.photos, row.trash, row.renditions) >= 0, (
            f"more was given back than taken: {row}"
        )
        self._unit_of_work.put(self._quotas, owner, row)


def _demand_room(row: FakeQuota, more: int, *, requested: int) -> None:
    if row.quota is not None and row.used + row.reserved + more > row.quota:
        raise QuotaExceeded(requested=requested, used=row.used, reserved=row.reserved, quota=row.quota)


class FakeQuotaQueries(QuotaQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def storage(self, owner: UserId) -> StorageView:
        self._store.answer_or_not()
        row = self._store.quotas.rows.get(owner)
        if row is None:
            raise UserNotFound("The account was closed.")
        return StorageView(
            quota_bytes=row.quota,
            used_bytes=row.used,
            reserved_bytes=row.reserved,
            originals_bytes=row.used - row.trash,
            renditions_bytes=row.renditions,
            trash_bytes=row.trash,
            photo_count=row.photos,
        )

    async def totals(self) -> TotalsView:
        self._store.answer_or_not()
        rows = list(self._store.quotas.rows.values())
        return TotalsView(
            users=len(rows),
            photo_count=sum(row.photos for row in rows),
            originals_bytes=sum(row.used - row.trash for row in rows),
            trash_bytes=sum(row.trash for row in rows),
            renditions_bytes=sum(row.renditions for row in rows),
            used_bytes=sum(row.used for row in rows),
            reserved_bytes=sum(row.reserved for row in rows),
            uploads_open=len(self._store.uploads.where(lambda each: each.is_open)),
            last_sweep=self._store.admin.sweeps.rows.get("last"),
        )


class FakeQuotaAudit(QuotaAudit):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def owners(self, *, after: UserId | None, limit: int) -> Sequence[UserId]:
        return [owner for owner in sorted(self._store.quotas.rows) if after is None or owner > after][:limit]

    async def recount(self, owner: UserId) -> Mapping[str, int]:
        await self._unit_of_work.lock((self._store.quotas, owner))
        row = self._unit_of_work.find(self._store.quotas, owner)
        if row is None:
            return {}
        photos = self._unit_of_work.where(self._store.photos, lambda each: each.owner_id == owner)
        uploads = self._unit_of_work.where(self._store.uploads, lambda each: each.owner_id == owner and each.is_open)
        kept = sum((photo.figures for photo in photos), Figures())
        drift = {
            "used_bytes": row.used - kept.originals_bytes - kept.trash_bytes,
            "reserved_bytes": row.reserved - sum(each.reserved_bytes for each in uploads),
            "trash_bytes": row.trash - kept.trash_bytes,
            "renditions_bytes": row.renditions - kept.renditions_bytes,
            "photo_count": row.photos - kept.photo_count,
        }
        row.used -= drift["used_bytes"]
        row.reserved -= drift["reserved_bytes"]
        row.trash, row.renditions, row.photos = kept.trash_bytes, kept.renditions_bytes, kept.photo_count
        self._unit_of_work.put(self._store.quotas, owner, row)
        return {name: off for name, off in drift.items() if off}


class FakeRateLimiter(RateLimiter):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def hit(self, key: str, rate: RateLimit) -> RateState:
        self._store.answer_or_not()
        now = self._store.clock.now()
        ends, hits = self._store.rate_windows.get(key, (now, 0))
        if ends <= now:
            ends, hits = now + timedelta(seconds=rate.window), 0
        self._store.rate_windows[key] = (ends, hits + 1)
        return self._state(rate, ends, hits + 1, allowed=rate.limit)

    async def look(self, key: str, rate: RateLimit) -> RateState:
        now = self._store.clock.now()
        ends, hits = self._store.rate_windows.get(key, (now, 0))
        return self._state(rate, ends, hits if ends > now else 0, allowed=rate.limit - 1)

    def _state(self, rate: RateLimit, ends: datetime, hits: int, *, allowed: int) -> RateState:
        return RateState(
            rate=rate,
            remaining=max(0, rate.limit - hits),
            reset_seconds=max(1, round((ends - self._store.clock.now()).total_seconds())),
            exceeded=hits > allowed,
        )

    async def prune(self) -> None:
        now = self._store.clock.now()
        self._store.rate_windows = {key: row for key, row in self._store.rate_windows.items() if row[0] > now}
