"""Forget what was recorded long ago."""

from dataclasses import dataclass

from photostore.audit.ports import AuditLog
from photostore.audit.retention import AuditPolicy
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class PruneAuditLog:
    """Where a retention is set; else nothing ever goes. Answer how many entries went."""

    audit_log: AuditLog
    policy: AuditPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> int:
        if self.policy.retention is None:
            return 0
        async with self.unit_of_work:
            return await self.audit_log.prune(before=self.clock.now() - self.policy.retention)
