"""What is read of libraries that move."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from photostore.shared.ids import AlbumId, PhotoId, UserId


@dataclass(slots=True)
class Owner:
    """Whose library it is."""

    id: UserId
    email: str | None
    display_name: str | None


@dataclass(slots=True)
class Membership:
    """That a photo was put into an album."""

    photo_id: UUID
    album_id: UUID
    album_name: str


@dataclass(slots=True)
class PlacedPhoto:
    """A photo that was put into an album, be it in the trash or not. `sha256` are the 32 bytes of its digest."""

    id: UUID
    owner_id: UUID
    sha256: bytes


@dataclass(slots=True)
class NamedMember:
    """Somebody whom an album is shared with, as another installation may know them."""

    email: str | None
    display_name: str | None
    role: str


class TransferQueries(Protocol):
    """For the operator, who moves whole libraries."""

    @abstractmethod
    async def owner(self, owner_id: UserId) -> Owner:
        """Raise `UserNotFound`, also for an erased account."""

    @abstractmethod
    async def owners(self, *, after: UserId | None, limit: int) -> Sequence[Owner]:
        """All accounts that were not erased, by id."""

    @abstractmethod
    async def memberships(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[Membership]:
        """The albums that photos of one owner were put into, whosesoever; by photo, then by album."""

    @abstractmethod
    async def contents(self, album_id: AlbumId, *, owner: UserId) -> Sequence[PlacedPhoto]:
        """All that was put into an album of the owner's, in its order."""

    @abstractmethod
    async def members(self, album_id: AlbumId, *, owner: UserId) -> Sequence[NamedMember]:
        """In the order of joining."""

    @abstractmethod
    async def hashtags_of(self, owner: UserId) -> Sequence[str]:
        """The names of those that the owner made, by name."""
