"""Spans of what blob stores are asked. Keys are not told."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager

from opentelemetry.trace import Span, SpanKind

from photostore.shared.blobs import (
    BlobInfo,
    BlobKey,
    BlobNotFound,
    BlobStore,
    MultipartBlobStore,
    MultipartId,
    MultipartNotFound,
    OpenBlob,
    PendingMultipart,
    StoredPart,
)
from photostore_adapters.observability.tracing.leaves import Attributes, Leaves

_SIZE = "photostore.blob.bytes"


class _Asked:
    def __init__(self, leaves: Leaves, store: Attributes) -> None:
        self._leaves = leaves
        self._store = store
        self._kind = SpanKind.CLIENT if "server.address" in store else SpanKind.INTERNAL

    def __call__(self, what: str) -> AbstractContextManager[Span]:
        fine = (BlobNotFound, MultipartNotFound)
        return self._leaves.leaf(f"blob {what}", self._store, kind=self._kind, fine=fine)


class TracedBlobStore(BlobStore):
    """`store` tells where it is."""

    def __init__(self, inner: BlobStore, leaves: Leaves, store: Attributes) -> None:
        self._inner = inner
        self._asked = _Asked(leaves, store)

    async def put(self, key: BlobKey, chunks: AsyncIterable[bytes], *, at_most: int | None = None) -> int:
        with self._asked("put") as span:
            size = await self._inner.put(key, chunks, at_most=at_most)
            span.set_attribute(_SIZE, size)
            return size

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        """To the end of reading; the event is when the first byte could be read."""
        with self._asked("get") as span:
            async with self._inner.open(key, offset=offset, length=length) as blob:
                span.set_attribute(_SIZE, blob.byte_size)
                span.add_event("opened")
                yield blob

    async def head(self, key: BlobKey) -> BlobInfo:
        with self._asked("head"):
            return await self._inner.head(key)

    async def delete(self, key: BlobKey) -> None:
        with self._asked("delete"):
            await self._inner.delete(key)

    async def list(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        with self._asked("list"):
            async for blob in self._inner.list(prefix, after=after):
                yield blob


class TracedMultiparts(MultipartBlobStore):
    def __init__(self, inner: MultipartBlobStore, leaves: Leaves, store: Attributes) -> None:
        self._inner = inner
        self._asked = _Asked(leaves, store)

    async def start(self, key: BlobKey) -> MultipartId:
        with self._asked("start multipart"):
            return await self._inner.start(key)

    async def put_part(
        self, key: BlobKey, multipart_id: MultipartId, *, number: int, chunks: AsyncIterable[bytes], length: int
    ) -> StoredPart:
        with self._asked("put part") as span:
            span.set_attribute(_SIZE, length)
            return await self._inner.put_part(key, multipart_id, number=number, chunks=chunks, length=length)

    async def parts(self, key: BlobKey, multipart_id: MultipartId) -> Sequence[StoredPart]:
        with self._asked("list parts"):
            return await self._inner.parts(key, multipart_id)

    async def complete(self, key: BlobKey, multipart_id: MultipartId, parts: Sequence[StoredPart]) -> None:
        with self._asked("complete multipart"):
            await self._inner.complete(key, multipart_id, parts)

    async def abort(self, key: BlobKey, multipart_id: MultipartId) -> None:
        with self._asked("abort multipart"):
            await self._inner.abort(key, multipart_id)

    async def pending(self, prefix: str) -> AsyncIterator[PendingMultipart]:
        with self._asked("list multiparts"):
            async for each in self._inner.pending(prefix):
                yield each
