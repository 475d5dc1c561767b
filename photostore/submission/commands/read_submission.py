"""Read one photo of a share, also one that was sent through it and is not shown yet."""

from dataclasses import dataclass

from photostore.photo.errors import PhotoNotFound
from photostore.photo.queries import PhotoView, SubmittedPhotoView
from photostore.share_link.commands.read_share import ReadShare
from photostore.share_link.gate import Share
from photostore.share_link.telling import as_it_was_sent
from photostore.shared.ids import PhotoId, SubmissionId
from photostore.submission.queries import SubmissionQueries


@dataclass(frozen=True, slots=True)
class ReadSubmission:
    read_share: ReadShare
    submissions: SubmissionQueries

    async def __call__(self, share: Share, photo_id: PhotoId) -> PhotoView:
        """Whoever sent it knows its id. Raise `PhotoNotFound`."""
        try:
            return await self.read_share.photo(share, photo_id)
        except PhotoNotFound:
            return await self.as_sent(share, SubmissionId(photo_id))

    async def as_sent(self, share: Share, submission_id: SubmissionId) -> SubmittedPhotoView:
        """What is told right after it was sent, whatever became of it. Raise `PhotoNotFound`."""
        link = share.link
        return as_it_was_sent(await self.submissions.sent(submission_id, link_id=link.id, owner=link.owner_id))
