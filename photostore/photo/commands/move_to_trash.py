"""Put photos into the trash."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.photo.ports import TrashRepository
from photostore.photo.trash import TrashResult, TrashStatus, results
from photostore.quota.figures import Figures
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class MoveToTrash:
    """One transaction. Nowhere but in the trash do they show from then on; bytes and quota stay as they are until it is
    emptied."""

    trash: TrashRepository
    quotas: Quotas
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, photo_ids: Sequence[PhotoId]) -> list[TrashResult]:
        now = self.clock.now()
        async with self.unit_of_work.answering():
            found = await self.trash.find(photo_ids, owner=actor)
            moved = [photo for photo in found if photo.trashed_at is None]
            before = sum((photo.figures for photo in moved), Figures())
            for photo in moved:
                photo.move_to_trash(now=now)
            if moved:
                await self.trash.move(moved)
                await self.quotas.adjust(actor, sum((photo.figures for photo in moved), Figures()) - before)
        done = {photo.id: TrashStatus.UNCHANGED for photo in found}
        done |= {photo.id: TrashStatus.TRASHED for photo in moved}
        return results(photo_ids, done, again=TrashStatus.UNCHANGED)
