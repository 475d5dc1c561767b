"""What is read of quotas."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from photostore.shared.ids import UserId


@dataclass(slots=True)
class StorageView:
    """In bytes. `used` is originals and trash together, which the quota charges; `quota` is `None` where nothing limits it."""

    quota_bytes: int | None
    used_bytes: int
    reserved_bytes: int
    originals_bytes: int
    renditions_bytes: int
    trash_bytes: int
    photo_count: int


@dataclass(slots=True)
class SweepView:
    """What the last look for unreferenced blobs found, and when; `refusal` is why it removed nothing."""

    at: datetime
    blobs: int
    multiparts: int
    refusal: str | None


@dataclass(slots=True)
class TotalsView:
    """Of all owners together, in bytes as in `StorageView`. `last_sweep` is `None` before the first."""

    users: int
    photo_count: int
    originals_bytes: int
    trash_bytes: int
    renditions_bytes: int
    used_bytes: int
    reserved_bytes: int
    uploads_open: int
    last_sweep: SweepView | None


class QuotaQueries(Protocol):
    @abstractmethod
    async def storage(self, owner: UserId) -> StorageView:
        """Raise `UserNotFound`."""

    @abstractmethod
    async def totals(self) -> TotalsView:
        """Sums over one row an owner and the open uploads: it costs what there are users, not what there are photos."""
