"""The submission: one photo that a guest sent for an album."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from photostore.shared.aggregate import Aggregate
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, SubmissionId, UserId
from photostore.submission.errors import SubmissionDecided


class SubmissionState(StrEnum):
    """`pending` while the owner has to decide; where nothing is held for review it is `approved` from the beginning."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(slots=True, kw_only=True, eq=False)
class Submission(Aggregate[SubmissionId]):
    """`photo_id` is the owner's photo of these bytes: made by the submission (`made_photo`), or one that was there before.

    `filename` and `title` are the guest's own words, which stand for the photo's where it was there before.
    """

    owner_id: UserId
    link_id: ShareLinkId
    album_id: AlbumId
    photo_id: PhotoId
    made_photo: bool
    guest_name: str | None
    filename: str
    title: str | None
    byte_size: int
    created_at: datetime
    state: SubmissionState = SubmissionState.PENDING

    def approve(self) -> bool:
        """Tell whether that is news. Raise `SubmissionDecided` when it was rejected."""
        return self._decide(SubmissionState.APPROVED, but=SubmissionState.REJECTED)

    def reject(self) -> bool:
        """Tell whether that is news. Raise `SubmissionDecided` when it was approved."""
        return self._decide(SubmissionState.REJECTED, but=SubmissionState.APPROVED)

    def _decide(self, state: SubmissionState, *, but: SubmissionState) -> bool:
        if self.state is but:
            raise SubmissionDecided(f"The submission was {but} before.")
        news = self.state is not state
        self.state = state
        return news
