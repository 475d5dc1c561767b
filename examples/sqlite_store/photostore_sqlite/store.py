"""Streams of bytes by key. A blob is written as a draft, piece by piece, and given its key when it is whole."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from sqlite3 import Connection, IntegrityError
from time import time
from uuid import uuid4

from photostore.shared.blobs import (
    BlobExists,
    BlobInfo,
    BlobKey,
    BlobLengthMismatch,
    BlobNotFound,
    BlobStoreUnavailable,
    MendableBlobStore,
    OpenBlob,
    blob_key,
)
from photostore.shared.verifying import verified
from photostore_sqlite.database import Database

PIECE = 1 << 20  # bytes held in memory, and the most that a reader is given at once


class SqliteBlobStore(MendableBlobStore):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, key: BlobKey, chunks: AsyncIterable[bytes], *, at_most: int | None = None) -> int:
        blob_key(key)
        async with draft(self._database, chunks, at_most) as (blob, size):
            await self._database.run(lambda sql: name(sql, blob, key))
        return size

    async def mend(self, key: BlobKey, chunks: AsyncIterable[bytes], *, byte_size: int, sha256: bytes) -> None:
        blob_key(key)

        def replace(sql: Connection, blob: str) -> None:
            sql.execute("DELETE FROM blobs WHERE key = ?", (key,))
            name(sql, blob, key)

        async with draft(self._database, verified(chunks, byte_size=byte_size, sha256=sha256)) as (blob, _):
            await self._database.run(lambda sql: replace(sql, blob))

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        blob, size, _ = await self._find(key)
        end = size if length is None else min(offset + length, size)
        yield OpenBlob(byte_size=size, chunks=self._read(blob, offset, end))

    async def head(self, key: BlobKey) -> BlobInfo:
        _, size, modified = await self._find(key)
        return _info(key, size, modified)

    async def delete(self, key: BlobKey) -> None:
        await self._database.rows("DELETE FROM blobs WHERE key = ?", blob_key(key))

    async def list(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        select = "SELECT key, size, modified FROM blobs WHERE key > ? AND key >= ? AND key < ? ORDER BY key LIMIT 500"
        end = prefix + "\x7f"  # keys are ASCII: no character of theirs stands behind DEL
        while page := await self._database.rows(select, after, prefix, end):
            for row in page:
                yield _info(*row)
            after = page[-1][0]

    async def _find(self, key: BlobKey) -> tuple[str, int, float]:
        rows = await self._database.rows("SELECT id, size, modified FROM blobs WHERE key = ?", blob_key(key))
        if not rows:
            raise BlobNotFound(f"blob {key}")
        return rows[0]  # type: ignore[no-any-return]

    async def _read(self, blob: str, position: int, end: int) -> AsyncIterator[bytes]:
        select = "SELECT first, bytes FROM pieces WHERE blob = ? AND first <= ? ORDER BY first DESC LIMIT 1"
        while position < end:
            rows = await self._database.rows(select, blob, position)
            if not rows:
                raise BlobStoreUnavailable("the blob was deleted while it was read")
            first, content = rows[0]
            yield content[position - first : end - first]
            position = first + len(content)


@asynccontextmanager
async def draft(
    database: Database, chunks: AsyncIterable[bytes], at_most: int | None = None
) -> AsyncIterator[tuple[str, int]]:
    """The id of a blob that nobody sees, and its size. It is gone when what is done with it fails or is cancelled."""
    blob, size = uuid4().hex, 0
    try:
        await database.rows("INSERT INTO blobs VALUES (?, NULL, 0, ?)", blob, time())
        async for piece in _pieces(chunks):
            size += len(piece)
            if at_most is not None and size > at_most:
                raise BlobLengthMismatch(f"the stream is longer than {at_most} bytes")
            await database.rows("INSERT INTO pieces VALUES (?, ?, ?)", blob, size - len(piece), piece)
        await database.rows("UPDATE blobs SET size = ? WHERE id = ?", size, blob)
        yield blob, size
    except BaseException:
        await database.rows("DELETE FROM blobs WHERE id = ?", blob)
        raise


def name(sql: Connection, blob: str, key: str) -> None:
    try:
        sql.execute("UPDATE blobs SET key = ?, modified = ? WHERE id = ?", (key, time(), blob))
    except IntegrityError as error:
        raise BlobExists(f"blob {key}") from error


async def _pieces(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, in pieces of one size but for the last."""
    held = bytearray()
    async for chunk in chunks:
        held += chunk
        while len(held) >= PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    if held:
        yield bytes(held)


def _info(key: str, size: int, modified: float) -> BlobInfo:
    return BlobInfo(key=BlobKey(key), byte_size=size, modified_at=datetime.fromtimestamp(modified, UTC))
