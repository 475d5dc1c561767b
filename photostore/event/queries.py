"""What is read of the change feed."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.event.retention import ChangeBounds
from photostore.shared.ids import UserId


@dataclass(slots=True)
class ChangeView:
    """One change as it is stored. `seq` counts an owner's changes from 1, without a gap, in the order of their commits."""

    seq: int
    event_id: UUID
    event: str
    entity: str
    entity_id: UUID
    occurred_at: datetime


@dataclass(slots=True)
class ChangePage:
    items: Sequence[ChangeView]
    bounds: ChangeBounds


@dataclass(slots=True)
class ChangedHashtag:
    id: UUID
    name: str
    photo_count: int
    created_at: datetime


@dataclass(slots=True)
class ChangedUpload:
    id: UUID
    filename: str | None
    byte_size: int | None
    created_at: datetime
    state: str
    reason: str | None
    expires_at: datetime
    photo_id: UUID | None


class ChangeQueries(Protocol):
    @abstractmethod
    async def page(self, owner: UserId, *, after: int, limit: int) -> ChangePage:
        """The first `limit` changes after this number, and the feed's bounds at the same moment. One statement."""

    @abstractmethod
    async def ends(self, owners: Sequence[UserId]) -> Mapping[UserId, int]:
        """The number of each owner's last change; owners without any are left out. One statement."""

    @abstractmethod
    async def things(
        self, owner: UserId, *, hashtags: Sequence[UUID], uploads: Sequence[UUID], own_counts: bool
    ) -> Mapping[UUID, ChangedHashtag | ChangedUpload]:
        """Those of these that are there, as they are now, by their ids: one statement for all kinds. Hashtags count the
        owner's photos alone where `own_counts`. Photos have queries of their own."""
