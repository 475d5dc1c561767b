"""Make the photo of an upload that went straight to the store, once all of it is there and is what it should be."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from photostore.photo.errors import PreviouslyDeleted
from photostore.share_link.errors import ShareUploadsUsedUp
from photostore.shared.blobs import BlobStore, MultipartBlobStore
from photostore.shared.clock import Clock
from photostore.shared.errors import FieldError, PhotostoreError, Unavailable
from photostore.shared.ids import UploadId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.arrival import Arrival
from photostore.upload.commands.complete_upload import ArrivedFile, CompleteUpload, Uploaded
from photostore.upload.commands.end_upload import EndUpload
from photostore.upload.errors import (
    ChecksumMismatch,
    UploadBeingCompleted,
    UploadEnded,
    UploadIncomplete,
    UploadInvalid,
    UploadNoPicture,
    UploadNotFound,
)
from photostore.upload.limits import UploadLimits
from photostore.upload.pictures import PictureInspector, UnsupportedImage
from photostore.upload.ports import UploadRepository
from photostore.upload.queries import UploadQueries
from photostore.upload.upload import LEASE, Door, Upload, UploadState

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5


@dataclass(slots=True)
class _Claim:
    """An upload that we are completing, until then; `None` where it need not be ours alone."""

    upload: Upload
    until: datetime | None


@dataclass(frozen=True, slots=True)
class CompleteDirectUpload:
    """Look at what really lies in the store, then do as every door does. No transaction is open while the store is asked.

    Safe to repeat, with the same answer, and to race with itself: one does the work, the others wait for it, or are told
    `UploadBeingCompleted`. Raise `UploadIncomplete` when something is missing (the upload stays as it was); `ChecksumMismatch`
    or `UploadNoPicture` for bytes that are not as declared (`UnsupportedImage` where they came piece by piece), and
    `PreviouslyDeleted` (it is rejected);
    `UploadEnded`, `UploadNotFound`, `QuotaExceeded`, `BlobStoreUnavailable`.
    """

    blobs: BlobStore
    multiparts: MultipartBlobStore
    uploads: UploadRepository
    queries: UploadQueries
    complete_upload: CompleteUpload
    end_upload: EndUpload
    inspector: PictureInspector
    clock: Clock
    limits: UploadLimits
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, upload_id: UploadId) -> Uploaded:
        upload = await self.queries.get(upload_id, owner=actor)
        if upload.is_open and upload.digest_seen_by_store is not None:
            # A short look at the store is all that is left: of two who do it at once the last transaction takes one.
            return await self._complete(_Claim(upload, None))
        claimed = await self._claim_in_time(actor, upload_id)
        return claimed if isinstance(claimed, Uploaded) else await self._complete(claimed)

    async def _claim_in_time(self, actor: UserId, upload_id: UploadId) -> _Claim | Uploaded:
        left, pause = self.limits.completing_patience, _FIRST_PAUSE
        while True:
            try:
                return await self._claim(actor, upload_id)
            except UploadBeingCompleted:
                if left <= 0:
                    raise
            await asyncio.sleep(min(pause, left))
            left -= pause
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    async def _claim(self, actor: UserId, upload_id: UploadId) -> _Claim | Uploaded:
        async with self.unit_of_work:
            upload = await self.uploads.get(upload_id, owner=actor)
            if upload.state is UploadState.COMPLETED:
                return await self.complete_upload.made_of(upload)
            if upload.door is Door.FORM:
                raise UploadInvalid("The upload is a form's, which completes it by itself.")
            until = upload.begin_completing(now=self.clock.now())
            await self.uploads.save(upload)
        return _Claim(upload, until)

    async def _complete(self, claim: _Claim) -> Uploaded:
        upload = claim.upload
        try:
            arrived = await self._arrived(claim)
            return await self.complete_upload(
                actor=upload.owner_id, upload_id=upload.id, arrived=arrived, details=upload.details
            )
        except UnsupportedImage as refusal:
            await asyncio.shield(self._reject(upload, refusal))
            if upload.door is not Door.DIRECT:
                raise
            # Not the type of this request's body is wrong.
            raise UploadNoPicture(str(refusal), errors=[FieldError("content_type", str(refusal))]) from refusal
        except (ChecksumMismatch, PreviouslyDeleted, UploadEnded, ShareUploadsUsedUp) as refusal:
            await asyncio.shield(self._reject(upload, refusal))
            raise
        except BaseException:
            # Also when the client goes away, which cancels this task: the next try need not wait for the claim to end.
            await asyncio.shield(self._give_back(claim))
            raise

    async def _arrived(self, claim: _Claim) -> ArrivedFile:
        upload = claim.upload
        arrival = Arrival(self.blobs, self.multiparts)
        await arrival.join(upload)
        source = await arrival.look(upload)
        header = await self.inspector.inspect(source)
        digest = upload.digest_seen_by_store or await self._digest(claim)
        if upload.details.sha256 not in (None, digest):
            message = f"the file's digest is {digest.hex()}"
            raise ChecksumMismatch("The file is not the one declared.", errors=[FieldError("sha256", message)])
        return ArrivedFile(
            filename=upload.filename or "photo", byte_size=source.byte_size, sha256=digest, header=header
        )

    async def _digest(self, claim: _Claim) -> bytes:
        """By reading all of it, however long that takes: the claim is held on to."""
        async for digest in Arrival(self.blobs, self.multiparts).digests(claim.upload):
            if digest is not None:
                return digest
            if claim.until is not None and self.clock.now() > claim.until - LEASE / 2:
                claim.until = await self._go_on(claim.upload, claim.until)
        raise UploadIncomplete("The bytes have not arrived.")

    async def _go_on(self, claimed: Upload, until: datetime) -> datetime:
        async with self.unit_of_work:
            upload = await self.uploads.get(claimed.id, owner=claimed.owner_id)
            until = upload.go_on_completing(claim=until, now=self.clock.now())
            await self.uploads.save(upload)
        return until

    async def _reject(self, upload: Upload, refusal: PhotostoreError) -> None:
        """Of one that ended meanwhile only the bytes are left, which have come to be after it ended."""
        # Where the database does not answer now, the sweep of expired uploads does the same later.
        with suppress(Unavailable, UploadNotFound):
            await self.end_upload(
                owner=upload.owner_id, upload_id=upload.id, state=UploadState.REJECTED, reason=str(refusal)
            )

    async def _give_back(self, claim: _Claim) -> None:
        if claim.until is None:
            return
        with suppress(PhotostoreError):
            async with self.unit_of_work:
                upload = await self.uploads.get(claim.upload.id, owner=claim.upload.owner_id)
                upload.stop_completing(claim=claim.until)
                await self.uploads.save(upload)
