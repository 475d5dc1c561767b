"""What the row classes have in common, and how an aggregate is written."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, BindParameter, DateTime, Double, LargeBinary, Table, Text, bindparam, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.dml import ReturningUpdate

from photostore.shared.aggregate import Aggregate
from photostore.shared.errors import ConcurrentUpdate


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
def _guarded_update(row: type[Row], columns: tuple[str, ...], key: tuple[str, ...]) -> ReturningUpdate[tuple[int]]:
    table = table_of(row)
    matches = [table.c[name] == bindparam(f"of_{name}") for name in (*key, "version")]
    values: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in columns}
    return update(table).where(*matches).values(**values, version=table.c.version + 1).returning(table.c.version)


async def update_versioned(
    session: AsyncSession,
    row: type[Row],
    aggregate: Aggregate[Any],
    columns: Mapping[str, object],
    **key: UUID,
) -> None:
    """One UPDATE, guarded by the version that was read. Raise `ConcurrentUpdate` when it is no longer that."""
    statement = _guarded_update(row, tuple(columns), tuple(key))
    values = {f"new_{name}": value for name, value in columns.items()} | {f"of_{name}": key[name] for name in key}
    if (await session.execute(statement, values | {"of_version": aggregate.version})).scalar_one_or_none() is None:
        raise ConcurrentUpdate(f"{type(aggregate).__name__} {aggregate.id} was changed by someone else. Read it again.")
    aggregate.version += 1
