"""Blobs as files: `<root>/blobs/<key>`, written in `<root>/tmp` and linked into place once they are whole and durable."""

import os
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from shutil import rmtree

from photostore.shared.blobs import BlobInfo, BlobKey, BlobStoreUnavailable, MendableBlobStore, OpenBlob, blob_key
from photostore.shared.verifying import verified
from photostore_adapters.filesystem.folders import (
    FOLDER_MODE,
    disk_errors,
    file_info,
    link_file,
    open_file,
    replace_file,
    unlink_file,
    walk,
)
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.filesystem.temporary_file import TemporaryFile, write_stream
from photostore_adapters.filesystem.threads import BlobThreads

_READ_BYTES = 1 << 20
_PAGE = 500
_STALE = timedelta(hours=24)


def lay_out(settings: FilesystemSettings) -> None:
    """Make the folders that the store needs. Blocks; said again it does nothing."""
    settings.root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    for name in ("blobs", "tmp", "multiparts"):
        (settings.root / name).mkdir(mode=FOLDER_MODE, exist_ok=True)


def remove_stale_files(settings: FilesystemSettings, now: datetime) -> None:
    """Remove what a killed process left in `tmp` more than a day ago. Blocks."""
    for left in (settings.root / "tmp").iterdir():
        with suppress(FileNotFoundError):  # another process cleans too, or the write has just ended
            if left.lstat().st_mtime > (now - _STALE).timestamp():
                continue
            if left.is_dir() and not left.is_symlink():
                rmtree(left)
            else:
                left.unlink()


class FilesystemBlobStore(MendableBlobStore):
    """Needs a file system with hard links, which every one for servers has."""

    def __init__(self, settings: FilesystemSettings, threads: BlobThreads) -> None:
        self._blobs = settings.root / "blobs"
        self._temporary = settings.root / "tmp"
        self._threads = threads

    async def put(self, key: BlobKey, chunks: AsyncIterable[bytes], *, at_most: int | None = None) -> int:
        blob_key(key)
        file = _NewBlob(self._temporary, self._blobs, key)
        try:
            written = await write_stream(self._threads, file, chunks, at_most=at_most)
            await self._threads.run(file.publish)
        except BaseException:
            await self._threads.run(file.retract)
            raise
        return written

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        blob_key(key)
        file = _BlobFile(self._blobs, key)
        try:
            await self._threads.run(file.open)
            end = file.byte_size if length is None else min(offset + length, file.byte_size)
            yield OpenBlob(byte_size=file.byte_size, chunks=_Chunks(self._threads, file, offset, end))
        finally:
            file.close()

    async def mend(self, key: BlobKey, chunks: AsyncIterable[bytes], *, byte_size: int, sha256: bytes) -> None:
        blob_key(key)
        file = _NewBlob(self._temporary, self._blobs, key)
        try:
            right = verified(chunks, byte_size=byte_size, sha256=sha256)
            await write_stream(self._threads, file, right, at_most=None)
            await self._threads.run(file.replace)
        finally:
            await self._threads.run(file.discard)

    async def head(self, key: BlobKey) -> BlobInfo:
        blob_key(key)
        with disk_errors():
            return await self._threads.run(file_info, self._blobs, key)

    async def delete(self, key: BlobKey) -> None:
        blob_key(key)
        with disk_errors():
            await self._threads.run(unlink_file, self._blobs, key)

    async def list(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        found = walk(self._blobs, prefix, after)
        try:
            with disk_errors():
                while page := await self._threads.run(lambda: tuple(islice(found, _PAGE))):
                    for info in page:
                        yield info
        finally:
            found.close()


class _NewBlob(TemporaryFile):
    """A temporary file that knows where it is going, and whether it is there."""

    def __init__(self, folder: Path, blobs: Path, key: BlobKey) -> None:
        super().__init__(folder)
        self._blobs = blobs
        self._key = key
        self._published = False

    def publish(self) -> None:
        self.finish()
        with disk_errors():
            link_file(self._blobs, self.path, self._key)
            self._published = True
            self.path.unlink()

    def replace(self) -> None:
        self.finish()
        with disk_errors():
            replace_file(self._blobs, self.path, self._key)

    def retract(self) -> None:
        """Leave nothing: also when the write was cancelled just as it had succeeded."""
        self.discard()
        if self._published:
            with disk_errors():
                unlink_file(self._blobs, self._key)


class _BlobFile:
    """A blob's open file; it knows its descriptor even when whoever asked for it was cancelled meanwhile."""

    def __init__(self, blobs: Path, key: BlobKey) -> None:
        self._blobs = blobs
        self._key = key
        self._opened = -1
        self.byte_size = 0

    def open(self) -> None:
        with disk_errors():
            self._opened, self.byte_size = open_file(self._blobs, self._key)

    def read(self, offset: int, length: int) -> bytes:
        with disk_errors():
            return os.pread(self._opened, length, offset)

    def close(self) -> None:
        opened, self._opened = self._opened, -1
        if opened >= 0:
            os.close(opened)


class _Chunks(AsyncIterator[bytes]):
    def __init__(self, threads: BlobThreads, file: _BlobFile, offset: int, end: int) -> None:
        self._threads = threads
        self._file = file
        self._offset = offset
        self._end = end

    async def __anext__(self) -> bytes:
        if self._offset >= self._end:
            raise StopAsyncIteration
        chunk = await self._threads.run(self._file.read, self._offset, min(_READ_BYTES, self._end - self._offset))
        if not chunk:
            raise BlobStoreUnavailable("a blob's file has become shorter while it was read")
        self._offset += len(chunk)
        return chunk
