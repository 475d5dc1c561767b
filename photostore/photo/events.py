"""Facts about photos."""

from dataclasses import dataclass

from photostore.hashtag.name import HashtagName
from photostore.shared.aggregate import Event
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoCreated(Event):
    owner_id: UserId
    photo_id: PhotoId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoEdited(Event):
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
class PhotoDeleted(Event):
    owner_id: UserId
    photo_id: PhotoId
    blob_key: BlobKey
