"""Uploads in parts: `<root>/multiparts/<id>/` holds a file `key` and one file a part, named by its number."""

import os
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

from photostore.shared.blobs import (
    MAX_PARTS,
    MIN_PART_BYTES,
    BlobKey,
    BlobLengthMismatch,
    MultipartBlobStore,
    MultipartId,
    MultipartNotFound,
    PartsMismatch,
    PendingMultipart,
    StoredPart,
    blob_key,
)
from photostore_adapters.filesystem.folders import FILE_MODE, FOLDER_MODE, disk_errors, link_file
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.filesystem.temporary_file import TemporaryFile, write_stream
from photostore_adapters.filesystem.threads import BlobThreads

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_PAGE = 500
_COPY_BYTES = 1 << 20


class FilesystemMultipartBlobStore(MultipartBlobStore):
    """Shares its folders with `FilesystemBlobStore`: what is completed here is a blob there."""

    def __init__(self, settings: FilesystemSettings, threads: BlobThreads) -> None:
        self._blobs = settings.root / "blobs"
        self._temporary = settings.root / "tmp"
        self._multiparts = settings.root / "multiparts"
        self._threads = threads

    async def start(self, key: BlobKey) -> MultipartId:
        blob_key(key)
        multipart_id = MultipartId(uuid4().hex)
        await self._threads.run(self._start, key, multipart_id)
        return multipart_id

    async def put_part(
        self, key: BlobKey, multipart_id: MultipartId, *, number: int, chunks: AsyncIterable[bytes], length: int
    ) -> StoredPart:
        if not 1 <= number <= MAX_PARTS:
            raise PartsMismatch(f"a part has a number from 1 to {MAX_PARTS}, not {number}")
        await self._threads.run(self._folder, key, multipart_id)
        file = TemporaryFile(self._temporary)
        try:
            written = await write_stream(self._threads, file, chunks, at_most=length)
            if written != length:
                raise BlobLengthMismatch(f"{written} bytes came instead of {length}")
            return await self._threads.run(self._keep_part, key, multipart_id, number, file)
        finally:
            await self._threads.run(file.discard)

    async def parts(self, key: BlobKey, multipart_id: MultipartId) -> Sequence[StoredPart]:
        return await self._threads.run(self._parts, key, multipart_id)

    async def complete(self, key: BlobKey, multipart_id: MultipartId, parts: Sequence[StoredPart]) -> None:
        chosen = await self._threads.run(self._chosen, key, multipart_id, parts)
        joined = TemporaryFile(self._temporary)
        try:
            for part in chosen:  # a hop each, so that a cancelled call waits for one part at most
                file = self._multiparts / multipart_id / str(part.number)
                await self._threads.run(_append, joined, file, part)
            await self._threads.run(self._publish, joined, key)
        finally:
            await self._threads.run(joined.discard)
        await self._threads.run(self._remove, multipart_id)

    async def abort(self, key: BlobKey, multipart_id: MultipartId) -> None:
        with suppress(MultipartNotFound):
            await self._threads.run(self._folder, key, multipart_id)
            await self._threads.run(self._remove, multipart_id)

    async def pending(self, prefix: str) -> AsyncIterator[PendingMultipart]:
        found = self._pending(prefix)
        while page := await self._threads.run(lambda: tuple(islice(found, _PAGE))):
            for multipart in page:
                yield multipart

    def _start(self, key: BlobKey, multipart_id: MultipartId) -> None:
        prepared = self._temporary / multipart_id
        with disk_errors():
            prepared.mkdir(mode=FOLDER_MODE)
            with open(prepared / "key", "w", opener=_private) as file:
                file.write(key)
                file.flush()
                os.fsync(file.fileno())
            prepared.rename(self._multiparts / multipart_id)  # so that none is ever seen without its key

    def _folder(self, key: BlobKey, multipart_id: MultipartId) -> Path:
        """The upload's folder, if `multipart_id` is an upload of `key`."""
        blob_key(key)
        if not _ID.fullmatch(multipart_id):
            raise MultipartNotFound(f"multipart upload of blob {key}")
        folder = self._multiparts / multipart_id
        with disk_errors():
            if _key_of(folder) != key:
                raise MultipartNotFound(f"multipart upload {multipart_id} of blob {key}")
        return folder

    def _keep_part(self, key: BlobKey, multipart_id: MultipartId, number: int, file: TemporaryFile) -> StoredPart:
        status = file.finish()
        with disk_errors():
            try:
                file.path.replace(self._multiparts / multipart_id / str(number))
            except FileNotFoundError:
                raise MultipartNotFound(f"multipart upload {multipart_id} of blob {key}") from None
        return _part(number, status)

    def _parts(self, key: BlobKey, multipart_id: MultipartId) -> Sequence[StoredPart]:
        folder = self._folder(key, multipart_id)
        with disk_errors():
            try:
                with os.scandir(folder) as entries:
                    found = [_part(int(entry.name), entry.stat()) for entry in entries if entry.name != "key"]
            except FileNotFoundError:
                raise MultipartNotFound(f"multipart upload {multipart_id} of blob {key}") from None
        return sorted(found, key=lambda part: part.number)

    def _chosen(self, key: BlobKey, multipart_id: MultipartId, parts: Sequence[StoredPart]) -> Sequence[StoredPart]:
        """`parts` in order, once they are found to be what arrived."""
        arrived = {part.number: part for part in self._parts(key, multipart_id)}
        ordered = sorted(parts, key=lambda part: part.number)
        if not ordered or any(arrived.get(part.number) != part for part in ordered):
            raise PartsMismatch(f"multipart upload {multipart_id} has other parts than these")
        if any(part.byte_size < MIN_PART_BYTES for part in ordered[:-1]):
            raise PartsMismatch(f"every part but the last has at least {MIN_PART_BYTES} bytes")
        return ordered

    def _publish(self, joined: TemporaryFile, key: BlobKey) -> None:
        joined.finish()
        with disk_errors():
            link_file(self._blobs, joined.path, key)

    def _remove(self, multipart_id: MultipartId) -> None:
        """Out of sight at once, then away: an upload being removed is never seen with half of its parts."""
        doomed = self._temporary / uuid4().hex
        with disk_errors(), suppress(FileNotFoundError):
            (self._multiparts / multipart_id).rename(doomed)
            rmtree(doomed)

    def _pending(self, prefix: str) -> Iterator[PendingMultipart]:
        with disk_errors(), os.scandir(self._multiparts) as entries:
            for entry in entries:
                key = _key_of(Path(entry.path))
                if key is None or not key.startswith(prefix):
                    continue
                with suppress(FileNotFoundError):
                    started = (Path(entry.path) / "key").stat().st_mtime
                    yield PendingMultipart(
                        key=blob_key(key),
                        multipart_id=MultipartId(entry.name),
                        started_at=datetime.fromtimestamp(started, UTC),
                    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


def _key_of(folder: Path) -> str | None:
    try:
        return (folder / "key").read_text()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _part(number: int, status: os.stat_result) -> StoredPart:
    """The etag names this file as it is: another upload of the same part is another file."""
    etag = f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"
    return StoredPart(number=number, byte_size=status.st_size, etag=etag)


def _append(joined: TemporaryFile, file: Path, part: StoredPart) -> None:
    with disk_errors():
        try:
            with file.open("rb", buffering=0) as source:
                if _part(part.number, os.fstat(source.fileno())) != part:
                    raise PartsMismatch(f"part {part.number} was replaced while the parts were joined")
                while chunk := source.read(_COPY_BYTES):
                    joined.write([chunk])
        except FileNotFoundError:
            raise PartsMismatch(f"part {part.number} was removed while the parts were joined") from None
