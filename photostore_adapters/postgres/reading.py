"""Reading, straight over asyncpg: no session, no transaction, a connection held for one statement alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect

from photostore_adapters.observability.metrics import DATABASE_SECONDS, timed_operation
from photostore_adapters.postgres.connections import Connections
from photostore_adapters.postgres.errors import DatabaseUnavailable, translated
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_adapters.postgres.waiting import waiting

_DIALECT = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """Compiled once: its SQL, and the names of its parameters in the order of their numbers."""

    sql: str
    names: tuple[str, ...]

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        return [values[name] for name in self.names]


def compiled(statement: Select[*tuple[Any, ...]] | Insert | Update | Delete) -> Statement:
    """Compiling costs more than reading a page: whoever calls this keeps the result, one for each shape of a query."""
    result = statement.compile(dialect=_DIALECT)
    return Statement(str(result), tuple(result.positiontup or ()))


class Reader:
    """Each statement is its own transaction, save where one of the same request waits for its answer (`waiting.py`).

    Whoever gets no connection in time is told that the database does not answer.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @property
    def idle(self) -> int:
        """Connections that wait for work."""
        return self._connections.idle

    @property
    def in_use(self) -> int:
        return self._connections.in_use

    async def fetch(self, statement: Statement, **values: object) -> list[Any]:
        arguments = statement.arguments(values)
        mine = waiting()
        if mine is not None:
            return await mine.fetch(statement.sql, arguments)
        try:
            return await self._fetch(statement.sql, arguments)
        except DatabaseUnavailable as error:
            _demand_worth_asking_again(error)
            return await self._fetch(statement.sql, arguments)

    async def _fetch(self, sql: str, arguments: list[object]) -> list[Any]:
        with timed_operation(DATABASE_SECONDS, "read"), translated():
            async with self._connections.borrow() as connection:
                return list(await connection.fetch(sql, *arguments))

    async def fetch_together(
        self, first: Statement, second: Statement, *, unless: Callable[[list[Any]], bool], **values: object
    ) -> tuple[list[Any], list[Any]]:
        """Both see the same rows, whatever is written meanwhile. The second is not asked when `unless` likes the first."""
        mine = waiting()
        if mine is not None:
            found = await mine.fetch(first.sql, first.arguments(values))
            return found, [] if unless(found) else await mine.fetch(second.sql, second.arguments(values))
        try:
            return await self._fetch_together(first, second, unless, values)
        except DatabaseUnavailable as error:
            _demand_worth_asking_again(error)
            return await self._fetch_together(first, second, unless, values)

    async def _fetch_together(
        self, first: Statement, second: Statement, unless: Callable[[list[Any]], bool], values: Mapping[str, object]
    ) -> tuple[list[Any], list[Any]]:
        with timed_operation(DATABASE_SECONDS, "read"), translated():
            async with (
                self._connections.borrow() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                found = await connection.fetch(first.sql, *first.arguments(values))
                more = [] if unless(found) else await connection.fetch(second.sql, *second.arguments(values))
                return list(found), list(more)

    async def fetch_one(self, statement: Statement, **values: object) -> Any:
        rows = await self.fetch(statement, **values)
        return rows[0] if rows else None


def _demand_worth_asking_again(error: DatabaseUnavailable) -> None:
    """A connection of the pool that died while it lay idle: asking again is harmless. Who has waited, has waited enough."""
    if isinstance(error.__cause__, TimeoutError):
        raise error


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: msgspec.json.encode(value).decode(),
        decoder=msgspec.json.decode,
    )


async def _leave_as_it_is(_connection: object) -> None:
    """Reads leave nothing behind in a session; resetting it all the same would double the number of statements."""


async def open_pool(settings: PostgresSettings, kind: type[Any] = asyncpg.Connection) -> asyncpg.Pool:
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
        connection_class=kind,
    )
