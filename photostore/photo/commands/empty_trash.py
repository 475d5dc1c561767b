"""Delete for good all that is in the trash."""

from dataclasses import dataclass
from datetime import datetime

from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore.photo.deleting import delete_for_good
from photostore.photo.jobs import EMPTY_TRASH
from photostore.photo.ports import PhotoRepository, TrashRepository
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork

BATCH = 500


@dataclass(frozen=True, slots=True)
class EmptyTrash:
    """The first batch goes at once, in the transaction that enqueues a job for the rest, if there is any. What comes into
    the trash after that stays there."""

    trash: TrashRepository
    photos: PhotoRepository
    quotas: Quotas
    jobs: JobQueue
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId) -> None:
        until = self.clock.now()
        async with self.unit_of_work:
            if await self._delete_some(actor, until) == BATCH:
                arguments = {"owner_id": str(actor), "until": until.isoformat()}
                await self.jobs.enqueue([Job(name=EMPTY_TRASH, arguments=arguments)])

    async def rest(self, *, owner: UserId, until: datetime) -> int:
        """The job, in small transactions: run again after a crash it goes on where it was. Answer how many it deleted."""
        deleted = 0
        while True:
            async with self.unit_of_work:
                batch = await self._delete_some(owner, until)
            deleted += batch
            if batch < BATCH:
                return deleted

    async def _delete_some(self, owner: UserId, until: datetime) -> int:
        photos = await self.trash.trashed_of(owner, until=until, limit=BATCH)
        await delete_for_good(photos, self.photos, self.quotas, now=self.clock.now())
        return len(photos)
