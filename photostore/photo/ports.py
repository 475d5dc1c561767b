"""What the photo room asks of the world to write."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from photostore.photo.photo import Photo
from photostore.photo.picture import Failure
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId, UserId


class PhotoRepository(Protocol):
    """Photos with their hashtags: links and counters follow the recorded `PhotoRetagged` in the same transaction, the
    fingerprint that they are compared by follows `PhotoDecoded`, and what albums show of them follows, too.

    `get` and `oldest` lock what they find until the transaction's end, so that writers of one photo take turns. Every
    transaction locks photos first, then hashtags and albums (here), then the quota: one order everywhere, so that none
    deadlocks.
    """

    @abstractmethod
    async def add(self, photo: Photo) -> PhotoId | None:
        """Keep a new photo; answer `None`. When the owner has the same bytes already, keep nothing and answer that one."""

    @abstractmethod
    async def get(self, photo_id: PhotoId, *, owner: UserId) -> Photo:
        """Raise `PhotoNotFound` when it is absent or someone else's."""

    @abstractmethod
    async def save(self, photo: Photo) -> None:
        """Raise `ConcurrentUpdate` when it was changed since it was read. Its version is one higher afterwards."""

    @abstractmethod
    async def count_decoding(self, photo_id: PhotoId, *, owner: UserId) -> int:
        """One more try at decoding it begins: answer how many there were since one came to an end (`PhotoDecoded`,
        `PhotoDecodingFailed`). Its version stays. Raise `PhotoNotFound`."""

    @abstractmethod
    async def forget_decoding(self, photo_id: PhotoId, *, owner: UserId) -> None:
        """The last try counts for nothing. Absent is fine."""

    @abstractmethod
    async def count_processing(self, owner: UserId, *, at_most: int) -> int:
        """How many photos of an owner have not been decoded yet; counting stops at `at_most`."""

    @abstractmethod
    async def count_image(self, photo_id: PhotoId, *, owner: UserId, key: BlobKey, byte_size: int) -> int:
        """An image of it was made on demand: answer by how many bytes its images grew, 0 when this one was counted before.
        Its version stays. Raise `PhotoNotFound`."""

    @abstractmethod
    async def forget_image(self, photo_id: PhotoId, *, owner: UserId, key: BlobKey) -> int:
        """An image of it is no longer there: answer by how many bytes its images shrank. Its version stays. Not counted is
        fine."""

    @abstractmethod
    async def remove(self, photos: Sequence[Photo]) -> None:
        """Raise `ConcurrentUpdate` when one was changed or removed since it was read. Those that recorded `PhotoDeleted` are
        in the `DeletionLedger` from then on."""

    @abstractmethod
    async def oldest(self, owner: UserId, *, limit: int) -> Sequence[Photo]:
        """The first photos of an owner, at most `limit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedImage:
    """What is known of an image that someone asks for: why it could not be made lately, and how many others of the same
    owner wait."""

    failure: Failure | None
    waiting: int


class WantedImages(Protocol):
    """Images that were asked for and are not there yet. What is older than an hour counts for nothing."""

    @abstractmethod
    async def want(self, owner: UserId, key: BlobKey, *, now: datetime) -> WantedImage:
        """Write it down, within the unit of work. Wanted already is fine."""

    @abstractmethod
    async def made(self, owner: UserId, key: BlobKey) -> None:
        """Nobody waits for it any more."""

    @abstractmethod
    async def failed(self, owner: UserId, key: BlobKey, failure: Failure) -> None:
        """It could not be made: whoever asks again is told so."""

    @abstractmethod
    async def forget(self, *, before: datetime) -> None:
        """Those that were asked for before then."""


class TrashRepository(Protocol):
    """Photos on their way into the trash, out of it, or out of everything. What is found is locked, as by `PhotoRepository`,
    in the order of the ids; bulk calls of one owner so take turns."""

    @abstractmethod
    async def find(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[Photo]:
        """Those of these that are the owner's, by id."""

    @abstractmethod
    async def move(self, photos: Sequence[Photo]) -> None:
        """Save of photos of one owner, all at once, that they came into the trash or out of it, and nothing else of them.

        Raise `ConcurrentUpdate` when one was changed since it was read. Their versions are one higher afterwards."""

    @abstractmethod
    async def trashed_of(self, owner: UserId, *, until: datetime, limit: int) -> Sequence[Photo]:
        """The first photos in the owner's trash, by id, that came there by `until`."""

    @abstractmethod
    async def trashed_before(self, moment: datetime, *, limit: int) -> Sequence[Photo]:
        """Of all owners, longest there first; ones that another transaction holds are passed over."""


class DeletionLedger(Protocol):
    """What each owner deleted for good: kept as long as the account."""

    @abstractmethod
    async def deleted_at(self, sha256: bytes, *, owner: UserId) -> datetime | None:
        """When the owner last deleted a photo of these bytes; `None` is never."""
