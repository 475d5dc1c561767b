"""What whoever enqueues jobs may rely on."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import asyncpg
import pytest
from dishka import AsyncContainer

from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.reactions import DELETE_BLOBS, ERASE_ACCOUNT
from photostore.user.commands.close_account import CloseAccount
from tests.builders import a_photo, a_user
from tests.fakes.store import FakeStore
from tests.using import stored, transaction, use


@dataclass(frozen=True)
class Waiting:
    """A job that waits, as a worker will see it."""

    name: str
    arguments: Mapping[str, object]


ReadJobs = Callable[[], Awaitable[list[Waiting]]]


@pytest.fixture
def waiting(database: str | None, store: FakeStore) -> ReadJobs:
    """The jobs that wait, in the order in which they are to be done."""

    async def of_the_fake() -> list[Waiting]:
        return [Waiting(job.name, json.loads(json.dumps(job.arguments))) for _, job in store.waiting_jobs()]

    async def of_postgres() -> list[Waiting]:
        connection = await asyncpg.connect(database)
        rows = await connection.fetch(
            "SELECT entrypoint, payload FROM pgqueuer WHERE status = 'queued' ORDER BY priority DESC, id"
        )
        await connection.close()
        return [Waiting(row["entrypoint"], json.loads(row["payload"])) for row in rows]

    return of_the_fake if database is None else of_postgres


async def enqueue(adapters: AsyncContainer, *jobs: Job) -> None:
    async with transaction(adapters, JobQueue) as queue:
        await queue.enqueue(jobs)


async def test_a_job_waits_once_its_transaction_commits(adapters: AsyncContainer, waiting: ReadJobs) -> None:
    async with transaction(adapters, JobQueue) as queue:
        await queue.enqueue([Job(name="one", arguments={"keys": ["a", "ü"], "number": 1, "none": None})])
        before = await waiting()

    assert before == []
    assert await waiting() == [Waiting("one", {"keys": ["a", "ü"], "number": 1, "none": None})]


async def test_it_vanishes_with_a_transaction_that_rolls_back(adapters: AsyncContainer, waiting: ReadJobs) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - all of it is what fails
        async with transaction(adapters, JobQueue) as queue:
            await queue.enqueue([Job(name="one")])
            raise ZeroDivisionError

    assert await waiting() == []


async def test_no_jobs_are_fine(adapters: AsyncContainer, waiting: ReadJobs) -> None:
    await enqueue(adapters)

    assert await waiting() == []


async def test_jobs_of_higher_priority_go_first(adapters: AsyncContainer, waiting: ReadJobs) -> None:
    await enqueue(adapters, Job(name="low"), Job(name="high", priority=10), Job(name="low_too"))

    assert [job.name for job in await waiting()] == ["high", "low", "low_too"]


async def test_while_one_with_the_same_key_waits_no_second_is_enqueued(
    adapters: AsyncContainer, waiting: ReadJobs
) -> None:
    await enqueue(adapters, Job(name="first", dedupe_key="same"))

    await enqueue(adapters, Job(name="second", dedupe_key="same"), Job(name="other", dedupe_key="other"))

    assert [job.name for job in await waiting()] == ["first", "other"]


async def test_jobs_without_a_key_are_all_enqueued(adapters: AsyncContainer, waiting: ReadJobs) -> None:
    await enqueue(adapters, Job(name="one"), Job(name="one"))

    assert [job.name for job in await waiting()] == ["one", "one"]


async def test_deleting_a_photo_causes_the_job_that_deletes_its_bytes(
    adapters: AsyncContainer, waiting: ReadJobs
) -> None:
    photo = await stored(adapters, a_photo())

    await use(adapters, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)

    assert await waiting() == [Waiting(DELETE_BLOBS, {"keys": [photo.blob_key]})]


async def test_closing_an_account_causes_the_job_that_erases_it(adapters: AsyncContainer, waiting: ReadJobs) -> None:
    user = await stored(adapters, a_user())

    await use(adapters, CloseAccount)(actor=user.id)

    assert await waiting() == [Waiting(ERASE_ACCOUNT, {"user_id": str(user.id)})]
