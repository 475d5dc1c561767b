"""Idempotency keys in memory."""

from photostore.shared.idempotency import (
    LEASE,
    LIFETIME,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    IdempotencyKeys,
    KeptAnswer,
    KeyUse,
)
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeKey, FakeStore


class FakeIdempotencyKeys(IdempotencyKeys):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._keys = store.idempotency_keys
        self._unit_of_work = unit_of_work
        self._use: KeyUse | None = None

    async def claim(self, use: KeyUse) -> KeptAnswer | None:
        self._store.answer_or_not()
        now, found = self._store.clock.now(), self._keys.get((use.owner, use.key))
        if found is None or found.expires_at <= now or (found.answer is None and found.leased_until <= now):
            self._use, self._unit_of_work.waits_for_answer = use, True
            self._keys[use.owner, use.key] = FakeKey(self, use.request, now + LEASE, now + LIFETIME)
            return None
        if found.request != use.request:
            raise IdempotencyKeyReused("it came with another request")
        if found.answer is None:
            raise IdempotencyKeyInUse("the first still runs")
        return found.answer

    async def renew(self) -> None:
        mine = self._mine()
        if mine is not None:
            mine.leased_until = self._store.clock.now() + LEASE

    async def keep(self, answer: KeptAnswer) -> None:
        self._unit_of_work.waits_for_answer = False
        mine = self._mine()
        if mine is None or self._store.unavailable:
            self._unit_of_work.undo()
            self._store.answer_or_not()
            raise IdempotencyKeyInUse("another claimed it meanwhile")
        mine.answer = answer
        self._unit_of_work.settle()

    async def release(self) -> None:
        self._unit_of_work.waits_for_answer = False
        self._unit_of_work.undo()
        self._store.answer_or_not()
        mine = self._mine()
        if self._use is not None and mine is not None and mine.answer is None:
            del self._keys[self._use.owner, self._use.key]

    async def prune(self) -> int:
        self._store.answer_or_not()
        over = [name for name, key in self._keys.items() if key.expires_at <= self._store.clock.now()]
        for name in over:
            del self._keys[name]
        return len(over)

    def _mine(self) -> FakeKey | None:
        found = self._keys.get((self._use.owner, self._use.key)) if self._use is not None else None
        return found if found is not None and found.attempt is self else None
