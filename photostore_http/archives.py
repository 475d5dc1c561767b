"""Many photos as one ZIP file: what every route that gives one calls."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from litestar import Request
from litestar.openapi.datastructures import ResponseSpec
from litestar.response.base import ASGIResponse

from photostore.archive.commands.keep_checksums import KeepChecksums
from photostore.archive.errors import ArchiveTooLarge
from photostore.archive.originals import originals, planned
from photostore.archive.ports import Checksum, Crc32
from photostore.archive.queries import ArchivedPhoto
from photostore.archive.reading import ArchiveReading
from photostore.archive.unplanned import unplanned_archive
from photostore.shared.blobs import BlobStore, BlobStoreUnavailable
from photostore.shared.errors import PhotostoreError
from photostore_http.byte_responses import (
    FORBID_EVERYTHING,
    ByteRange,
    BytesResponse,
    Demand,
    UnmeasuredResponse,
    serve_bytes,
)
from photostore_http.clean_files import CleanFiles
from photostore_http.content_disposition import content_disposition
from photostore_http.declaring import UNCHANGED
from photostore_http.problem_specs import RANGE_NOT_SATISFIABLE, refusals

_CONTENT_TYPE = "application/zip"
_CACHE_CONTROL = "private, no-cache"
_KEPT_AT_ONCE = 200
_log = structlog.get_logger(__name__)

PARTS = {
    206: ResponseSpec(bytes, description="The range that was asked for.", generate_examples=False),
    **RANGE_NOT_SATISFIABLE,
    **refusals(ArchiveTooLarge, BlobStoreUnavailable),
}
"""What every route of an archive declares; a GET also `UNCHANGED_ARCHIVE`."""
UNCHANGED_ARCHIVE = {304: UNCHANGED}


@dataclass(frozen=True, slots=True)
class Archives:
    """Answers with archives."""

    blobs: BlobStore
    keep_checksums: KeepChecksums
    clean_files: CleanFiles
    crc32: Crc32

    async def of_originals(
        self,
        request: Request[Any, Any, Any],
        photos: Sequence[ArchivedPhoto],
        *,
        name: str,
        demand: Demand | None = None,
    ) -> ASGIResponse:
        """The originals as `name`.zip, whole or one range of it, with its length told.

        What `demand` raises breaks the connection, as a fault of the store does.
        """
        archive = await asyncio.to_thread(planned, photos)
        learned = _Learned(photos, self.keep_checksums)

        @asynccontextmanager
        async def read(chosen: ByteRange) -> AsyncIterator[AsyncIterator[bytes]]:
            checksums = [each.crc32 for each in photos]
            opened = originals(self.blobs, photos)
            reading = ArchiveReading(archive.plan, opened, checksums=checksums, learned=learned.add, crc32=self.crc32)
            try:
                async with _begun(reading.chunks(chosen.offset, chosen.offset + chosen.length)) as chunks:
                    yield chunks
            finally:
                await learned.keep()

        return serve_bytes(
            request,
            read,
            content_type=_CONTENT_TYPE,
            etag=archive.tag,
            byte_size=archive.plan.byte_size,
            disposition=content_disposition("attachment", f"{name}.zip"),
            cache_control=_CACHE_CONTROL,
            demand=demand,
        )

    def without_metadata(
        self,
        request: Request[Any, Any, Any],
        photos: Sequence[ArchivedPhoto],
        *,
        name: str,
        demand: Demand | None = None,
    ) -> ASGIResponse:
        """What tells nothing but the pictures. To know its length would take reading them all: it is sent in chunks, whole,
        and no range of it. Here too a break is no end."""
        told = {
            **FORBID_EVERYTHING,
            "Accept-Ranges": "none",
            "Cache-Control": _CACHE_CONTROL,
            "Content-Type": _CONTENT_TYPE,
            "Content-Disposition": content_disposition("attachment", f"{name}.zip"),
        }
        if "is_head" in request.scope:
            return UnmeasuredResponse(status_code=200, headers=told, is_head_response=True)
        chunks = unplanned_archive(self.clean_files.of(photos), crc32=self.crc32)
        begun = _begun(chunks)
        return BytesResponse(begun, length=None, from_the_start=True, status_code=200, headers=told, demand=demand)


@asynccontextmanager
async def _begun(chunks: AsyncGenerator[bytes, None]) -> AsyncIterator[AsyncIterator[bytes]]:
    """Something of the first file is there before the answer begins: a store that is away is still told as a problem."""
    async with aclosing(chunks):
        first = [chunk async for chunk in _at_most(chunks, 2)]
        yield _after(first, chunks)


async def _at_most(chunks: AsyncIterator[bytes], count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        chunk = await anext(chunks, None)
        if chunk is None:
            return
        yield chunk


async def _after(first: Sequence[bytes], chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in first:
        yield chunk
    async for chunk in chunks:
        yield chunk


@dataclass(slots=True)
class _Learned:
    """CRC-32 that were found out while reading. To lose them costs reading again, and breaks nothing."""

    photos: Sequence[ArchivedPhoto]
    keep_checksums: KeepChecksums
    waiting: list[Checksum] = field(default_factory=list)

    async def add(self, number: int, crc32: int) -> None:
        photo = self.photos[number]
        self.waiting.append(Checksum(photo.owner_id, photo.id, crc32))
        if len(self.waiting) >= _KEPT_AT_ONCE:
            await self.keep()

    async def keep(self) -> None:
        found, self.waiting = self.waiting, []
        try:
            if found:
                await self.keep_checksums(checksums=found)
        except PhotostoreError as error:
            _log.warning("checksums of an archive were not kept", reason=error.detail)
