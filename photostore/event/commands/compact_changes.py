"""Forget what of the change feeds nobody needs any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from photostore.event.ports import ChangeHistory
from photostore.event.retention import ChangePolicy
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork

BATCH = 500


@dataclass(frozen=True, slots=True)
class CompactChanges:
    """Of all owners, in small transactions; several may run at once, and after a crash the next one goes on. Answer how
    many changes were looked at."""

    history: ChangeHistory
    policy: ChangePolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> int:
        before = self.clock.now() - self.policy.retention
        looked_at, after = 0, None
        while owners := await self._owners(after, before):
            for owner in owners:
                looked_at += await self._compact(owner, before)
            after = owners[-1]
        return looked_at

    async def _owners(self, after: UserId | None, before: datetime) -> Sequence[UserId]:
        async with self.unit_of_work:
            return await self.history.owners(after=after, before=before, limit=BATCH)

    async def _compact(self, owner: UserId, before: datetime) -> int:
        looked_at, batch = 0, BATCH
        while batch == BATCH:
            async with self.unit_of_work:
                batch = await self.history.compact(owner, before=before, limit=BATCH)
            looked_at += batch
        return looked_at
