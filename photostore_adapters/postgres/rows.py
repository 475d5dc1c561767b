"""What the row classes have in common, and how an aggregate is written."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    BindParameter,
    DateTime,
    Double,
    LargeBinary,
    Table,
    Text,
    bindparam,
    literal_column,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from photostore.shared.aggregate import Aggregate
from photostore.shared.errors import ConcurrentUpdate
from photostore_adapters.postgres.reading import Statement, compiled
from photostore_adapters.postgres.writing import json, run


class Row(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it so
        datetime: DateTime(timezone=True),
        int: BigInteger,
        str: Text,
        bytes: LargeBinary,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB(none_as_null=True),
        list[dict[str, Any]]: JSONB,
        float: Double,
    }


def table_of(row: type[Row]) -> Table:
    """For statements that are made once and know nothing of the ORM: making and compiling one costs more than sending it."""
    table = row.__table__
    assert isinstance(table, Table)
    return table


@cache
def _json_of(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in table.c if isinstance(column.type, JSONB))


def as_sent(table: Table, values: Mapping[str, object]) -> dict[str, object]:
    """The values of these columns as `run` takes them."""
    texts = _json_of(table)
    return {name: json(value) if name in texts else value for name, value in values.items()}


@cache
def _guarded_update(table: Table, columns: tuple[str, ...], key: tuple[str, ...]) -> Statement:
    matches = [table.c[name] == bindparam(f"of_{name}") for name in (*key, "version")]
    values: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in columns}
    guarded = update(table).where(*matches).values(**values, version=table.c.version + literal_column("1"))
    return compiled(guarded.returning(table.c.version))


async def update_versioned(
    session: AsyncSession,
    row: type[Row],
    aggregate: Aggregate[Any],
    columns: Mapping[str, object],
    **key: UUID,
) -> None:
    """One UPDATE, guarded by the version that was read. Raise `ConcurrentUpdate` when it is no longer that."""
    table = table_of(row)
    statement = _guarded_update(table, tuple(columns), tuple(key))
    values = {f"new_{name}": value for name, value in as_sent(table, columns).items()}
    values |= {f"of_{name}": value for name, value in key.items()}
    if not await run(session, statement, **values, of_version=aggregate.version):
        raise ConcurrentUpdate(f"{type(aggregate).__name__} {aggregate.id} was changed by someone else. Read it again.")
    aggregate.version += 1
