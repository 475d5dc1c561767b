"""What the album room asks of the world to write."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from photostore.album.album import Album
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import AlbumId, PhotoId, SubmissionId, UserId
from photostore.user.email import EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumPolicy:
    """Chosen by whoever runs the service."""

    max_members: int


class AlbumRepository(Protocol):
    """Albums with their members, which follow the recorded events.

    `get` locks the album until the transaction's end: its writers take turns. Every transaction locks photos before
    albums, and albums by their ids.
    """

    @abstractmethod
    async def add(self, album: Album) -> None: ...

    @abstractmethod
    async def get(self, album_id: AlbumId, *, actor: UserId) -> Album:
        """Raise `AlbumNotFound` when it is absent, or the actor is neither its owner nor a member."""

    @abstractmethod
    async def save(self, album: Album) -> None:
        """Raise `ConcurrentUpdate` when it was changed since it was read. Its version is one higher afterwards."""

    @abstractmethod
    async def remove(self, album: Album) -> None:
        """With its members, and with what was put into it; the photos stay."""

    @abstractmethod
    async def memberships(self, user_id: UserId) -> Sequence[tuple[AlbumId, int]]:
        """The albums of others that the user is a member of, each with the number of the membership."""

    @abstractmethod
    async def some_of(self, user_id: UserId, *, limit: int) -> Sequence[AlbumId]:
        """Albums that the user owns or is a member of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut:
    """The originals of photos that were in an album; `shown` of them were not in the trash."""

    blob_keys: Sequence[BlobKey]
    shown: int


class AlbumContents(Protocol):
    """The photos that were put into albums by hand. The album is one that the transaction holds; its own figures are the
    caller's to keep. What becomes of the photos themselves (trash, deletion, time) is followed where that is written."""

    @abstractmethod
    async def hold(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> set[PhotoId]:
        """Those of these that are the owner's and not in the trash: they stay so until the transaction's end."""

    @abstractmethod
    async def append(
        self,
        album: Album,
        photo_ids: Sequence[PhotoId],
        *,
        owner: UserId,
        now: datetime,
        submission_id: SubmissionId | None = None,
    ) -> Sequence[BlobKey]:
        """Put held photos at its end, in this order, and move `last_position`. There already is fine: answer the others'
        originals. `submission_id` is kept with those that were not there."""

    @abstractmethod
    async def owned_by_others(self, album: Album, photo_ids: Sequence[PhotoId], *, actor: UserId) -> bool:
        """Whether one of these that are in it is someone else's."""

    @abstractmethod
    async def take(self, album: Album, photo_ids: Sequence[PhotoId]) -> TakenOut:
        """Take these out. Not there is fine."""

    @abstractmethod
    async def take_all_of(self, album: Album, owner: UserId) -> TakenOut:
        """Take out all that they own."""

    @abstractmethod
    async def places(self, album: Album, photo_ids: Sequence[PhotoId]) -> Mapping[PhotoId, int]:
        """Where these are, as far as they show in it."""

    @abstractmethod
    async def are_in_some(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> set[PhotoId]:
        """Those of the owner's that are in an album, whosesoever."""

    @abstractmethod
    async def following(
        self, album: Album, after: tuple[int, PhotoId] | None, *, but: Sequence[PhotoId], limit: int
    ) -> Sequence[tuple[PhotoId, int]]:
        """The next that show after a place, or from the beginning, leaving out some."""

    @abstractmethod
    async def place(self, album: Album, places: Mapping[PhotoId, int]) -> None:
        """Move photos."""

    @abstractmethod
    async def shows(self, album: Album, photo_id: PhotoId) -> bool:
        """Whether it shows in the album, however that comes by its photos."""


class UserDirectory(Protocol):
    @abstractmethod
    async def find(self, told: UserId | EmailAddress) -> UserId:
        """The user of this id, or the one user of this address, in use now. Raise `UserNotFound`."""
