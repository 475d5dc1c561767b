"""What is read of the audit log."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.shared.ids import UserId


@dataclass(slots=True)
class AuditView:
    """`actor_id` is a user's; at the command line `actor_name` is who ran it."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    actor_name: str | None
    action: str
    target_kind: str
    target_id: str
    details: Mapping[str, object]
    ip_address: str | None
    user_agent: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """All that is given holds. `since` is inclusive, `until` exclusive."""

    actor: UserId | None = None
    action: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPosition:
    """Where a page ended."""

    at: datetime
    id: UUID


class AuditQueries(Protocol):
    @abstractmethod
    async def list(self, wanted: AuditFilter, *, after: AuditPosition | None, limit: int) -> Sequence[AuditView]:
        """Newest first."""
