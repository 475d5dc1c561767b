"""A folder with copies: on a disk that may come and go while photostore runs."""

import os
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from photostore.shared.blobs import BlobInfo, BlobKey, MendableBlobStore, OpenBlob
from photostore_adapters.filesystem.blob_store import FilesystemBlobStore
from photostore_adapters.filesystem.folders import FOLDER_MODE, disk_errors
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.filesystem.threads import BlobThreads


class FolderReplica(MendableBlobStore):
    """The folder itself is never made: where its disk is not mounted, the copies would fill another one."""

    def __init__(self, root: Path, threads: BlobThreads) -> None:
        self._root = root
        self._threads = threads
        # It signs nothing: nobody is led here.
        self._store = FilesystemBlobStore(
            FilesystemSettings(root=root, base_url="", signing_key=os.urandom(16)), threads
        )
        self._is_laid_out = False

    async def put(self, key: BlobKey, chunks: AsyncIterable[bytes], *, at_most: int | None = None) -> int:
        await self._lay_out()
        return await self._store.put(key, chunks, at_most=at_most)

    async def mend(self, key: BlobKey, chunks: AsyncIterable[bytes], *, byte_size: int, sha256: bytes) -> None:
        await self._lay_out()
        await self._store.mend(key, chunks, byte_size=byte_size, sha256=sha256)

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        await self._lay_out()
        async with self._store.open(key, offset=offset, length=length) as blob:
            yield blob

    async def head(self, key: BlobKey) -> BlobInfo:
        await self._lay_out()
        return await self._store.head(key)

    async def delete(self, key: BlobKey) -> None:
        await self._lay_out()
        await self._store.delete(key)

    async def list(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        await self._lay_out()
        async for blob in self._store.list(prefix, after=after):
            yield blob

    async def _lay_out(self) -> None:
        """Once, since a folder that was there and is gone now is a disk that is away."""
        if not self._is_laid_out:
            await self._threads.run(self._make_folders)
            self._is_laid_out = True

    def _make_folders(self) -> None:
        with disk_errors():
            for name in ("blobs", "tmp"):
                (self._root / name).mkdir(mode=FOLDER_MODE, exist_ok=True)
