"""The upload: how bytes become a photo, whatever door they came through."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from photostore.photo.renditions import ORIGINALS
from photostore.shared.aggregate import Aggregate
from photostore.shared.blobs import BlobKey, blob_key
from photostore.shared.ids import PhotoId, UploadId, UserId
from photostore.upload.errors import UploadInvalid
from photostore.upload.events import UploadLeftBytes


class UploadState(StrEnum):
    """`pending` until the bytes are there, `completing` while they are checked; the others are final."""

    PENDING = "pending"
    COMPLETING = "completing"
    COMPLETED = "completed"
    ABORTED = "aborted"
    EXPIRED = "expired"
    REJECTED = "rejected"


OPEN_STATES = (UploadState.PENDING, UploadState.COMPLETING)


def original_key(upload_id: UploadId) -> BlobKey:
    """Where an upload's bytes go: its own place, which is never another's, and tells nothing of the owner.

    The folder is for stores that keep files: none gets too many.
    """
    return blob_key(f"{ORIGINALS}{upload_id.hex[-2:]}/{upload_id}")


@dataclass(slots=True, kw_only=True, eq=False)
class Upload(Aggregate[UploadId]):
    """One try to bring one file in. `reserved_bytes` of the owner's quota are set aside while it is open.

    It must be complete by `expires_at`; after that a sweep removes what arrived and gives the reservation back.
    """

    owner_id: UserId
    blob_key: BlobKey
    reserved_bytes: int
    created_at: datetime
    expires_at: datetime
    state: UploadState = UploadState.PENDING
    reason: str | None = None
    photo_id: PhotoId | None = None

    def __post_init__(self) -> None:
        if self.reserved_bytes < 0:
            raise UploadInvalid(f"upload {self.id} reserves {self.reserved_bytes} bytes")

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @classmethod
    def start(
        cls,
        *,
        id: UploadId,
        owner_id: UserId,
        reserved_bytes: int,
        now: datetime,
        expires_at: datetime,
    ) -> "Upload":
        return cls(
            id=id,
            owner_id=owner_id,
            blob_key=original_key(id),
            reserved_bytes=reserved_bytes,
            created_at=now,
            expires_at=expires_at,
        )

    def complete(self, photo_id: PhotoId) -> None:
        """Its bytes are this photo's now. Raise `UploadInvalid` when it ended otherwise meanwhile."""
        self._demand_open()
        self.state = UploadState.COMPLETED
        self.photo_id = photo_id

    def complete_as_duplicate(self, photo_id: PhotoId, *, now: datetime) -> None:
        """The owner has these bytes as `photo_id` already: those that arrived are not needed."""
        self.complete(photo_id)
        self.leave_bytes(now=now)

    def end(self, state: UploadState, *, reason: str, now: datetime) -> None:
        """Give up; `reason` is told to the owner."""
        self._demand_open()
        self.state = state
        self.reason = reason[:500]
        self.leave_bytes(now=now)

    def leave_bytes(self, *, now: datetime) -> None:
        """Say that bytes may lie under its key which no photo has; more than once, where more may have come since."""
        self.record(UploadLeftBytes(at=now, owner_id=self.owner_id, upload_id=self.id, blob_key=self.blob_key))

    def _demand_open(self) -> None:
        if not self.is_open:
            raise UploadInvalid(f"The upload is {self.state} already.")
