"""Remove from a replica what no photo names: copies that were made while their photo was deleted."""

from dataclasses import dataclass

from photostore.replica.stores import Stores
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.commands.sweep_blobs import SweepBlobs
from photostore.upload.fencing import SweepFence
from photostore.upload.ports import BlobReferences, SweepLedger


@dataclass(frozen=True, slots=True)
class SweepReplica:
    """By the rules of the sweep of the primary: what is young stays, and too much to be what crashes leave is a mistake.

    Answer how many there were. Raise `StoreOfAnother`, `StoreContested`, `SweepTooLarge`, `BlobStoreUnavailable` or
    `ReplicaNotFound`.
    """

    stores: Stores
    sweep: SweepBlobs
    references: BlobReferences
    ledger: SweepLedger
    unit_of_work: UnitOfWork

    async def __call__(self, *, store: str) -> int:
        replica = self.stores.get(store)
        # Which is swept more often: what another state of this database left is seen there first.
        await SweepFence(self.references, self.ledger, self.unit_of_work).demand_open(self.stores.primary)
        return await self.sweep.of_store(replica)
