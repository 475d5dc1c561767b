"""Have photos that are there already decoded again, batch by batch."""

from dataclasses import dataclass
from enum import StrEnum

from photostore.job.ports import JobQueue
from photostore.photo.decoding import PictureDecoder
from photostore.photo.geometry import Size
from photostore.photo.jobs import backfill
from photostore.photo.photo import PhotoStatus
from photostore.photo.queries import LibraryPhoto, LibraryQueries
from photostore.photo.renditions import RenditionPolicy, rendition_key
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork

BATCH = 200


class Selection(StrEnum):
    """Which photos: all, those that lack a rendition and have not failed, or those that failed."""

    ALL = "all"
    MISSING = "missing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildBatch:
    """How many photos were looked at and how many of them are to be decoded; `last` is where the next batch goes on."""

    seen: int
    enqueued: int
    last: LibraryPhoto | None


@dataclass(frozen=True, slots=True)
class RebuildRenditions:
    """Enqueue one batch of photos, at a priority below all else. A photo that waits already is not enqueued again."""

    library: LibraryQueries
    jobs: JobQueue
    decoder: PictureDecoder
    policy: RenditionPolicy
    unit_of_work: UnitOfWork

    async def __call__(self, *, owner: UserId | None, selection: Selection, after: LibraryPhoto | None) -> RebuildBatch:
        photos = await self.library.walk(owner, after=after, limit=BATCH)
        chosen = [photo for photo in photos if self._is_chosen(photo, selection)]
        if chosen:
            async with self.unit_of_work:
                await self.jobs.enqueue([backfill(UserId(each.owner_id), PhotoId(each.id)) for each in chosen])
        return RebuildBatch(seen=len(photos), enqueued=len(chosen), last=photos[-1] if photos else None)

    def _is_chosen(self, photo: LibraryPhoto, selection: Selection) -> bool:
        if selection is Selection.ALL:
            return True
        failed = photo.status == PhotoStatus.FAILED
        return failed if selection is Selection.FAILED else not failed and self._lacks(photo)

    def _lacks(self, photo: LibraryPhoto) -> bool:
        there = {each["blob_key"] for each in photo.renditions}
        wanted = {
            rendition_key(
                BlobKey(photo.blob_key),
                photo.sha256,
                recipe,
                size=Size(photo.width, photo.height),
                encoder_version=self.decoder.encoder_version,
            )
            for _, recipe in self.policy.named_recipes()
        }
        return not wanted <= there
