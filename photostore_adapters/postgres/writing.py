"""Statements of a transaction that are run often: straight over asyncpg, on the connection that the session has.

Through the session one costs ten times as much, and an upload is a dozen of them. What is run seldom goes through the
session, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from photostore_adapters.postgres.reading import Statement

_AT_HAND = "the transaction, and the driver's connection that it is on"


async def run(session: AsyncSession, statement: Statement, **values: object) -> Sequence[Mapping[str, Any]]:
    """Its rows. What the driver raises becomes an error of the core where the unit of work ends."""
    return await run_sql(session, statement.sql, statement.arguments(values))


async def run_sql(session: AsyncSession, sql: str, arguments: Sequence[object]) -> Sequence[Mapping[str, Any]]:
    transaction, driver = session.info.get(_AT_HAND, (None, None))
    if transaction is not None and transaction is session.sync_session.get_transaction():
        found: Sequence[Mapping[str, Any]] = await driver.fetch(sql, *arguments)
        return found
    return await _run_first(session, sql, arguments)


async def _run_first(session: AsyncSession, sql: str, arguments: Sequence[object]) -> Sequence[Mapping[str, Any]]:
    """Through the session: it takes a connection, and begins on it no sooner than it is asked something itself."""
    connection = await session.connection()
    result = await connection.exec_driver_sql(sql, tuple(arguments))
    rows: Sequence[Any] = result.mappings().all() if result.returns_rows else ()
    driver = (await connection.get_raw_connection()).driver_connection
    session.info[_AT_HAND] = session.sync_session.get_transaction(), driver
    return rows


def json(value: object) -> str | None:
    """As the session's connection takes it for a jsonb."""
    return None if value is None else msgspec.json.encode(value).decode()
