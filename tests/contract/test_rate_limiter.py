"""What sign-ins may rely on, wherever tries are counted."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from dishka import AsyncContainer

from photostore.shared.rate_limits import RateLimiter
from photostore.shared.unit_of_work import UnitOfWork
from photostore_testing import RateLimiterPromises
from photostore_testing.rate_limiter import hit
from tests.containers import on_fakes, on_postgres, on_redis
from tests.fakes.store import FakeStore
from tests.using import get


@pytest.fixture(params=["fake", "postgres", "redis"])
def counting(request: pytest.FixtureRequest, store: FakeStore) -> Callable[[], AsyncContainer]:
    """Who counts the tries."""
    if request.param == "fake":
        return lambda: on_fakes(store)
    database_url = request.getfixturevalue("emptied_database_url")
    if request.param == "postgres":
        return lambda: on_postgres(store, database_url)
    redis_url = request.getfixturevalue("redis_url")
    return lambda: on_redis(store, database_url, redis_url)


@pytest.fixture
async def adapters(counting: Callable[[], AsyncContainer]) -> AsyncIterator[AsyncContainer]:
    container = counting()
    yield container
    await container.close()


@pytest.fixture
async def limiter(adapters: AsyncContainer) -> RateLimiter:
    return await get(adapters, RateLimiter)


class TestRateLimiter(RateLimiterPromises):
    async def test_a_try_counts_whatever_becomes_of_the_transaction_around_it(
        self, adapters: AsyncContainer, limiter: RateLimiter
    ) -> None:
        with suppress(ZeroDivisionError):
            async with adapters() as scope, await scope.get(UnitOfWork):
                await hit(limiter)
                raise ZeroDivisionError

        assert (await hit(limiter)).remaining == 1
