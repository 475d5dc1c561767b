"""Files without names, for what is being decoded and what was made of it: a kill leaves none behind."""

import os
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

import structlog

from photostore_adapters.filesystem.threads import BlobThreads
from photostore_adapters.imaging.processes.errors import DecoderUnavailable

_log = structlog.get_logger(__name__)
_BATCH_BYTES = 1 << 20  # one hop into a thread a megabyte: hops cost more than writing
_CHUNK_BYTES = 256 << 10


class Scratch:
    """Makes files in `folder`, or in the system's own. The disk is touched in threads only."""

    def __init__(self, folder: Path | None, threads: int) -> None:
        self._folder = folder
        self._threads = BlobThreads(threads)

    @asynccontextmanager
    async def files(self, count: int) -> AsyncIterator[Sequence[int]]:
        """Descriptors of so many empty files, for as long as the block. Raise `DecoderUnavailable`."""
        opened: list[IO[bytes]] = []  # made here, so that a file which was opened while we were cancelled is closed
        try:
            await self._threads.run(self._open, opened, count)
            yield [file.fileno() for file in opened]
        finally:
            await self._threads.run(_close, opened)

    async def fill(self, descriptor: int, chunks: AsyncIterable[bytes]) -> None:
        """Write all of `chunks`, and rewind. Raise `DecoderUnavailable` when there is no room."""
        batch: list[bytes] = []
        waiting = 0
        async for chunk in chunks:
            batch.append(chunk)
            waiting += len(chunk)
            if waiting >= _BATCH_BYTES:
                await self._threads.run(_write, descriptor, batch)
                batch, waiting = [], 0
        await self._threads.run(_write, descriptor, batch)
        await self._threads.run(os.lseek, descriptor, 0, os.SEEK_SET)

    def reader(self, descriptor: int, byte_size: int) -> Callable[[], AsyncIterator[bytes]]:
        """Gives the first `byte_size` bytes each time it is called, whoever else reads the file."""

        async def chunks() -> AsyncIterator[bytes]:
            for offset in range(0, byte_size, _CHUNK_BYTES):
                yield await self._threads.run(os.pread, descriptor, min(_CHUNK_BYTES, byte_size - offset), offset)

        return chunks

    def _open(self, opened: list[IO[bytes]], count: int) -> None:
        with _disk_errors():
            opened.extend(tempfile.TemporaryFile(dir=self._folder, buffering=0) for _ in range(count))  # noqa: SIM115


def _write(descriptor: int, batch: Sequence[bytes]) -> None:
    with _disk_errors():
        for chunk in batch:
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(descriptor, rest) :]


def _close(opened: Sequence[IO[bytes]]) -> None:
    for file in opened:
        file.close()


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        _log.error("the scratch folder of the decoder cannot be used", reason=repr(fault))
        raise DecoderUnavailable("There is no room to decode pictures in.") from fault
