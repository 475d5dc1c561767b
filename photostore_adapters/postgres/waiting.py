"""A transaction that waits for the answer to its request."""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from photostore_adapters.postgres.errors import translated


class WaitingTransaction:
    """Of one scope. `wanted` while its request has claimed a key; `session` once a transaction waits."""

    def __init__(self) -> None:
        self.wanted = False
        self.session: AsyncSession | None = None

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Any]:
        """What a read of the same request finds, with all that the transaction wrote.

        SQLAlchemy's own connection reads JSON as the readers' connections do, by the deserializer of the engine.
        """
        assert self.session is not None, "asked only while one waits"
        connection = await self.session.connection()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        with translated():
            return list(await driver.fetch(sql, *arguments))


# Of the request that is being answered: its reads go through the transaction that waits.
WAITING: ContextVar[WaitingTransaction | None] = ContextVar("waiting", default=None)


def waiting() -> WaitingTransaction | None:
    """The transaction that reads must go through."""
    found = WAITING.get()
    return found if found is not None and found.session is not None else None
