"""What is learnt of a file while it passes through."""

from collections.abc import AsyncIterator
from hashlib import sha256

from photostore.shared.blobs import BlobKey, BlobStore
from photostore.upload.limits import UploadLimits
from photostore.upload.pictures import PictureInspector

HEAD_SIZE = 65_536
SNIFFED_SIZE = 512


class Received:
    """Hashes, measures and looks at the bytes as they pass; keeps no more of them than the first 64 KiB.

    Iterating raises `UploadTooLarge` as soon as the limit is passed, and `UnsupportedImage` as soon as the first bytes tell.
    """

    def __init__(self, chunks: AsyncIterator[bytes], *, limits: UploadLimits, inspector: PictureInspector) -> None:
        self._chunks = chunks
        self._limits = limits
        self._inspector = inspector
        self._digest = sha256()
        self._waiting: list[bytes] = []
        self.head = b""
        self.byte_size = 0

    @property
    def sha256(self) -> bytes:
        return self._digest.digest()

    async def look(self) -> None:
        """Read as much as telling the type needs, before anything is kept. Raise `UnsupportedImage`."""
        seen = bytearray()
        async for chunk in self._chunks:
            self._waiting.append(chunk)
            seen += chunk
            if len(seen) >= SNIFFED_SIZE:
                break
        self._inspector.sniff(bytes(seen[:SNIFFED_SIZE]))

    async def chunks(self) -> AsyncIterator[bytes]:
        for chunk in self._waiting:
            self._take(chunk)
            yield chunk
        self._waiting.clear()
        async for chunk in self._chunks:
            self._take(chunk)
            yield chunk

    def _take(self, chunk: bytes) -> None:
        self.byte_size += len(chunk)
        self._limits.demand_fits(self.byte_size)
        self._digest.update(chunk)
        if len(self.head) < HEAD_SIZE:
            self.head += chunk[: HEAD_SIZE - len(self.head)]


class StoredBytes:
    """A stored blob as a `ByteSource`: its head was seen passing, only the rest is asked of the store."""

    def __init__(self, store: BlobStore, key: BlobKey, *, byte_size: int, head: bytes) -> None:
        self._store = store
        self._key = key
        self._head = head
        self.byte_size = byte_size

    async def read(self, offset: int, length: int) -> bytes:
        if offset + length <= len(self._head) or len(self._head) == self.byte_size:
            return self._head[offset : offset + length]
        async with self._store.open(self._key, offset=offset, length=length) as blob:
            return b"".join([chunk async for chunk in blob.chunks])
