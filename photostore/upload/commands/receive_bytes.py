"""Take bytes in of an upload that comes piece by piece, and make the photo when they were the last."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from photostore.quota.ports import Quotas
from photostore.shared.blobs import BlobStore, MultipartBlobStore
from photostore.shared.clock import Clock, Ids
from photostore.shared.errors import PhotostoreError
from photostore.shared.ids import UploadId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.commands.complete_direct_upload import CompleteDirectUpload
from photostore.upload.commands.complete_upload import Uploaded
from photostore.upload.errors import (
    PieceChecksumMismatch,
    UploadBeingCompleted,
    UploadBusy,
    UploadEnded,
    UploadInterrupted,
    UploadNotFound,
    UploadOffsetMismatch,
    UploadStalled,
    UploadTooLarge,
)
from photostore.upload.intake import Intake, Surroundings
from photostore.upload.limits import UploadLimits
from photostore.upload.ports import UploadRepository
from photostore.upload.upload import Upload, UploadState

# What a piece that came to its end too early is worth keeping for.
_BROKEN_OFF = (UploadInterrupted, UploadStalled, asyncio.CancelledError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Bytes of the file from `offset`: at most `at_most`, if that is known beforehand.

    With `sha256` none of them is kept unless that is their digest. `byte_size` is the whole file's, where it is told now.
    """

    offset: int
    chunks: AsyncIterator[bytes]
    at_most: int | None = None
    byte_size: int | None = None
    sha256: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How many bytes of the file have arrived by now, and once those are all of them, the photo."""

    upload: Upload
    received_bytes: int
    uploaded: Uploaded | None


@dataclass(frozen=True, slots=True)
class ReceiveBytes:
    """What broke off is kept as far as it came: the error says that it broke off, the upload how far it is.

    Raise `UploadNotFound` for one that has ended, too; `UploadOffsetMismatch`, `UploadBusy`, `UploadHoldLost`,
    `UploadTooLarge`, `UploadLengthInvalid`, `PieceChecksumMismatch`, `QuotaExceeded`, `BlobStoreUnavailable`, what reading
    the bytes raises, and after the last of them what completing raises.
    """

    blobs: BlobStore
    multiparts: MultipartBlobStore
    uploads: UploadRepository
    quotas: Quotas
    complete_direct_upload: CompleteDirectUpload
    clock: Clock
    ids: Ids
    limits: UploadLimits
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, upload_id: UploadId, piece: Piece) -> Receipt:
        holder = self.ids.new()
        try:
            upload = await self._begin(actor, upload_id, piece, holder)
            if upload.reception is not None and upload.reception.held_by == holder:
                upload = await self._receive(upload, piece, holder)
            return await self.whole(upload)
        except UploadEnded as ended:
            raise UploadNotFound(ended.detail) from None

    async def whole(self, upload: Upload) -> Receipt:
        """How far it is; of one that has come whole, what became of it: it is completed if it was not yet."""
        received_bytes = upload.received_bytes
        if received_bytes != upload.byte_size:
            return Receipt(upload=upload, received_bytes=received_bytes, uploaded=None)
        try:
            uploaded = await self.complete_direct_upload(actor=upload.owner_id, upload_id=upload.id)
        except UploadBeingCompleted as busy:
            raise UploadBusy(busy.detail) from None
        except UploadEnded as ended:
            raise UploadNotFound(ended.detail) from None
        return Receipt(upload=upload, received_bytes=received_bytes, uploaded=uploaded)

    async def _begin(self, actor: UserId, upload_id: UploadId, piece: Piece, holder: UUID) -> Upload:
        """Hold it, unless nothing is missing of it."""
        async with self.unit_of_work:
            upload = await self.uploads.get(upload_id, owner=actor)
            self._demand_receiving(upload)
            if piece.offset != upload.received_bytes:
                raise UploadOffsetMismatch(f"{upload.received_bytes} bytes have arrived: go on from there.")
            told_before = upload.byte_size is not None
            if piece.byte_size is not None:
                upload.tell_length(piece.byte_size)
            self._demand_fits(upload, piece)
            if upload.received_bytes == upload.byte_size and not _has_tail(upload):
                if not told_before:
                    await self.uploads.save(upload)
                return upload
            assert upload.reception is not None, "it comes piece by piece"
            upload.reception.hold(holder, now=self.clock.now())
            more = upload.make_room(upload.byte_size or 0)
            if more:
                await self.quotas.reserve(actor, more)
            await self.uploads.save(upload)
        return upload

    def _demand_receiving(self, upload: Upload) -> None:
        if upload.reception is None:
            raise UploadNotFound(f"There is no upload {upload.id} that is sent piece by piece.")
        if upload.state is UploadState.COMPLETED:
            return
        upload.demand_open()
        if upload.expires_at <= self.clock.now():
            raise UploadNotFound("The upload has expired.")

    def _demand_fits(self, upload: Upload, piece: Piece) -> None:
        self.limits.demand_fits(max(upload.byte_size or 0, piece.offset + (piece.at_most or 0)), field="Upload-Length")
        if upload.byte_size is not None and piece.offset + (piece.at_most or 0) > upload.byte_size:
            raise UploadTooLarge(f"The file has {upload.byte_size} bytes, as was told.")

    async def _receive(self, upload: Upload, piece: Piece, holder: UUID) -> Upload:
        intake = Intake(self._surroundings(), upload, holder=holder, provisional=piece.sha256 is not None)
        try:
            await intake.open()
            await self._take_in(intake, piece)
            await intake.finish()
        except BaseException as error:
            # Also when the client goes away, which cancels this task: what came by then is kept nevertheless.
            broken_off = isinstance(error, _BROKEN_OFF) and piece.sha256 is None
            await asyncio.shield(_end(intake, keep=broken_off))
            raise
        return intake.upload

    async def _take_in(self, intake: Intake, piece: Piece) -> None:
        digest = sha256()
        async for chunk in piece.chunks:
            await intake.write(chunk)
            if piece.sha256 is not None:
                digest.update(chunk)
        if piece.sha256 not in (None, digest.digest()):
            raise PieceChecksumMismatch(f"Their SHA-256 is {digest.hexdigest()}.")

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            blobs=self.blobs,
            multiparts=self.multiparts,
            uploads=self.uploads,
            quotas=self.quotas,
            clock=self.clock,
            ids=self.ids,
            limits=self.limits,
            unit_of_work=self.unit_of_work,
        )


async def _end(intake: Intake, *, keep: bool) -> None:
    try:
        if keep:
            await intake.finish()
            return
    except PhotostoreError:
        pass
    await intake.let_go()


def _has_tail(upload: Upload) -> bool:
    return upload.reception is not None and upload.reception.tail_key is not None
