"""The metrics that are looked up when somebody asks."""

import asyncio
from contextlib import suppress

from photostore.quota.queries import QuotaQueries
from photostore.replica.policy import ReplicaPolicy
from photostore.replica.queries import ReplicaQueries
from photostore.replica.stores import PRIMARY
from photostore.shared.clock import Clock
from photostore.shared.errors import Unavailable
from photostore.webhook.queries import DueWebhooks
from photostore_adapters.jobs.housekeeping import QueueQueries
from photostore_adapters.observability.metrics import (
    JOBS,
    LIBRARY_BYTES,
    LIBRARY_PHOTOS,
    LIBRARY_USERS,
    OLDEST_JOB_SECONDS,
    OLDEST_UNTOLD_SECONDS,
    OLDEST_WEBHOOK_SECONDS,
    OPEN_UPLOADS,
    POOL_CONNECTIONS,
    POOL_SIZE,
    REPLICA_LAG_SECONDS,
    REPLICA_WAITING,
    SWEEP_REFUSED,
    UNTOLD_CHANGES,
    WEBHOOKS,
    exposition,
)
from photostore_adapters.postgres.change_outbox import ChangeOutbox
from photostore_adapters.postgres.reading import Reader
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_adapters.postgres.transaction_connections import TransactionConnections

_PATIENCE_SECONDS = 1.0


class Snapshot:
    """The exposition, with the queue, the webhooks, the replicas, the library and the pools' use as they are now; without what
    the database knows while it is away."""

    def __init__(
        self,
        queue: QueueQueries,
        webhooks: DueWebhooks,
        outbox: ChangeOutbox,
        quotas: QuotaQueries,
        transactions: TransactionConnections,
        reader: Reader,
        postgres: PostgresSettings,
        replicas: ReplicaQueries,
        replica_policy: ReplicaPolicy,
        clock: Clock,
    ) -> None:
        self._queue = queue
        self._webhooks = webhooks
        self._outbox = outbox
        self._quotas = quotas
        self._transactions = transactions
        self._pool_size = postgres.pool_size
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
            await asyncio.wait_for(self._look_at_library(), _PATIENCE_SECONDS)
        return await asyncio.to_thread(exposition)

    def _look_at_pools(self) -> None:
        POOL_CONNECTIONS.labels("transactions", "in_use").set(self._transactions.in_use)
        POOL_CONNECTIONS.labels("transactions", "idle").set(self._transactions.idle)
        POOL_CONNECTIONS.labels("reads", "in_use").set(self._reader.in_use)
        POOL_CONNECTIONS.labels("reads", "idle").set(self._reader.idle)

        for each in ("transactions", "reads"):
            POOL_SIZE.labels(each).set(self._pool_size)

    async def _look_at_library(self) -> None:
        totals = await self._quotas.totals()
        LIBRARY_USERS.set(totals.users)
        LIBRARY_PHOTOS.set(totals.photo_count)
        LIBRARY_BYTES.labels("originals").set(totals.originals_bytes)
        LIBRARY_BYTES.labels("trash").set(totals.trash_bytes)
        LIBRARY_BYTES.labels("renditions").set(totals.renditions_bytes)
        LIBRARY_BYTES.labels("reserved").set(totals.reserved_bytes)
        OPEN_UPLOADS.set(totals.uploads_open)
        SWEEP_REFUSED.set(totals.last_sweep is not None and totals.last_sweep.refusal is not None)

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
