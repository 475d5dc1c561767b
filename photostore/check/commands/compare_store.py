"""Look whether every photo has its bytes, and all bytes their photo: by the store's listing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from photostore.check.batch import Batch
from photostore.check.comparing import Compared, Comparison
from photostore.check.examining import Examiner
from photostore.check.finding import Finding
from photostore.check.ports import Deletions, PhotoOnFile, PhotosOnFile
from photostore.check.strays import Strays
from photostore.shared.blobs import MendableBlobStore
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.commands.sweep_blobs import SweepPolicy
from photostore.upload.ports import BlobReferences

PAGE = 1000
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class CompareStore:
    """Two ordered streams, so that memory does not grow and nothing is asked for by itself unless it is suspected: then it is
    looked at again, since photos come and go meanwhile."""

    photos: PhotosOnFile
    blobs: MendableBlobStore
    references: BlobReferences
    deletions: Deletions
    policy: SweepPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, owner: UserId | None, after: str | None) -> AsyncIterator[Batch]:
        """`after` is the place of an earlier batch. One owner's photos are looked at one by one: strays are nobody's."""
        batches = self._of_all(after or "") if owner is None else self._of_owner(owner, after)
        async for batch in batches:
            yield batch

    async def _of_all(self, place: str) -> AsyncIterator[Batch]:
        before = self.clock.now() - self.policy.grace
        comparison = Comparison(self.blobs, after=place, before=before, many=PAGE)
        async for photos in self._pages(place):
            async for compared in comparison.with_photos(photos):
                # One that is not complete is gone through again by who goes on: its place is that of the page before.
                place = photos[-1].blob_key if compared.complete else place
                yield await self._batch(compared, place, len(photos) if compared.complete else 0)
        async for compared in comparison.rest():
            yield await self._batch(compared, place, 0)

    async def _pages(self, place: str) -> AsyncIterator[Sequence[PhotoOnFile]]:
        """The next page is read while the one before is compared."""
        coming = asyncio.ensure_future(self.photos.by_key(after=place, limit=PAGE))
        try:
            while photos := await coming:
                coming = asyncio.ensure_future(self.photos.by_key(after=photos[-1].blob_key, limit=PAGE))
                yield photos
        finally:
            coming.cancel()
            await asyncio.wait([coming])

    async def _of_owner(self, owner: UserId, after: str | None) -> AsyncIterator[Batch]:
        last = UUID(after) if after else None
        while photos := await self.photos.of_owner(owner, after=last, limit=PAGE // 10):
            last = photos[-1].id
            yield Batch(findings=await self._examined(photos), place=str(last), photos=len(photos))

    async def _batch(self, compared: Compared, place: str, photos: int) -> Batch:
        strays = Strays(self.blobs, self.references, self.deletions, self.unit_of_work)
        findings = [*await self._examined(compared.suspects), *await strays.among(compared.strays)]
        return Batch(findings=findings, place=place, photos=photos)

    async def _examined(self, photos: Sequence[PhotoOnFile]) -> list[Finding]:
        examine, found = Examiner(self.photos, self.blobs), list[Finding]()
        for start in range(0, len(photos), AT_ONCE):
            for each in await asyncio.gather(*map(examine, photos[start : start + AT_ONCE])):
                found += each
        return found
