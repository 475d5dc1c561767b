"""Connections that stay at hand: given back, given up when they fail, and never more than were asked for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from photostore_adapters.postgres.connections import Connections
from photostore_adapters.postgres.reading import open_pool
from photostore_adapters.postgres.settings import PostgresSettings
from tests.waiting import eventually

_PID = "SELECT pg_backend_pid()"


@pytest.fixture
async def connections(database_url: str) -> AsyncIterator[Connections]:
    pool = await open_pool(PostgresSettings(url=database_url, pool_size=2))
    # Longer than it takes to connect over TCP with a password where others use the machine.
    yield Connections(pool, size=2, patience=2)
    pool.terminate()


async def _pid(connections: Connections) -> Any:
    async with connections.borrow() as connection:
        return await connection.fetchval(_PID)


async def test_the_next_statement_finds_the_connection_of_the_one_before(connections: Connections) -> None:
    first = await _pid(connections)

    assert await _pid(connections) == first
    assert (connections.idle, connections.in_use) == (1, 0)


async def test_those_who_ask_at_once_get_different_ones(connections: Connections) -> None:
    async with connections.borrow() as one, connections.borrow() as other:
        assert await one.fetchval(_PID) != await other.fetchval(_PID)
        assert (connections.idle, connections.in_use) == (0, 2)


async def test_who_gets_none_in_time_is_told_so(connections: Connections) -> None:
    async with connections.borrow(), connections.borrow():
        with pytest.raises(TimeoutError):
            await _pid(connections)

    assert await _pid(connections)


async def test_who_waits_gets_the_one_that_is_given_back(connections: Connections) -> None:
    async with connections.borrow():
        async with connections.borrow() as other:
            waiting = asyncio.create_task(_pid(connections))
            pid = await other.fetchval(_PID)

        assert await waiting == pid


async def test_a_statement_that_fails_costs_no_connection(connections: Connections) -> None:
    for _ in range(3):
        with pytest.raises(asyncpg.PostgresError):
            async with connections.borrow() as connection:
                await connection.execute("SELECT 1 / 0")

    assert await _pid(connections)
    assert connections.in_use == 0


async def test_a_cancelled_statement_does_not_disturb_the_next(connections: Connections) -> None:
    async def sleep_in_the_database() -> None:
        async with connections.borrow() as connection:
            await connection.execute("SELECT pg_sleep(60)")

    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(sleep_in_the_database(), 0.05)

    assert await _pid(connections)
    assert connections.in_use == 0


async def test_one_that_died_while_it_lay_idle_is_replaced(connections: Connections, database_url: str) -> None:
    pid = await _pid(connections)
    other = await asyncpg.connect(database_url)
    await other.execute("SELECT pg_terminate_backend($1, 5000)", pid)
    await other.close()

    await eventually(lambda: connections.idle == 0)

    assert await _pid(connections) != pid
