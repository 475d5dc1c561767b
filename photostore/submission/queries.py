"""What is read of submissions: by the owner who decides, and by the guest who sent one."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.photo.queries import PhotoView, SubmittedPhotoView
from photostore.shared.ids import ShareLinkId, SubmissionId, UserId
from photostore.submission.submission import SubmissionState


@dataclass(slots=True)
class SubmissionView:
    """As the owner reads it; the photo may be in the trash."""

    id: UUID
    link_id: UUID
    album_id: UUID
    guest_name: str | None
    state: str
    created_at: datetime
    photo: PhotoView


class SubmissionQueries(Protocol):
    @abstractmethod
    async def list(
        self,
        link_id: ShareLinkId,
        *,
        owner: UserId,
        state: SubmissionState | None,
        after: SubmissionId | None,
        limit: int,
    ) -> Sequence[SubmissionView]:
        """Newest first. Of someone else's link there are none."""

    @abstractmethod
    async def find(self, told: UUID, *, link_id: ShareLinkId, owner: UserId) -> SubmissionView:
        """The one of this id; or of those of the photo of this id the one to decide, else the latest. Raise
        `SubmissionNotFound`."""

    @abstractmethod
    async def sent(self, told: UUID, *, link_id: ShareLinkId, owner: UserId) -> SubmittedPhotoView:
        """The photo of the link's submission of this id, wherever that is now. Raise `PhotoNotFound`, also when the
        submission was rejected."""
