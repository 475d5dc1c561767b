"""Begin the walk over all photos anew, for whoever does not want to wait for it."""

from dataclasses import dataclass, replace

from photostore.replica.ports import ReplicaStates
from photostore.replica.stores import Stores
from photostore.replica.task import ReplicaState
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class WalkReplica:
    """Whatever this store lacks is copied by whoever looks after it next, which may be at once, though it failed a moment ago.
    Raise `ReplicaNotFound`."""

    stores: Stores
    states: ReplicaStates
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, store: str) -> None:
        self.stores.get(store)
        now = self.clock.now()
        async with self.unit_of_work:
            state = await self.states.get(store) or ReplicaState(store=store, seen_at=now)
            await self.states.keep(replace(state.walk_begun(now), retry_at=None))
