"""The form door: take a photo in from a multipart form while it arrives."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace

from photostore.photo.details import clean_filename
from photostore.shared.blobs import BlobStore
from photostore.shared.errors import FieldError, PhotostoreError, Unavailable
from photostore.shared.ids import PhotoId, UserId
from photostore.submission.guest import GuestUpload, checked_guest_name
from photostore.upload.commands.complete_upload import ArrivedFile, CompleteUpload, Uploaded
from photostore.upload.commands.end_upload import EndUpload
from photostore.upload.commands.start_upload import StartUpload
from photostore.upload.details import UploadDetails, digest_agreed
from photostore.upload.errors import ChecksumMismatch, UploadNotFound, UploadStalled
from photostore.upload.form import IncomingForm, upload_details
from photostore.upload.limits import UploadLimits
from photostore.upload.pictures import PictureInspector
from photostore.upload.received import Received, StoredBytes
from photostore.upload.upload import Upload, UploadState


@dataclass(frozen=True, slots=True)
class UploadForm:
    """Stream the file into the blob store, then make the photo. Memory stays flat whatever the size.

    Raise what reading the form raises, `UnsupportedImage`, `UploadTooLarge`, `QuotaExceeded`, `ChecksumMismatch`,
    `BlobStoreUnavailable` and what the details raise, and with `refuse_deleted` `PreviouslyDeleted`; whatever is raised, no
    row and no blob stay behind. `sha256` is the file's digest where it is told beside the form. What a `guest` sends is read to
    the end, whether the owner has it or not.
    """

    start_upload: StartUpload
    complete_upload: CompleteUpload
    end_upload: EndUpload
    inspector: PictureInspector
    blobs: BlobStore
    limits: UploadLimits

    async def __call__(
        self,
        *,
        actor: UserId,
        form: IncomingForm,
        refuse_deleted: bool = False,
        sha256: bytes | None = None,
        guest: GuestUpload | None = None,
    ) -> Uploaded:
        said = UploadDetails(refuse_deleted=refuse_deleted, sha256=sha256, guest=guest)
        try:
            async with asyncio.timeout(self.limits.form_lifetime.total_seconds()):
                return await self._upload(actor, form, said)
        except TimeoutError:
            raise UploadStalled("The form took too long to arrive.") from None

    async def _upload(self, actor: UserId, form: IncomingForm, said: UploadDetails) -> Uploaded:
        file = await form.file()
        told = _details(form, said)
        await self.start_upload.demand_album(actor=actor, album_id=told.album_id)
        known = await self._known(actor, told)
        if known is not None:
            await self.start_upload.put_known(known, actor=actor, album_id=told.album_id)
            return Uploaded(photo_id=known, duplicate=True)
        received = Received(file.chunks, limits=self.limits, inspector=self.inspector)
        await received.look()
        filename = clean_filename(file.filename)
        upload = await self.start_upload(actor=actor, at_most=file.at_most, filename=filename)
        try:
            await self.blobs.put(upload.blob_key, received.chunks(), at_most=file.at_most)
            await form.rest()
            details = _details(form, said)
            if details.album_id != told.album_id:
                await self.start_upload.demand_album(actor=actor, album_id=details.album_id)
            arrived = await self._arrived(upload, received, details, filename)
            return await self.complete_upload(actor=actor, upload_id=upload.id, arrived=arrived, details=details)
        except BaseException as error:
            # Also when the client goes away, which cancels this task: the clean-up must outlive it.
            await asyncio.shield(self._give_up(upload, error))
            raise

    async def _known(self, actor: UserId, told: UploadDetails) -> PhotoId | None:
        """Guests are not told what the owner has: what they declare is checked alone."""
        digest = told.sha256 if told.guest is None else None
        return await self.start_upload.known(actor=actor, sha256=digest, refuse_deleted=told.refuse_deleted)

    async def _arrived(self, upload: Upload, received: Received, details: UploadDetails, filename: str) -> ArrivedFile:
        if details.sha256 is not None and details.sha256 != received.sha256:
            message = f"the file's digest is {received.sha256.hex()}"
            raise ChecksumMismatch("The file is not the one declared.", errors=[FieldError("sha256", message)])
        source = StoredBytes(self.blobs, upload.blob_key, byte_size=received.byte_size, head=received.head)
        header = await self.inspector.inspect(source)
        return ArrivedFile(filename=filename, byte_size=received.byte_size, sha256=received.sha256, header=header)

    async def _give_up(self, upload: Upload, error: BaseException) -> None:
        refused = isinstance(error, PhotostoreError)
        state = UploadState.REJECTED if refused else UploadState.ABORTED
        reason = str(error) if refused else "The upload broke off."
        # Where the database does not answer now, the sweep of expired uploads does the same later.
        with suppress(Unavailable):
            try:
                await self.end_upload(owner=upload.owner_id, upload_id=upload.id, state=state, reason=reason)
            except UploadNotFound:
                # The account was erased meanwhile, and nothing else will ever know of these bytes.
                await self.blobs.delete(upload.blob_key)


def _details(form: IncomingForm, said: UploadDetails) -> UploadDetails:
    """What the form has told so far, and what was said beside it."""
    details = upload_details(form.fields)
    agreed = replace(details, sha256=digest_agreed(details.sha256, said.sha256), refuse_deleted=said.refuse_deleted)
    if said.guest is None:
        return agreed
    named = replace(said.guest, name=checked_guest_name(form.fields.get("guest_name")))
    return replace(agreed, guest=named, keywords_as_hashtags=False)
