"""Remove bytes that no row names any more: the job that deleting the row caused."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.photo.renditions import ORIGINALS, rendition_folder
from photostore.shared.blobs import BlobStore, MultipartBlobStore, MultipartId, blob_key


@dataclass(frozen=True, slots=True)
class DeleteBlobs:
    """With an original goes all that was made from it. Absent already is fine: run twice it does the same.

    `multiparts` are uploads in parts that nobody joins any more, by key and id.
    """

    blobs: BlobStore
    multiparts: MultipartBlobStore

    async def __call__(self, *, keys: Sequence[str], multiparts: Sequence[Sequence[str]] = ()) -> None:
        # First, or a part that still arrives could be joined to a blob after that was looked for.
        for key, multipart_id in multiparts:
            await self.multiparts.abort(blob_key(key), MultipartId(multipart_id))
        for key in map(blob_key, keys):
            await self.blobs.delete(key)
            if key.startswith(ORIGINALS):
                async for made in self.blobs.list(rendition_folder(key)):
                    await self.blobs.delete(made.key)
