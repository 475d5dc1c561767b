"""What a check can find, and what is done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """Stable names: scripts and people look for them."""

    ORIGINAL_MISSING = "original_missing"
    ORIGINAL_SIZE = "original_size"
    ORIGINAL_DAMAGED = "original_damaged"
    ORIGINAL_RECOVERED = "original_recovered"
    RENDITION_MISSING = "rendition_missing"
    RENDITION_SIZE = "rendition_size"
    IMAGE_MISSING = "image_missing"
    IMAGE_SIZE = "image_size"
    BLOB_UNREFERENCED = "blob_unreferenced"
    MULTIPART_UNREFERENCED = "multipart_unreferenced"
    QUOTA_DRIFT = "quota_drift"
    HASHTAG_LINKS = "hashtag_links"
    HASHTAG_COUNT = "hashtag_count"
    OWNER_HASHTAG_COUNT = "owner_hashtag_count"
    ALBUM_COUNT = "album_count"
    ALBUM_PHOTO_GONE = "album_photo_gone"
    ALBUM_PHOTO_VISIBILITY = "album_photo_visibility"
    ALBUM_PHOTO_DATE = "album_photo_date"
    FINGERPRINT_TRASHED = "fingerprint_trashed"
    IMAGES_BYTES = "images_bytes"
    PHOTO_STUCK = "photo_stuck"
    UPLOAD_OVERDUE = "upload_overdue"
    FEED_GAP = "feed_gap"


_TELL_OWNER = "bring the bytes back from another copy; where there is none, show the owner that the photo has failed"
_MAKE_AGAIN = "have it made again"
_FORGET_IMAGE = "forget it: it is made again when somebody asks for it"
_RECOUNT = "count anew"
# What repairing does, in words that follow "repair would".
REPAIRS: Mapping[Kind, str] = {
    Kind.ORIGINAL_MISSING: _TELL_OWNER,
    Kind.ORIGINAL_SIZE: _TELL_OWNER,
    Kind.ORIGINAL_DAMAGED: _TELL_OWNER,
    Kind.ORIGINAL_RECOVERED: "take back that the photo has failed",
    Kind.RENDITION_MISSING: _MAKE_AGAIN,
    Kind.RENDITION_SIZE: _MAKE_AGAIN,
    Kind.IMAGE_MISSING: _FORGET_IMAGE,
    Kind.IMAGE_SIZE: _FORGET_IMAGE,
    Kind.BLOB_UNREFERENCED: "remove the bytes",
    Kind.MULTIPART_UNREFERENCED: "remove the parts",
    Kind.QUOTA_DRIFT: _RECOUNT,
    Kind.HASHTAG_LINKS: "link it as the photo says, and count anew",
    Kind.HASHTAG_COUNT: _RECOUNT,
    Kind.OWNER_HASHTAG_COUNT: _RECOUNT,
    Kind.ALBUM_COUNT: _RECOUNT,
    Kind.ALBUM_PHOTO_GONE: "take it out of the album",
    Kind.ALBUM_PHOTO_VISIBILITY: "show or hide it as the photo says",
    Kind.ALBUM_PHOTO_DATE: "date it as the photo says",
    Kind.FINGERPRINT_TRASHED: "say of it what the photo says",
    Kind.IMAGES_BYTES: _RECOUNT,
    Kind.PHOTO_STUCK: "have it decoded",
    Kind.UPLOAD_OVERDUE: "end it, and give its reservation back",
    Kind.FEED_GAP: "close it: clients are told to start again, and what is there and untold is told",
}

OF_ORIGINALS = frozenset({Kind.ORIGINAL_MISSING, Kind.ORIGINAL_SIZE, Kind.ORIGINAL_DAMAGED, Kind.ORIGINAL_RECOVERED})
OF_LOST_ORIGINALS = OF_ORIGINALS - {Kind.ORIGINAL_RECOVERED}
OF_RENDITIONS = frozenset({Kind.RENDITION_MISSING, Kind.RENDITION_SIZE, Kind.IMAGE_MISSING, Kind.IMAGE_SIZE})
OF_STRAYS = frozenset({Kind.BLOB_UNREFERENCED, Kind.MULTIPART_UNREFERENCED})
# What mending removes bytes of: an upload that is over in an old backup became a photo after it.
REMOVED = OF_STRAYS | {Kind.UPLOAD_OVERDUE}


class Outcome(StrEnum):
    """What became of a finding: `gone` was right by itself when it was looked at again, `told` can be mended by people alone
    and is told to the owner, `left` could not be mended."""

    MENDED = "mended"
    GONE = "gone"
    TOLD = "told"
    LEFT = "left"


# After these nothing is wrong any more.
RIGHT_NOW = frozenset({Outcome.MENDED, Outcome.GONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be. `id` names what it is of: a photo, an upload, an album, a hashtag; an owner,
    where it is of all that they have. `key` is the blob's, or a name that helps to find it."""

    kind: Kind
    owner_id: UUID | None
    id: UUID | None
    key: str | None
    expected: str
    found: str

    @property
    def repair(self) -> str:
        return REPAIRS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedFinding:
    """By the number under which it was noted."""

    number: int
    finding: Finding
    outcome: Outcome | None
