"""Look after one store for a while: copy, mend and delete what is to be, then walk on over all photos."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from photostore.replica.errors import SourceFailed
from photostore.replica.ownership import demand_own
from photostore.replica.policy import ReplicaPolicy
from photostore.replica.ports import Originals, ReplicaStates, ReplicaTasks
from photostore.replica.stores import PRIMARY, Stores
from photostore.replica.task import ReplicaState
from photostore.replica.turn import Kept, Turn
from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.ports import BlobReferences


@dataclass(frozen=True, slots=True)
class KeepReplica:
    """One turn; whoever runs this comes back while there is more. New photos go before the walk over all of them.

    A store that fails ends its turn and is left alone for a while: it holds up no other store, and nothing is lost. Done
    twice, or by two at once, it comes to the same. Raise `ReplicaNotFound` for one that the settings do not have.
    """

    stores: Stores
    tasks: ReplicaTasks
    states: ReplicaStates
    originals: Originals
    references: BlobReferences
    policy: ReplicaPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, store: str, anew: bool = False, told: Callable[[ReplicaState], None] | None = None
    ) -> Kept:
        """`anew` begins the walk from the start, over the primary too, and leaves nobody alone: for whoever does not want to
        wait. `told` hears how far it is."""
        target, kept = self.stores.get(store), Kept()
        async with self.unit_of_work:
            state = await self.states.get(store) or ReplicaState(store=store, seen_at=self.clock.now())
            installation = await self.references.installation()
        if anew:
            state = replace(state.walk_begun(self.clock.now()), retry_at=None)
        if state.rests(self.clock.now()):
            return kept
        turn = Turn(
            store=store,
            state=state,
            kept=kept,
            stores=self.stores,
            tasks=self.tasks,
            states=self.states,
            originals=self.originals,
            clock=self.clock,
            unit_of_work=self.unit_of_work,
            told=told,
        )
        try:
            # Whoever fills the primary by hand means the empty one that is there now.
            adopted = state.adopted_at is not None and not (anew and store == PRIMARY)
            await demand_own(target, installation, adopted=adopted)
            turn.state = replace(state, adopted_at=state.adopted_at or self.clock.now())
            await turn.run(until=self.clock.now() + self.policy.turn)
            turn.state = turn.state.answered(self.clock.now())
        except (BlobStoreUnavailable, SourceFailed) as error:
            kept.failure = str(error)
            turn.state = turn.state.failed(kept.failure, self.clock.now())
        await turn.remember()
        return kept
