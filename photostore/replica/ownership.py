"""Whose a store is: each is marked as its installation's own when it is first used."""

from contextlib import suppress
from uuid import UUID

from photostore.replica.errors import ReplicaForeign
from photostore.shared.blobs import BlobNotFound, BlobStore
from photostore.upload.ownership import MARKERS, mark, marker


async def demand_own(store: BlobStore, installation: UUID, *, adopted: bool) -> None:
    """Mark it, unless it is. Raise `ReplicaForeign` when it bears another's mark, or has lost the one that it bore."""
    own = marker(installation)
    with suppress(BlobNotFound):
        await store.head(own)
        return
    if adopted:
        raise ReplicaForeign(
            "It does not hold what it held. Is its disk there, and is it the right folder or bucket? "
            "If it is another on purpose: `photostore replicas forget`, or `copy primary`."
        )
    others = sorted([blob.key async for blob in store.list(MARKERS)])
    if others:
        raise ReplicaForeign(f"It belongs to another installation: it holds {', '.join(others)}, and {own} is ours.")
    await mark(store, installation)
