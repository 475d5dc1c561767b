"""Forget what is known of a replica: one that is no more, or that is another store now."""

from dataclasses import dataclass

from photostore.replica.errors import ReplicaNotFound
from photostore.replica.policy import ReplicaPolicy
from photostore.replica.ports import ReplicaStates, ReplicaTasks
from photostore.replica.stores import PRIMARY
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ForgetReplica:
    """What lies in it stays. If the settings still have it, it begins anew: marked, and walked over.

    Raise `ReplicaNotFound` for one that never was, and for the primary.
    """

    tasks: ReplicaTasks
    states: ReplicaStates
    policy: ReplicaPolicy
    unit_of_work: UnitOfWork

    async def __call__(self, *, store: str) -> None:
        async with self.unit_of_work:
            known = store in self.policy.names or await self.states.get(store) is not None
            if store == PRIMARY or not known:
                raise ReplicaNotFound(f"There is no replica {store!r}, and there was none.")
            await self.tasks.forget(store)
