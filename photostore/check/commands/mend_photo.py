"""Put right what is wrong with the bytes of a photo, or tell its owner."""

from dataclasses import dataclass, replace

from photostore.check.examining import CANNOT_BE_READ, Examiner, failure_of
from photostore.check.finding import OF_ORIGINALS, Finding, Kind, Outcome
from photostore.check.ports import PhotoOnFile, PhotosOnFile
from photostore.job.ports import JobQueue
from photostore.photo.errors import PhotoNotFound
from photostore.photo.jobs import MOST_BEHIND, backfill, decoding
from photostore.photo.photo import PhotoStatus
from photostore.photo.ports import PhotoRepository
from photostore.quota.figures import Figures
from photostore.quota.ports import Quotas
from photostore.replica.commands.rescue_original import RescueOriginal
from photostore.shared.blobs import BlobKey, MendableBlobStore
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork

_MISSING = frozenset({Kind.ORIGINAL_MISSING, Kind.ORIGINAL_SIZE})


@dataclass(frozen=True, slots=True)
class MendPhoto:
    """It is looked at again first, all of it: what is wrong by then is put right at once, whichever finding it was. No row and
    no original is ever removed; renditions of a wrong size are, since they are made again."""

    photos_on_file: PhotosOnFile
    photos: PhotoRepository
    quotas: Quotas
    jobs: JobQueue
    blobs: MendableBlobStore
    rescue_original: RescueOriginal
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, finding: Finding) -> Outcome:
        """Of a photo. Raise `ConcurrentUpdate` or `BlobStoreUnavailable`: another try is right."""
        assert finding.owner_id is not None, "a photo has an owner"
        assert finding.id is not None, "a finding of a photo names it"
        photo = await self.photos_on_file.get(finding.id, owner=finding.owner_id)
        if photo is None:
            return Outcome.GONE
        try:
            if finding.kind in OF_ORIGINALS:
                return await self._mend_original(photo, deep=finding.kind is Kind.ORIGINAL_DAMAGED)
            return await self._mend_made(photo, finding)
        except PhotoNotFound:
            return Outcome.GONE

    async def _mend_original(self, photo: PhotoOnFile, *, deep: bool) -> Outcome:
        wrong = await self._wrong_original(photo, deep=deep)
        if wrong is None:
            return Outcome.GONE
        if wrong.kind is Kind.ORIGINAL_RECOVERED:
            return await self._recover(photo)
        if await self.rescue_original(key=BlobKey(photo.blob_key)) is not None:
            return await self._recover(photo)
        if wrong.found == CANNOT_BE_READ:
            # Perhaps it can tomorrow: that is for who looks after the store, and not for the owner yet.
            return Outcome.LEFT
        async with self.unit_of_work:
            fresh = await self.photos.get(PhotoId(photo.id), owner=UserId(photo.owner_id))
            fresh.lose_original(failure_of(wrong.kind), now=self.clock.now())
            await self.photos.save(fresh)
        return Outcome.TOLD

    async def _wrong_original(self, photo: PhotoOnFile, *, deep: bool) -> Finding | None:
        examine = Examiner(self.photos_on_file, self.blobs)
        found = [each for each in await examine(photo) if each.kind in OF_ORIGINALS]
        if not found and deep:
            found = list(await examine.bytes_of(photo))
        return found[0] if found else None

    async def _recover(self, photo: PhotoOnFile) -> Outcome:
        owner, photo_id = UserId(photo.owner_id), PhotoId(photo.id)
        async with self.unit_of_work:
            fresh = await self.photos.get(photo_id, owner=owner)
            fresh.recover_original(now=self.clock.now())
            await self.photos.save(fresh)
            if fresh.status is PhotoStatus.PROCESSING:
                await self.jobs.enqueue([decoding(owner, photo_id, keywords_as_hashtags=None, behind=MOST_BEHIND)])
            elif not fresh.renditions:
                await self.jobs.enqueue([backfill(owner, photo_id)])
        return Outcome.MENDED

    async def _mend_made(self, photo: PhotoOnFile, finding: Finding) -> Outcome:
        wrong = await Examiner(self.photos_on_file, self.blobs)(photo)
        if any(each.kind in _MISSING for each in wrong):
            return Outcome.LEFT
        made = [each for each in wrong if each.kind not in OF_ORIGINALS]
        if all(each.key != finding.key for each in made):
            # Mended together with another of the same photo, or right by itself.
            return Outcome.MENDED
        for each in made:
            if each.kind in (Kind.RENDITION_SIZE, Kind.IMAGE_SIZE):
                await self.blobs.delete(BlobKey(each.key or ""))
        await self._forget_made(photo, made)
        return Outcome.MENDED

    async def _forget_made(self, photo: PhotoOnFile, made: list[Finding]) -> None:
        owner, photo_id = UserId(photo.owner_id), PhotoId(photo.id)
        lost = {BlobKey(each.key or "") for each in made}
        async with self.unit_of_work:
            fresh = await self.photos.get(photo_id, owner=owner)
            before = fresh.figures
            if any(each.blob_key in lost for each in fresh.renditions):
                fresh.lose_renditions(lost, now=self.clock.now())
                await self.photos.save(fresh)
                # Beside one that a worker may be at: it would take no notice of what is gone since it began.
                job = replace(backfill(owner, photo_id), dedupe_key=f"mend:{photo_id}")
                await self.jobs.enqueue([job])
            forgotten = 0
            for key in sorted(lost):
                forgotten += await self.photos.forget_image(photo_id, owner=owner, key=key)
            more = fresh.figures - before - Figures(renditions_bytes=forgotten)
            await self.quotas.adjust(owner, more)
