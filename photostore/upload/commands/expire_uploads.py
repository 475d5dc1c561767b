"""End the uploads whose time is over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from photostore.quota.ports import Quotas
from photostore.shared.blobs import BlobStore
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.fencing import SweepFence
from photostore.upload.ports import BlobReferences, SweepLedger, UploadRepository
from photostore.upload.upload import Upload, UploadState

BATCH = 100


@dataclass(frozen=True, slots=True)
class ExpireUploads:
    """In small transactions; several may run at once, none does another's work. Answer how many there were.

    To a database that was restored, an upload is over that became a photo since. Raise `StoreContested`, or
    `BlobStoreUnavailable` where nobody can tell, and end none.
    """

    uploads: UploadRepository
    quotas: Quotas
    blobs: BlobStore
    references: BlobReferences
    ledger: SweepLedger
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, told: Callable[[Upload], None] | None = None) -> int:
        """`told` hears of each one when it has ended."""
        async with self.unit_of_work:
            if not await self.uploads.expired(before=self.clock.now(), limit=1):
                return 0
        await SweepFence(self.references, self.ledger, self.unit_of_work).demand_open(self.blobs)
        ended = 0
        while batch := await self._expire_some():
            ended += len(batch)
            if told is not None:
                for upload in batch:
                    told(upload)
        return ended

    async def _expire_some(self) -> Sequence[Upload]:
        now = self.clock.now()
        async with self.unit_of_work:
            uploads = await self.uploads.expired(before=now, limit=BATCH)
            for upload in uploads:
                upload.end(UploadState.EXPIRED, reason="The upload was not finished in time.", now=now)
                await self.uploads.save(upload)
            # Owners in one order, so that two sweeps never wait for each other in a circle.
            for upload in sorted(uploads, key=lambda each: each.owner_id):
                await self.quotas.release(upload.owner_id, upload.reserved_bytes)
        return uploads
