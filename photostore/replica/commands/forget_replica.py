"""Forget what is known of a replica: one that is no more, or that is another store now."""

from dataclasses import dataclass

from photostore.replica.ports import ReplicaTasks
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ForgetReplica:
    """What lies in it stays there. If the settings still have it, it begins anew: marked, and walked over."""

    tasks: ReplicaTasks
    unit_of_work: UnitOfWork

    async def __call__(self, *, store: str) -> None:
        async with self.unit_of_work:
            await self.tasks.forget(store)
