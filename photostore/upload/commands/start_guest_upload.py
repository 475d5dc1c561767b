"""A guest's photo that goes straight to the store: announced."""

from dataclasses import dataclass, replace

from photostore.share_link.gate import Share
from photostore.shared.clock import Ids
from photostore.submission.guest import checked_guest_name
from photostore.upload.commands.start_direct_upload import StartDirectUpload
from photostore.upload.details import AnnouncedFile
from photostore.upload.guests import figures_kept, new_guest
from photostore.upload.upload import Upload


@dataclass(frozen=True, slots=True)
class StartGuestUpload:
    """By the same rules as the owner's; but bytes that the owner has already are sent all the same.

    Raise as `StartDirectUpload`, with `ShareOutOfSpace` in place of `QuotaExceeded`; `NotAllowedByShare`,
    `ShareUploadsUsedUp` or `SubmissionInvalid`.
    """

    start_upload: StartDirectUpload
    ids: Ids

    async def __call__(
        self, *, share: Share, file: AnnouncedFile, guest_name: str | None, in_parts_of: int | None = None
    ) -> Upload:
        share.demand_upload(byte_size=file.byte_size)
        guest = new_guest(share, self.ids, name=checked_guest_name(guest_name))
        details = replace(file.details, guest=guest, keywords_as_hashtags=False)
        with figures_kept():
            return await self.start_upload(
                actor=share.link.owner_id, file=replace(file, details=details), in_parts_of=in_parts_of
            )
