"""Through what a photo can be reached by others than its owner's own sign-in."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.photo.queries import PhotoFilter
from photostore.shared.ids import AlbumId, PhotoId, UserId


@dataclass(slots=True)
class ExposingLink:
    """A link that opens now. `album_id` is of the album that it is to, where the photo is in it."""

    id: UUID
    owner_id: UUID
    name: str | None
    album_id: UUID | None
    has_password: bool
    expires_at: datetime | None
    allow_download: bool
    hide_metadata: bool


@dataclass(slots=True)
class ExposingMember:
    """Someone who sees an album that the photo is in; its owner too, where that is another."""

    album_id: UUID
    user_id: UUID
    display_name: str | None
    role: str


@dataclass(slots=True)
class ExposingKey:
    """An API key that lives, and whose answers hold the photo's URLs."""

    id: UUID
    name: str
    scopes: Sequence[str]
    expires_at: datetime | None


@dataclass(slots=True)
class FindingAlbum:
    """An album whose photos a query finds."""

    id: UUID
    query: PhotoFilter


@dataclass(slots=True)
class Exposure:
    links: Sequence[ExposingLink] = field(default_factory=list)
    members: Sequence[ExposingMember] = field(default_factory=list)
    api_keys: Sequence[ExposingKey] = field(default_factory=list)


class ExposureQueries(Protocol):
    @abstractmethod
    async def albums(self, photo_id: PhotoId, *, owner: UserId) -> Sequence[AlbumId]:
        """Whoever owns them: those that the photo was put into."""

    @abstractmethod
    async def finding(self, owner: UserId) -> Sequence[FindingAlbum]:
        """The owner's albums that find their photos by a query, and may find one."""

    @abstractmethod
    async def links(
        self, photo_id: PhotoId, albums: Sequence[AlbumId], *, owner: UserId, now: datetime
    ) -> Sequence[ExposingLink]:
        """To the photo, or to one of these albums; by age."""

    @abstractmethod
    async def members(self, albums: Sequence[AlbumId], *, owner: UserId) -> Sequence[ExposingMember]:
        """Of these, but for the photo's owner."""

    @abstractmethod
    async def keys(self, owner: UserId, *, in_album: bool, now: datetime) -> Sequence[ExposingKey]:
        """Of the owner, those that read or write photos, and where it shows in an album those that read albums; by age."""
