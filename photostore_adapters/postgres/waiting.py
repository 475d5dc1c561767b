"""A transaction that waits for the answer to its request."""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from photostore_adapters.postgres.errors import translated

_JSON = frozenset({"json", "jsonb"})


class WaitingTransaction:
    """Of one scope. `wanted` while its request has claimed a key; `session` once a transaction waits."""

    def __init__(self) -> None:
        self.wanted = False
        self.session: AsyncSession | None = None

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Any]:
        """What a read of the same request finds, with all that the transaction wrote."""
        assert self.session is not None, "asked only while one waits"
        connection = await self.session.connection()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        with translated():
            statement = await driver.prepare(sql)
            records = await statement.fetch(*arguments)
        kinds = [(each.name, each.type.name in _JSON) for each in statement.get_attributes()]
        return [_Row(record, kinds) for record in records]


class _Row(tuple[Any, ...]):
    """A record as the readers' own connections give it: JSON decoded, values by place and by name."""

    _names: dict[str, int]

    def __new__(cls, record: Sequence[Any], kinds: Sequence[tuple[str, bool]]) -> "_Row":
        row = super().__new__(
            cls,
            (
                msgspec.json.decode(value) if is_json and value is not None else value
                for value, (_, is_json) in zip(record, kinds, strict=True)
            ),
        )
        row._names = {name: place for place, (name, _) in enumerate(kinds)}
        return row

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self._names[key] if isinstance(key, str) else key)


# Of the request that is being answered: its reads go through the transaction that waits.
WAITING: ContextVar[WaitingTransaction | None] = ContextVar("waiting", default=None)


def waiting() -> WaitingTransaction | None:
    """The transaction that reads must go through."""
    found = WAITING.get()
    return found if found is not None and found.session is not None else None
