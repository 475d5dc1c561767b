"""Bytes of one request on their way into the store: whole parts as they fill up, and the rest as the tail."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from photostore.quota.ports import Quotas
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStore, MultipartBlobStore, MultipartNotFound
from photostore.shared.clock import Clock, Ids
from photostore.shared.errors import PhotostoreError
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.errors import UploadEnded, UploadHoldLost, UploadNotFound, UploadTooLarge
from photostore.upload.limits import UploadLimits
from photostore.upload.ports import UploadRepository
from photostore.upload.reception import HOLD, Reception, new_tail_key
from photostore.upload.upload import Upload

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What taking bytes in asks of the world."""

    blobs: BlobStore
    multiparts: MultipartBlobStore
    uploads: UploadRepository
    quotas: Quotas
    clock: Clock
    ids: Ids
    limits: UploadLimits
    unit_of_work: UnitOfWork


class Intake:
    """Holds one part in memory at most. What it tells the database lies in the store already.

    With `provisional`, nothing is told before `finish`: until then all of it is thrown away by doing nothing.
    """

    def __init__(self, world: Surroundings, upload: Upload, *, holder: UUID, provisional: bool) -> None:
        assert upload.multipart_id is not None, "begun with the upload"
        assert upload.part_bytes is not None, "chosen with the upload"
        self._world = world
        # As it was last read, or written.
        self.upload = upload
        self._holder = holder
        self._held_until = _reception(upload).held_until or world.clock.now()
        self._provisional = provisional
        self._multipart_id, self._part_bytes = upload.multipart_id, upload.part_bytes
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._stored = upload.received_bytes
        self._tail_key = _reception(upload).tail_key

    @property
    def received(self) -> int:
        """How many bytes of the file there are, stored or not."""
        return self._stored + self._waiting_bytes

    async def open(self) -> None:
        """Take up the tail that an earlier request left."""
        if self._tail_key is None:
            return
        try:
            async with self._world.blobs.open(self._tail_key) as tail:
                self._waiting = [chunk async for chunk in tail.chunks]
        except BlobNotFound:
            raise UploadHoldLost("Another request has taken this upload over.") from None
        self._waiting_bytes = sum(map(len, self._waiting))
        self._stored -= self._waiting_bytes

    async def write(self, chunk: bytes) -> None:
        """Raise `UploadTooLarge`, `QuotaExceeded`, `UploadHoldLost`, `UploadEnded` or `BlobStoreUnavailable`."""
        self._demand_fits(self.received + len(chunk))
        while chunk:
            taken = chunk[: self._part_bytes - self._waiting_bytes]
            self._waiting.append(taken)
            self._waiting_bytes += len(taken)
            chunk = chunk[len(taken) :]
            if self._waiting_bytes == self._part_bytes:
                await self._store_part()
        if self._world.clock.now() > self._held_until - HOLD / 2:
            await self._go_on()

    async def finish(self) -> None:
        """All that comes has come: keep what is left of it, and let go of the upload."""
        tail: BlobKey | None = None
        if self._waiting_bytes in (self._part_bytes, (self.upload.byte_size or 0) - self._stored):
            await self._store_part()
        elif self.received == self.upload.received_bytes:
            tail = self._tail_key  # nothing came since
        elif self._waiting:
            tail = await self._store_tail()
        try:
            await self._tell(tail, last=True)
        except (UploadHoldLost, UploadEnded, UploadNotFound):
            if tail != self._tail_key:
                await self._forget(tail)
            raise

    async def let_go(self) -> None:
        """Keep nothing more, so that the next request need not wait for the claim to end."""
        with suppress(PhotostoreError):
            async with self._world.unit_of_work:
                upload = await self._ours()
                _reception(upload).let_go(self._holder)
                await self._world.uploads.save(upload)

    def _demand_fits(self, byte_size: int) -> None:
        self._world.limits.demand_fits(byte_size, field="Upload-Length")
        if self.upload.byte_size is not None and byte_size > self.upload.byte_size:
            raise UploadTooLarge(f"The file has {self.upload.byte_size} bytes, as was told.")

    async def _store_part(self) -> None:
        """What waits is a whole part, or the last one."""
        if not self._waiting:
            return
        await self._make_room()
        upload, length = self.upload, self._waiting_bytes
        try:
            await self._while_held(
                self._world.multiparts.put_part(
                    upload.blob_key,
                    self._multipart_id,
                    number=self._stored // self._part_bytes + 1,
                    chunks=_streamed(self._waiting),
                    length=length,
                )
            )
        except MultipartNotFound:
            raise UploadEnded("The upload has ended meanwhile.") from None
        self._stored += length
        self._waiting, self._waiting_bytes = [], 0
        # Of the last part `finish` tells.
        if not self._provisional and self._stored != self.upload.byte_size:
            await self._tell(None)

    async def _store_tail(self) -> BlobKey:
        await self._make_room()
        key = new_tail_key(self.upload.id, self._world.ids.new(), self.upload.blob_key)
        await self._while_held(self._world.blobs.put(key, _streamed(self._waiting), at_most=self._waiting_bytes))
        return key

    async def _make_room(self) -> None:
        """Before bytes are stored of a file whose size was not told."""
        if self.received <= self.upload.reserved_bytes:
            return
        async with self._world.unit_of_work:
            upload = await self._ours()
            await self._world.quotas.reserve(upload.owner_id, upload.make_room(self.received))
            await self._world.uploads.save(upload)
        self.upload = upload

    async def _tell(self, tail_key: BlobKey | None, *, last: bool = False) -> None:
        """Tell the database what the store has by now; what it had as the tail is a part of that."""
        async with self._world.unit_of_work:
            upload = await self._ours()
            reception = _reception(upload)
            reception.take_in(received_bytes=self.received if tail_key else self._stored, tail_key=tail_key)
            if last:
                reception.let_go(self._holder)
            await self._world.uploads.save(upload)
        self.upload, former = upload, self._tail_key
        self._tail_key = tail_key
        if former != tail_key:
            await self._forget(former)

    async def _go_on(self) -> None:
        async with self._world.unit_of_work:
            upload = await self._ours()
            await self._world.uploads.save(upload)

    async def _ours(self) -> Upload:
        """The upload, locked and held longer. Raise `UploadEnded`, or `UploadHoldLost` when it is another's now."""
        upload = await self._world.uploads.get(self.upload.id, owner=self.upload.owner_id)
        upload.demand_open()
        now = self._world.clock.now()
        _reception(upload).go_on(self._holder, now=now)
        self._held_until = now + HOLD
        return upload

    async def _while_held(self, storing: Coroutine[Any, Any, T]) -> T:
        """The claim stays ours however long the store takes."""
        task = asyncio.create_task(storing)
        try:
            while not (await asyncio.wait([task], timeout=HOLD.total_seconds() / 3))[0]:
                await self._go_on()
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    async def _forget(self, tail_key: BlobKey | None) -> None:
        """No row names it any more. Where the store does not answer now, the sweep does the same later."""
        with suppress(PhotostoreError):
            if tail_key is not None:
                await self._world.blobs.delete(tail_key)


def _reception(upload: Upload) -> Reception:
    assert upload.reception is not None, "it comes piece by piece"
    return upload.reception


async def _streamed(chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
