"""What has arrived of a guest's upload, and where the rest goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.share_link.gate import Share
from photostore.shared.ids import UploadId
from photostore.upload.commands.show_upload import ShownPart, ShowUpload
from photostore.upload.guests import upload_of_share
from photostore.upload.queries import UploadQueries
from photostore.upload.upload import Upload


@dataclass(frozen=True, slots=True)
class ShowGuestUpload:
    """Raise `UploadNotFound`, also for one of another link or of the owner's, or `BlobStoreUnavailable`."""

    uploads: UploadQueries
    show_upload: ShowUpload

    async def __call__(self, *, share: Share, upload_id: UploadId) -> tuple[Upload, Sequence[ShownPart]]:
        await upload_of_share(share, upload_id, self.uploads)
        return await self.show_upload(actor=share.link.owner_id, upload_id=upload_id)
