"""Have a guest's upload looked at, once all of it was sent."""

from dataclasses import dataclass

from photostore.share_link.gate import Share
from photostore.share_link.ports import ShareCounter
from photostore.shared.clock import Clock
from photostore.shared.ids import SubmissionId, UploadId
from photostore.upload.commands.complete_direct_upload import CompleteDirectUpload
from photostore.upload.guests import figures_kept, upload_of_share
from photostore.upload.queries import UploadQueries


@dataclass(frozen=True, slots=True)
class CompleteGuestUpload:
    """Safe to repeat, with the same answer. Once the link has ended, nothing that began through it is completed.

    Raise as `CompleteDirectUpload`, with `ShareOutOfSpace` in place of `QuotaExceeded`; `UploadNotFound` also for one of
    another link or of the owner's; `NotAllowedByShare` or `ShareUploadsUsedUp`.
    """

    uploads: UploadQueries
    complete_upload: CompleteDirectUpload
    counter: ShareCounter
    clock: Clock

    async def __call__(self, *, share: Share, upload_id: UploadId) -> SubmissionId:
        _, guest = await upload_of_share(share, upload_id, self.uploads)
        with figures_kept():
            uploaded = await self.complete_upload(actor=share.link.owner_id, upload_id=upload_id)
        if not uploaded.repeated:
            await self.counter.upload(share.link, now=self.clock.now())
        return guest.submission_id
