"""Remove from a replica what no photo names: copies that were made while their photo was deleted."""

from dataclasses import dataclass

from photostore.replica.stores import Stores
from photostore.upload.commands.sweep_blobs import SweepBlobs


@dataclass(frozen=True, slots=True)
class SweepReplica:
    """By the rules of the sweep of the primary: what is young stays, and too much to be what crashes leave is a mistake.

    Answer how many there were. Raise `StoreOfAnother`, `StoreAhead`, `SweepTooLarge`, `BlobStoreUnavailable` or
    `ReplicaNotFound`.
    """

    stores: Stores
    sweep: SweepBlobs

    async def __call__(self, *, store: str) -> int:
        return await self.sweep.of_store(self.stores.get(store))
