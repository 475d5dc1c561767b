"""A span for each statement that Postgres is asked."""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from photostore_adapters.observability.tracing.leaves import Attributes, Leaves
from photostore_adapters.postgres.connections import ConnectionKind

# The first table that is named; `FOR UPDATE`, `DO UPDATE` and calls of functions name none.
_TABLE = re.compile(
    r"\bINTO\s+(\w+)|(?:\bFROM|(?<!FOR )(?<!DO )\bUPDATE)\s+(?:ONLY\s+)?([a-z_]\w*+)(?!\s*\()", re.IGNORECASE
)


def traced_connections(leaves: Leaves, url: str) -> ConnectionKind:
    """Connections to this database that tell of their statements: the text, in which values are numbers of parameters, and
    never the values."""
    place = _place(url)

    @lru_cache(1024)
    def told(query: str) -> tuple[str, Attributes]:
        operation = query.split(None, 1)[0].rstrip(";").upper() if query.strip() else "EMPTY"
        table = _TABLE.search(query)
        summary = f"{operation} {table[1] or table[2]}" if table else operation
        return summary, {
            **place,
            "db.operation.name": operation,
            "db.query.summary": summary,
            "db.query.text": query,
        }

    class Statement:
        """One that was prepared, as SQLAlchemy does."""

        def __init__(self, statement: Any, query: str) -> None:
            self._statement = statement
            self._query = query

        def __getattr__(self, name: str) -> Any:
            return getattr(self._statement, name)

        async def fetch(self, *args: Any, **options: Any) -> Any:
            with leaves.leaf(*told(self._query)):
                return await self._statement.fetch(*args, **options)

    class TracedConnection(asyncpg.Connection):  # type: ignore[misc]
        async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
            with leaves.leaf(*told(query)):
                return await super().fetch(query, *args, **options)

        async def execute(self, query: str, *args: Any, **options: Any) -> Any:
            with leaves.leaf(*told(query)):
                return await super().execute(query, *args, **options)

        async def executemany(self, command: str, args: Any, **options: Any) -> Any:
            with leaves.leaf(*told(command)):
                return await super().executemany(command, args, **options)

        async def prepare(self, query: str, **options: Any) -> Any:
            return Statement(await super().prepare(query, **options), query)

    return ConnectionKind(TracedConnection)


def _place(url: str) -> dict[str, str | int]:
    parts = urlsplit(url)
    place: dict[str, str | int] = {"db.system.name": "postgresql", "db.namespace": parts.path.strip("/")}
    if parts.hostname:
        place |= {"server.address": parts.hostname, "server.port": parts.port or 5432}
    return place
