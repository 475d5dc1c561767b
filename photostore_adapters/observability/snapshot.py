"""The metrics that are looked up when somebody asks."""

import asyncio
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from photostore.shared.errors import Unavailable
from photostore_adapters.jobs.housekeeping import QueueQueries
from photostore_adapters.observability.metrics import (
    JOBS,
    OLDEST_JOB_SECONDS,
    OLDEST_UNTOLD_SECONDS,
    POOL_CONNECTIONS,
    UNTOLD_CHANGES,
    exposition,
)
from photostore_adapters.postgres.change_outbox import ChangeOutbox
from photostore_adapters.postgres.reading import Reader

_PATIENCE_SECONDS = 1.0


class Snapshot:
    """The exposition, with the state of the queues and the pools' use as they are now; while the database is away without the
    queues'."""

    def __init__(self, queue: QueueQueries, outbox: ChangeOutbox, engine: AsyncEngine, reader: Reader) -> None:
        self._queue = queue
        self._outbox = outbox
        self._engine = engine
        self._reader = reader

    async def __call__(self) -> bytes:
        self._look_at_pools()
        with suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._look_at_queue()
                await self._look_at_outbox()
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

    async def _look_at_queue(self) -> None:
        states = await self._queue.state()
        JOBS.clear()
        OLDEST_JOB_SECONDS.clear()
        for state in states:
            JOBS.labels(state.job, state.status).set(state.jobs)
            if state.status == "queued":
                OLDEST_JOB_SECONDS.labels(state.job).set(state.oldest_seconds)
