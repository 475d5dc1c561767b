"""Photos as files that tell nothing but the picture: for archives of links that hide metadata."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from photostore.archive.queries import ArchivedPhoto
from photostore.archive.unplanned import ReadyFile
from photostore.archive.zip_format import ZipEntry, dos_time
from photostore.photo.metadata_policy import (
    CannotClean,
    CleanCopy,
    CopiedRange,
    MetadataPolicy,
    MetadataRemover,
    open_pieces,
)
from photostore.photo.picture import ImageFormat
from photostore.photo.queries import PhotoQueries
from photostore.shared.blobs import BlobKey, BlobStore
from photostore.shared.ids import PhotoId, UserId

# Of what can be cleaned; of all else a rendition is given.
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True, slots=True)
class _Clean:
    key: BlobKey
    copy: CleanCopy
    extension: str


@dataclass(frozen=True, slots=True)
class CleanFiles:
    """Originals without their metadata where the format allows it, else the largest rendition."""

    blobs: BlobStore
    remover: MetadataRemover
    photos: PhotoQueries

    async def of(self, photos: Sequence[ArchivedPhoto]) -> AsyncGenerator[ReadyFile, None]:
        """Called by their numbers, as old as their uploads. What has neither a clean copy nor a rendition is left out."""
        digits = len(str(len(photos)))
        for number, photo in enumerate(photos, start=1):
            clean = await self._copy(photo) or await self._rendition(photo)
            if clean is not None:
                name = f"photo-{number:0{digits}}.{clean.extension}".encode()
                entry = ZipEntry(name, clean.copy.byte_size, dos_time(photo.created_at))
                yield ReadyFile(entry, _Opening(self.blobs, clean))

    async def _copy(self, photo: ArchivedPhoto) -> _Clean | None:
        key, told = BlobKey(photo.blob_key), photo.content_type
        try:
            copy = await self.remover.clean_copy(
                key, content_type=told, byte_size=photo.byte_size, policy=MetadataPolicy.NONE
            )
        except CannotClean:
            return None
        return _Clean(key, copy, _EXTENSIONS.get(told, "bin"))

    async def _rendition(self, photo: ArchivedPhoto) -> _Clean | None:
        view = await self.photos.get(PhotoId(photo.id), owner=UserId(photo.owner_id))
        largest = max(view.renditions, key=lambda each: each["width"] * each["height"], default=None)
        if largest is None:
            return None
        size = largest["byte_size"]
        copy = CleanCopy(pieces=(CopiedRange(0, size),), byte_size=size)
        return _Clean(BlobKey(largest["blob_key"]), copy, str(ImageFormat(largest["format"])))


@dataclass(frozen=True, slots=True)
class _Opening:
    blobs: BlobStore
    clean: _Clean

    def __call__(self) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return open_pieces(self.blobs, self.clean.key, self.clean.copy.pieces)
