"""Looking after replicas by hand."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from dishka import AsyncContainer

from photostore.replica.commands.claim_stores import ClaimStores
from photostore.replica.commands.forget_replica import ForgetReplica
from photostore.replica.commands.keep_replica import KeepReplica
from photostore.replica.policy import ReplicaPolicy
from photostore.replica.queries import ReplicaQueries, ReplicaView
from photostore.replica.task import ReplicaState
from photostore_adapters.context import replica_policy
from photostore_adapters.settings import Settings
from photostore_adapters.system.operator import at_the_command_line
from photostore_adapters.wiring import make_container

_NO_END = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyProgress:
    """Of about `photos` so many were looked at in this store."""

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


async def claim_stores(settings: Settings, url: str) -> Mapping[str, str | None]:
    """Of each store, by its name, why it could not be claimed."""
    container = make_container(settings, url)
    try:
        async with container() as scope:
            return await (await scope.get(ClaimStores))(by=at_the_command_line())
    finally:
        await container.close()


async def copy_originals(
    settings: Settings, url: str, names: Sequence[str], photos: int, told: Callable[[CopyProgress], None]
) -> Sequence[Copied]:
    """Walk over all photos for each of these stores, beside the workers. Broken off, they go on."""
    container = make_container(settings, url, context={ReplicaPolicy: replica_policy(settings, turn=_NO_END)})
    try:
        return [await _copy(container, name, photos, told) for name in names]
    finally:
        await container.close()


async def _copy(container: AsyncContainer, name: str, photos: int, told: Callable[[CopyProgress], None]) -> Copied:
    def tell(state: ReplicaState) -> None:
        told(CopyProgress(store=name, photos=photos, walked=state.walked))

    async with container() as scope:
        kept = await (await scope.get(KeepReplica))(store=name, anew=True, told=tell)
    return Copied(store=name, done=kept.done, failure=kept.failure)
