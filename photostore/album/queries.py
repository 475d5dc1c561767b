"""What is read of albums."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from photostore.album.roles import Role
from photostore.photo.queries import PhotoFilter, PhotoView
from photostore.shared.ids import AlbumId, UserId
from photostore.shared.media import album_part, audience_of, member_part, query_part, through


@dataclass(slots=True)
class AlbumView:
    """An album as one of its people reads it: `role` and `membership` are theirs, the latter `None` for the owner.

    `photo_count` is `None` where a query finds the photos. The cover is shown while it can be seen.
    """

    id: AlbumId
    owner_id: UserId
    name: str
    description: str | None
    cover_photo_id: UUID | None
    photo_count: int | None
    query: PhotoFilter | None
    queries: int
    version: int
    created_at: datetime
    updated_at: datetime
    role: Role
    membership: int | None

    @property
    def part(self) -> str:
        """Of the audience of all who see its photos: it ends with the album, or with what its query was."""
        part = album_part(self.id)
        return part if self.query is None else through(part, query_part(self.id, self.queries))

    @property
    def finds(self) -> PhotoFilter | None:
        """What the query finds for the reader: what a guest sent waits for its owner, whom alone it is shown."""
        return self.query if self.query is None or self.role is Role.OWNER else replace(self.query, decided=True)

    def audience(self, reader: UserId) -> str:
        """For whom the URLs of others' photos in it are signed, where this is its reader's view."""
        mine = audience_of(reader) if self.membership is None else member_part(self.id, reader, self.membership)
        return through(self.part, mine)


@dataclass(slots=True)
class MemberView:
    user_id: UUID
    display_name: str | None
    role: str
    created_at: datetime
    number: int


class AlbumSort(StrEnum):
    """In both orders of `taken_at` photos without one come last. `position` is the order that people gave; where a query
    finds the photos there is none, and the newest come first."""

    POSITION = "position"
    TAKEN_FIRST = "taken_at"
    TAKEN_LAST = "-taken_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumPosition:
    """A place in an album, just after a photo. `position` counts in the order by it alone, `taken_at` in the others."""

    id: UUID
    position: int = 0
    taken_at: datetime | None = None


@dataclass(slots=True)
class AlbumPage:
    """`next` is where to go on, or `None` at the end. Where a query finds the photos a page can be short all the same."""

    items: Sequence[PhotoView]
    next: AlbumPosition | None


class AlbumQueries(Protocol):
    @abstractmethod
    async def get(self, album_id: AlbumId, *, reader: UserId) -> AlbumView:
        """Raise `AlbumNotFound` when it is absent or not shared with the reader."""

    @abstractmethod
    async def list(self, reader: UserId, *, shared: bool, after: AlbumId | None, limit: int) -> Sequence[AlbumView]:
        """The reader's own, or those `shared` with them; the newest first."""

    @abstractmethod
    async def find(self, album_ids: Sequence[AlbumId], *, reader: UserId) -> Mapping[UUID, AlbumView]:
        """Those of these that the reader can see."""

    @abstractmethod
    async def members(
        self, album_id: AlbumId, *, reader: UserId, after: int | None, limit: int
    ) -> Sequence[MemberView]:
        """In the order of joining; `after` is the number of the last of the page before. None where the reader cannot see
        the album."""


class AlbumPhotoQueries(Protocol):
    """Of albums filled by hand. Whether somebody may see them is not asked here: who calls has seen to that."""

    @abstractmethod
    async def page(self, album: AlbumView, *, sort: AlbumSort, after: AlbumPosition | None, limit: int) -> AlbumPage:
        """Those that are not in the trash, whoever owns them."""
