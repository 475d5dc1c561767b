"""Remove bytes that no row names any more: the job that deleting the row caused."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.photo.renditions import ORIGINALS, rendition_folder
from photostore.shared.blobs import BlobStore, blob_key


@dataclass(frozen=True, slots=True)
class DeleteBlobs:
    """With an original goes all that was made from it. Absent already is fine: run twice it does the same."""

    blobs: BlobStore

    async def __call__(self, *, keys: Sequence[str]) -> None:
        for key in map(blob_key, keys):
            await self.blobs.delete(key)
            if key.startswith(ORIGINALS):
                async for made in self.blobs.list(rendition_folder(key)):
                    await self.blobs.delete(made.key)
