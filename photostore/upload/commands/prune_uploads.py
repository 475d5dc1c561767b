"""Forget uploads that ended some time ago."""

from dataclasses import dataclass
from datetime import timedelta

from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.ports import UploadRepository

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PruneUploads:
    """A week is long enough for whoever asks what became of one. Answer how many went."""

    uploads: UploadRepository
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> int:
        async with self.unit_of_work:
            return await self.uploads.forget(before=self.clock.now() - KEPT)
