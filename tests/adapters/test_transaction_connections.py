"""Connections of transactions: who waits for one, which are used again, and which never."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from photostore_adapters.postgres import transaction_connections
from photostore_adapters.postgres.transaction import ScopeEnded, Transaction
from photostore_adapters.postgres.transaction_connections import TransactionConnections
from photostore_adapters.postgres.writing import run_sql
from tests.waiting import eventually

# Far less than the pool would let anybody wait.
_SOON_SECONDS = 15
_WHO = "SELECT pg_backend_pid()"


def _engine(database_url: str, size: int, **options: Any) -> AsyncEngine:
    url = urlsplit(database_url)._replace(scheme="postgresql+asyncpg").geturl()
    return create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=600,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        **options,
    )


@pytest.fixture
async def one(database_url: str) -> AsyncIterator[TransactionConnections]:
    """Of which there is one at a time."""
    engine = _engine(database_url, 1)
    connections = TransactionConnections(engine, size=1, patience=0.01)
    yield connections
    connections.close()
    await engine.dispose()


async def _ask(connections: TransactionConnections, sql: str = _WHO) -> Any:
    transaction = Transaction(connections)
    [row] = await transaction.run(sql, ())
    await transaction.commit()
    return row[0]


async def test_who_waits_goes_on_when_the_connections_of_the_others_cannot_be_made(database_url: str) -> None:
    connecting = list[None]()

    async def connect() -> Any:
        if len(connecting) < 2:
            connecting.append(None)
            await asyncio.Event().wait()
        return await asyncpg.connect(database_url)

    engine = _engine(database_url, 2, async_creator=connect)
    connections = TransactionConnections(engine, size=2, patience=600)
    stuck = [asyncio.create_task(_ask(connections)) for _ in range(2)]
    waiting = asyncio.create_task(_ask(connections, "SELECT 1"))
    await eventually(lambda: len(connecting) == 2)

    for each in stuck:
        each.cancel()

    async with asyncio.timeout(_SOON_SECONDS):
        assert await waiting == 1
    connections.close()
    await engine.dispose()


async def test_who_gets_none_in_time_is_told_so(one: TransactionConnections) -> None:
    held = await one.take()

    with pytest.raises(TimeoutError):
        await one.take()

    one.give_back(held)
    one.give_back(await one.take())


async def test_the_same_is_used_again_and_told_of(one: TransactionConnections) -> None:
    first = await _ask(one)
    assert (one.in_use, one.idle) == (0, 1)

    held = await one.take()

    assert (one.in_use, one.idle) == (1, 0)
    assert held.driver.get_server_pid() == first
    one.give_back(held)


async def test_an_open_transaction_is_handed_to_nobody(one: TransactionConnections) -> None:
    held = await one.take()
    before = held.driver.get_server_pid()
    await held.driver.execute("BEGIN")
    one.give_back(held)

    assert await _ask(one) != before


async def test_one_that_was_closed_while_it_lay_idle_is_passed_over(
    one: TransactionConnections, database_url: str
) -> None:
    closed = await one.take()
    before = closed.driver.get_server_pid()
    one.give_back(closed)
    other = await asyncpg.connect(database_url)
    await other.execute("SELECT pg_terminate_backend($1)", before)
    await other.close()
    await eventually(closed.driver.is_closed)

    assert await _ask(one) != before


async def test_one_that_lay_idle_for_too_long_is_closed(
    one: TransactionConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await one.take()
    before = old.driver.get_server_pid()
    one.give_back(old)
    monkeypatch.setattr(transaction_connections, "IDLE_SECONDS", 0)

    assert await _ask(one) != before
    assert old.driver.is_closed()


async def test_one_that_comes_back_after_the_end_is_closed(database_url: str) -> None:
    engine = _engine(database_url, 1)
    connections = TransactionConnections(engine, size=1, patience=0.01)
    late = await connections.take()
    connections.close()
    await engine.dispose()

    connections.give_back(late)

    assert late.driver.is_closed()
    assert (connections.in_use, connections.idle) == (0, 0)


async def test_who_works_on_when_the_scope_has_ended_is_told_that_nothing_is_kept(one: TransactionConnections) -> None:
    transaction = Transaction(one)
    await transaction.run(_WHO, ())

    await transaction.aclose()

    with pytest.raises(ScopeEnded):
        await transaction.commit()
    with pytest.raises(ScopeEnded):
        await transaction.run(_WHO, ())
    assert (one.in_use, one.idle) == (0, 1)


async def test_a_session_whose_connection_broke_goes_on_with_no_other(
    one: TransactionConnections, database_url: str
) -> None:
    transaction = Transaction(one)
    [row] = await transaction.run(_WHO, ())
    await transaction.session.execute(text("SELECT 1"))
    other = await asyncpg.connect(database_url)
    await other.execute("SELECT pg_terminate_backend($1)", row[0])
    await other.close()
    with pytest.raises(SQLAlchemyError):
        await transaction.session.execute(text("SELECT 1"))
    await transaction.session.rollback()

    with pytest.raises(SQLAlchemyError):
        await transaction.session.execute(text("SELECT 1"))

    with pytest.raises(asyncpg.InterfaceError):
        await transaction.commit()
    assert await _ask(one, "SELECT 1") == 1


async def test_a_session_is_of_the_transaction_of_its_scope_and_of_no_later_one(one: TransactionConnections) -> None:
    transaction = Transaction(one)
    await run_sql(transaction.session, "CREATE TEMPORARY TABLE seen_by_both ON COMMIT DROP AS SELECT 7 AS id", ())

    found = await transaction.session.execute(text("SELECT id FROM seen_by_both"))

    assert found.scalar_one() == 7
    await transaction.aclose()
    assert one.idle == 1
    with pytest.raises(AssertionError):
        await run_sql(transaction.session, _WHO, ())
    with pytest.raises(KeyError):
        await transaction.session.execute(text(_WHO))
    assert one.idle == 1


async def test_a_session_that_was_not_used_is_never_made(one: TransactionConnections) -> None:
    transaction = Transaction(one)
    await run_sql(transaction.session, _WHO, ())
    await transaction.aclose()

    with pytest.raises(AttributeError):
        await transaction.session.execute(text(_WHO))
