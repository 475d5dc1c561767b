"""Uploads, read: one statement a call, no lock."""

from collections.abc import Sequence

from photostore.shared.ids import UploadId, UserId
from photostore.upload.errors import UploadNotFound
from photostore.upload.queries import UploadQueries
from photostore.upload.upload import Upload, UploadState
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.rows import table_of
from photostore_adapters.postgres.uploads import UploadRow, to_upload

_COLUMNS = ", ".join(column.name for column in table_of(UploadRow).c)
_GET = Statement(
    f"SELECT {_COLUMNS} FROM uploads WHERE owner_id = $1 AND id = $2",  # noqa: S608 - names of columns
    ("owner", "upload_id"),
)
# Ids rise with time, so their order is that of creation, and the primary key serves it.
_LIST = Statement(
    f"""
    SELECT {_COLUMNS} FROM uploads
    WHERE owner_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::text IS NULL OR state = $3)
    ORDER BY id DESC LIMIT $4
    """,  # noqa: S608 - names of columns
    ("owner", "after", "state", "limit"),
)


class PostgresUploadQueries(UploadQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def list(
        self, owner: UserId, *, state: UploadState | None, after: UploadId | None, limit: int
    ) -> Sequence[Upload]:
        told = None if state is None else state.value
        rows = await self._reader.fetch(_LIST, owner=owner, after=after, state=told, limit=limit)
        return [to_upload(dict(row)) for row in rows]

    async def get(self, upload_id: UploadId, *, owner: UserId) -> Upload:
        row = await self._reader.fetch_one(_GET, owner=owner, upload_id=upload_id)
        if row is None:
            raise UploadNotFound(f"There is no upload {upload_id}.")
        return to_upload(dict(row))
