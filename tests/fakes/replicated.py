"""A store with replicas, around whatever stores a test has."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from photostore.replica.ports import DamageReports, Originals
from photostore.replica.stores import PRIMARY
from photostore.replica.task import Original, Place
from photostore.shared.blobs import BlobKey, BlobStore
from photostore_adapters.replicas.blob_store import ReplicatedBlobStore
from photostore_adapters.replicas.damage import Damage
from photostore_adapters.replicas.facts import OriginalFacts
from photostore_adapters.replicas.watch import Rest, StoreWatch

PATIENCE = 5.0


@dataclass
class Known(Originals, DamageReports):
    """What the photos' rows know, and what was told of damage: keys and stores."""

    originals: dict[BlobKey, Original] = field(default_factory=dict)
    damaged: list[tuple[BlobKey, str]] = field(default_factory=list)

    async def find(self, key: BlobKey) -> Original | None:
        return self.originals.get(key)

    async def walk(self, *, after: Place | None, limit: int) -> Sequence[Original]:
        raise NotImplementedError

    async def report(self, original: Original, store: str) -> None:
        self.damaged.append((original.key, store))


async def never(_: float) -> None:
    """Nobody tries again whether a store answers, in the time of a test."""
    await asyncio.Event().wait()


@asynccontextmanager
async def replicated(
    primary: BlobStore,
    replicas: Mapping[str, BlobStore],
    known: Known | None = None,
    *,
    rest: Rest = never,
    patience: float = PATIENCE,
    verify: bool = True,
) -> AsyncIterator[ReplicatedBlobStore]:
    known = known or Known()
    stores = {PRIMARY: primary, **replicas}
    watches = [StoreWatch(name, store, patience=patience, rest=rest) for name, store in stores.items()]
    damage = Damage(known)
    try:
        yield ReplicatedBlobStore(primary, watches, OriginalFacts(known), damage, patience=patience, verify=verify)
    finally:
        await damage.aclose()
        for watch in watches:
            await watch.aclose()
