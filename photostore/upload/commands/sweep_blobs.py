"""Remove what crashes left in the blob store: bytes that no row names."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from photostore.photo.renditions import ORIGINALS, RENDITIONS, kept_by
from photostore.shared.blobs import BlobKey, BlobStore, MultipartBlobStore
from photostore.shared.clock import Clock, Ids
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.errors import StoreContested, StoreOfAnother, SweepTooLarge
from photostore.upload.fencing import SweepFence
from photostore.upload.ownership import mark_as_own
from photostore.upload.ports import BlobReferences, SweepLedger
from photostore.upload.reception import TAILS
from photostore.upload.sweeping import Swept

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPolicy:
    """Only what is older than `grace` is looked at: its upload is over, one way or another.

    More than `at_most` unreferenced blobs are a mistake (another database, an old backup), not what crashes leave.
    """

    grace: timedelta
    at_most: int


@dataclass(frozen=True, slots=True)
class SweepBlobs:
    """Blobs are written before the row that names them, so a young one may be about to get its row: age protects it.

    Keys are never reused, so one that is unreferenced and old stays so. Raise `StoreOfAnother`, `StoreContested` or
    `SweepTooLarge`, and remove nothing, when it looks as if this database does not know what the store holds.
    """

    blobs: BlobStore
    multiparts: MultipartBlobStore
    references: BlobReferences
    ledger: SweepLedger
    clock: Clock
    ids: Ids
    policy: SweepPolicy
    unit_of_work: UnitOfWork

    async def __call__(self) -> Swept:
        try:
            swept = await self._sweep()
        except (StoreOfAnother, StoreContested, SweepTooLarge) as refusal:
            await self._note(Swept(blobs=0, multiparts=0), refusal.detail)
            raise
        await self._note(swept, None)
        return swept

    async def _note(self, swept: Swept, refusal: str | None) -> None:
        async with self.unit_of_work:
            await self.ledger.note(swept, at=self.clock.now(), refusal=refusal)

    async def _sweep(self) -> Swept:
        removed = await self.of_store(self.blobs)
        return Swept(blobs=removed, multiparts=await self._sweep_multiparts(self.clock.now() - self.policy.grace))

    async def of_store(self, blobs: BlobStore) -> int:
        """The same of any store: its unreferenced blobs alone; answer how many there were."""
        async with self.unit_of_work:
            installation = await self.references.installation()
        await mark_as_own(blobs, installation)
        fence = SweepFence(self.references, self.ledger, self.unit_of_work)
        await fence.go_through(blobs, self.ids.new())
        orphans = await self._orphans(blobs, self.clock.now() - self.policy.grace)
        if orphans:
            # Looking takes its time, and a machine that was put to sleep meanwhile does not know.
            await fence.demand_open(blobs)
        for key in orphans:
            await blobs.delete(key)
        return len(orphans)

    async def _orphans(self, blobs: BlobStore, before: datetime) -> list[BlobKey]:
        orphans, batch = list[BlobKey](), list[BlobKey]()
        for prefix in (ORIGINALS, RENDITIONS, TAILS):
            async for blob in blobs.list(prefix):
                if blob.modified_at < before:
                    batch.append(blob.key)
                if len(batch) >= BATCH:
                    orphans += await self._unreferenced(batch)
                    self._demand_few(orphans)
                    batch.clear()
        orphans += await self._unreferenced(batch)
        self._demand_few(orphans)
        return orphans

    def _demand_few(self, orphans: list[BlobKey]) -> None:
        if len(orphans) > self.policy.at_most:
            raise SweepTooLarge(f"More than {self.policy.at_most} blobs have no row. Nothing was removed.")

    async def _unreferenced(self, keys: list[BlobKey]) -> list[BlobKey]:
        """What was made from an original is referenced as long as the original is."""
        if not keys:
            return []
        originals = {key: kept_by(key) for key in keys}
        async with self.unit_of_work:
            unreferenced = set(await self.references.unreferenced(list(set(originals.values()))))
        return [key for key in keys if originals[key] in unreferenced]

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
