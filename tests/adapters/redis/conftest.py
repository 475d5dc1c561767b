"""Two processes on one Postgres and one Redis, as far as their containers go."""

from collections.abc import AsyncIterator, Iterator

import pytest
from dishka import AsyncContainer

from tests.containers import on_redis
from tests.fakes.store import FakeStore
from tests.fixtures.redis import OwnRedis, own_redis


@pytest.fixture(scope="module")
def server() -> Iterator[OwnRedis]:
    """One that can be killed; who kills it starts it again."""
    with own_redis() as server:
        yield server


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
async def one(store: FakeStore, emptied_database_url: str, redis_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_redis(store, emptied_database_url, redis_url)
    yield container
    await container.close()


@pytest.fixture
async def other(store: FakeStore, emptied_database_url: str, redis_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_redis(store, emptied_database_url, redis_url)
    yield container
    await container.close()
