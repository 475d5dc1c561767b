"""Bytes that have no place yet: written under a name of their own, made durable, then linked where they belong."""

import os
from collections.abc import AsyncIterable, Sequence
from pathlib import Path
from uuid import uuid4

from photostore.shared.blobs import BlobLengthMismatch
from photostore_adapters.filesystem.folders import FILE_MODE, disk_errors
from photostore_adapters.filesystem.threads import BlobThreads

_BATCH_BYTES = 1 << 20  # one hop into a thread a megabyte: hops cost more than writing


class TemporaryFile:
    """One file in `folder`. Every method blocks; `discard` leaves nothing, whatever happened before."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / uuid4().hex
        self._opened = -1

    def write(self, chunks: Sequence[bytes]) -> None:
        with disk_errors():
            rest = memoryview(chunks[0] if len(chunks) == 1 else b"".join(chunks))
            while rest:
                rest = rest[os.write(self.descriptor(), rest) :]

    def finish(self) -> os.stat_result:
        """Make the bytes durable; there will be no more of them."""
        with disk_errors():
            os.fsync(self.descriptor())
            status = os.fstat(self._opened)
            self._close()
            return status

    def discard(self) -> None:
        with disk_errors():
            self._close()
            self.path.unlink(missing_ok=True)

    def descriptor(self) -> int:
        if self._opened < 0:
            self._opened = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        return self._opened

    def _close(self) -> None:
        opened, self._opened = self._opened, -1
        if opened >= 0:
            os.close(opened)


async def write_stream(
    threads: BlobThreads, file: TemporaryFile, chunks: AsyncIterable[bytes], *, at_most: int | None
) -> int:
    """Write all of `chunks`, a batch a thread hop, and return their number of bytes."""
    written = waiting = 0
    batch: list[bytes] = []
    async for chunk in chunks:
        written += len(chunk)
        if at_most is not None and written > at_most:
            raise BlobLengthMismatch(f"more than {at_most} bytes came")
        if not chunk:
            continue
        batch.append(chunk)
        waiting += len(chunk)
        if waiting >= _BATCH_BYTES:
            await threads.run(file.write, batch)
            batch, waiting = [], 0
    if batch:
        await threads.run(file.write, batch)
    return written
