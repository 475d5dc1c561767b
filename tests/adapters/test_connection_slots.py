"""Those who wait for a connection of a transaction."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from photostore_adapters.postgres.connection_slots import ConnectionSlots
from photostore_adapters.postgres.transaction import Transaction
from tests.waiting import eventually

# Far less than the pool would let anybody wait.
_SOON_SECONDS = 15


async def test_who_waits_goes_on_when_the_connections_of_the_others_cannot_be_made(database_url: str) -> None:
    connecting = list[None]()

    async def connect() -> Any:
        if len(connecting) < 2:
            connecting.append(None)
            await asyncio.Event().wait()
        return await asyncpg.connect(database_url)

    async def ask() -> Any:
        transaction = Transaction(engine, slots)
        [row] = await transaction.run("SELECT 1", ())
        await transaction.commit()
        return row[0]

    url = urlsplit(database_url)._replace(scheme="postgresql+asyncpg").geturl()
    engine = create_async_engine(
        url, async_creator=connect, pool_size=2, max_overflow=0, pool_timeout=600, isolation_level="AUTOCOMMIT"
    )
    slots = ConnectionSlots(2, patience=600)
    stuck = [asyncio.create_task(ask()) for _ in range(2)]
    waiting = asyncio.create_task(ask())
    await eventually(lambda: len(connecting) == 2)

    for each in stuck:
        each.cancel()

    async with asyncio.timeout(_SOON_SECONDS):
        assert await waiting == 1
    await engine.dispose()


async def test_who_gets_none_in_time_is_told_so() -> None:
    slots = ConnectionSlots(1, patience=0.01)
    await slots.take()

    with pytest.raises(TimeoutError):
        await slots.take()

    slots.give_back()
    await slots.take()
