"""What the audit room asks of the world to write."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from photostore.audit.entry import AuditEntry


class AuditLog(Protocol):
    """Append-only: nothing that was recorded is ever changed, whoever asks."""

    @abstractmethod
    async def record(self, entry: AuditEntry) -> None:
        """Within the unit of work of what is recorded: the two happen together, or neither."""

    @abstractmethod
    async def prune(self, *, before: datetime) -> int:
        """Within the unit of work: forget what was done before then; answer how many entries that were."""
