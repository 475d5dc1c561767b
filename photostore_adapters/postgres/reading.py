"""Reading, straight over asyncpg: no session, no transaction, a connection held for one statement alone."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect

from photostore_adapters.observability.metrics import DATABASE_SECONDS, timed_operation
from photostore_adapters.postgres.errors import DatabaseUnavailable, translated
from photostore_adapters.postgres.settings import PostgresSettings

_DIALECT = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """A select, compiled once: its SQL, and the names of its parameters in the order of their numbers."""

    sql: str
    names: tuple[str, ...]


def compiled(select: Select[*tuple[Any, ...]]) -> Statement:
    """Compiling costs more than reading a page: whoever calls this keeps the result, one for each shape of a query."""
    result = select.compile(dialect=_DIALECT)
    return Statement(str(result), tuple(result.positiontup or ()))


class Reader:
    """A pool of connections for reads. Each statement is its own transaction.

    Whoever gets no connection within `patience` seconds is told that the database does not answer.
    """

    def __init__(self, pool: asyncpg.Pool, *, patience: float) -> None:
        self._pool = pool
        self._patience = patience

    @property
    def idle(self) -> int:
        """Connections that wait for work."""
        return int(self._pool.get_idle_size())

    @property
    def in_use(self) -> int:
        return int(self._pool.get_size()) - self.idle

    async def fetch(self, statement: Statement, **values: object) -> list[Any]:
        arguments = [values[name] for name in statement.names]
        try:
            return await self._fetch(statement.sql, arguments)
        except DatabaseUnavailable as error:
            if isinstance(error.__cause__, TimeoutError):
                raise  # whoever waits has waited long enough
            # A connection of the pool that died while it lay idle; asking again is harmless.
            return await self._fetch(statement.sql, arguments)

    async def _fetch(self, sql: str, arguments: list[object]) -> list[Any]:
        with timed_operation(DATABASE_SECONDS, "read"), translated():
            async with self._pool.acquire(timeout=self._patience) as connection:
                return list(await connection.fetch(sql, *arguments))

    async def fetch_one(self, statement: Statement, **values: object) -> Any:
        rows = await self.fetch(statement, **values)
        return rows[0] if rows else None


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda data: msgspec.json.decode(data[1:]),
        format="binary",
    )


async def _leave_as_it_is(_connection: object) -> None:
    """Reads leave nothing behind in a session; resetting it all the same would double the number of statements."""


async def open_pool(settings: PostgresSettings) -> asyncpg.Pool:
    """Connects when it is first used, so that the service starts, and says so, while the database is away."""
    return await asyncpg.create_pool(
        settings.url,
        min_size=0,
        max_size=settings.pool_size,
        init=_prepare,
        reset=_leave_as_it_is,
        timeout=settings.connect_timeout,
        command_timeout=settings.statement_timeout,
        max_inactive_connection_lifetime=300,
    )
