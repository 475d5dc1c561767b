"""Whoever waits for changes is told of them, after they are committed."""

import asyncio
from typing import Any

import asyncpg

from photostore_adapters.postgres.change_announcer import CHANNEL, ChangeAnnouncer
from photostore_adapters.postgres.connections import Connections
from photostore_adapters.postgres.reading import Reader, Statement, open_pool
from photostore_adapters.postgres.settings import PostgresSettings
from tests.builders import a_user_id
from tests.waiting import eventually


async def test_changes_that_follow_each_other_are_told_at_once(database_url: str) -> None:
    pool, told = await open_pool(PostgresSettings(url=database_url)), list[str]()
    announcer = ChangeAnnouncer(Reader(Connections(pool, size=1, patience=10)))
    connection, owners = await asyncpg.connect(database_url), [a_user_id() for _ in range(3)]
    await connection.add_listener(CHANNEL, lambda *heard: told.append(heard[3]))

    for owner in (*owners, *owners):
        announcer.announce([owner])
    await announcer.aclose()
    await eventually(lambda: len(told) >= len(owners))

    await connection.close()
    pool.terminate()
    assert sorted(told) == sorted(str(owner) for owner in owners)


async def test_a_database_that_takes_its_time_keeps_no_process_from_ending() -> None:
    class Hanging(Reader):
        async def fetch(self, statement: Statement, **values: object) -> list[Any]:
            await asyncio.Event().wait()
            return []

    announcer = ChangeAnnouncer(Hanging(connections=None))  # type: ignore[arg-type]
    announcer.announce([a_user_id()])

    await asyncio.wait_for(announcer.aclose(), 20)
