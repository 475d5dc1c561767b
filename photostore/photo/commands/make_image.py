"""Make one image of a photo, of a size and format that somebody asks for: the job that asking caused."""

from dataclasses import dataclass

from photostore.photo.decoding import PictureDecoder, PictureUndecodable
from photostore.photo.errors import PhotoNotFound
from photostore.photo.keeping import keep
from photostore.photo.picture import Recipe
from photostore.photo.queries import PhotoQueries
from photostore.photo.renditions import rendition_key
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStore
from photostore.shared.ids import PhotoId, UserId


@dataclass(frozen=True, slots=True)
class MakeImage:
    """Made once: there already is fine. Answer whether it is there now; it is not when the photo is gone or broken."""

    photos: PhotoQueries
    decoder: PictureDecoder
    blobs: BlobStore

    async def __call__(self, *, owner: UserId, photo_id: PhotoId, recipe: Recipe) -> bool:
        try:
            photo = await self.photos.get(photo_id, owner=owner)
        except PhotoNotFound:
            return False
        original = BlobKey(photo.blob_key)
        key = rendition_key(original, photo.sha256, recipe, self.decoder.encoder_version)
        if await self._is_there(key):
            return True
        try:
            async with self.decoder.decode(original, content_type=photo.content_type, recipes=[recipe]) as picture:
                await keep(self.blobs, key, picture.renditions[0])
        except (PictureUndecodable, BlobNotFound):
            return False
        return await self._still_wanted(key, owner=owner, photo_id=photo_id)

    async def _is_there(self, key: BlobKey) -> bool:
        try:
            await self.blobs.head(key)
        except BlobNotFound:
            return False
        return True

    async def _still_wanted(self, key: BlobKey, *, owner: UserId, photo_id: PhotoId) -> bool:
        try:
            await self.photos.get(photo_id, owner=owner)
        except PhotoNotFound:
            # Deleted meanwhile, perhaps before this was written: nobody else would remove it.
            await self.blobs.delete(key)
            return False
        return True
