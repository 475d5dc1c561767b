"""Facts about uploads."""

from dataclasses import dataclass
from datetime import datetime

from photostore.shared.aggregate import Event
from photostore.shared.blobs import BlobKey, MultipartId
from photostore.shared.ids import UploadId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLeftBytes(Event):
    """The upload ended, and no photo has the bytes that may lie under its key, or in parts that were never joined, or in what
    is too short for a part."""

    owner_id: UserId
    upload_id: UploadId
    blob_key: BlobKey
    multipart_id: MultipartId | None = None
    tail_key: BlobKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLeftUrl(Event):
    """The upload ended before the signed URL that leads to its key: until then bytes may come that nobody waits for."""

    owner_id: UserId
    upload_id: UploadId
    blob_key: BlobKey
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadTold(Event):
    """Of an upload that its owner follows by itself: through any door but the form's, which is one with its photo."""

    owner_id: UserId
    upload_id: UploadId


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadAnnounced(UploadTold):
    """A file is to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadCompleted(UploadTold):
    """It has its photo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadAborted(UploadTold):
    """It was taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadExpired(UploadTold):
    """Its time was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRejected(UploadTold):
    """What came was not what it should be."""
