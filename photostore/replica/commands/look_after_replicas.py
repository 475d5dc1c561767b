"""See which stores have something to be done, and have it done: the schedule of a few seconds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore.replica.policy import ReplicaPolicy
from photostore.replica.ports import ReplicaStates, ReplicaTasks
from photostore.replica.stores import PRIMARY
from photostore.replica.task import UNSEEN, ReplicaState
from photostore.replica.turn import walks
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork

KEEP_REPLICA = "keep_replica"
SWEEP_REPLICA = "sweep_replica"
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LookAfterReplicas:
    """One job a store, so that one which is away holds up no other. Answer the stores. While the job of a store waits or runs
    there is no second one."""

    tasks: ReplicaTasks
    states: ReplicaStates
    jobs: JobQueue
    policy: ReplicaPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> Sequence[str]:
        busy = [store for store in (PRIMARY, *self.policy.names) if await self._has_work(store)]
        if busy:
            async with self.unit_of_work:
                await self.jobs.enqueue([keeping(store) for store in busy])
        return busy

    async def _has_work(self, store: str) -> bool:
        now = self.clock.now()
        async with self.unit_of_work:
            found = await self.states.get(store)
            state = found or ReplicaState(store=store, seen_at=now)
            if store != PRIMARY and now - state.seen_at > UNSEEN:
                # Photos may have been made, and deleted, by processes that knew nothing of it.
                state = state.walk_begun(now)
            if state is not found or now - state.seen_at > SEEN_EVERY:
                await self.states.keep(replace(state, seen_at=now))
            if state.rests(now):
                return False
            return state.adopted_at is None or walks(state, now) or bool(await self.tasks.due(store, now=now, limit=1))


def keeping(store: str) -> Job:
    return Job(name=KEEP_REPLICA, arguments={"store": store}, dedupe_key=f"{KEEP_REPLICA}:{store}")
