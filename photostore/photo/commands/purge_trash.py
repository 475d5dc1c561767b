"""Delete for good what was in the trash for long enough."""

from dataclasses import dataclass

from photostore.photo.deleting import delete_for_good
from photostore.photo.ports import PhotoRepository, TrashRepository
from photostore.photo.trash import TrashPolicy
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork

BATCH = 100


@dataclass(frozen=True, slots=True)
class PurgeTrash:
    """Of all owners, in small transactions; several may run at once, none does another's work. Answer how many there were."""

    trash: TrashRepository
    photos: PhotoRepository
    quotas: Quotas
    policy: TrashPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> int:
        purged = 0
        while batch := await self._purge_some():
            purged += batch
        return purged

    async def _purge_some(self) -> int:
        now = self.clock.now()
        async with self.unit_of_work:
            photos = await self.trash.trashed_before(now - self.policy.retention, limit=BATCH)
            await delete_for_good(photos, self.photos, self.quotas, now=now)
        return len(photos)
