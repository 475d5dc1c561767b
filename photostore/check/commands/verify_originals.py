"""Read originals in full, and look whether they are what was uploaded."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from photostore.check.batch import Batch
from photostore.check.examining import Examiner
from photostore.check.finding import Finding
from photostore.check.pace import Pace
from photostore.check.ports import PhotoOnFile, PhotosOnFile
from photostore.shared.blobs import MendableBlobStore
from photostore.shared.ids import UserId

PAGE = 32
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class VerifyOriginals:
    """Those that are missing, or not as long as they should be, are not for this to find."""

    photos: PhotosOnFile
    blobs: MendableBlobStore

    async def __call__(self, *, owner: UserId | None, after: str | None, pace: Pace) -> AsyncIterator[Batch]:
        """`after` is the place of an earlier batch."""
        place = after
        while photos := await self._next(owner, place):
            place = photos[-1].blob_key if owner is None else str(photos[-1].id)
            findings = await self._verified(photos, pace)
            yield Batch(findings=findings, place=place, bytes_read=sum(photo.byte_size for photo in photos))

    async def _next(self, owner: UserId | None, place: str | None) -> Sequence[PhotoOnFile]:
        if owner is None:
            return await self.photos.by_key(after=place or "", limit=PAGE)
        return await self.photos.of_owner(owner, after=UUID(place) if place else None, limit=PAGE)

    async def _verified(self, photos: Sequence[PhotoOnFile], pace: Pace) -> list[Finding]:
        examiner, found = Examiner(self.photos, self.blobs), list[Finding]()
        for start in range(0, len(photos), AT_ONCE):
            some = photos[start : start + AT_ONCE]
            for each in await asyncio.gather(*(examiner.bytes_of(photo, pace) for photo in some)):
                found += each
        return found
