"""Write down what somebody did."""

from collections.abc import Mapping
from dataclasses import dataclass

from photostore.audit.entry import AuditEntry, Origin, Target
from photostore.audit.ports import AuditLog
from photostore.shared.clock import Clock, Ids


@dataclass(frozen=True, slots=True)
class RecordAction:
    """Within the transaction of what is done."""

    audit_log: AuditLog
    clock: Clock
    ids: Ids

    async def __call__(
        self, *, by: Origin, action: str, target: Target, details: Mapping[str, object] | None = None
    ) -> None:
        entry = AuditEntry(
            id=self.ids.new(), at=self.clock.now(), by=by, action=action, target=target, details=details or {}
        )
        await self.audit_log.record(entry)
