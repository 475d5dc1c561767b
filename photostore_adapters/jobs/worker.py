"""The worker: takes jobs, runs their use cases, tries again what fails, keeps what goes on failing."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import asyncpg
import structlog
from dishka import AsyncContainer
from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.domain.types import JOB_STATUS
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job as QueuedJob
from pgqueuer.models import Schedule, TracebackRecord
from pgqueuer.queries import Queries

from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore.replica.commands.look_after_replicas import LookAfterReplicas
from photostore.shared.unit_of_work import UnitOfWork
from photostore_adapters.jobs.handlers import (
    COMPACT_CHANGES,
    EXPIRE_UPLOADS,
    HANDLERS,
    IMAGES,
    PICTURES,
    PRUNE,
    PURGE_TRASH,
    RECONCILE_QUOTAS,
    REPLICAS,
    SWEEP_BLOBS,
    SWEEP_REPLICAS,
)
from photostore_adapters.observability.logging import log_context
from photostore_adapters.observability.metrics import JOB_SECONDS
from photostore_adapters.observability.work_spans import WorkSpans
from photostore_adapters.postgres.settings import PostgresSettings

_log = structlog.get_logger(__name__)
_RECONNECT_SECONDS = 1.0
# What a database that is away looks like, to asyncpg and to pgqueuer.
_OUTAGES = (OSError, TimeoutError, RuntimeError, asyncpg.PostgresError, asyncpg.InterfaceError)
_LONGEST_DELAY = timedelta(hours=1)
_AT_ONCE = timedelta(0)
# As if nobody had taken it: it did not fail.
_GIVE_BACK = """
    UPDATE pgqueuer SET status = 'queued', execute_after = now(), updated = now(), queue_manager_id = NULL
    WHERE id = $1 AND status = 'picked'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """`concurrency` is how many jobs one process does at once; `pictures` how many more, of those that decode a picture:
    they are slow, and must not keep the others waiting. `heartbeat_seconds` is after how long the jobs of a worker that
    died are taken by another.

    A job that fails is tried again after 1, 2, 4 ... seconds, at most an hour: `retries` times, about three days in all.
    `replicas` is how many further stores of originals there are: each is looked after beside all else, since one that is away
    takes its time.

    Schedules are cron expressions (croniter's, with seconds as the sixth field).
    """

    concurrency: int
    pictures: int
    heartbeat_seconds: int
    sweep_schedule: str
    retries: int = 84
    expire_schedule: str = "* * * * * */20"
    prune_schedule: str = "43 * * * *"
    purge_schedule: str = "* * * * *"
    reconcile_schedule: str = "29 3 * * *"
    compact_schedule: str = "11 4 * * *"
    replicas: int = 0
    replica_schedule: str = "* * * * * */5"
    replica_sweep_schedule: str = "41 4 * * *"


@asynccontextmanager
async def _pool(postgres: PostgresSettings, *, at_most: int) -> AsyncIterator[asyncpg.Pool]:
    """Closed for sure: a connection that broke while it listened is one that pgqueuer never gives back."""
    pool = await asyncpg.create_pool(
        postgres.url,
        min_size=2,
        max_size=at_most,
        timeout=postgres.connect_timeout,
        command_timeout=postgres.statement_timeout,
    )
    try:
        yield pool
    finally:
        # Out of time it is terminated.
        with suppress(TimeoutError):
            async with asyncio.timeout(postgres.statement_timeout):
                await pool.close()


class GivingBack(Queries):
    """A job that is broken off, or that fails while the database is away, is done again: at once, or after the heartbeat's
    time by whoever finds that nobody shows a sign of life for it.

    Of a job that was broken off pgqueuer would say that it is over, and delete it; and one that cannot be put back into the
    queue would have failed for good.
    """

    async def retry_job(self, job: QueuedJob, delay: timedelta, traceback_record: TracebackRecord | None) -> None:
        try:
            if delay == _AT_ONCE:
                await self.driver.execute(_GIVE_BACK, job.id)
            else:
                await super().retry_job(job, delay, traceback_record)
        except (*_OUTAGES, asyncpg.InternalClientError) as error:
            _log.warning("a job could not be put back; it will be done again", error=repr(error))

    async def log_jobs(self, job_status: list[tuple[QueuedJob, JOB_STATUS, TracebackRecord | None]]) -> None:
        ended = [each for each in job_status if each[1] != "canceled"]
        if ended:
            await super().log_jobs(ended)


def _queuer(pool: asyncpg.Pool) -> PgQueuer:
    driver = AsyncpgPoolDriver(pool)
    return PgQueuer(connection=driver, queries=GivingBack(driver))


def _hear(_: str | bytes | bytearray) -> None:
    """pgqueuer's own listener does what is to be done."""


class Beside(Protocol):
    """What a worker does besides jobs, from its first moment to its last. When it fails it is run again."""

    async def run(self) -> None: ...

    def stop(self) -> None: ...


class Worker:
    """Run until `stop`; a lost database is waited for. Any number may run, in any number of processes."""

    def __init__(
        self,
        container: AsyncContainer,
        postgres: PostgresSettings,
        settings: WorkerSettings,
        *,
        beside: Sequence[Beside] = (),
        spans: WorkSpans | None = None,
    ) -> None:
        self._container = container
        self._postgres = postgres
        self._settings = settings
        self._beside = beside
        self._spans = spans or WorkSpans()
        self._stopping = asyncio.Event()
        self._queuers: list[PgQueuer] = []
        self._under_way = set[asyncio.Task[object]]()
        self._running_beside: asyncio.Future[list[None]] | None = None
        self._images = asyncio.Semaphore(max(1, settings.pictures - 2))

    @property
    def takes_jobs(self) -> bool:
        """True from when the queue was reached until it is lost, or this is to stop."""
        return bool(self._queuers) and not any(queuer.shutdown.is_set() for queuer in self._queuers)

    def stop(self) -> None:
        """Take no further job; `run` returns when those under way are done."""
        self._stopping.set()
        for queuer in self._queuers:
            queuer.shutdown.set()
        for each in self._beside:
            each.stop()

    def give_back(self) -> None:
        """Break off what is under way: those jobs go back into the queue, as if nobody had taken them."""
        self.stop()
        for task in self._under_way:
            task.cancel()
        if self._running_beside is not None:
            self._running_beside.cancel()

    async def run(self) -> None:
        self._running_beside = beside = asyncio.gather(*(self._run_beside(each) for each in self._beside))
        try:
            await self._run_jobs()
            await asyncio.wait([beside])
        finally:
            beside.cancel()
            with suppress(asyncio.CancelledError):
                await beside

    async def _run_beside(self, beside: Beside) -> None:
        while not self._stopping.is_set():
            try:
                await beside.run()
                return
            except Exception:  # noqa: BLE001 - whatever it was, nobody else would do it
                _log.exception("a part of the worker failed; trying again")
                with suppress(TimeoutError):
                    async with asyncio.timeout(_RECONNECT_SECONDS):
                        await self._stopping.wait()

    async def _run_jobs(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._work()
            except _OUTAGES as error:
                _log.warning("the job queue does not answer; trying again", error=repr(error))
            except Exception:  # noqa: BLE001 - whatever it was, nobody else would do the jobs
                _log.exception("the worker failed; trying again")
            with suppress(TimeoutError):
                async with asyncio.timeout(_RECONNECT_SECONDS):
                    await self._stopping.wait()

    async def _work(self) -> None:
        connections = 4 + self._settings.concurrency + self._settings.pictures + 3 * self._has_replicas
        async with _pool(self._postgres, at_most=connections) as pool:
            lanes_needed = 3 + self._has_replicas
            general, pictures, images, *replicas = [_queuer(pool) for _ in range(lanes_needed)]
            self._queuers = [general, pictures, images, *replicas]
            self._register(general, [name for name in HANDLERS if name not in (*PICTURES, *IMAGES, *REPLICAS)])
            self._register(pictures, PICTURES)
            self._register(images, IMAGES)
            self._schedule(general)
            if self._stopping.is_set():
                return
            try:
                async with asyncio.TaskGroup() as lanes:
                    lanes.create_task(self._run(general, at_once=self._settings.concurrency))
                    lanes.create_task(self._run(pictures, at_once=1, most=self._settings.pictures))
                    lanes.create_task(self._run(images, at_once=1))
                    for each in replicas:
                        self._register(each, REPLICAS)
                        lanes.create_task(self._run(each, at_once=self._settings.replicas + 1))
            except ExceptionGroup as failures:
                raise failures.exceptions[0] from None

    async def _run(self, queuer: PgQueuer, *, at_once: int, most: int | None = None) -> None:
        """Take `at_once` jobs a look, do `most` of them side by side. When one lane ends, so do the others."""
        try:
            async with queuer.connection as driver:
                # Listening before pgqueuer first asks whether it does: its question may overtake its own listener,
                # and it would take itself for deaf and stop.
                await driver.add_listener(queuer.channel, _hear)
                await queuer.run(
                    dequeue_timeout=timedelta(seconds=1),
                    batch_size=at_once,
                    max_concurrent_tasks=max(2 * at_once, most or 0),
                    heartbeat_timeout=timedelta(seconds=self._settings.heartbeat_seconds),
                    shutdown_on_listener_failure=True,
                )
        finally:
            for each in self._queuers:
                each.shutdown.set()

    def _register(self, queuer: PgQueuer, names: Sequence[str]) -> None:
        for name in names:
            queuer.entrypoint(name, on_failure="hold", executor_factory=self._retrying)(self._run_job)

    @property
    def _has_replicas(self) -> bool:
        return self._settings.replicas > 0

    def _schedule(self, queuer: PgQueuer) -> None:
        if self._has_replicas:
            looking = queuer.schedule("look_after_replicas", self._settings.replica_schedule, clean_old=True)
            looking(self._look_after_replicas)
            sweeping = queuer.schedule(SWEEP_REPLICAS, self._settings.replica_sweep_schedule, clean_old=True)
            sweeping(self._enqueue_scheduled)
        for name, schedule in (
            (EXPIRE_UPLOADS, self._settings.expire_schedule),
            (SWEEP_BLOBS, self._settings.sweep_schedule),
            (PRUNE, self._settings.prune_schedule),
            (PURGE_TRASH, self._settings.purge_schedule),
            (RECONCILE_QUOTAS, self._settings.reconcile_schedule),
            (COMPACT_CHANGES, self._settings.compact_schedule),
        ):
            queuer.schedule(name, schedule, clean_old=True)(self._enqueue_scheduled)

    def _retrying(self, parameters: EntrypointExecutorParameters) -> DatabaseRetryEntrypointExecutor:
        return DatabaseRetryEntrypointExecutor(
            parameters=parameters, max_attempts=self._settings.retries, max_delay=_LONGEST_DELAY
        )

    async def _enqueue_scheduled(self, schedule: Schedule) -> None:
        async with self._container() as scope:
            queue = await scope.get(JobQueue)
            async with await scope.get(UnitOfWork):
                await queue.enqueue([Job(name=schedule.entrypoint, dedupe_key=f"schedule:{schedule.entrypoint}")])

    async def _look_after_replicas(self, _: Schedule) -> None:
        """Without a job of its own: mostly there is nothing to be done, and every job is written down."""
        async with self._container() as scope:
            await (await scope.get(LookAfterReplicas))()

    def _turn(self, name: str) -> AbstractAsyncContextManager[object]:
        """Whatever images somebody asks for, new photos have a decoder left; where there is one alone, they take turns."""
        return self._images if name in IMAGES else nullcontext()

    async def _run_job(self, job: QueuedJob) -> None:
        started, outcome = time.perf_counter(), "failed"
        task = asyncio.current_task()
        assert task is not None, "a job runs in a task of its own"
        self._under_way.add(task)
        with self._spans.job(job.entrypoint, job_id=str(job.id), carried=job.headers), log_context(job_id=str(job.id)):
            try:
                async with self._turn(job.entrypoint):
                    if self._stopping.is_set():
                        raise RetryRequested(delay=_AT_ONCE)
                    async with self._container() as scope:
                        await HANDLERS[job.entrypoint](scope, json.loads(job.payload or b"{}"))
                outcome = "done"
            except RetryRequested:
                outcome = "given_back"
                raise
            except asyncio.CancelledError:
                outcome = "given_back"
                raise RetryRequested(delay=_AT_ONCE) from None
            finally:
                self._under_way.discard(task)
                JOB_SECONDS.labels(job.entrypoint, outcome).observe(time.perf_counter() - started)
