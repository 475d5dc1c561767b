"""Remove what crashes left in the blob store: bytes that no row names."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from photostore.photo.renditions import ORIGINALS, RENDITIONS, original_of
from photostore.shared.blobs import BlobExists, BlobKey, BlobStore, MultipartBlobStore, blob_key
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.errors import StoreOfAnother, SweepTooLarge
from photostore.upload.ports import BlobReferences, SweepLedger
from photostore.upload.reception import TAILS
from photostore.upload.sweeping import Swept

BATCH = 500
MARKERS = "installation/"


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

    Keys are never reused, so one that is unreferenced and old stays so. Raise `StoreOfAnother` or `SweepTooLarge`, and
    remove nothing, when it looks as if this database does not know what the store holds.
    """

    blobs: BlobStore
    multiparts: MultipartBlobStore
    references: BlobReferences
    ledger: SweepLedger
    clock: Clock
    policy: SweepPolicy
    unit_of_work: UnitOfWork

    async def __call__(self) -> Swept:
        try:
            swept = await self._sweep()
        except (StoreOfAnother, SweepTooLarge) as refusal:
            await self._note(Swept(blobs=0, multiparts=0), refusal.detail)
            raise
        await self._note(swept, None)
        return swept

    async def _note(self, swept: Swept, refusal: str | None) -> None:
        async with self.unit_of_work:
            await self.ledger.note(swept, at=self.clock.now(), refusal=refusal)

    async def _sweep(self) -> Swept:
        before = self.clock.now() - self.policy.grace
        await self._demand_own_store()
        orphans = await self._orphans(before)
        for key in orphans:
            await self.blobs.delete(key)
        return Swept(blobs=len(orphans), multiparts=await self._sweep_multiparts(before))

    async def _demand_own_store(self) -> None:
        """A store is marked as its database's own at the first sweep."""
        async with self.unit_of_work:
            own = blob_key(f"{MARKERS}{await self.references.installation()}")
        markers = {blob.key async for blob in self.blobs.list(MARKERS)}
        if not markers:
            with suppress(BlobExists):
                await self.blobs.put(own, _bytes(b"The photos beside this belong to the database of this id.\n"))
        elif markers != {own}:
            others = ", ".join(sorted(markers - {own}))
            raise StoreOfAnother(f"The blob store belongs to another database: it holds {others}, and {own} is ours.")

    async def _orphans(self, before: datetime) -> list[BlobKey]:
        orphans, batch = list[BlobKey](), list[BlobKey]()
        for prefix in (ORIGINALS, RENDITIONS, TAILS):
            async for blob in self.blobs.list(prefix):
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
        originals = {key: original_of(key) if key.startswith(RENDITIONS) else key for key in keys}
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


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content
