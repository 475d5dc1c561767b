"""A photo's bytes as they are given away: the original, a copy without its metadata, or a rendition instead."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import PurePosixPath

from photostore.photo.commands.request_image import RequestImage
from photostore.photo.metadata_policy import (
    CannotClean,
    CleanCopy,
    CopiedRange,
    MetadataPolicy,
    MetadataRemover,
    open_pieces,
)
from photostore.photo.picture import ImageFormat
from photostore.photo.queries import PhotoView
from photostore.photo.renditions import RenditionPolicy, demand_shown
from photostore.shared.blobs import BlobKey, BlobStore
from photostore.shared.ids import PhotoId, UserId
from photostore_http.byte_responses import ByteRange


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPhoto:
    """Bytes of a photo as they are given away: `copy` of what lies under `key`."""

    key: BlobKey
    content_type: str
    filename: str
    etag: str
    copy: CleanCopy


@dataclass(frozen=True, slots=True)
class PhotoGiver:
    """Raise `RenditionPending` or `RenditionNotFound` where a rendition is needed and there is none."""

    blobs: BlobStore
    remover: MetadataRemover
    policy: RenditionPolicy
    request_image: RequestImage

    async def give(self, photo: PhotoView, metadata: MetadataPolicy) -> GivenPhoto:
        """With what `metadata` leaves: losslessly where the format allows it, else the largest rendition."""
        return await self._cleaned(photo, metadata) or await self._instead(photo)

    def open(self, given: GivenPhoto, chosen: ByteRange) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return open_pieces(self.blobs, given.key, given.copy.range(chosen.offset, chosen.length))

    async def _cleaned(self, photo: PhotoView, policy: MetadataPolicy) -> GivenPhoto | None:
        """A lossless copy, where the format allows one."""
        key, remover = BlobKey(photo.blob_key), self.remover
        try:
            copy = await remover.clean_copy(
                key, content_type=photo.content_type, byte_size=photo.byte_size, policy=policy
            )
        except CannotClean:
            return None
        kept = policy is MetadataPolicy.KEEP
        etag = photo.sha256.hex() if kept else f"{photo.sha256.hex()}-{policy}-{remover.version}"
        return GivenPhoto(key=key, content_type=photo.content_type, filename=photo.filename, etag=etag, copy=copy)

    async def _instead(self, photo: PhotoView) -> GivenPhoto:
        """The largest rendition, in the first of the formats; made now, when the photo has none yet."""
        demand_shown(photo)
        if photo.renditions:
            # Of several as large the first, which is of the first format.
            largest = max(photo.renditions, key=lambda each: each["width"] * each["height"])
            return _rendition(photo, BlobKey(largest["blob_key"]), largest["byte_size"], ImageFormat(largest["format"]))
        sizes = self.policy.sizes
        recipe = self.policy.recipe(max(sizes, key=lambda name: sizes[name]), self.policy.formats[0])
        made = await self.request_image(actor=UserId(photo.owner_id), photo_id=PhotoId(photo.id), recipe=recipe)
        return _rendition(photo, made.key, made.byte_size, recipe.format)


def _rendition(photo: PhotoView, key: BlobKey, byte_size: int, told_as: ImageFormat) -> GivenPhoto:
    return GivenPhoto(
        key=key,
        content_type=told_as.content_type,
        filename=f"{PurePosixPath(photo.filename).stem}.{told_as}",
        etag=key.rpartition("/")[2],
        copy=CleanCopy(pieces=(CopiedRange(0, byte_size),), byte_size=byte_size),
    )
