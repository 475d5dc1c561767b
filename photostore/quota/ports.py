"""What the quota room asks of the world to write."""

from abc import abstractmethod
from typing import Protocol

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
    async def give_back(self, owner: UserId, *, used: int, photos: int) -> None:
        """So many photos are gone, of `used` bytes together."""
