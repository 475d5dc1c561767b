"""Make one image of a photo, of a size and format that somebody asks for: the job that asking caused."""

from dataclasses import dataclass
from enum import StrEnum

from photostore.photo.decoding import PictureDecoder, PictureUndecodable
from photostore.photo.errors import PhotoNotFound
from photostore.photo.geometry import Size
from photostore.photo.keeping import keep
from photostore.photo.picture import Recipe
from photostore.photo.ports import PhotoRepository, WantedImages
from photostore.photo.queries import PhotoQueries, PhotoView
from photostore.photo.renditions import rendition_key
from photostore.quota.figures import Figures
from photostore.quota.ports import Quotas
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
    repository: PhotoRepository
    quotas: Quotas
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
        found = await self._size(key)
        byte_size = await self._make(photo, recipe, key) if found is None else found
        if byte_size is None or not await self._count(key, byte_size, owner=owner, photo_id=photo_id):
            return ImageOutcome.FAILED
        return ImageOutcome.MADE if found is None else ImageOutcome.FOUND

    async def _size(self, key: BlobKey) -> int | None:
        """`None` when it is not there."""
        try:
            return (await self.blobs.head(key)).byte_size
        except BlobNotFound:
            return None

    async def _make(self, photo: PhotoView, recipe: Recipe, key: BlobKey) -> int | None:
        original = BlobKey(photo.blob_key)
        try:
            async with self.decoder.decode(original, content_type=photo.content_type, recipes=[recipe]) as picture:
                return await keep(self.blobs, key, picture.renditions[0])
        except PictureUndecodable as error:
            async with self.unit_of_work:
                await self.wanted.failed(UserId(photo.owner_id), key, error.failure)
            return None
        except BlobNotFound:
            return None

    async def _count(self, key: BlobKey, byte_size: int, *, owner: UserId, photo_id: PhotoId) -> bool:
        """Also one that was there: whoever made it may have come to an end before this."""
        try:
            async with self.unit_of_work:
                await self.wanted.made(owner, key)
                more = await self.repository.count_image(photo_id, owner=owner, key=key, byte_size=byte_size)
                await self.quotas.adjust(owner, Figures(renditions_bytes=more))
        except PhotoNotFound:
            # Deleted meanwhile, perhaps before this was written: nobody else would remove it.
            await self.blobs.delete(key)
            return False
        return True
