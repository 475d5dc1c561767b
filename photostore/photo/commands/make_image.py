"""Make one image of a photo, of a size and format that somebody asks for: the job that asking caused."""

from dataclasses import dataclass

from photostore.photo.decoding import PictureDecoder, PictureUndecodable
from photostore.photo.errors import PhotoNotFound
from photostore.photo.keeping import keep
from photostore.photo.picture import Recipe
from photostore.photo.ports import PhotoRepository
from photostore.photo.queries import PhotoQueries
from photostore.photo.renditions import rendition_key
from photostore.quota.figures import Figures
from photostore.quota.ports import Quotas
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStore
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class MakeImage:
    """Made once: there already is fine. Answer whether it is there now; it is not when the photo is gone or broken."""

    photos: PhotoQueries
    repository: PhotoRepository
    quotas: Quotas
    decoder: PictureDecoder
    blobs: BlobStore
    unit_of_work: UnitOfWork

    async def __call__(self, *, owner: UserId, photo_id: PhotoId, recipe: Recipe) -> bool:
        try:
            photo = await self.photos.get(photo_id, owner=owner)
        except PhotoNotFound:
            return False
        original = BlobKey(photo.blob_key)
        key = rendition_key(original, photo.sha256, recipe, self.decoder.encoder_version)
        byte_size = await self._size(key)
        try:
            if byte_size is None:
                async with self.decoder.decode(original, content_type=photo.content_type, recipes=[recipe]) as picture:
                    byte_size = await keep(self.blobs, key, picture.renditions[0])
        except (PictureUndecodable, BlobNotFound):
            return False
        return await self._count(key, byte_size, owner=owner, photo_id=photo_id)

    async def _size(self, key: BlobKey) -> int | None:
        """`None` when it is not there."""
        try:
            return (await self.blobs.head(key)).byte_size
        except BlobNotFound:
            return None

    async def _count(self, key: BlobKey, byte_size: int, *, owner: UserId, photo_id: PhotoId) -> bool:
        """Also one that was there: whoever made it may have come to an end before this."""
        try:
            async with self.unit_of_work:
                more = await self.repository.count_image(photo_id, owner=owner, key=key, byte_size=byte_size)
                await self.quotas.adjust(owner, Figures(renditions_bytes=more))
        except PhotoNotFound:
            # Deleted meanwhile, perhaps before this was written: nobody else would remove it.
            await self.blobs.delete(key)
            return False
        return True
