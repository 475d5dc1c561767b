"""A guest's photo, sent as a form."""

from dataclasses import dataclass

from photostore.share_link.gate import Share
from photostore.share_link.ports import ShareCounter
from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import SubmissionId
from photostore.upload.commands.upload_form import UploadForm
from photostore.upload.form import IncomingForm
from photostore.upload.guests import figures_kept, new_guest


@dataclass(frozen=True, slots=True)
class UploadGuestForm:
    """By the same rules as the owner's; but what the owner has already is never told, and the bytes are read to the end.

    Raise as `UploadForm`, with `ShareOutOfSpace` in place of `QuotaExceeded`; `NotAllowedByShare` or `ShareUploadsUsedUp`.
    """

    upload_form: UploadForm
    counter: ShareCounter
    clock: Clock
    ids: Ids

    async def __call__(self, *, share: Share, form: IncomingForm, sha256: bytes | None = None) -> SubmissionId:
        share.demand_upload()
        guest = new_guest(share, self.ids)
        with figures_kept():
            await self.upload_form(actor=share.link.owner_id, form=form, sha256=sha256, guest=guest)
        await self.counter.upload(share.link, now=self.clock.now())
        return guest.submission_id
