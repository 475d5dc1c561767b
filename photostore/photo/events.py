"""Facts about photos."""

from dataclasses import dataclass
from datetime import datetime

from photostore.hashtag.name import HashtagName
from photostore.photo.picture import Failure, Fingerprint
from photostore.shared.aggregate import Event
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoCreated(Event):
    """`keywords_as_hashtags` is what the uploader said of the keywords in its metadata; `None` is nothing. So many others
    of the owner have not been decoded yet: it is `behind` them."""

    owner_id: UserId
    photo_id: PhotoId
    keywords_as_hashtags: bool | None = None
    behind: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoDecoded(Event):
    """It can be shown."""

    owner_id: UserId
    photo_id: PhotoId
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoDecodingFailed(Event):
    owner_id: UserId
    photo_id: PhotoId
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionsReplaced(Event):
    """Others are told in place of these."""

    owner_id: UserId
    photo_id: PhotoId
    blob_keys: tuple[BlobKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoOriginalLost(Event):
    owner_id: UserId
    photo_id: PhotoId
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoOriginalRecovered(Event):
    owner_id: UserId
    photo_id: PhotoId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRenditionsLost(Event):
    owner_id: UserId
    photo_id: PhotoId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoEdited(Event):
    owner_id: UserId
    photo_id: PhotoId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoDated(Event):
    """It is another time that it was taken at, by people or by its metadata."""

    owner_id: UserId
    photo_id: PhotoId
    taken_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFoundOtherwise(Event):
    """What filters look at is another: some may find it now that did not, and others no longer."""

    owner_id: UserId
    photo_id: PhotoId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRetagged(Event):
    """The photo carries `added` now, and no longer `removed`."""

    owner_id: UserId
    photo_id: PhotoId
    added: frozenset[HashtagName]
    removed: frozenset[HashtagName]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoTrashed(Event):
    """It shows nowhere but in the trash."""

    owner_id: UserId
    photo_id: PhotoId
    blob_key: BlobKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRestored(Event):
    owner_id: UserId
    photo_id: PhotoId
    blob_key: BlobKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoDeleted(Event):
    owner_id: UserId
    photo_id: PhotoId
    blob_key: BlobKey
