"""The worker on a real Postgres."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from dishka import AsyncContainer
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.models import Job as QueuedJob
from pgqueuer.ports.repository import EntrypointExecutionParameter
from structlog.testing import capture_logs

from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore.job.queries import JobFilter, JobQueries, Trouble
from photostore.reactions import DELETE_BLOBS
from photostore.shared.blobs import BlobKey
from photostore_adapters.jobs.housekeeping import QueueQueries
from photostore_adapters.jobs.worker import GivingBack, Worker, WorkerSettings
from photostore_adapters.postgres.settings import PostgresSettings
from tests.builders import a_photo
from tests.containers import on_postgres
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.store import FakeStore
from tests.using import get, stored, transaction
from tests.waiting import eventually

# Once a year: no schedule comes between the tests and their jobs.
NEVER = "0 0 1 1 *"
KEY = BlobKey("originals/owner/upload")
FAULT = "BlobStoreUnavailable: the fake fails at delete, as told"


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
async def container(store: FakeStore, database_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_postgres(store, database_url)
    yield container
    await container.close()


@asynccontextmanager
async def working(
    container: AsyncContainer, database_url: str, *, retries: int = 84, replicas: int = 0
) -> AsyncIterator[Worker]:
    settings = WorkerSettings(
        concurrency=2,
        pictures=2,
        heartbeat_seconds=5,
        retries=retries,
        sweep_schedule=NEVER,
        expire_schedule=NEVER,
        prune_schedule=NEVER,
        replicas=replicas,
        replica_schedule="* * * * * *",
    )
    worker = Worker(container, PostgresSettings(url=database_url), settings)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(running, 15)


async def enqueue_deletion(container: AsyncContainer, store: FakeStore, key: BlobKey = KEY) -> None:
    store.blobs.blobs[key] = b"left behind"
    async with transaction(container, JobQueue) as queue:
        await queue.enqueue([Job(name=DELETE_BLOBS, arguments={"keys": [key]})])


async def statuses(container: AsyncContainer) -> list[str]:
    return [state.status for state in await (await container.get(QueueQueries)).state()]


async def errors(container: AsyncContainer, status: Trouble) -> list[str | None]:
    """Why the jobs of this status failed, as an operator is told."""
    queries = await get(container, JobQueries)
    return [view.error for view in await queries.troubled(JobFilter(status=status), after=None, limit=2)]


async def test_a_job_that_waits_is_done(container: AsyncContainer, store: FakeStore, database_url: str) -> None:
    await enqueue_deletion(container, store)

    async with working(container, database_url):
        await eventually(lambda: not store.blobs.blobs)

    assert await statuses(container) == []


async def test_a_job_enqueued_meanwhile_is_done(container: AsyncContainer, store: FakeStore, database_url: str) -> None:
    async with working(container, database_url):
        for number in range(3):
            await enqueue_deletion(container, store, BlobKey(f"originals/owner/{number}"))

        await eventually(lambda: not store.blobs.blobs)


async def test_a_job_that_fails_is_tried_again(container: AsyncContainer, store: FakeStore, database_url: str) -> None:
    store.blobs.failing = {"delete"}
    await enqueue_deletion(container, store)

    async def is_told() -> bool:
        return await errors(container, Trouble.RETRYING) == [FAULT]

    async with working(container, database_url):
        await eventually(is_told)
        store.blobs.failing = set()
        await eventually(lambda: not store.blobs.blobs)

    assert await statuses(container) == []


@asynccontextmanager
async def a_taken_job(container: AsyncContainer, store: FakeStore, url: str) -> AsyncIterator[tuple[Any, QueuedJob]]:
    """What writes down how it ended, and the job."""
    await enqueue_deletion(container, store)
    async with asyncpg.create_pool(url, min_size=1) as pool:
        queries = GivingBack(AsyncpgPoolDriver(pool))
        [job] = await queries.dequeue(
            batch_size=1,
            entrypoints={QueueEntrypoint(DELETE_BLOBS): EntrypointExecutionParameter(concurrency_limit=0)},
            queue_manager_id=QueueManagerId(uuid4()),
            global_concurrency_limit=None,
            heartbeat_timeout=timedelta(seconds=5),
        )
        yield queries, job


async def test_a_job_that_is_cut_off_is_left_to_another_worker(
    container: AsyncContainer, store: FakeStore, database_url: str
) -> None:
    async with a_taken_job(container, store, database_url) as (queries, job):
        await queries.log_jobs([(job, "canceled", None)])

    assert await statuses(container) == ["picked"]


async def test_so_is_one_that_fails_while_the_database_is_away(
    container: AsyncContainer, store: FakeStore, database_url: str
) -> None:
    async with a_taken_job(container, store, database_url) as (queries, job):
        await queries.driver._pool.close()

        await queries.retry_job(job, timedelta(seconds=1), None)

    assert await statuses(container) == ["picked"]


async def test_one_that_goes_on_failing_is_held_where_an_operator_sees_it(
    container: AsyncContainer, store: FakeStore, database_url: str
) -> None:
    store.blobs.failing = {"delete"}
    await enqueue_deletion(container, store)

    async def is_held() -> bool:
        return await statuses(container) == ["failed"]

    async with working(container, database_url, retries=1):
        await eventually(is_held)

    assert await is_held()
    assert await errors(container, Trouble.FAILED) == [FAULT]
    assert store.blobs.blobs


async def test_a_lost_connection_is_found_again(container: AsyncContainer, store: FakeStore, database_url: str) -> None:
    async with working(container, database_url):
        await enqueue_deletion(container, store)
        await eventually(lambda: not store.blobs.blobs)

        await _terminate_all(database_url)
        another = on_postgres(store, database_url)
        await enqueue_deletion(another, store, BlobKey("originals/owner/later"))

        await eventually(lambda: not store.blobs.blobs, within=20)
        await another.close()


async def test_a_worker_that_is_stopped_before_it_began_ends(container: AsyncContainer, database_url: str) -> None:
    async with working(container, database_url) as worker:
        worker.stop()


async def test_what_it_does_besides_jobs_ends_with_it_and_begins_again_when_it_fails(
    container: AsyncContainer, database_url: str
) -> None:
    class Beside:
        def __init__(self) -> None:
            self.began, self.told_to_stop, self.ended = asyncio.Event(), asyncio.Event(), False
            self.runs = 0

        async def run(self) -> None:
            self.runs += 1
            if self.runs == 1:
                raise ZeroDivisionError
            self.began.set()
            await self.told_to_stop.wait()
            self.ended = True

        def stop(self) -> None:
            self.told_to_stop.set()

    beside = Beside()
    settings = WorkerSettings(pictures=2, concurrency=2, heartbeat_seconds=5, sweep_schedule=NEVER)
    worker = Worker(container, PostgresSettings(url=database_url), settings, beside=[beside])

    with capture_logs() as logs:
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(beside.began.wait(), 15)
    worker.stop()
    await asyncio.wait_for(running, 15)

    assert beside.ended
    assert [each["event"] for each in logs if each["log_level"] == "error"] == [
        "a part of the worker failed; trying again"
    ]


async def test_a_fault_that_nobody_thought_of_is_told_and_the_worker_goes_on(
    container: AsyncContainer, database_url: str
) -> None:
    settings = WorkerSettings(pictures=2, concurrency=2, heartbeat_seconds=5, sweep_schedule="no schedule at all")
    worker = Worker(container, PostgresSettings(url=database_url), settings)

    with capture_logs() as logs:
        running = asyncio.create_task(worker.run())
        await eventually(lambda: [each["log_level"] for each in logs].count("error") >= 2)
        assert not running.done()
        worker.stop()
        await asyncio.wait_for(running, 15)

    assert {each["event"] for each in logs if each["log_level"] == "error"} == {"the worker failed; trying again"}


async def _terminate_all(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        ended = await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert ended
    finally:
        await connection.close()


async def test_replicas_are_looked_after_in_a_lane_of_their_own(database_url: str) -> None:
    store = FakeStore()
    store.replication.stores = {"nas": FakeBlobStore()}
    content = b"a picture"
    photo = a_photo(byte_size=len(content), sha256=sha256(content).digest())
    store.blobs.blobs[photo.blob_key] = content
    container = on_postgres(store, database_url)
    await stored(container, photo)

    async with working(container, database_url, replicas=1):
        await eventually(lambda: store.replication.stores["nas"].blobs.get(photo.blob_key) == content, within=20)

    await container.close()


class StuckStore(FakeBlobStore):
    """Deletes nothing before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may = asyncio.Event(), asyncio.Event()

    async def delete(self, key: BlobKey) -> None:
        self.asked.set()
        await self.may.wait()
        await super().delete(key)


async def test_a_job_that_is_broken_off_is_another_workers_at_once(store: FakeStore, database_url: str) -> None:
    store.blobs = stuck = StuckStore()
    container = on_postgres(store, database_url)
    await enqueue_deletion(container, store)
    settings = WorkerSettings(pictures=2, concurrency=2, heartbeat_seconds=60, sweep_schedule=NEVER)
    worker = Worker(container, PostgresSettings(url=database_url), settings)
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(stuck.asked.wait(), 15)

    worker.stop()
    worker.give_back()
    await asyncio.wait_for(running, 15)

    assert await statuses(container) == ["queued"]
    assert await errors(container, Trouble.RETRYING) == []
    stuck.may.set()
    async with working(container, database_url):
        await eventually(lambda: not store.blobs.blobs)
    assert await statuses(container) == []
    await container.close()


async def test_a_job_under_way_may_end_and_no_other_is_begun(store: FakeStore, database_url: str) -> None:
    store.blobs = stuck = StuckStore()
    container = on_postgres(store, database_url)
    await enqueue_deletion(container, store)

    async with working(container, database_url) as worker:
        await asyncio.wait_for(stuck.asked.wait(), 15)
        worker.stop()
        await enqueue_deletion(container, store, BlobKey("originals/owner/later"))
        stuck.may.set()

    assert set(store.blobs.blobs) == {BlobKey("originals/owner/later")}
    assert await statuses(container) == ["queued"]
    await container.close()
