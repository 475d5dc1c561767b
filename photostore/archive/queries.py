"""What is read of photos that go into an archive."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from photostore.archive.errors import ArchiveTooLarge, PhotosNotArchivable
from photostore.shared.ids import AlbumId, PhotoId, UserId


@dataclass(slots=True)
class ArchivedPhoto:
    """All that an archive needs of a photo; `crc32` is of its original, where some archive found it out before.

    Visitors of a share know a photo that a guest sent by its `submission_id`.
    """

    owner_id: UUID
    id: UUID
    filename: str
    content_type: str
    byte_size: int
    blob_key: str
    taken_at: datetime | None
    taken_at_offset_minutes: int | None
    created_at: datetime
    crc32: int | None
    submission_id: UUID | None = None

    @property
    def modified_at(self) -> datetime:
        """What the camera's own clock showed when the picture was taken; else when the photo came in, in UTC."""
        if self.taken_at is None:
            return self.created_at
        return self.taken_at + timedelta(minutes=self.taken_at_offset_minutes or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """How many photos one archive may hold."""

    max_photos: int

    def demand(self, count: int) -> None:
        if count > self.max_photos:
            raise ArchiveTooLarge(f"An archive holds {self.max_photos} photos at most.")


def demand_all_there(begun: Iterable[ArchivedPhoto], now: Iterable[ArchivedPhoto]) -> None:
    """Of the photos with which an archive was begun. Raise `PhotosNotArchivable`."""
    if not {each.id for each in begun} <= {each.id for each in now}:
        raise PhotosNotArchivable("A photo of the archive was taken out meanwhile.")


class ArchiveQueries(Protocol):
    @abstractmethod
    async def chosen(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[ArchivedPhoto]:
        """Those of these that are the owner's and not in the trash, each once, in the order asked."""

    @abstractmethod
    async def of_album(self, album_id: AlbumId, *, owner: UserId, limit: int) -> Sequence[ArchivedPhoto]:
        """The first of an album that is filled by hand, in its order: whoever owns them, but none that is in the trash.

        `owner` is the album's. Whether somebody may see it is not asked here.
        """

    @abstractmethod
    async def of_shared_album(self, album_id: AlbumId, *, owner: UserId, limit: int) -> Sequence[ArchivedPhoto]:
        """The same as visitors of a share may know it: what the owner had before a guest sent it again bears the guest's
        name for it, and the time at which it was sent."""
