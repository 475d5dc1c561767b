"""How far bytes have come that pass through us piece by piece, and may be broken off anywhere (tus)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from photostore.photo.renditions import ORIGINALS
from photostore.shared.blobs import MAX_PARTS, MIN_PART_BYTES, BlobKey, blob_key
from photostore.shared.ids import UploadId
from photostore.upload.errors import UploadBusy, UploadHoldLost

# How long whoever sends bytes is believed to go on, unless more of them come: a dead connection is in nobody's way longer.
HOLD = timedelta(seconds=10)
TAILS = "tails/"


@dataclass(slots=True, kw_only=True)
class Reception:
    """`received_bytes` lie in the store: whole parts, and after them what is too short for one, under `tail_key`.

    `held_by` is the request that sends more, and is believed to go on until `held_until`. `metadata` is what the
    client said of the file, as it said it.
    """

    received_bytes: int = 0
    tail_key: BlobKey | None = None
    held_by: UUID | None = None
    held_until: datetime | None = None
    metadata: str | None = None

    def hold(self, holder: UUID, *, now: datetime) -> None:
        """Claim it for a while. Raise `UploadBusy` while another request sends."""
        if self.held_until is not None and now < self.held_until:
            raise UploadBusy("Another request sends bytes of this upload.")
        self.held_by, self.held_until = holder, now + HOLD

    def go_on(self, holder: UUID, *, now: datetime) -> None:
        """Hold a claim longer. Raise `UploadHoldLost` when another request has taken over."""
        if self.held_by != holder:
            raise UploadHoldLost("Another request has taken this upload over.")
        self.held_until = now + HOLD

    def take_in(self, *, received_bytes: int, tail_key: BlobKey | None) -> None:
        """So many bytes lie in the store now."""
        self.received_bytes = received_bytes
        self.tail_key = tail_key

    def let_go(self, holder: UUID) -> None:
        """Give a claim back; one that was lost stays the other's."""
        if self.held_by == holder:
            self.held_by = self.held_until = None


def piece_bytes(at_most: int) -> int:
    """How large the parts of such an upload are: as small as stores take them, since one of them is held in memory."""
    return max(MIN_PART_BYTES, -(-at_most // MAX_PARTS))


def new_tail_key(upload_id: UploadId, unique: object, original: BlobKey) -> BlobKey:
    """A key that no other tail ever had: what stands under a key never changes."""
    folder = original.removeprefix(ORIGINALS).partition("/")[0]
    return blob_key(f"{TAILS}{folder}/{upload_id}.{unique}")
