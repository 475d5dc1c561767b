"""The transaction of a scope, when its end goes wrong."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from dishka import AsyncContainer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.shared.errors import Unavailable
from photostore.shared.unit_of_work import UnitOfWork
from tests.containers import on_postgres
from tests.fakes.store import FakeStore


@pytest.fixture
async def container(database_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_postgres(FakeStore(), database_url)
    yield container
    await container.close()


async def test_after_a_commit_that_is_refused_the_next_transaction_begins_afresh(container: AsyncContainer) -> None:
    async with container() as scope:
        unit_of_work, session = await scope.get(UnitOfWork), await scope.get(AsyncSession)
        async with unit_of_work:
            await session.execute(text("CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))

        with pytest.raises(asyncpg.UniqueViolationError):
            async with unit_of_work:
                await session.execute(text("INSERT INTO late VALUES (1), (1)"))

        async with unit_of_work:
            assert (await session.execute(text("SELECT count(*) FROM late"))).scalar_one() == 0


async def test_after_a_connection_is_lost_at_the_commit_the_next_transaction_has_another(
    container: AsyncContainer,
) -> None:
    async with container() as scope, container() as another:
        unit_of_work, session = await scope.get(UnitOfWork), await scope.get(AsyncSession)
        killer, killing = await another.get(UnitOfWork), await another.get(AsyncSession)

        async def lose_it() -> None:
            async with unit_of_work:
                pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
                async with killer:
                    await killing.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

        with pytest.raises(Unavailable):
            await lose_it()

        async with unit_of_work:
            assert (await session.execute(text("SELECT 1"))).scalar_one() == 1
