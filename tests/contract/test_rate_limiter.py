"""What sign-ins may rely on, wherever tries are counted."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from dishka import AsyncContainer

from photostore.shared.rate_limits import RateLimit, RateLimiter, RateState
from photostore.shared.unit_of_work import UnitOfWork
from tests.containers import on_fakes, on_postgres, on_redis
from tests.fakes.store import FakeStore
from tests.fakes.system import FakeClock
from tests.using import get

RATE = RateLimit(limit=3, window=60)


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


async def hit(adapters: AsyncContainer, key: str = "someone") -> RateState:
    return await (await get(adapters, RateLimiter)).hit(key, RATE)


async def look(adapters: AsyncContainer, key: str = "someone") -> RateState:
    return await (await get(adapters, RateLimiter)).look(key, RATE)


async def test_so_many_tries_are_allowed_and_no_more(adapters: AsyncContainer) -> None:
    states = [await hit(adapters) for _ in range(5)]

    assert [state.exceeded for state in states] == [False, False, False, True, True]
    assert [state.remaining for state in states] == [2, 1, 0, 0, 0]
    assert {state.rate for state in states} == {RATE}


async def test_the_time_to_the_next_window_is_told(adapters: AsyncContainer, clock: FakeClock) -> None:
    first = await hit(adapters)
    clock.advance(seconds=45)

    later = await hit(adapters)

    assert (first.reset_seconds, later.reset_seconds) == (60, 15)


async def test_when_the_window_is_over_a_new_one_begins(adapters: AsyncContainer, clock: FakeClock) -> None:
    for _ in range(4):
        await hit(adapters)

    clock.advance(seconds=60)

    assert await hit(adapters) == RateState(rate=RATE, remaining=2, reset_seconds=60, exceeded=False)


async def test_keys_are_counted_apart(adapters: AsyncContainer) -> None:
    for _ in range(4):
        await hit(adapters, "one")

    assert not (await hit(adapters, "other")).exceeded


async def test_looking_counts_nothing(adapters: AsyncContainer) -> None:
    states = [await look(adapters) for _ in range(5)]

    assert not any(state.exceeded for state in states)
    assert (await hit(adapters)).remaining == 2


async def test_looking_tells_whether_one_more_would_be_too_many(adapters: AsyncContainer, clock: FakeClock) -> None:
    seen = []
    for _ in range(3):
        await hit(adapters)
        seen.append((await look(adapters)).exceeded)
    clock.advance(seconds=60)

    assert seen == [False, False, True]
    assert not (await look(adapters)).exceeded


async def test_a_try_counts_whatever_becomes_of_the_transaction_around_it(adapters: AsyncContainer) -> None:
    try:
        async with adapters() as scope, await scope.get(UnitOfWork):
            await hit(adapters)
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass

    assert (await hit(adapters)).remaining == 1


async def test_tries_at_once_all_count(adapters: AsyncContainer) -> None:
    states = await asyncio.gather(*(hit(adapters) for _ in range(20)))

    assert [state.exceeded for state in states].count(False) == 3


async def test_pruning_forgets_what_is_over_alone(adapters: AsyncContainer, clock: FakeClock) -> None:
    await hit(adapters, "old")
    clock.advance(seconds=30)
    await hit(adapters, "young")
    clock.advance(seconds=30)

    await (await get(adapters, RateLimiter)).prune()

    assert (await hit(adapters, "young")).remaining == 1
    assert (await hit(adapters, "old")).remaining == 2
