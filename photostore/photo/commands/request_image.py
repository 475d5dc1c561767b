"""Ask for an image of a photo that may have to be made first."""

import asyncio
from dataclasses import dataclass

from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore.photo.decoding import PictureDecoder
from photostore.photo.errors import RenditionPending
from photostore.photo.jobs import MAKE_IMAGE, WAITED_FOR
from photostore.photo.picture import Recipe
from photostore.photo.queries import PhotoQueries, PhotoView
from photostore.photo.renditions import demand_shown, rendition_key
from photostore.shared.blobs import BlobInfo, BlobKey, BlobNotFound, BlobStore
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePatience:
    """How many seconds whoever asks for an image waits for it to be made."""

    seconds: float


@dataclass(frozen=True, slots=True)
class RequestImage:
    """The image as it lies in the store. Whoever asks while it is made waits for the same one.

    Raise `PhotoNotFound`, `RenditionNotFound` when the picture cannot be decoded, `RenditionPending` when it takes longer
    than the patience, or while the photo itself has not been decoded.
    """

    photos: PhotoQueries
    blobs: BlobStore
    decoder: PictureDecoder
    jobs: JobQueue
    patience: ImagePatience
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, photo_id: PhotoId, recipe: Recipe) -> BlobInfo:
        photo = await self.photos.get(photo_id, owner=actor)
        demand_shown(photo)
        key = rendition_key(BlobKey(photo.blob_key), photo.sha256, recipe, self.decoder.encoder_version)
        found = await self._look(key)
        if found is not None:
            return found
        await self._enqueue(photo, recipe, key)
        return await self._wait(key)

    async def _look(self, key: BlobKey) -> BlobInfo | None:
        try:
            return await self.blobs.head(key)
        except BlobNotFound:
            return None

    async def _enqueue(self, photo: PhotoView, recipe: Recipe, key: BlobKey) -> None:
        arguments = {
            "owner_id": str(photo.owner_id),
            "photo_id": str(photo.id),
            "width": recipe.width,
            "height": recipe.height,
            "fit": recipe.fit.value,
            "format": recipe.format.value,
        }
        async with self.unit_of_work:
            await self.jobs.enqueue([Job(name=MAKE_IMAGE, arguments=arguments, priority=WAITED_FOR, dedupe_key=key)])

    async def _wait(self, key: BlobKey) -> BlobInfo:
        left, pause = self.patience.seconds, _FIRST_PAUSE
        while left > 0:
            await asyncio.sleep(min(pause, left))
            left -= pause
            pause = min(pause * 1.5, _LONGEST_PAUSE)
            found = await self._look(key)
            if found is not None:
                return found
        raise RenditionPending("The image is being made.", retry_after=2)
