"""Count anew what every owner keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from photostore.quota.ports import QuotaAudit
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork

BATCH = 500


@dataclass(slots=True, kw_only=True)
class Reconciled:
    """How many owners were counted, and of whom what was off: by how much each figure had been too large."""

    owners: int = 0
    drift: dict[UserId, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReconcileQuotas:
    """Each owner in a transaction of its own, while everything goes on. What was off is right afterwards."""

    audit: QuotaAudit
    unit_of_work: UnitOfWork

    async def __call__(self) -> Reconciled:
        done = Reconciled()
        last: UserId | None = None
        while True:
            async with self.unit_of_work:
                owners = await self.audit.owners(after=last, limit=BATCH)
            if not owners:
                return done
            for owner in owners:
                await self._recount(owner, done)
            last = owners[-1]

    async def _recount(self, owner: UserId, done: Reconciled) -> None:
        async with self.unit_of_work:
            drift = await self.audit.recount(owner)
        done.owners += 1
        if drift:
            done.drift[owner] = drift
