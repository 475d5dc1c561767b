"""Statements of a transaction that are run often: straight to the driver.

Through the session one costs ten times as much, and an upload is a dozen of them. What is run seldom goes through the
session, in the same transaction.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from photostore_adapters.postgres.reading import Statement
from photostore_adapters.postgres.transaction import TransactionSession


async def run(session: AsyncSession, statement: Statement, **values: object) -> Sequence[Any]:
    """The rows. What the driver raises becomes an error of the core where the unit of work ends."""
    return await run_sql(session, statement.sql, statement.arguments(values))


async def run_sql(session: AsyncSession, sql: str, arguments: Sequence[object]) -> Sequence[Any]:
    assert isinstance(session, TransactionSession), "as the container gives it"
    assert session.transaction is not None, "its scope goes on"
    return await session.transaction.run(sql, arguments)


def json(value: object) -> str | None:
    """As these connections take it for a jsonb."""
    return None if value is None else msgspec.json.encode(value).decode()
