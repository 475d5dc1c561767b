"""How far an upload has come that is sent piece by piece."""

from dataclasses import dataclass

from photostore.shared.clock import Clock
from photostore.shared.ids import UploadId, UserId
from photostore.upload.commands.receive_bytes import Receipt, ReceiveBytes
from photostore.upload.errors import UploadNotFound
from photostore.upload.queries import UploadQueries
from photostore.upload.upload import UploadState


@dataclass(frozen=True, slots=True)
class ShowResumableUpload:
    """One whose bytes are all there but that no request could complete, as when the service died, is completed now: who
    asks has nothing left to send.

    Raise `UploadNotFound` for one that has ended, too, and what completing raises.
    """

    uploads: UploadQueries
    receive_bytes: ReceiveBytes
    clock: Clock

    async def __call__(self, *, actor: UserId, upload_id: UploadId) -> Receipt:
        upload = await self.uploads.get(upload_id, owner=actor)
        if upload.reception is None:
            raise UploadNotFound(f"There is no upload {upload_id} that is sent piece by piece.")
        if not upload.is_open and upload.state is not UploadState.COMPLETED:
            raise UploadNotFound(f"The upload is {upload.state}: {upload.reason}")
        if upload.is_open and upload.expires_at <= self.clock.now():
            raise UploadNotFound("The upload has expired.")
        return await self.receive_bytes.whole(upload)
