"""What the row classes have in common, and how an aggregate is written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, LargeBinary, Text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from photostore.shared.aggregate import Aggregate
from photostore.shared.errors import ConcurrentUpdate


class Row(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it so
        datetime: DateTime(timezone=True),
        int: BigInteger,
        str: Text,
        bytes: LargeBinary,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
    }


async def update_versioned(
    session: AsyncSession,
    row: type[Row],
    aggregate: Aggregate[Any],
    columns: Mapping[str, object],
    **key: UUID,
) -> None:
    """One UPDATE, guarded by the version that was read. Raise `ConcurrentUpdate` when it is no longer that."""
    table = row.__table__
    matches = [table.c[name] == value for name, value in key.items()]
    statement = (
        update(row)
        .where(*matches, table.c.version == aggregate.version)
        .values(**columns, version=aggregate.version + 1)
        .execution_options(synchronize_session=False)
        .returning(table.c.version)
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise ConcurrentUpdate(f"{type(aggregate).__name__} {aggregate.id} was changed by someone else. Read it again.")
    aggregate.version += 1
