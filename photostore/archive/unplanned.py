"""The bytes of an archive of files whose sizes are known only once they are opened, from the first to the last."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from zlib import crc32

from photostore.archive.ports import Crc32
from photostore.archive.read_ahead import ReadAhead
from photostore.archive.zip_format import ZipEntry, central_record, data_descriptor, end_records, local_header
from photostore.shared.blobs import BlobStoreUnavailable

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A file that can be sent: `open` gives its bytes, once."""

    entry: ZipEntry
    open: Callable[[], AbstractAsyncContextManager[AsyncIterator[bytes]]]


async def unplanned_archive(
    files: AsyncGenerator[ReadyFile, None], *, crc32: Crc32 = crc32
) -> AsyncGenerator[bytes, None]:
    """While one file is sent, the next one is made ready. A fault is raised midway: then there is no end record."""
    directory, count, position = bytearray(), 0, 0
    async with aclosing(ReadAhead(_closed_after(files))) as ready:
        async for file in ready:
            entry, offset, checksum = file.entry, position, 0
            yield local_header(entry)
            async with aclosing(ReadAhead(file.open())) as chunks:
                async for chunk in chunks:
                    checksum = crc32(chunk, checksum)
                    position += len(chunk)
                    yield chunk
            if position - offset != entry.byte_size:
                raise BlobStoreUnavailable("the blob store sent another number of bytes than it should")
            yield data_descriptor(entry, checksum)
            position = offset + entry.total_bytes
            directory += central_record(entry, offset, checksum)
            count += 1
    for start in range(0, len(directory), _CHUNK):
        yield bytes(directory[start : start + _CHUNK])
    yield end_records(count=count, directory_offset=position, directory_bytes=len(directory))


@asynccontextmanager
async def _closed_after(files: AsyncGenerator[ReadyFile, None]) -> AsyncIterator[AsyncIterator[ReadyFile]]:
    async with aclosing(files):
        yield files
