"""Facts about uploads."""

from dataclasses import dataclass

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
