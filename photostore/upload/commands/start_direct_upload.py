"""Begin an upload that goes straight to the blob store."""

import asyncio
from dataclasses import dataclass, replace

from photostore.shared.blobs import MultipartBlobStore
from photostore.shared.clock import Clock, Ids
from photostore.shared.errors import FieldError
from photostore.shared.ids import UploadId, UserId
from photostore.upload.commands.start_upload import StartUpload
from photostore.upload.details import AnnouncedFile
from photostore.upload.errors import UploadInvalid
from photostore.upload.limits import UploadLimits
from photostore.upload.parts import SINGLE_BYTES, checked_part_bytes, part_bytes
from photostore.upload.pictures import accepted_type
from photostore.upload.upload import Upload


@dataclass(frozen=True, slots=True)
class StartDirectUpload:
    """Set quota aside, choose the key, begin the parts, write the upload down. Of bytes that the owner is known to have
    nothing is stored or charged: that upload is complete as it begins. A sender that cuts the file by itself says with
    `in_parts_of` how: then it goes in parts, even where it is but one.

    Raise `UploadInvalid`, `UploadTooLarge`, `UnsupportedImage`, `QuotaExceeded`, `PreviouslyDeleted` or
    `BlobStoreUnavailable`.
    """

    start_upload: StartUpload
    multiparts: MultipartBlobStore
    clock: Clock
    ids: Ids
    limits: UploadLimits

    async def __call__(self, *, actor: UserId, file: AnnouncedFile, in_parts_of: int | None = None) -> Upload:
        file = self._checked(file)
        cut_to = part_bytes(file.byte_size) if in_parts_of is None else checked_part_bytes(in_parts_of, file.byte_size)
        now, of_guest = self.clock.now(), file.details.guest is not None
        upload = Upload.announce(
            id=UploadId(self.ids.new()),
            owner_id=actor,
            file=file,
            now=now,
            expires_at=now + (self.limits.guest_lifetime if of_guest else self.limits.direct_lifetime),
        )
        details = file.details
        await self.start_upload.demand_album(actor=actor, album_id=details.album_id)
        # Guests are not told what the owner has: what they declare is checked alone.
        digest = None if of_guest else details.sha256
        known = await self.start_upload.known(actor=actor, sha256=digest, refuse_deleted=details.refuse_deleted)
        if known is not None:
            upload.need_nothing(known)
            await self.start_upload.write_down(upload, answers=True)
        else:
            upload.part_bytes = cut_to
            await self._begin(upload, in_parts=in_parts_of is not None or file.byte_size > SINGLE_BYTES)
        return upload

    def _checked(self, file: AnnouncedFile) -> AnnouncedFile:
        if file.byte_size < 1:
            raise UploadInvalid("The file is empty.", errors=[FieldError("byte_size", "must be 1 or more")])
        self.limits.demand_fits(file.byte_size, field="byte_size")
        return replace(file, content_type=accepted_type(file.content_type))

    async def _begin(self, upload: Upload, *, in_parts: bool) -> None:
        if not in_parts:
            await self.start_upload.write_down(upload, answers=True)
            return
        # What a crash leaves between the two is an upload in parts that no row names: the sweep's.
        multipart_id = await self.multiparts.start(upload.blob_key)
        upload.multipart_id = multipart_id
        try:
            await self.start_upload.write_down(upload, answers=True)
        except BaseException:
            await asyncio.shield(self.multiparts.abort(upload.blob_key, multipart_id))
            raise
