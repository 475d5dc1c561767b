"""Take a guest's upload back."""

from dataclasses import dataclass

from photostore.share_link.gate import Share
from photostore.shared.ids import UploadId
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.upload.commands.abort_upload import AbortUpload
from photostore.upload.guests import upload_of_share
from photostore.upload.queries import UploadQueries


@dataclass(frozen=True, slots=True)
class AbortGuestUpload:
    """Raise as `AbortUpload`; `UploadNotFound` also for one of another link or of the owner's."""

    uploads: UploadQueries
    abort_upload: AbortUpload

    async def __call__(
        self, *, share: Share, upload_id: UploadId, expected_version: ExpectedVersion = ANY_VERSION
    ) -> None:
        await upload_of_share(share, upload_id, self.uploads)
        await self.abort_upload(actor=share.link.owner_id, upload_id=upload_id, expected_version=expected_version)
