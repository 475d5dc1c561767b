"""Delete for good what was in the trash for long enough."""

from dataclasses import dataclass
from datetime import datetime

from photostore.photo.deleting import delete_for_good
from photostore.photo.ports import PhotoRepository, TrashRepository
from photostore.photo.trash import TrashPolicy
from photostore.quota.ports import Quotas
from photostore.shared.blobs import BlobStore
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.fencing import SweepFence
from photostore.upload.ports import BlobReferences, SweepLedger

BATCH = 100


@dataclass(frozen=True, slots=True)
class PurgeTrash:
    """Of all owners, in small transactions; several may run at once, none does another's work. Answer how many there were.

    To a database that was restored, photos lie in the trash that were taken out of it since. Raise `StoreContested`, or
    `BlobStoreUnavailable` where nobody can tell, and delete none.
    """

    trash: TrashRepository
    photos: PhotoRepository
    quotas: Quotas
    blobs: BlobStore
    references: BlobReferences
    ledger: SweepLedger
    policy: TrashPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> int:
        async with self.unit_of_work:
            if not await self.trash.trashed_before(self._before(), limit=1):
                return 0
        await SweepFence(self.references, self.ledger, self.unit_of_work).demand_open(self.blobs)
        purged = 0
        while batch := await self._purge_some():
            purged += batch
        return purged

    async def _purge_some(self) -> int:
        async with self.unit_of_work:
            photos = await self.trash.trashed_before(self._before(), limit=BATCH)
            await delete_for_good(photos, self.photos, self.quotas, now=self.clock.now())
        return len(photos)

    def _before(self) -> datetime:
        return self.clock.now() - self.policy.retention
