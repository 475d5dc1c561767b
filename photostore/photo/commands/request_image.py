"""Ask for an image of a photo that may have to be made first."""

import asyncio
from dataclasses import dataclass

from photostore.job.ports import JobQueue
from photostore.photo.decoding import PictureDecoder
from photostore.photo.errors import RenditionNotFound, RenditionPending
from photostore.photo.geometry import Size
from photostore.photo.jobs import making
from photostore.photo.picture import Recipe
from photostore.photo.ports import WantedImages
from photostore.photo.queries import PhotoQueries, PhotoView
from photostore.photo.renditions import demand_shown, rendition_key
from photostore.shared.blobs import BlobInfo, BlobKey, BlobNotFound, BlobStore
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork

# So many images of one owner may wait; who asks for more is asked to come again.
MOST_WAITING = 30
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
    wanted: WantedImages
    jobs: JobQueue
    clock: Clock
    patience: ImagePatience
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, photo_id: PhotoId, recipe: Recipe) -> BlobInfo:
        photo = await self.photos.get(photo_id, owner=actor)
        demand_shown(photo)
        key = rendition_key(
            BlobKey(photo.blob_key),
            photo.sha256,
            recipe,
            size=Size(photo.width, photo.height),
            encoder_version=self.decoder.encoder_version,
        )
        found = await self._look(key)
        if found is not None:
            return found
        if photo.failure is not None:
            raise RenditionNotFound(f"The image cannot be made: {photo.failure}.")
        await self._enqueue(photo, recipe, key)
        return await self._wait(key)

    async def _look(self, key: BlobKey) -> BlobInfo | None:
        try:
            return await self.blobs.head(key)
        except BlobNotFound:
            return None

    async def _enqueue(self, photo: PhotoView, recipe: Recipe, key: BlobKey) -> None:
        owner, photo_id = UserId(photo.owner_id), PhotoId(photo.id)
        async with self.unit_of_work:
            wanted = await self.wanted.want(owner, key, now=self.clock.now())
            if wanted.failure is not None:
                raise RenditionNotFound(f"The image could not be made: {wanted.failure}.")
            if wanted.waiting >= MOST_WAITING:
                raise RenditionPending("Too many images are being made for you.", retry_after=5)
            await self.jobs.enqueue([making(owner, photo_id, recipe, key, behind=wanted.waiting)])

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
