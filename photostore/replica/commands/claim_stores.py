"""Let the rows of a database that was restored say what its stores hold."""

from collections.abc import Mapping
from dataclasses import dataclass

from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Origin, Target
from photostore.replica.stores import PRIMARY, Stores
from photostore.shared.blobs import BlobStore, BlobStoreUnavailable
from photostore.shared.clock import Ids
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.errors import StoreOfAnother
from photostore.upload.fencing import SweepFence
from photostore.upload.ownership import mark_as_own
from photostore.upload.ports import BlobReferences, SweepLedger


@dataclass(frozen=True, slots=True)
class ClaimStores:
    """The primary, and every replica of the settings. What they hold without rows is removed by the next sweeps, once it is
    old enough. Answer, by the name of each, why it could not be claimed, or `None`: it may be said again.
    """

    stores: Stores
    references: BlobReferences
    ledger: SweepLedger
    record_action: RecordAction
    ids: Ids
    unit_of_work: UnitOfWork

    async def __call__(self, *, by: Origin) -> Mapping[str, str | None]:
        every = {PRIMARY: self.stores.primary, **self.stores.replicas}
        return {name: await self._claim(name, store, by) for name, store in every.items()}

    async def _claim(self, name: str, store: BlobStore, by: Origin) -> str | None:
        async with self.unit_of_work:
            installation = await self.references.installation()
        try:
            await mark_as_own(store, installation)
            await SweepFence(self.references, self.ledger, self.unit_of_work).claim(store, self.ids.new())
        except (StoreOfAnother, BlobStoreUnavailable) as refusal:
            return refusal.detail
        async with self.unit_of_work:
            await self.record_action(by=by, action="store.claimed", target=Target(kind="store", id=name))
        return None
