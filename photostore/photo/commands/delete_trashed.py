"""Delete photos of the trash for good."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.photo.deleting import delete_for_good
from photostore.photo.ports import PhotoRepository, TrashRepository
from photostore.photo.trash import TrashResult, TrashStatus, results
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class DeleteTrashed:
    """One transaction; the bytes go by the jobs that this causes. What is not in the trash stays."""

    trash: TrashRepository
    photos: PhotoRepository
    quotas: Quotas
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, photo_ids: Sequence[PhotoId]) -> list[TrashResult]:
        async with self.unit_of_work.answering():
            found = await self.trash.find(photo_ids, owner=actor)
            gone = [photo for photo in found if photo.trashed_at is not None]
            await delete_for_good(gone, self.photos, self.quotas, now=self.clock.now())
        done = {photo.id: TrashStatus.NOT_TRASHED for photo in found}
        done |= {photo.id: TrashStatus.DELETED for photo in gone}
        return results(photo_ids, done, again=TrashStatus.NOT_FOUND)
