"""All photos of all owners, for whoever runs the service."""

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import bindparam, func, select, tuple_

from photostore.photo.queries import LibraryPhoto, LibraryQueries
from photostore.shared.ids import UserId
from photostore_adapters.postgres.photos import PhotoRow
from photostore_adapters.postgres.reading import Reader, Statement, compiled

_COLUMNS = [getattr(PhotoRow, field.name) for field in fields(LibraryPhoto)]


def _walk(*, of_owner: bool, continued: bool) -> Statement:
    statement = select(*_COLUMNS).order_by(PhotoRow.owner_id, PhotoRow.id).limit(bindparam("limit"))
    if of_owner:
        statement = statement.where(PhotoRow.owner_id == bindparam("owner"))
    if continued:
        place = tuple_(bindparam("after_owner"), bindparam("after_id"))
        statement = statement.where(tuple_(PhotoRow.owner_id, PhotoRow.id) > place)
    return compiled(statement)


_WALK = {(owner, on): _walk(of_owner=owner, continued=on) for owner in (False, True) for on in (False, True)}
_COUNT_ALL = compiled(select(func.count()).select_from(PhotoRow))
_COUNT = compiled(select(func.count()).select_from(PhotoRow).where(PhotoRow.owner_id == bindparam("owner")))


class PostgresLibraryQueries(LibraryQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def count(self, owner: UserId | None) -> int:
        row = await self._reader.fetch_one(_COUNT_ALL if owner is None else _COUNT, owner=owner)
        return int(row[0])

    async def walk(self, owner: UserId | None, *, after: LibraryPhoto | None, limit: int) -> Sequence[LibraryPhoto]:
        statement = _WALK[owner is not None, after is not None]
        place = {"after_owner": after and after.owner_id, "after_id": after and after.id}
        return [LibraryPhoto(*row) for row in await self._reader.fetch(statement, owner=owner, limit=limit, **place)]
