"""Remove bytes that no row names any more: the job that deleting the row caused."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.shared.blobs import BlobStore, blob_key


@dataclass(frozen=True, slots=True)
class DeleteBlobs:
    """Absent already is fine: run twice it does the same."""

    blobs: BlobStore

    async def __call__(self, *, keys: Sequence[str]) -> None:
        for key in keys:
            await self.blobs.delete(blob_key(key))
