"""Begin an upload that comes piece by piece."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from photostore.shared.blobs import MultipartBlobStore
from photostore.shared.clock import Clock, Ids
from photostore.shared.errors import FieldError, PhotostoreError
from photostore.shared.ids import UploadId, UserId
from photostore.upload.commands.abort_upload import AbortUpload
from photostore.upload.commands.complete_upload import Uploaded
from photostore.upload.commands.receive_bytes import Piece, Receipt, ReceiveBytes
from photostore.upload.commands.start_upload import StartUpload
from photostore.upload.details import UploadDetails
from photostore.upload.errors import UploadInvalid
from photostore.upload.limits import UploadLimits
from photostore.upload.pictures import accepted_type
from photostore.upload.reception import piece_bytes
from photostore.upload.upload import Upload


@dataclass(frozen=True, slots=True)
class StartResumableUpload:
    """Set quota aside, choose the key, begin the parts, write the upload down. Without `byte_size` it is told later, and
    quota is set aside as bytes come. Of bytes that the owner is known to have nothing is stored or charged: that upload
    is complete as it begins. A `piece` that comes along is taken in at once; if that fails, there is no upload.

    Raise `UploadInvalid`, `UploadTooLarge`, `UnsupportedImage`, `QuotaExceeded`, `PreviouslyDeleted`, `BlobStoreUnavailable`
    and what taking the piece in raises.
    """

    start_upload: StartUpload
    receive_bytes: ReceiveBytes
    abort_upload: AbortUpload
    multiparts: MultipartBlobStore
    clock: Clock
    ids: Ids
    limits: UploadLimits

    async def __call__(
        self,
        *,
        actor: UserId,
        filename: str,
        content_type: str,
        byte_size: int | None,
        details: UploadDetails,
        metadata: str | None,
        piece: Piece | None = None,
    ) -> Receipt:
        self._demand_fits(byte_size)
        now = self.clock.now()
        upload = Upload.resumable(
            id=UploadId(self.ids.new()),
            owner_id=actor,
            filename=filename,
            content_type=accepted_type(content_type),
            byte_size=byte_size,
            details=details,
            metadata=metadata,
            now=now,
            expires_at=now + self.limits.direct_lifetime,
        )
        await self.start_upload.demand_album(actor=actor, album_id=details.album_id)
        known = await self.start_upload.known(actor=actor, sha256=details.sha256, refuse_deleted=details.refuse_deleted)
        # A size that is not told could not be answered with: such an upload turns out to be known at its end.
        if known is not None and byte_size is not None:
            upload.need_nothing(known)
            await self.start_upload.write_down(upload)
            return Receipt(
                upload=upload, received_bytes=upload.received_bytes, uploaded=Uploaded(photo_id=known, duplicate=True)
            )
        await self._begin(upload)
        return (
            Receipt(upload=upload, received_bytes=0, uploaded=None)
            if piece is None
            else await self._receive(upload, piece)
        )

    async def _receive(self, upload: Upload, piece: Piece) -> Receipt:
        try:
            return await self.receive_bytes(actor=upload.owner_id, upload_id=upload.id, piece=piece)
        except BaseException:
            # Its sender never learns where it is, so nobody could go on with it.
            await asyncio.shield(self._abort(upload))
            raise

    async def _abort(self, upload: Upload) -> None:
        # What cannot be done now the sweep of expired uploads does later.
        with suppress(PhotostoreError):
            await self.abort_upload(actor=upload.owner_id, upload_id=upload.id)

    def _demand_fits(self, byte_size: int | None) -> None:
        if byte_size == 0:
            raise UploadInvalid("The file is empty.", errors=[FieldError("Upload-Length", "must be 1 or more")])
        self.limits.demand_fits(byte_size or 0, field="Upload-Length")

    async def _begin(self, upload: Upload) -> None:
        upload.part_bytes = piece_bytes(self.limits.max_bytes)
        # What a crash leaves between the two is an upload in parts that no row names: the sweep's.
        multipart_id = await self.multiparts.start(upload.blob_key)
        upload.multipart_id = multipart_id
        try:
            await self.start_upload.write_down(upload)
        except BaseException:
            await asyncio.shield(self.multiparts.abort(upload.blob_key, multipart_id))
            raise
