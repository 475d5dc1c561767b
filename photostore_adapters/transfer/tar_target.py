"""An export as one tar stream (POSIX.1-2001, pax), written from beginning to end and never looked at again."""

import tarfile
from collections.abc import AsyncIterator
from datetime import datetime
from typing import BinaryIO

from photostore.shared.blobs import BlobLengthMismatch
from photostore.transfer.ports import ExportedFile, ExportTarget
from photostore_adapters.transfer.threads import in_thread

_RECORD = 10_240  # what tar pads its files to
_BLOCK = 512


class TarTarget(ExportTarget):
    """All within one folder, as RFC 8493 has it. A file that breaks off breaks the stream off."""

    told_as = "tar"
    at_once = 1
    takes_back = False

    def __init__(self, file: BinaryIO, folder: str) -> None:
        self._file = file
        self._folder = folder
        self._written = 0

    async def holds(self, file: ExportedFile) -> bool:
        return False

    async def write(self, path: str, chunks: AsyncIterator[bytes], *, byte_size: int, modified_at: datetime) -> None:
        # Nothing is written of a file that does not even begin.
        first = await anext(chunks, b"")
        await self._put(self._header(path, byte_size, modified_at))
        await self._put(first)
        came = len(first)
        async for chunk in chunks:
            came += len(chunk)
            await self._put(chunk)
        if came != byte_size:
            raise BlobLengthMismatch(f"{came} bytes came, and not {byte_size}")
        await self._put(bytes(-byte_size % _BLOCK))

    async def move(self, before: str, path: str) -> bool:
        return False

    async def remove(self, path: str) -> None:
        """What was written stays."""

    async def finish(self) -> None:
        end = 2 * _BLOCK
        await self._put(bytes(end + -(self._written + end) % _RECORD))
        await in_thread(self._file.flush)

    def _header(self, path: str, byte_size: int, modified_at: datetime) -> bytes:
        info = tarfile.TarInfo(f"{self._folder}/{path}")
        info.size, info.mtime, info.mode = byte_size, int(modified_at.timestamp()), 0o644
        return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")

    async def _put(self, content: bytes) -> None:
        if content:
            self._written += len(content)
            await in_thread(self._file.write, content)
