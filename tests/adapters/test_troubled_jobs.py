"""What the queue tells of jobs, also of those that nobody can read: somebody must be able to see them and give them up."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from dishka import AsyncContainer

from photostore.job.ports import TroubledJobs
from photostore.job.queries import JobFilter, JobQueries
from tests.containers import on_postgres
from tests.fakes.store import FakeStore
from tests.using import get, transaction


@pytest.fixture
async def container(emptied_database_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_postgres(FakeStore(), emptied_database_url)
    yield container
    await container.close()


@pytest.mark.parametrize("payload", [None, b"\xff\xfe", b'{"photo_id":', b"[1]"])
async def test_a_job_that_cannot_be_read_is_listed_and_given_up(
    container: AsyncContainer, emptied_database_url: str, payload: bytes | None
) -> None:
    connection = await asyncpg.connect(emptied_database_url)
    number = await connection.fetchval(
        "INSERT INTO pgqueuer (priority, entrypoint, status, payload) VALUES (0, 'unheard_of', 'failed', $1) RETURNING id",
        payload,
    )
    await connection.close()
    queries = await get(container, JobQueries)

    [listed] = await queries.troubled(JobFilter(), after=None, limit=10)

    assert (listed.id, listed.name, listed.arguments) == (number, "unheard_of", {})
    async with transaction(container, TroubledJobs) as jobs:
        await jobs.discard(number)
    assert await queries.troubled(JobFilter(), after=None, limit=10) == []


async def test_a_job_that_was_to_wait_counts_as_old_from_when_it_is_due(
    container: AsyncContainer, emptied_database_url: str
) -> None:
    connection = await asyncpg.connect(emptied_database_url)
    await connection.execute("""
        INSERT INTO pgqueuer (priority, entrypoint, status, created, execute_after)
        VALUES (0, 'delete_blobs', 'queued', now() - interval '1 day', now() - interval '1 minute')
    """)
    await connection.close()

    [queue] = await (await get(container, JobQueries)).queue()

    assert 60 <= queue.oldest_seconds < 3600
