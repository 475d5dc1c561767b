"""What is read of quotas."""

from abc import abstractmethod
from dataclasses import dataclass
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


class QuotaQueries(Protocol):
    @abstractmethod
    async def storage(self, owner: UserId) -> StorageView:
        """Raise `UserNotFound`."""
