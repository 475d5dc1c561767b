"""The photo room's ports in memory."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from uuid import UUID

from photostore.event.ports import EventPublisher
from photostore.photo import matching
from photostore.photo.errors import PhotoNotFound
from photostore.photo.events import PhotoDecoded, PhotoDecodingFailed, PhotoDeleted, PhotoRetagged
from photostore.photo.photo import Photo, PhotoStatus
from photostore.photo.picture import Failure
from photostore.photo.ports import DeletionLedger, PhotoRepository, WantedImage, WantedImages
from photostore.photo.queries import (
    KnownBytes,
    LibraryPhoto,
    LibraryQueries,
    PhotoFilter,
    PhotoPage,
    PhotoPosition,
    PhotoQueries,
    PhotoSort,
    PhotoView,
)
from photostore.photo.viewing import view_of
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId, UserId
from tests.fakes.album_upkeep import follow_finding, follow_photos, says
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.hashtags import make_missing
from tests.fakes.store import FakeStore


class FakePhotoRepository(PhotoRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork, events: EventPublisher) -> None:
        self._store = store
        self._unit_of_work = unit_of_work
        self._events = events

    async def add(self, photo: Photo) -> PhotoId | None:
        await self._unit_of_work.lock(("bytes", photo.owner_id, photo.sha256))
        existing = await self._find_by_sha256(photo.sha256, owner=photo.owner_id)
        if existing is not None:
            return existing
        await self._follow(photo)
        self._unit_of_work.put(self._store.photos, photo.id, photo)
        return None

    async def _find_by_sha256(self, sha256: bytes, *, owner: UserId) -> PhotoId | None:
        found = self._unit_of_work.where(self._store.photos, lambda row: (row.owner_id, row.sha256) == (owner, sha256))
        return found[0].id if found else None

    async def get(self, photo_id: PhotoId, *, owner: UserId) -> Photo:
        await self._unit_of_work.lock((self._store.photos, photo_id))
        photo = self._unit_of_work.find(self._store.photos, photo_id)
        if photo is None or photo.owner_id != owner:
            raise PhotoNotFound(f"There is no photo {photo_id}.")
        return photo

    async def save(self, photo: Photo) -> None:
        await self._unit_of_work.demand_unchanged(self._store.photos, photo)
        await self._follow(photo)
        await self._unit_of_work.save(self._store.photos, photo)

    async def remove(self, photos: Sequence[Photo]) -> None:
        for photo in photos:
            await self._unit_of_work.demand_unchanged(self._store.photos, photo)
        for photo in photos:
            self._remember(photo)
            await self._follow(photo)
            self._unit_of_work.delete(self._store.photos, photo.id)
            self._unit_of_work.delete(self._store.fingerprints, photo.id)
            self._forget_submissions(photo.id)

    def _forget_submissions(self, photo_id: PhotoId) -> None:
        submissions = self._store.shared.guests.submissions
        for sent in self._unit_of_work.where(submissions, lambda row: row.photo_id == photo_id):
            self._unit_of_work.delete(submissions, sent.id)

    async def count_decoding(self, photo_id: PhotoId, *, owner: UserId) -> int:
        photo = await self.get(photo_id, owner=owner)
        starts = (self._unit_of_work.find(self._store.decodings, photo.id) or 0) + 1
        self._unit_of_work.put(self._store.decodings, photo.id, starts)
        return starts

    async def forget_decoding(self, photo_id: PhotoId, *, owner: UserId) -> None:
        starts = self._unit_of_work.find(self._store.decodings, photo_id) or 0
        self._unit_of_work.put(self._store.decodings, photo_id, max(0, starts - 1))

    async def count_processing(self, owner: UserId, *, at_most: int) -> int:
        waiting = self._unit_of_work.where(
            self._store.photos, lambda row: row.owner_id == owner and row.status is PhotoStatus.PROCESSING
        )
        return min(len(waiting), at_most)

    async def count_image(self, photo_id: PhotoId, *, owner: UserId, key: BlobKey, byte_size: int) -> int:
        photo = await self.get(photo_id, owner=owner)
        if self._unit_of_work.find(self._store.images, (photo_id, key)) is not None:
            return 0
        self._unit_of_work.put(self._store.images, (photo_id, key), byte_size)
        photo.images_bytes += byte_size
        self._unit_of_work.put(self._store.photos, photo_id, photo)
        return byte_size

    async def forget_image(self, photo_id: PhotoId, *, owner: UserId, key: BlobKey) -> int:
        byte_size = self._unit_of_work.find(self._store.images, (photo_id, key))
        if byte_size is None:
            return 0
        photo = await self.get(photo_id, owner=owner)
        self._unit_of_work.delete(self._store.images, (photo_id, key))
        photo.images_bytes -= byte_size
        self._unit_of_work.put(self._store.photos, photo_id, photo)
        return byte_size

    async def oldest(self, owner: UserId, *, limit: int) -> Sequence[Photo]:
        own = self._unit_of_work.where(self._store.photos, lambda row: row.owner_id == owner)
        chosen = sorted(own, key=lambda row: row.id)[:limit]
        await self._unit_of_work.lock(*((self._store.photos, photo.id) for photo in chosen))
        # Whoever held them may have changed or removed them meanwhile.
        fresh = [self._unit_of_work.find(self._store.photos, photo.id) for photo in chosen]
        return [photo for photo in fresh if photo is not None]

    def _remember(self, photo: Photo) -> None:
        for event in photo.events:
            if isinstance(event, PhotoDeleted):
                self._unit_of_work.put(self._store.deletions, (photo.owner_id, photo.sha256), event.at)

    async def _follow(self, photo: Photo) -> None:
        recorded = photo.take_events()
        for event in recorded:
            if isinstance(event, PhotoRetagged):
                await make_missing(self._store, self._unit_of_work, event)
            if isinstance(event, PhotoDecoded | PhotoDecodingFailed):
                self._unit_of_work.put(self._store.decodings, photo.id, 0)
            if isinstance(event, PhotoDecoded):
                self._unit_of_work.put(self._store.fingerprints, photo.id, event.fingerprint)
        changed = await follow_photos(self._store, self._unit_of_work, recorded)
        found = await follow_finding(self._store, self._unit_of_work, photo, recorded)
        await self._events.publish([*recorded, *changed, *found])


class FakeDeletionLedger(DeletionLedger):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def deleted_at(self, sha256: bytes, *, owner: UserId) -> datetime | None:
        return self._unit_of_work.find(self._store.deletions, (owner, sha256))


class FakePhotoQueries(PhotoQueries):
    """Looks at every photo, so that no page is short before the last."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def list(
        self, owner: UserId, filter: PhotoFilter, *, sort: PhotoSort, after: PhotoPosition | None, limit: int
    ) -> PhotoPage:
        self._store.answer_or_not()
        found = self._store.photos.where(lambda row: self._reads(row, filter, owner) and passes(row, filter))
        found = [row for row in found if not (filter.decided and self._waits(row))]
        place = _by_taken_at(sort) if sort.by_taken_at else _by_id
        found.sort(key=lambda row: place(row.taken_at, row.id), reverse=sort.descending)
        if after is not None:
            here = place(after.taken_at, after.id)
            found = [row for row in found if (place(row.taken_at, row.id) > here) != sort.descending]
            found = [row for row in found if place(row.taken_at, row.id) != here]
        page = found[:limit]
        more = len(found) > limit
        position = PhotoPosition(id=page[-1].id, taken_at=page[-1].taken_at) if more else None
        return PhotoPage([view_of(row) for row in page], position)

    def _waits(self, photo: Photo) -> bool:
        sent = self._store.shared.guests.submissions.where(lambda row: row.photo_id == photo.id and row.made_photo)
        links = self._store.share_links.rows
        return any(each.state == "pending" and each.link_id in links for each in sent)

    def _reads(self, photo: Photo, filter: PhotoFilter, reader: UserId) -> bool:
        own = photo.owner_id == reader
        if filter.album is None:
            return own
        private = filter.trashed or filter.favorite is not None
        return (filter.album.album_id, photo.id) in self._store.album_photos.rows and (own or not private)

    async def get(self, photo_id: PhotoId, *, owner: UserId) -> PhotoView:
        self._store.answer_or_not()
        photo = self._store.photos.rows.get(photo_id)
        if photo is None or photo.owner_id != owner:
            raise PhotoNotFound(f"There is no photo {photo_id}.")
        return view_of(photo)

    async def find(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[PhotoView]:
        self._store.answer_or_not()
        return [
            view_of(row) for row in self._store.photos.where(lambda row: row.owner_id == owner and row.id in photo_ids)
        ]

    async def lookup(self, digests: Sequence[bytes], *, owner: UserId) -> Sequence[KnownBytes]:
        self._store.answer_or_not()
        there = {row.sha256: row.id for row in self._store.photos.where(lambda row: row.owner_id == owner)}
        deleted = {digest: at for (whose, digest), at in self._store.deletions.rows.items() if whose == owner}
        return [KnownBytes(each, there.get(each), None if each in there else deleted.get(each)) for each in digests]


class FakeLibraryQueries(LibraryQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def count(self, owner: UserId | None) -> int:
        return len(self._all(owner))

    async def walk(self, owner: UserId | None, *, after: LibraryPhoto | None, limit: int) -> Sequence[LibraryPhoto]:
        there = [photo for photo in self._all(owner) if after is None or _place(photo) > _place(after)]
        return there[:limit]

    def _all(self, owner: UserId | None) -> list[LibraryPhoto]:
        self._store.answer_or_not()
        views = [view_of(photo) for photo in self._store.photos.where(lambda row: owner in (None, row.owner_id))]
        told = [{each.name: getattr(view, each.name) for each in fields(LibraryPhoto)} for view in views]
        return sorted((LibraryPhoto(**each) for each in told), key=_place)


class FakeWantedImages(WantedImages):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._table = store.wanted_images
        self._unit_of_work = unit_of_work

    async def want(self, owner: UserId, key: BlobKey, *, now: datetime) -> WantedImage:
        since = now - timedelta(hours=1)
        known = self._unit_of_work.find(self._table, (owner, key))
        asked_at, failure = known if known is not None and known[0] >= since else (now, None)
        self._unit_of_work.put(self._table, (owner, key), (asked_at, failure))
        waiting = [
            other
            for other in self._table.rows
            if other[0] == owner and other[1] != key and self._table.rows[other][1] is None
            if self._table.rows[other][0] >= since
        ]
        return WantedImage(failure=failure, waiting=len(waiting))

    async def made(self, owner: UserId, key: BlobKey) -> None:
        self._unit_of_work.delete(self._table, (owner, key))

    async def failed(self, owner: UserId, key: BlobKey, failure: Failure) -> None:
        known = self._unit_of_work.find(self._table, (owner, key))
        if known is not None:
            self._unit_of_work.put(self._table, (owner, key), (known[0], failure))

    async def forget(self, *, before: datetime) -> None:
        for key, (asked_at, _) in list(self._table.rows.items()):
            if asked_at < before:
                self._unit_of_work.delete(self._table, key)


def _place(photo: LibraryPhoto) -> tuple[UUID, UUID]:
    return photo.owner_id, photo.id


Place = tuple[datetime, UUID]

_EVER = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


def _by_id(_: datetime | None, photo_id: UUID) -> Place:
    return (_EVER, photo_id)


def _by_taken_at(sort: PhotoSort) -> Callable[[datetime | None, UUID], Place]:
    undated = _EVER if sort.descending else _NEVER
    return lambda taken_at, photo_id: (taken_at or undated, photo_id)


def passes(photo: Photo, filter: PhotoFilter) -> bool:
    return (
        matching.passes(photo, filter, says_text=says(photo, filter.text))
        and says(photo, filter.also_text)
        and filter.trashed == (photo.trashed_at is not None)
    )
