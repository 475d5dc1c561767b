"""What of an upload has arrived, and where the rest goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.shared.blobs import BlobSigner, BlobStore, MultipartBlobStore, SignedRequest, StoredPart
from photostore.shared.clock import Clock
from photostore.shared.ids import UploadId, UserId
from photostore.upload.arrival import Arrival
from photostore.upload.errors import PartNotFound, UploadEnded, UploadInvalid
from photostore.upload.parts import Part
from photostore.upload.queries import UploadQueries
from photostore.upload.upload import Door, Upload

_LONGEST_SECONDS = 604_800


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One part, the request that sends it, and whether the store has it."""

    part: Part
    request: SignedRequest
    received: bool


@dataclass(frozen=True, slots=True)
class ShowUpload:
    """Signs anew each time it is asked; what was signed is good as long as the upload. An upload that has ended, or that
    comes through another door, has no parts to send."""

    uploads: UploadQueries
    blobs: BlobStore
    multiparts: MultipartBlobStore
    signer: BlobSigner
    clock: Clock

    async def __call__(self, *, actor: UserId, upload_id: UploadId) -> tuple[Upload, Sequence[ShownPart]]:
        """Raise `UploadNotFound` or `BlobStoreUnavailable`."""
        upload = await self.uploads.get(upload_id, owner=actor)
        if not self._takes_parts(upload):
            return upload, ()
        return upload, self._signed(upload, await Arrival(self.blobs, self.multiparts).received(upload))

    def of_new(self, upload: Upload) -> Sequence[ShownPart]:
        """Of one that has just begun: nothing can have arrived."""
        return self._signed(upload, frozenset()) if self._takes_parts(upload) else ()

    async def stored(self, *, actor: UserId, upload_id: UploadId) -> Sequence[StoredPart]:
        """What the store has of a file in parts, as it names it.

        Raise `UploadNotFound`, `UploadEnded`, `UploadInvalid` for a file that goes whole, or `BlobStoreUnavailable`.
        """
        upload = await self._in_parts(actor, upload_id)
        return await Arrival(self.blobs, self.multiparts).parts(upload) or ()

    async def part(self, *, actor: UserId, upload_id: UploadId, number: int) -> SignedRequest:
        """The request that sends one part; nobody is asked what has arrived.

        Raise as `stored` does, and `PartNotFound` for a number that the file is not cut into.
        """
        upload = await self._in_parts(actor, upload_id)
        part = next((each for each in upload.parts if each.number == number), None)
        if part is None:
            raise PartNotFound(f"The file is cut into {len(upload.parts)} parts.")
        return self._request(upload, part, self._seconds_left(upload))

    async def _in_parts(self, actor: UserId, upload_id: UploadId) -> Upload:
        upload = await self.uploads.get(upload_id, owner=actor)
        if not self._takes_parts(upload):
            raise UploadEnded("The upload takes no more bytes.")
        if upload.multipart_id is None:
            raise UploadInvalid("The file goes whole: it was announced without `part_bytes`.")
        return upload

    def _takes_parts(self, upload: Upload) -> bool:
        return upload.is_open and upload.door is Door.DIRECT and self._seconds_left(upload) > 0

    def _seconds_left(self, upload: Upload) -> int:
        return min(int((upload.expires_at - self.clock.now()).total_seconds()), _LONGEST_SECONDS)

    def _signed(self, upload: Upload, received: set[int] | frozenset[int]) -> Sequence[ShownPart]:
        seconds = self._seconds_left(upload)
        return [ShownPart(part, self._request(upload, part, seconds), part.number in received) for part in upload.parts]

    def _request(self, upload: Upload, part: Part, seconds: int) -> SignedRequest:
        if upload.multipart_id is None:
            return self.signer.sign_put(
                upload.blob_key,
                expires_in=seconds,
                byte_size=part.byte_size,
                content_type=upload.content_type or "application/octet-stream",
                sha256=upload.details.sha256,
            )
        return self.signer.sign_put_part(
            upload.blob_key, upload.multipart_id, number=part.number, expires_in=seconds, byte_size=part.byte_size
        )
