"""Whose a store is: each is marked as its installation's own when it is first used."""

from collections.abc import AsyncIterator
from contextlib import suppress

from photostore.replica.errors import ReplicaForeign
from photostore.shared.blobs import BlobExists, BlobNotFound, BlobStore, blob_key
from photostore.upload.ownership import MARKERS


async def demand_own(store: BlobStore, installation: str, *, adopted: bool) -> None:
    """Mark it, unless it is. Raise `ReplicaForeign` when it bears another's mark, or has lost the one that it bore."""
    mark = blob_key(f"{MARKERS}{installation}")
    with suppress(BlobNotFound):
        await store.head(mark)
        return
    if adopted:
        raise ReplicaForeign(
            "It does not hold what it held. Is its disk there, and is it the right folder or bucket? "
            "If it is another on purpose: `photostore replicas forget`, or `copy primary`."
        )
    others = sorted([blob.key async for blob in store.list(MARKERS)])
    if others:
        raise ReplicaForeign(f"It belongs to another installation: it holds {', '.join(others)}, and {mark} is ours.")
    with suppress(BlobExists):
        await store.put(mark, _bytes(b"The originals beside this belong to the database of this id.\n"))


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content
