"""Uploads in parts. A part is a draft; completing gives the pieces of all parts to one blob, without copying a byte."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from datetime import UTC, datetime
from sqlite3 import Connection
from time import time
from uuid import uuid4

from photostore.shared.blobs import (
    MAX_PARTS,
    MIN_PART_BYTES,
    BlobKey,
    BlobLengthMismatch,
    MultipartBlobStore,
    MultipartId,
    MultipartNotFound,
    PartsMismatch,
    PendingMultipart,
    StoredPart,
    blob_key,
)
from photostore_sqlite.database import Database
from photostore_sqlite.store import draft, name


class SqliteMultipartBlobStore(MultipartBlobStore):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self, key: BlobKey) -> MultipartId:
        multipart_id = MultipartId(uuid4().hex)
        await self._database.rows("INSERT INTO uploads VALUES (?, ?, ?)", multipart_id, blob_key(key), time())
        return multipart_id

    async def put_part(
        self, key: BlobKey, multipart_id: MultipartId, *, number: int, chunks: AsyncIterable[bytes], length: int
    ) -> StoredPart:
        if not 1 <= number <= MAX_PARTS:
            raise PartsMismatch(f"parts have numbers from 1 to {MAX_PARTS}")
        await self.parts(key, multipart_id)
        async with draft(self._database, chunks, length) as (blob, size):
            if size != length:
                raise BlobLengthMismatch(f"the part has {size} bytes instead of {length}")
            part = StoredPart(number=number, byte_size=size, etag=uuid4().hex)
            await self._database.run(lambda sql: _keep(sql, key, multipart_id, part, blob))
        return part

    async def parts(self, key: BlobKey, multipart_id: MultipartId) -> Sequence[StoredPart]:
        return [part for part, _ in await self._database.run(lambda sql: _parts(sql, key, multipart_id))]

    async def complete(self, key: BlobKey, multipart_id: MultipartId, parts: Sequence[StoredPart]) -> None:
        await self._database.run(lambda sql: _complete(sql, key, multipart_id, parts))

    async def abort(self, key: BlobKey, multipart_id: MultipartId) -> None:
        await self._database.run(lambda sql: _abort(sql, key, multipart_id))

    async def pending(self, prefix: str) -> AsyncIterator[PendingMultipart]:
        select = "SELECT id, key, started FROM uploads WHERE key >= ? AND key < ? ORDER BY key"
        for multipart_id, key, started in await self._database.rows(select, prefix, prefix + "\x7f"):
            yield PendingMultipart(
                key=BlobKey(key),
                multipart_id=MultipartId(multipart_id),
                started_at=datetime.fromtimestamp(started, UTC),
            )


def _parts(sql: Connection, key: BlobKey, multipart_id: MultipartId) -> list[tuple[StoredPart, str]]:
    """What has arrived, each with the draft that holds it."""
    if not sql.execute("SELECT 1 FROM uploads WHERE id = ? AND key = ?", (multipart_id, key)).fetchone():
        raise MultipartNotFound(f"multipart upload {multipart_id} of {key}")
    select = "SELECT number, size, etag, blob FROM parts WHERE upload = ? ORDER BY number"
    return [
        (StoredPart(number=number, byte_size=size, etag=etag), blob)
        for number, size, etag, blob in sql.execute(select, (multipart_id,))
    ]


def _keep(sql: Connection, key: BlobKey, multipart_id: MultipartId, part: StoredPart, blob: str) -> None:
    for other, replaced in _parts(sql, key, multipart_id):
        if other.number == part.number:
            sql.execute("DELETE FROM blobs WHERE id = ?", (replaced,))
    row = (multipart_id, part.number, blob, part.byte_size, part.etag)
    sql.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?)", row)


def _complete(sql: Connection, key: BlobKey, multipart_id: MultipartId, parts: Sequence[StoredPart]) -> None:
    arrived = dict(_parts(sql, key, multipart_id))
    ordered = sorted(parts, key=lambda part: part.number)
    small = any(part.byte_size < MIN_PART_BYTES for part in ordered[:-1])
    if not ordered or small or any(part not in arrived for part in ordered):
        raise PartsMismatch("a part did not arrive so, or is too small")
    whole, size = arrived[ordered[0]], 0
    for part in ordered:
        move = "UPDATE pieces SET blob = ?, first = first + ? WHERE blob = ?"
        if part is not ordered[0]:
            sql.execute(move, (whole, size, arrived[part]))
        size += part.byte_size
    sql.execute("UPDATE blobs SET size = ? WHERE id = ?", (size, whole))
    name(sql, whole, key)
    _abort(sql, key, multipart_id)


def _abort(sql: Connection, key: BlobKey, multipart_id: MultipartId) -> None:
    drafts = "SELECT blob FROM parts JOIN uploads ON uploads.id = upload WHERE upload = ? AND uploads.key = ?"
    sql.execute(f"DELETE FROM blobs WHERE key IS NULL AND id IN ({drafts})", (multipart_id, key))  # noqa: S608 - no value is in it
    sql.execute("DELETE FROM uploads WHERE id = ? AND key = ?", (multipart_id, key))
