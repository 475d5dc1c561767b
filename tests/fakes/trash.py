"""The trash in memory."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from photostore.photo.photo import Photo
from photostore.photo.ports import TrashRepository
from photostore.shared.ids import PhotoId, UserId
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.photos import FakePhotoRepository
from tests.fakes.store import FakeStore


class FakeTrashRepository(TrashRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork, photos: FakePhotoRepository) -> None:
        self._photos = store.photos
        self._unit_of_work = unit_of_work
        self._repository = photos

    async def find(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[Photo]:
        found = self._unit_of_work.where(self._photos, lambda row: row.owner_id == owner and row.id in photo_ids)
        return await self._locked(sorted(found, key=lambda row: row.id))

    async def move(self, photos: Sequence[Photo]) -> None:
        for photo in photos:
            await self._repository.save(photo)

    async def trashed_of(self, owner: UserId, *, until: datetime, limit: int) -> Sequence[Photo]:
        found = self._unit_of_work.where(
            self._photos, lambda row: row.owner_id == owner and row.trashed_at is not None and row.trashed_at <= until
        )
        return await self._locked(sorted(found, key=lambda row: row.id)[:limit])

    async def trashed_before(self, moment: datetime, *, limit: int) -> Sequence[Photo]:
        over = self._unit_of_work.where(
            self._photos, lambda row: row.trashed_at is not None and row.trashed_at < moment
        )
        free = (
            photo
            for photo in sorted(over, key=lambda row: row.trashed_at or moment)
            if self._unit_of_work.try_to_lock((self._photos, photo.id))
        )
        return list(islice(free, limit))

    async def _locked(self, photos: Sequence[Photo]) -> list[Photo]:
        await self._unit_of_work.lock(*((self._photos, photo.id) for photo in photos))
        # Whoever held them may have changed or removed them meanwhile.
        fresh = [self._unit_of_work.find(self._photos, photo.id) for photo in photos]
        return [photo for photo in fresh if photo is not None]
