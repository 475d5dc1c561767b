"""Refusals about replicas."""

from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.errors import NotFound


class ReplicaNotFound(NotFound):
    title = "There is no such replica."


class ReplicaForeign(BlobStoreUnavailable):
    """It does not bear the mark of this installation: another disk, another bucket, or a folder without its disk."""

    problem = "blob-store-unavailable"


class SourceFailed(Exception):
    """No store gave the bytes that were to be copied. `lost` when every one of them was asked, and none has them."""

    def __init__(self, reason: str, *, lost: bool) -> None:
        super().__init__(reason)
        self.lost = lost
