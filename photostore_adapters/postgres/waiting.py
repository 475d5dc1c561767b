"""A transaction that waits for the answer to its request."""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

from photostore_adapters.postgres.errors import translated
from photostore_adapters.postgres.transaction import Transaction


class WaitingTransaction:
    """Of one scope. `wanted` while its request has claimed a key; `transaction` once one waits."""

    def __init__(self) -> None:
        self.wanted = False
        self.transaction: Transaction | None = None

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Any]:
        """What a read of the same request finds, with all that the transaction wrote.

        Its connection reads JSON as the readers' connections do, by the deserializer of the engine.
        """
        assert self.transaction is not None, "asked only while one waits"
        with translated():
            return list(await self.transaction.run(sql, arguments))


# Of the request that is being answered: its reads go through the transaction that waits.
WAITING: ContextVar[WaitingTransaction | None] = ContextVar("waiting", default=None)


def waiting() -> WaitingTransaction | None:
    """The transaction that reads must go through."""
    found = WAITING.get()
    return found if found is not None and found.transaction is not None else None
