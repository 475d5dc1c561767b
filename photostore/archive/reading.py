"""The bytes of an archive whose plan is made, from any of them on."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from zlib import crc32

from photostore.archive.plan import ZipPlan
from photostore.archive.ports import Crc32
from photostore.archive.read_ahead import ReadAhead
from photostore.archive.zip_format import central_record, data_descriptor, local_header
from photostore.shared.blobs import BlobStoreUnavailable

OpenFile = Callable[[int, int, int], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""Opens the file of this number: from an offset on, so many bytes."""
Learned = Callable[[int, int], Awaitable[None]]
"""Is told of the file of this number what its CRC-32 is."""

_DIRECTORY_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class _Part:
    """What is read of a file, from `begin` to `end`; what lies before `first` is read for the CRC-32 alone."""

    number: int
    begin: int
    first: int
    end: int
    is_summed: bool


class ArchiveReading:
    """Reads an archive. `checksums` are the CRC-32 that are known, by the number of the file.

    Empty chunks are signs of life: something was read that is not sent, to find a CRC-32 out.
    """

    def __init__(
        self,
        plan: ZipPlan,
        open_file: OpenFile,
        *,
        checksums: Sequence[int | None],
        learned: Learned,
        crc32: Crc32 = crc32,
    ) -> None:
        self._plan = plan
        self._open_file = open_file
        self._checksums = list(checksums)
        self._learned = learned
        self._crc32 = crc32

    async def chunks(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """What the archive has from `start` to `end`: the same, however much of it is asked for at once.

        A fault of the store is raised midway, and so is a file of another size than was planned.
        """
        for part_of_it in (self._files(start, end), self._directory(start, end)):
            async with aclosing(part_of_it) as chunks:
                async for chunk in chunks:
                    yield chunk
        yield _cut(self._plan.end, self._plan.byte_size - len(self._plan.end), start, end)

    async def _files(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """While one file is sent, the next one is opened."""
        waiting: list[tuple[_Part, ReadAhead[bytes]]] = []
        try:
            for part in self._parts(start, end):
                opened = self._open_file(part.number, part.begin, part.end - part.begin)
                waiting.append((part, ReadAhead(opened)))
                if len(waiting) == 2:
                    async for chunk in self._file(*waiting[0], start, end):
                        yield chunk
                    await waiting.pop(0)[1].aclose()
            for each in waiting:
                async for chunk in self._file(*each, start, end):
                    yield chunk
        finally:
            for _, reader in waiting:
                await reader.aclose()

    def _parts(self, start: int, end: int) -> Iterator[_Part]:
        plan = self._plan
        for number in range(max(plan.entry_at(start), 0), len(plan.entries)):
            entry, offset = plan.entries[number], plan.offsets[number]
            if offset >= end:
                return
            if offset + entry.total_bytes <= start:
                continue
            begin = offset + entry.header_bytes
            first = min(max(start - begin, 0), entry.byte_size)
            # The CRC-32 stands behind the file, and is that of all of it.
            is_summed = end > begin + entry.byte_size and self._checksums[number] is None
            last = entry.byte_size if is_summed else min(max(end - begin, first), entry.byte_size)
            yield _Part(number, 0 if is_summed else first, first, last, is_summed)

    async def _file(
        self, part: _Part, reader: AsyncIterator[bytes], start: int, end: int
    ) -> AsyncGenerator[bytes, None]:
        entry, offset = self._plan.entries[part.number], self._plan.offsets[part.number]
        yield _cut(local_header(entry), offset, start, end)
        position, checksum = part.begin, 0
        async for chunk in reader:
            if part.is_summed:
                checksum = self._crc32(chunk, checksum)
            yield chunk[max(part.first - position, 0) :]
            position += len(chunk)
        _demand_size(position, part.end)
        if part.is_summed:
            await self._learn(part.number, checksum)
        behind, known = offset + entry.header_bytes + entry.byte_size, self._checksums[part.number]
        if known is not None:
            yield _cut(data_descriptor(entry, known), behind, start, end)

    async def _directory(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        ready, position = bytearray(), self._plan.directory_offset
        for number, (entry, offset) in enumerate(zip(self._plan.entries, self._plan.offsets, strict=True)):
            if position >= end:
                break
            following = position + entry.record_bytes(offset)
            if following > start:
                async for sign_of_life in self._sum(number):
                    yield sign_of_life
                record = central_record(entry, offset, self._checksums[number] or 0)
                ready += _cut(record, position, start, end)
            position = following
            if len(ready) >= _DIRECTORY_CHUNK:
                yield bytes(ready)
                ready.clear()
        yield bytes(ready)

    async def _sum(self, number: int) -> AsyncGenerator[bytes, None]:
        """Read a file that was not sent now and that nobody has read before."""
        if self._checksums[number] is not None:
            return
        position, checksum = 0, 0
        async with self._open_file(number, 0, self._plan.entries[number].byte_size) as chunks:
            async for chunk in chunks:
                checksum = self._crc32(chunk, checksum)
                position += len(chunk)
                yield b""
        _demand_size(position, self._plan.entries[number].byte_size)
        await self._learn(number, checksum)

    async def _learn(self, number: int, checksum: int) -> None:
        self._checksums[number] = checksum
        await self._learned(number, checksum)


def _demand_size(found: int, planned: int) -> None:
    if found != planned:
        raise BlobStoreUnavailable("the blob store sent another number of bytes than it should")


def _cut(piece: bytes, at: int, start: int, end: int) -> bytes:
    """What of a piece that lies at `at` lies between `start` and `end`."""
    return piece[max(start - at, 0) : max(end - at, 0)]
