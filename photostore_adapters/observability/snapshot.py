"""The metrics that are looked up when somebody asks."""

import asyncio
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from photostore.replica.policy import ReplicaPolicy
from photostore.replica.queries import ReplicaQueries
from photostore.replica.stores import PRIMARY
from photostore.shared.clock import Clock
from photostore.shared.errors import Unavailable
from photostore.webhook.queries import DueWebhooks
from photostore_adapters.jobs.housekeeping import QueueQueries
from photostore_adapters.observability.metrics import (
    JOBS,
    OLDEST_JOB_SECONDS,
    OLDEST_UNTOLD_SECONDS,
    OLDEST_WEBHOOK_SECONDS,
    POOL_CONNECTIONS,
    REPLICA_LAG_SECONDS,
    REPLICA_WAITING,
    UNTOLD_CHANGES,
    WEBHOOKS,
    exposition,
)
from photostore_adapters.postgres.change_outbox import ChangeOutbox
from photostore_adapters.postgres.reading import Reader

_PATIENCE_SECONDS = 1.0


class Snapshot:
    """The exposition, with the state of the queue, the webhooks and the replicas, and the pools' use, as they are now; without
    what the database knows while it is away."""

    def __init__(
        self,
        queue: QueueQueries,
        webhooks: DueWebhooks,
        outbox: ChangeOutbox,
        engine: AsyncEngine,
        reader: Reader,
        replicas: ReplicaQueries,
        replica_policy: ReplicaPolicy,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._webhooks = webhooks
        self._outbox = outbox
        self._engine = engine
        self._reader = reader
        self._replicas = replicas
        self._stores = (PRIMARY, *replica_policy.names) if replica_policy.names else ()
        self._clock = clock

    async def __call__(self) -> bytes:
        self._look_at_pools()
        with suppress(Unavailable, TimeoutError):
            await asyncio.wait_for(self._look_at_queue(), _PATIENCE_SECONDS)
            await asyncio.wait_for(self._look_at_webhooks(), _PATIENCE_SECONDS)
            await asyncio.wait_for(self._look_at_replicas(), _PATIENCE_SECONDS)
            await asyncio.wait_for(self._look_at_outbox(), _PATIENCE_SECONDS)
        return await asyncio.to_thread(exposition)

    def _look_at_pools(self) -> None:
        pool = self._engine.pool
        assert isinstance(pool, QueuePool), "the engine pools its connections"
        POOL_CONNECTIONS.labels("transactions", "in_use").set(pool.checkedout())
        POOL_CONNECTIONS.labels("transactions", "idle").set(pool.checkedin())
        POOL_CONNECTIONS.labels("reads", "in_use").set(self._reader.in_use)
        POOL_CONNECTIONS.labels("reads", "idle").set(self._reader.idle)

    async def _look_at_outbox(self) -> None:
        state = await self._outbox.state()
        UNTOLD_CHANGES.set(state.changes)
        OLDEST_UNTOLD_SECONDS.set(state.oldest_seconds)

    async def _look_at_replicas(self) -> None:
        now = self._clock.now()
        for work in await self._replicas.work(self._stores):
            REPLICA_WAITING.labels(work.store, "copy").set(work.to_copy)
            REPLICA_WAITING.labels(work.store, "delete").set(work.to_delete)
            REPLICA_WAITING.labels(work.store, "lost").set(work.lost)
            lag = (now - work.oldest_at).total_seconds() if work.oldest_at is not None else 0
            REPLICA_LAG_SECONDS.labels(work.store).set(lag)

    async def _look_at_queue(self) -> None:
        states = await self._queue.state()
        JOBS.clear()
        OLDEST_JOB_SECONDS.clear()
        for state in states:
            JOBS.labels(state.job, state.status).set(state.jobs)
            if state.status == "queued":
                OLDEST_JOB_SECONDS.labels(state.job).set(state.oldest_seconds)

    async def _look_at_webhooks(self) -> None:
        figures = await self._webhooks.figures()
        WEBHOOKS.clear()
        for state in ("enabled", "failing", "disabled"):
            WEBHOOKS.labels(state).set(figures.states.get(state, 0))
        waits = 0.0 if figures.oldest is None else (self._clock.now() - figures.oldest).total_seconds()
        OLDEST_WEBHOOK_SECONDS.set(max(waits, 0))
