"""Looking after replicas by hand."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from dishka import AsyncContainer

from photostore.replica.commands.forget_replica import ForgetReplica
from photostore.replica.commands.keep_replica import KeepReplica
from photostore.replica.commands.walk_replica import WalkReplica
from photostore.replica.policy import ReplicaPolicy
from photostore.replica.ports import ReplicaStates
from photostore.replica.queries import ReplicaQueries, ReplicaView
from photostore.shared.unit_of_work import UnitOfWork
from photostore_adapters.settings import Settings
from photostore_adapters.wiring import make_container, replica_policy

# How often one is told how far it is.
_TURN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyProgress:
    """Of about `photos` so many were looked at in this store, and `done` counts what became of them."""

    store: str
    photos: int
    walked: int


@dataclass(slots=True)
class Copied:
    """What was done in one store; `failure` is why it ended early."""

    store: str
    done: Counter[str] = field(default_factory=Counter)
    failure: str | None = None

    @property
    def went_wrong(self) -> bool:
        return self.failure is not None or self.done["lost"] > 0


async def replicas(settings: Settings, url: str) -> Sequence[ReplicaView]:
    container = make_container(settings, url)
    try:
        queries: ReplicaQueries = await container.get(ReplicaQueries)
        return await queries.replicas()
    finally:
        await container.close()


async def forget_replica(settings: Settings, url: str, name: str) -> None:
    container = make_container(settings, url)
    try:
        async with container() as scope:
            await (await scope.get(ForgetReplica))(store=name)
    finally:
        await container.close()


async def copy_originals(
    settings: Settings, url: str, names: Sequence[str], photos: int, told: Callable[[CopyProgress], None]
) -> Sequence[Copied]:
    """Walk over all photos for each of these stores, beside the workers. Broken off, they go on."""
    policy = replica_policy(settings, turn=_TURN)
    container = make_container(settings, url, context={ReplicaPolicy: policy})
    try:
        return [await _copy(container, name, photos, told) for name in names]
    finally:
        await container.close()


async def _copy(container: AsyncContainer, name: str, photos: int, told: Callable[[CopyProgress], None]) -> Copied:
    async with container() as scope:
        await (await scope.get(WalkReplica))(store=name)
    copied = Copied(name)
    while True:
        async with container() as scope:
            kept = await (await scope.get(KeepReplica))(store=name)
        copied.done += kept.done
        copied.failure = kept.failure
        told(CopyProgress(store=name, photos=photos, walked=await _walked(container, name)))
        if kept.failure is not None or not kept.done:
            return copied


async def _walked(container: AsyncContainer, name: str) -> int:
    async with container() as scope, await scope.get(UnitOfWork):
        states: ReplicaStates = await scope.get(ReplicaStates)
        state = await states.get(name)
    return 0 if state is None else state.walked
