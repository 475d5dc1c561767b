"""Let the rows of a database that was restored say what its stores hold."""

from dataclasses import dataclass

from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Origin, Target
from photostore.replica.stores import PRIMARY, Stores
from photostore.shared.clock import Ids
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.fencing import SweepFence
from photostore.upload.ownership import mark_as_own
from photostore.upload.ports import BlobReferences, SweepLedger


@dataclass(frozen=True, slots=True)
class ClaimStores:
    """The primary, and every replica of the settings. What they hold without rows is removed by the next sweeps, once it is
    old enough. Answer their names. Raise `StoreOfAnother`, or `BlobStoreUnavailable` for one that does not answer; those
    before it are claimed then, and it may be said again.
    """

    stores: Stores
    references: BlobReferences
    ledger: SweepLedger
    record_action: RecordAction
    ids: Ids
    unit_of_work: UnitOfWork

    async def __call__(self, *, by: Origin) -> list[str]:
        async with self.unit_of_work:
            installation = await self.references.installation()
        fence = SweepFence(self.ledger, self.ids, self.unit_of_work)
        every = {PRIMARY: self.stores.primary, **self.stores.replicas}
        for store in every.values():
            await mark_as_own(store, installation)
            await fence.claim(store)
        async with self.unit_of_work:
            target = Target(kind="library", id="all")
            await self.record_action(by=by, action="stores.claimed", target=target, details={"stores": list(every)})
        return list(every)
