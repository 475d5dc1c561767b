"""Whose a blob store is: the first database that sweeps it marks it as its own."""

from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

from photostore.shared.blobs import BlobExists, BlobKey, BlobStore, blob_key
from photostore.upload.errors import StoreOfAnother

MARKERS = "installation/"


async def mark_as_own(blobs: BlobStore, installation: UUID) -> None:
    """Raise `StoreOfAnother` when it is marked as another's."""
    if not await is_marked_as_own(blobs, installation):
        await mark(blobs, installation)


async def mark(blobs: BlobStore, installation: UUID) -> None:
    """Whoever else does the same at the same time has done it."""
    with suppress(BlobExists):
        await blobs.put(marker(installation), _bytes(b"The photos beside this belong to the database of this id.\n"))


def marker(installation: UUID) -> BlobKey:
    return blob_key(f"{MARKERS}{installation}")


async def is_marked_as_own(blobs: BlobStore, installation: UUID) -> bool:
    """Whether it is marked at all. Raise `StoreOfAnother` when it is marked as another's."""
    own = marker(installation)
    markers = {blob.key async for blob in blobs.list(MARKERS)}
    if markers - {own}:
        others = ", ".join(sorted(markers - {own}))
        raise StoreOfAnother(f"The blob store belongs to another database: it holds {others}, and {own} is ours.")
    return bool(markers)


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content
