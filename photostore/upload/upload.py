"""The upload: how bytes become a photo, whatever door they came through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from photostore.photo.renditions import ORIGINALS
from photostore.shared.aggregate import Aggregate
from photostore.shared.blobs import BlobKey, MultipartId, blob_key
from photostore.shared.ids import PhotoId, UploadId, UserId
from photostore.upload.details import NOTHING_SAID, AnnouncedFile, UploadDetails
from photostore.upload.errors import (
    UploadBeingCompleted,
    UploadEnded,
    UploadIncomplete,
    UploadInvalid,
    UploadLengthInvalid,
)
from photostore.upload.events import (
    UploadAborted,
    UploadAnnounced,
    UploadCompleted,
    UploadExpired,
    UploadLeftBytes,
    UploadLeftUrl,
    UploadRejected,
    UploadTold,
)
from photostore.upload.parts import Part, cut
from photostore.upload.reception import Reception


class UploadState(StrEnum):
    """`pending` until the bytes are there, `completing` while they are checked; the others are final."""

    PENDING = "pending"
    COMPLETING = "completing"
    COMPLETED = "completed"
    ABORTED = "aborted"
    EXPIRED = "expired"
    REJECTED = "rejected"


OPEN_STATES = (UploadState.PENDING, UploadState.COMPLETING)


# How long whoever completes an upload is believed to be at work, unless they say again that they are.
LEASE = timedelta(seconds=20)


class Door(StrEnum):
    """The way by which the bytes come: in a form, straight to the store, or piece by piece through us."""

    FORM = "form"
    DIRECT = "direct"
    TUS = "tus"


_ENDS: Mapping[UploadState, type[UploadTold]] = {
    UploadState.ABORTED: UploadAborted,
    UploadState.EXPIRED: UploadExpired,
    UploadState.REJECTED: UploadRejected,
}


def original_key(upload_id: UploadId) -> BlobKey:
    """Where an upload's bytes go: its own place, which is never another's, and tells nothing of the owner.

    The folder is for stores that keep files: none gets too many.
    """
    return blob_key(f"{ORIGINALS}{upload_id.hex[-2:]}/{upload_id}")


@dataclass(slots=True, kw_only=True, eq=False)
class Upload(Aggregate[UploadId]):
    """One try to bring one file in. `reserved_bytes` of the owner's quota are set aside while it is open.

    It must be complete by `expires_at`; after that a sweep removes what arrived and gives the reservation back.
    `filename`, `content_type`, `byte_size` and `details` are what was announced of the file, as far as the door tells it
    beforehand. Parts of `part_bytes` (the last may be shorter) go to `multipart_id`; without one the file goes to its
    key whole. `reception` is how far one has come whose bytes pass through us piece by piece.
    """

    owner_id: UserId
    blob_key: BlobKey
    reserved_bytes: int
    created_at: datetime
    expires_at: datetime
    door: Door = Door.FORM
    filename: str | None = None
    content_type: str | None = None
    byte_size: int | None = None
    details: UploadDetails = NOTHING_SAID
    part_bytes: int | None = None
    multipart_id: MultipartId | None = None
    completing_until: datetime | None = None
    reception: Reception | None = None
    state: UploadState = UploadState.PENDING
    reason: str | None = None
    photo_id: PhotoId | None = None

    def __post_init__(self) -> None:
        if self.reserved_bytes < 0:
            raise UploadInvalid(f"upload {self.id} reserves {self.reserved_bytes} bytes")

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def parts(self) -> Sequence[Part]:
        """Those that the file is cut into; none while its size is not known."""
        return tuple(cut(self.byte_size, self.part_bytes)) if self.byte_size and self.part_bytes else ()

    @property
    def digest_seen_by_store(self) -> bytes | None:
        """The SHA-256 that was signed into the one request which could bring the bytes: the store took no others."""
        return self.details.sha256 if self.door is Door.DIRECT and self.multipart_id is None else None

    @classmethod
    def start(
        cls,
        *,
        id: UploadId,
        owner_id: UserId,
        reserved_bytes: int,
        now: datetime,
        expires_at: datetime,
        filename: str | None = None,
    ) -> "Upload":
        """Of a form: nothing else is known of the file before it comes."""
        return cls(
            id=id,
            owner_id=owner_id,
            blob_key=original_key(id),
            reserved_bytes=reserved_bytes,
            created_at=now,
            expires_at=expires_at,
            filename=filename,
        )

    @classmethod
    def announce(
        cls, *, id: UploadId, owner_id: UserId, file: AnnouncedFile, now: datetime, expires_at: datetime
    ) -> "Upload":
        """Of a file that goes straight to the store."""
        upload = cls(
            id=id,
            owner_id=owner_id,
            blob_key=original_key(id),
            reserved_bytes=file.byte_size,
            created_at=now,
            expires_at=expires_at,
            door=Door.DIRECT,
            filename=file.filename,
            content_type=file.content_type,
            byte_size=file.byte_size,
            details=file.details,
        )
        upload.tell(UploadAnnounced, now=now)
        return upload

    @classmethod
    def resumable(
        cls,
        *,
        id: UploadId,
        owner_id: UserId,
        filename: str,
        content_type: str,
        byte_size: int | None,
        details: UploadDetails,
        metadata: str | None,
        now: datetime,
        expires_at: datetime,
    ) -> "Upload":
        """Of a file that comes piece by piece. Where its size is not told yet, room is set aside as its bytes come."""
        upload = cls(
            id=id,
            owner_id=owner_id,
            blob_key=original_key(id),
            reserved_bytes=byte_size or 0,
            created_at=now,
            expires_at=expires_at,
            door=Door.TUS,
            filename=filename,
            content_type=content_type,
            byte_size=byte_size,
            details=details,
            reception=Reception(metadata=metadata),
        )
        upload.tell(UploadAnnounced, now=now)
        return upload

    @property
    def received_bytes(self) -> int:
        """Of one that comes piece by piece: those that need not be sent again."""
        if self.state is UploadState.COMPLETED:
            return self.byte_size or 0
        return 0 if self.reception is None else self.reception.received_bytes

    def tell_length(self, byte_size: int) -> None:
        """Its size, which was not told at first. Told again it must be the same. Raise `UploadLengthInvalid`."""
        if self.byte_size not in (None, byte_size):
            raise UploadLengthInvalid(f"The length of this upload is {self.byte_size}.")
        if byte_size < max(1, self.received_bytes):
            raise UploadLengthInvalid(f"{self.received_bytes} bytes have arrived already.")
        self.byte_size = byte_size

    def make_room(self, byte_size: int) -> int:
        """For so many bytes; answer how many more of the quota that takes."""
        more = max(0, byte_size - self.reserved_bytes)
        self.reserved_bytes += more
        return more

    def need_nothing(self, photo_id: PhotoId) -> None:
        """Before it is written down: the owner has these bytes as `photo_id`, so there is nothing to send or reserve."""
        self.complete(photo_id, now=self.created_at)
        self.reserved_bytes = 0

    def begin_completing(self, *, now: datetime) -> datetime:
        """Claim it for a while, and answer until when. Whoever dies meanwhile holds it no longer than that.

        Raise `UploadBeingCompleted` while someone else is at work, `UploadEnded` when it ended otherwise, `UploadIncomplete`
        when bytes are missing of one that comes through us.
        """
        self.demand_open()
        if self.reception is not None and self.received_bytes != self.byte_size:
            raise UploadIncomplete(f"{self.received_bytes} bytes have arrived.")
        if self.completing_until is not None and now < self.completing_until:
            raise UploadBeingCompleted("Another request is completing this upload.")
        self.state = UploadState.COMPLETING
        self.completing_until = now + LEASE
        return self.completing_until

    def go_on_completing(self, *, claim: datetime, now: datetime) -> datetime:
        """Hold a claim longer; one that was lost to someone else stays theirs."""
        self.demand_open()
        if self.completing_until == claim:
            self.completing_until = now + LEASE
        return now + LEASE

    def stop_completing(self, *, claim: datetime) -> None:
        """Give the claim back: something is missing, or the store does not answer."""
        if self.is_open and self.completing_until == claim:
            self.state = UploadState.PENDING
            self.completing_until = None

    def complete(self, photo_id: PhotoId, *, now: datetime) -> None:
        """Its bytes are this photo's now. Raise `UploadEnded` when it ended otherwise meanwhile."""
        self.demand_open()
        self.state = UploadState.COMPLETED
        self.photo_id = photo_id
        self.tell(UploadCompleted, now=now)

    def complete_as_duplicate(self, photo_id: PhotoId, *, now: datetime) -> None:
        """The owner has these bytes as `photo_id` already: those that arrived are not needed."""
        self.complete(photo_id, now=now)
        self.leave_bytes(now=now)

    def end(self, state: UploadState, *, reason: str, now: datetime) -> None:
        """Give up; `reason` is told to the owner."""
        self.demand_open()
        self.state = state
        self.reason = reason[:500]
        self.tell(_ENDS[state], now=now)
        self.leave_bytes(now=now)

    def leave_bytes(self, *, now: datetime) -> None:
        """Say that bytes may lie under its key which no photo has; more than once, where more may have come since."""
        self.record(
            UploadLeftBytes(
                at=now,
                owner_id=self.owner_id,
                upload_id=self.id,
                blob_key=self.blob_key,
                multipart_id=self.multipart_id,
                tail_key=self.reception.tail_key if self.reception else None,
            )
        )
        # Parts need no such care: the store takes none for an upload in parts that was given up.
        if self.door is Door.DIRECT and self.multipart_id is None and now < self.expires_at:
            self.record(
                UploadLeftUrl(
                    at=now,
                    owner_id=self.owner_id,
                    upload_id=self.id,
                    blob_key=self.blob_key,
                    until=self.expires_at,
                )
            )

    def tell(self, fact: type[UploadTold], *, now: datetime) -> None:
        """Record it, where the owner follows uploads through this door."""
        if self.door is not Door.FORM:
            self.record(fact(at=now, owner_id=self.owner_id, upload_id=self.id))

    def demand_open(self) -> None:
        """Raise `UploadEnded` when it has ended, however it did."""
        if not self.is_open:
            told = f": {self.reason}" if self.reason else "."
            raise UploadEnded(f"The upload is {self.state}{told}")
