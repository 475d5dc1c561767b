"""What the quota room asks of the world to write."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

from photostore.quota.figures import Figures
from photostore.shared.ids import UserId


class Quotas(Protocol):
    """How much each owner keeps, in bytes: `used` by photos, `reserved` by uploads under way; together at most `quota`.

    Each call is one guarded update within the unit of work: concurrent uploads never pass the quota together.
    To take from an owner whose account was erased meanwhile raises `UserNotFound`; to give back to one is fine.
    """

    @abstractmethod
    async def reserve(self, owner: UserId, byte_size: int) -> None:
        """Raise `QuotaExceeded`, and reserve nothing."""

    @abstractmethod
    async def settle(self, owner: UserId, *, reserved: int, used: int) -> None:
        """Turn a reservation into one more photo of `used` bytes. Raise `QuotaExceeded` when it turned out too large."""

    @abstractmethod
    async def release(self, owner: UserId, reserved: int) -> None:
        """Give a reservation back."""

    @abstractmethod
    async def allow(self, owner: UserId, quota_bytes: int | None) -> int | None:
        """Set the owner's own quota, `None` for the service's; answer what it was. Raise `UserNotFound`. Who has more keeps
        it, and may add nothing."""

    @abstractmethod
    async def adjust(self, owner: UserId, by: Figures) -> None:
        """Photos changed what they keep, or are gone: never more than there was room for, so that no quota is asked."""


class QuotaAudit(Protocol):
    """Within the unit of work."""

    @abstractmethod
    async def owners(self, *, after: UserId | None, limit: int) -> Sequence[UserId]:
        """By id, those after `after`."""

    @abstractmethod
    async def recount(self, owner: UserId) -> Mapping[str, int]:
        """Count anew what photos and open uploads keep, and write that down. Answer by how much each figure that was off was
        too large, by its name in `StorageView`. Owners who are gone have none."""
