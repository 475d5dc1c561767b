"""A blob store that is measured."""

import time
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from photostore.shared.blobs import BlobExists, BlobInfo, BlobKey, BlobNotFound, BlobStore, OpenBlob
from photostore_adapters.observability.metrics import STORE_BYTES, STORE_SECONDS


class MeasuredBlobStore(BlobStore):
    """Every call of `store` with its time and outcome, and the bytes that pass."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store

    async def put(self, key: BlobKey, chunks: AsyncIterable[bytes], *, at_most: int | None = None) -> int:
        with _measured("put"):
            size = await self._store.put(key, chunks, at_most=at_most)
        STORE_BYTES.labels("put").inc(size)
        return size

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        with _measured("get"):
            async with self._store.open(key, offset=offset, length=length) as blob:
                yield OpenBlob(byte_size=blob.byte_size, chunks=_counted(blob.chunks))

    async def head(self, key: BlobKey) -> BlobInfo:
        with _measured("head"):
            return await self._store.head(key)

    async def delete(self, key: BlobKey) -> None:
        with _measured("delete"):
            await self._store.delete(key)

    async def list(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        with _measured("list"):
            async for blob in self._store.list(prefix, after=after):
                yield blob


async def _counted(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        STORE_BYTES.labels("get").inc(len(chunk))
        yield chunk


@contextmanager
def _measured(operation: str) -> Iterator[None]:
    started, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "ok"
    except BlobNotFound:
        outcome = "absent"
        raise
    except BlobExists:
        outcome = "exists"
        raise
    finally:
        STORE_SECONDS.labels(operation, outcome).observe(time.perf_counter() - started)
