"""What is read of photos."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypedDict
from uuid import UUID

from photostore.hashtag.name import HashtagName
from photostore.photo.photo import PhotoStatus
from photostore.shared.ids import AlbumId, PhotoId, UserId


class RenditionView(TypedDict):
    """A rendition as it is stored with its photo: the values of `Rendition`, as JSON has them."""

    name: str
    format: str
    width: int
    height: int
    byte_size: int
    blob_key: str


@dataclass(slots=True)
class PhotoView:
    """A photo as its owner reads it. `sha256` is the digest, 32 bytes; `blob_key` where the original lies.

    `camera` has all the values of `Camera`, as JSON has them; `placeholder` is a ThumbHash.
    """

    id: UUID
    owner_id: UUID
    blob_key: str
    filename: str
    title: str | None
    description: str | None
    content_type: str
    byte_size: int
    sha256: bytes
    width: int
    height: int
    taken_at: datetime | None
    taken_at_offset_minutes: int | None
    hashtags: Sequence[str]
    favorite: bool
    custom: Mapping[str, object]
    status: str
    version: int
    created_at: datetime
    updated_at: datetime
    failure: str | None
    camera: Mapping[str, Any] | None
    latitude: float | None
    longitude: float | None
    altitude_m: float | None
    placeholder: bytes | None
    renditions: Sequence[RenditionView]
    trashed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubmissionMark:
    """Of a photo that a guest of a share link sent. `made_photo` is whether that made it: else the owner had it before, and
    `filename` and `title` are what the guest calls it."""

    id: UUID
    link_id: UUID
    guest_name: str | None
    made_photo: bool
    filename: str
    title: str | None
    created_at: datetime


@dataclass(slots=True)
class SubmittedPhotoView(PhotoView):
    """A photo in an album, as a guest sent it there; or one that is not in it yet, or no longer, where it is not `is_shown`."""

    submission: SubmissionMark
    is_shown: bool = True


class PhotoSort(StrEnum):
    """In both orders of `taken_at` photos without one come last."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    TAKEN_LAST = "-taken_at"
    TAKEN_FIRST = "taken_at"

    @property
    def by_taken_at(self) -> bool:
        return self in (PhotoSort.TAKEN_LAST, PhotoSort.TAKEN_FIRST)

    @property
    def descending(self) -> bool:
        return self.value.startswith("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class InAlbum:
    """An album that photos were put into, and whose it is."""

    owner_id: UserId
    album_id: AlbumId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFilter:
    """Which photos: all that is said must hold. `text` is looked for in title, description and filename, any case.

    Photos in the trash pass where `trashed` says so, and then no others. With `album` everybody's photos in it pass; the
    trash, and what `favorite` says, are the reader's own all the same. `also_text` is a second text. With `decided` what a
    guest brought and the owner has still to approve or reject does not pass.
    """

    hashtags: tuple[HashtagName, ...] = ()
    text: str | None = None
    favorite: bool | None = None
    taken_from: datetime | None = None
    taken_before: datetime | None = None
    status: PhotoStatus | None = None
    trashed: bool = False
    album: InAlbum | None = None
    also_text: str | None = None
    decided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoPosition:
    """A place in an order, just after a photo. `taken_at` counts in the orders by it alone."""

    id: UUID
    taken_at: datetime | None = None


@dataclass(slots=True)
class PhotoPage:
    """`next` is where to go on, or `None` at the end. A page can be short, even empty, and still have a next one:
    sparse filters look at a bounded number of photos a page, so that its cost does not grow with the library."""

    items: Sequence[PhotoView]
    next: PhotoPosition | None


@dataclass(slots=True)
class KnownBytes:
    """What an owner has of these bytes: the photo, in the trash or not, or when the last photo of them was deleted for good.

    Never both: bytes that are there again count as not deleted.
    """

    sha256: bytes
    photo_id: UUID | None
    deleted_at: datetime | None


class PhotoQueries(Protocol):
    @abstractmethod
    async def list(
        self, owner: UserId, filter: PhotoFilter, *, sort: PhotoSort, after: PhotoPosition | None, limit: int
    ) -> PhotoPage:
        """Of `owner`, who reads; of an album, whoever may see that has been asked before."""

    @abstractmethod
    async def get(self, photo_id: PhotoId, *, owner: UserId) -> PhotoView:
        """Raise `PhotoNotFound` when it is absent or someone else's."""

    @abstractmethod
    async def find(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[PhotoView]:
        """Those of these that are the owner's, in the trash or not, in no order."""

    @abstractmethod
    async def lookup(self, digests: Sequence[bytes], *, owner: UserId) -> Sequence[KnownBytes]:
        """One for each digest, in their order."""


@dataclass(slots=True)
class LibraryPhoto:
    """What whoever runs the service needs to know of a photo to have it decoded again."""

    owner_id: UUID
    id: UUID
    blob_key: str
    sha256: bytes
    width: int
    height: int
    status: str
    renditions: Sequence[RenditionView]


class LibraryQueries(Protocol):
    """For the operator, who sees the photos of all owners but nothing that people said of them."""

    @abstractmethod
    async def count(self, owner: UserId | None) -> int:
        """Of one owner, or of all."""

    @abstractmethod
    async def walk(self, owner: UserId | None, *, after: LibraryPhoto | None, limit: int) -> Sequence[LibraryPhoto]:
        """By owner, then by age; every photo once, however many come or go meanwhile."""
