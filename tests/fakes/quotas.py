"""Quotas and counted tries in memory."""

from datetime import datetime, timedelta

from photostore.quota.errors import QuotaExceeded
from photostore.quota.ports import Quotas
from photostore.shared.ids import UserId
from photostore.shared.rate_limits import RateLimit, RateLimiter, RateState
from photostore.user.errors import UserNotFound
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeQuota, FakeStore


class FakeQuotas(Quotas):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._quotas = store.quotas
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

    async def give_back(self, owner: UserId, *, used: int, photos: int) -> None:
        row = await self._row(owner)
        if row is not None:
            row.used -= used
            row.photos -= photos
            self._keep(owner, row)

    async def _row(self, owner: UserId) -> FakeQuota | None:
        await self._unit_of_work.lock((self._quotas, owner))
        return self._unit_of_work.find(self._quotas, owner)

    def _keep(self, owner: UserId, row: FakeQuota) -> None:
        assert min(row.reserved, row.used, row.photos) >= 0, f"more was given back than taken: {row}"
        self._unit_of_work.put(self._quotas, owner, row)


def _demand_room(row: FakeQuota, more: int, *, requested: int) -> None:
    if row.quota is not None and row.used + row.reserved + more > row.quota:
        raise QuotaExceeded(requested=requested, used=row.used, reserved=row.reserved, quota=row.quota)


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
