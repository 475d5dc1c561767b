"""Remove what crashes left in the blob store: bytes that no row names."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from photostore.shared.blobs import BlobKey, BlobStore, MultipartBlobStore
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.ports import BlobReferences
from photostore.upload.upload import ORIGINALS

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPolicy:
    """Only what is older than `grace` is looked at: its upload is over, one way or another."""

    grace: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many unreferenced blobs and unfinished multipart uploads were found and removed."""

    blobs: int
    multiparts: int


@dataclass(frozen=True, slots=True)
class SweepBlobs:
    """Blobs are written before the row that names them, so a young one may be about to get its row: age protects it.

    Keys are never reused, so one that is unreferenced and old stays so.
    """

    blobs: BlobStore
    multiparts: MultipartBlobStore
    references: BlobReferences
    clock: Clock
    policy: SweepPolicy
    unit_of_work: UnitOfWork

    async def __call__(self) -> Swept:
        before = self.clock.now() - self.policy.grace
        return Swept(blobs=await self._sweep_blobs(before), multiparts=await self._sweep_multiparts(before))

    async def _sweep_blobs(self, before: datetime) -> int:
        removed, batch = 0, list[BlobKey]()
        async for blob in self.blobs.list(ORIGINALS):
            if blob.modified_at < before:
                batch.append(blob.key)
            if len(batch) >= BATCH:
                removed += await self._remove_unreferenced(batch)
                batch.clear()
        return removed + await self._remove_unreferenced(batch)

    async def _remove_unreferenced(self, keys: list[BlobKey]) -> int:
        if not keys:
            return 0
        async with self.unit_of_work:
            orphans = await self.references.unreferenced(keys)
        for key in orphans:
            await self.blobs.delete(key)
        return len(orphans)

    async def _sweep_multiparts(self, before: datetime) -> int:
        removed = 0
        async for pending in self.multiparts.pending(ORIGINALS):
            if pending.started_at >= before:
                continue
            async with self.unit_of_work:
                orphans = await self.references.unreferenced([pending.key])
            if orphans:
                await self.multiparts.abort(pending.key, pending.multipart_id)
                removed += 1
        return removed
