"""The transaction of a scope, when its end goes wrong."""

from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
from dishka import AsyncContainer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.shared.errors import Unavailable
from photostore.shared.unit_of_work import UnitOfWork
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.transaction import NothingCommitted
from photostore_adapters.postgres.writing import run
from tests.containers import on_postgres
from tests.fakes.store import FakeStore
from tests.waiting import eventually


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


async def test_a_failed_statement_that_somebody_passed_over_is_never_taken_for_a_commit(
    container: AsyncContainer,
) -> None:
    async def pass_over(session: AsyncSession) -> None:
        await session.execute(text("CREATE TABLE passed (id int)"))
        with suppress(asyncpg.DivisionByZeroError):
            await run(session, Statement("SELECT 1 / 0", ()))

    async with container() as scope:
        unit_of_work, session = await scope.get(UnitOfWork), await scope.get(AsyncSession)
        with pytest.raises(NothingCommitted):
            async with unit_of_work:
                await pass_over(session)

        async with unit_of_work:
            assert (await session.execute(text("SELECT to_regclass('passed')"))).scalar_one() is None


@pytest.mark.parametrize("session_first", [True, False])
async def test_what_goes_to_the_driver_and_through_the_session_is_one_transaction(
    container: AsyncContainer, session_first: bool
) -> None:
    class Refused(Exception): ...

    async def say(session: AsyncSession, *, through_session: bool) -> None:
        if through_session:
            await session.execute(text("INSERT INTO said SELECT count(*) FROM said"))
        else:
            await run(session, Statement("INSERT INTO said SELECT count(*) + $1 FROM said", ("more",)), more=0)

    async def say_twice(unit_of_work: UnitOfWork, session: AsyncSession, *, refused: bool = False) -> None:
        async with unit_of_work:
            for through_session in (session_first, not session_first):
                await say(session, through_session=through_session)
            if refused:
                raise Refused

    async with container() as scope:
        unit_of_work, session = await scope.get(UnitOfWork), await scope.get(AsyncSession)
        async with unit_of_work:
            await session.execute(text("DROP TABLE IF EXISTS said"))
            await session.execute(text("CREATE TABLE said (number bigint)"))
        with pytest.raises(Refused):
            await say_twice(unit_of_work, session, refused=True)
        await say_twice(unit_of_work, session)

    async with container() as scope:
        found = (await (await scope.get(AsyncSession)).execute(text("SELECT number FROM said ORDER BY 1"))).scalars()
    assert list(found) == [0, 1]


async def test_what_no_unit_of_work_commits_is_rolled_back_with_its_scope(container: AsyncContainer) -> None:
    async with container() as scope:
        session = await scope.get(AsyncSession)
        await session.execute(text("CREATE TABLE never (id int)"))
        await session.commit()

    async with container() as scope:
        found = await (await scope.get(AsyncSession)).execute(text("SELECT to_regclass('never')"))
    assert found.scalar_one() is None


async def test_a_connection_that_was_closed_while_it_lay_idle_is_passed_over(container: AsyncContainer) -> None:
    async with container() as scope, container() as another:
        unit_of_work, session = await scope.get(UnitOfWork), await scope.get(AsyncSession)
        async with unit_of_work:
            pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            raw = (await (await session.connection()).get_raw_connection()).driver_connection
            killer, killing = await another.get(UnitOfWork), await another.get(AsyncSession)
            async with killer:
                await killing.execute(text("SELECT 1"))
        await (await scope.get(Reader)).fetch(Statement("SELECT pg_terminate_backend($1, 5000)", ("pid",)), pid=pid)
        await eventually(raw.is_closed)  # type: ignore[union-attr]

        for _ in range(2):
            async with unit_of_work:
                assert (await session.execute(text("SELECT 1"))).scalar_one() == 1


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
