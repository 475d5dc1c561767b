"""What is read of share links: by their owners, and by those who follow them."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from photostore.photo.queries import PhotoFilter, PhotoView
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, UserId


@dataclass(slots=True)
class ShareLinkView:
    """A link as its owner reads it."""

    id: UUID
    sealed_token: str = field(repr=False)
    album_id: UUID | None
    photo_ids: Sequence[UUID]
    name: str | None
    has_password: bool
    expires_at: datetime | None
    allow_download: bool
    allow_upload: bool
    hide_metadata: bool
    max_views: int | None
    max_uploads: int | None
    max_upload_bytes: int | None
    review: bool
    allow_selection: bool
    disabled: bool
    version: int
    created_at: datetime


@dataclass(slots=True)
class ShareDay:
    """What happened through a link on one day, in UTC. `visitors` are told apart by address and browser."""

    day: date
    views: int
    visitors: int
    downloads: int
    uploads: int


class ShareLinkQueries(Protocol):
    @abstractmethod
    async def list(self, owner: UserId, *, after: ShareLinkId | None, limit: int) -> Sequence[ShareLinkView]:
        """Newest first."""

    @abstractmethod
    async def get(self, link_id: ShareLinkId, *, owner: UserId) -> ShareLinkView:
        """Raise `ShareLinkNotFound` when it is absent or someone else's."""

    @abstractmethod
    async def days(self, link_id: ShareLinkId, *, owner: UserId, first: date, last: date) -> Sequence[ShareDay]:
        """Every day from `first` to `last`. Raise `ShareLinkNotFound`."""


@dataclass(slots=True)
class SharedLink:
    """A link as the gate looks at it, and what its visitors are told. `used_up_at` is told also where it was opened more often
    than `max_views` is by now.

    Of a link to an album also its name, how many photos it shows, or the query that finds them, and how many queries there
    were before that one. `uploads` and `upload_bytes` were accepted of guests so far.
    """

    id: ShareLinkId
    owner_id: UserId
    owner_display_name: str | None
    owner_is_active: bool
    album_id: AlbumId | None
    name: str | None
    password_hash: str | None = field(repr=False)
    expires_at: datetime | None
    allow_download: bool
    allow_upload: bool
    hide_metadata: bool
    max_views: int | None
    max_uploads: int | None
    max_upload_bytes: int | None
    review: bool
    allow_selection: bool
    disabled: bool
    generation: int
    used_up_at: datetime | None
    version: int
    uploads: int
    upload_bytes: int
    album_name: str | None = None
    album_photo_count: int | None = None
    album_query: PhotoFilter | None = None
    album_queries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePosition:
    """A place in a share's order, just after a photo."""

    place: int
    id: UUID


@dataclass(slots=True)
class SharePage:
    """`next` is where to go on, or `None` at the end."""

    items: Sequence[PhotoView]
    next: SharePosition | None


class ShareQueries(Protocol):
    """What a visitor sees: never photos in the trash. What the query of an album finds is not read here (`ReadShare`)."""

    @abstractmethod
    async def find(self, token_digest: bytes) -> SharedLink | None:
        """The link whose token has this digest, in whatever state."""

    @abstractmethod
    async def count(self, link: SharedLink) -> int:
        """How many photos it shows."""

    @abstractmethod
    async def photos(self, link: SharedLink, *, after: SharePosition | None, limit: int) -> SharePage:
        """In the order in which the owner named them, or in the album's."""

    @abstractmethod
    async def photo(self, link: SharedLink, photo_id: PhotoId) -> PhotoView:
        """Raise `PhotoNotFound` when the link does not show it."""
