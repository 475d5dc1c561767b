"""Make one image of a photo, of a size and format that somebody asks for: the job that asking caused."""

from dataclasses import dataclass
from enum import StrEnum

from photostore.photo.decoding import PictureDecoder, PictureUndecodable
from photostore.photo.errors import PhotoNotFound
from photostore.photo.geometry import Size
from photostore.photo.keeping import keep
from photostore.photo.picture import Recipe
from photostore.photo.ports import WantedImages
from photostore.photo.queries import PhotoQueries, PhotoView
from photostore.photo.renditions import rendition_key
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStore
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork


class ImageOutcome(StrEnum):
    """`FAILED` is an image that is not there: the photo is gone or broken."""

    MADE = "made"
    FOUND = "found"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class MakeImage:
    """Made once: whoever asks while it is made, or just after, finds it."""

    photos: PhotoQueries
    decoder: PictureDecoder
    blobs: BlobStore
    wanted: WantedImages
    unit_of_work: UnitOfWork

    async def __call__(self, *, owner: UserId, photo_id: PhotoId, recipe: Recipe) -> ImageOutcome:
        try:
            photo = await self.photos.get(photo_id, owner=owner)
        except PhotoNotFound:
            return ImageOutcome.FAILED
        key = rendition_key(
            BlobKey(photo.blob_key),
            photo.sha256,
            recipe,
            size=Size(photo.width, photo.height),
            encoder_version=self.decoder.encoder_version,
        )
        outcome = await self._find_or_make(photo, recipe, key)
        if outcome is not ImageOutcome.FAILED and not await self._still_wanted(key, owner=owner, photo_id=photo_id):
            return ImageOutcome.FAILED
        return outcome

    async def _find_or_make(self, photo: PhotoView, recipe: Recipe, key: BlobKey) -> ImageOutcome:
        if await self._is_there(key):
            return ImageOutcome.FOUND
        return ImageOutcome.MADE if await self._make(photo, recipe, key) else ImageOutcome.FAILED

    async def _is_there(self, key: BlobKey) -> bool:
        try:
            await self.blobs.head(key)
        except BlobNotFound:
            return False
        return True

    async def _make(self, photo: PhotoView, recipe: Recipe, key: BlobKey) -> bool:
        original = BlobKey(photo.blob_key)
        try:
            async with self.decoder.decode(original, content_type=photo.content_type, recipes=[recipe]) as picture:
                await keep(self.blobs, key, picture.renditions[0])
        except PictureUndecodable as error:
            async with self.unit_of_work:
                await self.wanted.failed(UserId(photo.owner_id), key, error.failure)
            return False
        except BlobNotFound:
            return False
        return True

    async def _still_wanted(self, key: BlobKey, *, owner: UserId, photo_id: PhotoId) -> bool:
        async with self.unit_of_work:
            await self.wanted.made(owner, key)
        try:
            await self.photos.get(photo_id, owner=owner)
        except PhotoNotFound:
            # Deleted meanwhile, perhaps before this was written: nobody else would remove it.
            await self.blobs.delete(key)
            return False
        return True
