"""What whoever looks after failed jobs may rely on."""

import json
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from dishka import AsyncContainer

from photostore.job.errors import JobNotFound
from photostore.job.job import Job
from photostore.job.ports import JobQueue, TroubledJobs
from photostore.job.queries import JobFilter, JobQueries, Trouble, TroubledJobView
from tests.fakes.store import FakeStore, FakeTrouble
from tests.fakes.system import NOW
from tests.using import get, transaction

Fail = Callable[..., Awaitable[int]]
TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 1, in b\n    c()\nOSError: no disk\nin the box'
ASKED_AGAIN = (
    f"{TRACEBACK}\n\nThe above exception was the direct cause of the following exception:\n\n"
    'Traceback (most recent call last):\n  File "d.py", line 1, in e\n    f()\nRetryRequested: no disk'
)


@pytest.fixture
def fail(database: str | None, store: FakeStore, adapters: AsyncContainer) -> Fail:
    """Enqueue a job and have it fail three times; unless it was `given_up` it is tried again."""

    async def of_the_fake(job: Job, *, given_up: bool = True) -> int:
        store.jobs_made += 1
        trouble = FakeTrouble(job, failures=3, error="OSError: no disk", next_try_at=None if given_up else NOW)
        store.admin.troubled.rows[store.jobs_made] = trouble
        return store.jobs_made

    async def of_postgres(job: Job, *, given_up: bool = True) -> int:
        async with transaction(adapters, JobQueue) as queue:
            await queue.enqueue([job])
        connection = await asyncpg.connect(database)
        status, attempts = ("failed", 2) if given_up else ("queued", 3)
        number: int = await connection.fetchval(
            "UPDATE pgqueuer SET status = $1, attempts = $2 WHERE id = (SELECT max(id) FROM pgqueuer) RETURNING id",
            status,
            attempts,
        )
        told = {"exception_type": "OSError", "traceback": TRACEBACK}
        if not given_up:
            told = {"exception_type": "RetryRequested", "traceback": ASKED_AGAIN}
        await connection.execute(
            "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint, traceback) VALUES ($1, $2, 0, $3, $4)",
            number,
            status,
            job.name,
            json.dumps(told),
        )
        await connection.close()
        return number

    return of_the_fake if database is None else of_postgres


async def troubled(
    adapters: AsyncContainer,
    *,
    name: str | None = None,
    status: Trouble | None = None,
    after: int | None = None,
    limit: int = 10,
) -> list[TroubledJobView]:
    queries = await get(adapters, JobQueries)
    return list(await queries.troubled(JobFilter(name=name, status=status), after=after, limit=limit))


async def waiting(adapters: AsyncContainer) -> dict[str, int]:
    """How many are to be done, by name; those that failed do not count."""
    queue = await (await get(adapters, JobQueries)).queue()
    return {each.name: each.jobs for each in queue if each.status == "queued"}


async def test_why_a_job_failed_is_told(adapters: AsyncContainer, fail: Fail) -> None:
    number = await fail(Job(name="decode", arguments={"photo_id": "1", "title": "secret"}))

    (view,) = await troubled(adapters)

    assert (view.id, view.name, view.status, view.failures) == (number, "decode", Trouble.FAILED, 3)
    assert (view.arguments, view.error, view.next_try_at) == ({"photo_id": "1"}, "OSError: no disk", None)


async def test_a_job_that_is_tried_again_tells_when(adapters: AsyncContainer, fail: Fail) -> None:
    await fail(Job(name="decode"), given_up=False)

    (view,) = await troubled(adapters)

    assert (view.status, view.failures, view.error) == (Trouble.RETRYING, 3, "OSError: no disk")
    assert view.next_try_at is not None


async def test_jobs_that_only_wait_are_not_in_trouble(adapters: AsyncContainer) -> None:
    async with transaction(adapters, JobQueue) as queue:
        await queue.enqueue([Job(name="decode"), Job(name="decode")])

    assert await troubled(adapters) == []
    assert await waiting(adapters) == {"decode": 2}


async def test_they_come_newest_first_by_what_is_asked(adapters: AsyncContainer, fail: Fail) -> None:
    first, second = await fail(Job(name="a")), await fail(Job(name="b"), given_up=False)
    third = await fail(Job(name="a"), given_up=False)

    assert [view.id for view in await troubled(adapters, limit=2)] == [third, second]
    assert [view.id for view in await troubled(adapters, after=second)] == [first]
    assert [view.id for view in await troubled(adapters, name="a")] == [third, first]
    assert [view.id for view in await troubled(adapters, status=Trouble.FAILED)] == [first]
    assert [view.id for view in await troubled(adapters, status=Trouble.RETRYING, name="b", after=third)] == [second]


@pytest.mark.parametrize("given_up", [True, False])
async def test_one_is_done_again(adapters: AsyncContainer, fail: Fail, given_up: bool) -> None:
    number = await fail(Job(name="decode", arguments={"photo_id": "1"}), given_up=given_up)

    async with transaction(adapters, TroubledJobs) as jobs:
        job = await jobs.retry(number)

    assert (job.name, job.arguments) == ("decode", {"photo_id": "1"})
    assert await troubled(adapters) == []
    assert await waiting(adapters) == {"decode": 1}


async def test_where_the_same_work_waits_that_does_for_both(adapters: AsyncContainer, fail: Fail) -> None:
    job = Job(name="decode", dedupe_key="photo 1")
    number = await fail(job)
    async with transaction(adapters, JobQueue) as queue:
        await queue.enqueue([job])

    async with transaction(adapters, TroubledJobs) as jobs:
        await jobs.retry(number)

    assert await troubled(adapters) == []
    assert await waiting(adapters) == {"decode": 1}


async def test_all_that_failed_are_done_again_each_work_once(adapters: AsyncContainer, fail: Fail) -> None:
    for key in ("one", "one", None):
        await fail(Job(name="a", dedupe_key=key))
    await fail(Job(name="b"))
    being_retried = await fail(Job(name="a"), given_up=False)

    async with transaction(adapters, TroubledJobs) as jobs:
        of_a = await jobs.retry_failed("a")
    async with transaction(adapters, TroubledJobs) as jobs:
        others = await jobs.retry_failed(None)

    assert (of_a, others) == (3, 1)
    assert [view.id for view in await troubled(adapters)] == [being_retried]
    assert await waiting(adapters) == {"a": 3, "b": 1}


@pytest.mark.parametrize("given_up", [True, False])
async def test_one_is_given_up(adapters: AsyncContainer, fail: Fail, given_up: bool) -> None:
    number = await fail(Job(name="decode"), given_up=given_up)

    async with transaction(adapters, TroubledJobs) as jobs:
        assert (await jobs.discard(number)).name == "decode"

    assert await troubled(adapters) == []
    assert await waiting(adapters) == {}


async def test_what_did_not_fail_is_left_alone(adapters: AsyncContainer) -> None:
    async with transaction(adapters, JobQueue) as queue:
        await queue.enqueue([Job(name="decode")])

    for number in (1, 1 << 62):
        async with transaction(adapters, TroubledJobs) as jobs:
            with pytest.raises(JobNotFound):
                await jobs.retry(number)
        async with transaction(adapters, TroubledJobs) as jobs:
            with pytest.raises(JobNotFound):
                await jobs.discard(number)
    assert await waiting(adapters) == {"decode": 1}
