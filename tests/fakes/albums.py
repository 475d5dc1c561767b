"""The album room's ports in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from photostore.album.album import Album
from photostore.album.errors import AlbumNotFound
from photostore.album.ordering import GAP
from photostore.album.ports import AlbumContents, AlbumRepository, TakenOut, UserDirectory
from photostore.album.queries import (
    AlbumPage,
    AlbumPhotoQueries,
    AlbumPosition,
    AlbumQueries,
    AlbumSort,
    AlbumView,
    MemberView,
)
from photostore.event.ports import EventPublisher
from photostore.photo.photo import Photo
from photostore.shared.blobs import BlobKey
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import AlbumId, PhotoId, SubmissionId, UserId
from photostore.user.email import EmailAddress
from photostore.user.errors import UserNotFound
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.guests import placed_view
from tests.fakes.photos import passes
from tests.fakes.store import FakePlace, FakeStore

Views = list[AlbumView]
_EVER, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class FakeAlbumRepository(AlbumRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork, events: EventPublisher) -> None:
        self._store = store
        self._unit_of_work = unit_of_work
        self._events = events

    async def add(self, album: Album) -> None:
        await self._events.publish(album.take_events())
        self._unit_of_work.put(self._store.albums, album.id, album)

    async def get(self, album_id: AlbumId, *, actor: UserId) -> Album:
        await self._unit_of_work.lock((self._store.albums, album_id))
        album = self._unit_of_work.find(self._store.albums, album_id)
        if album is None or album.role_of(actor) is None:
            raise AlbumNotFound(f"There is no album {album_id}.")
        return album

    async def save(self, album: Album) -> None:
        await self._events.publish(album.take_events())
        await self._unit_of_work.save(self._store.albums, album)

    async def remove(self, album: Album) -> None:
        await self._unit_of_work.lock((self._store.albums, album.id))
        stored = self._unit_of_work.find(self._store.albums, album.id)
        if stored is None or stored.version != album.version:
            raise ConcurrentUpdate(f"The album {album.id} was changed by someone else.")
        await self._events.publish(album.take_events())
        self._unit_of_work.delete(self._store.albums, album.id)
        for link in self._unit_of_work.where(self._store.share_links, lambda row: row.album_id == album.id):
            self._unit_of_work.delete(self._store.share_links, link.id)
        for place in self._unit_of_work.where(self._store.album_photos, lambda row: row.album_id == album.id):
            self._unit_of_work.delete(self._store.album_photos, (album.id, place.photo_id))

    async def memberships(self, user_id: UserId) -> Sequence[tuple[AlbumId, int]]:
        theirs = self._unit_of_work.where(self._store.albums, lambda row: user_id in row.members)
        return [(album.id, album.members[user_id].number) for album in theirs]

    async def some_of(self, user_id: UserId, *, limit: int) -> Sequence[AlbumId]:
        theirs = self._unit_of_work.where(self._store.albums, lambda row: row.role_of(user_id) is not None)
        return [album.id for album in theirs[:limit]]


class FakeAlbumContents(AlbumContents):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def hold(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> set[PhotoId]:
        for photo_id in sorted(set(photo_ids)):
            await self._unit_of_work.lock((self._store.photos, photo_id))
        found = [self._unit_of_work.find(self._store.photos, photo_id) for photo_id in set(photo_ids)]
        return {photo.id for photo in found if photo and photo.owner_id == owner and photo.trashed_at is None}

    async def append(
        self,
        album: Album,
        photo_ids: Sequence[PhotoId],
        *,
        owner: UserId,
        now: datetime,
        submission_id: SubmissionId | None = None,
    ) -> Sequence[BlobKey]:
        added: list[BlobKey] = []
        for photo_id in dict.fromkeys(photo_ids):
            photo = self._unit_of_work.find(self._store.photos, photo_id)
            there = self._unit_of_work.find(self._store.album_photos, (album.id, photo_id))
            if photo is None or there is not None:
                continue
            album.last_position += GAP
            place = FakePlace(album.id, photo_id, owner, album.last_position, owner, now, submission_id)
            self._unit_of_work.put(self._store.album_photos, (album.id, photo_id), place)
            added.append(photo.blob_key)
        return added

    async def owned_by_others(self, album: Album, photo_ids: Sequence[PhotoId], *, actor: UserId) -> bool:
        return any(place.owner_id != actor for place in self._places(album, lambda row: row.photo_id in photo_ids))

    async def take(self, album: Album, photo_ids: Sequence[PhotoId]) -> TakenOut:
        return self._take(album, self._places(album, lambda row: row.photo_id in photo_ids))

    async def take_all_of(self, album: Album, owner: UserId) -> TakenOut:
        return self._take(album, self._places(album, lambda row: row.owner_id == owner))

    async def places(self, album: Album, photo_ids: Sequence[PhotoId]) -> Mapping[PhotoId, int]:
        there = self._places(album, lambda row: row.photo_id in photo_ids)
        return {place.photo_id: place.position for place in there if self._shows(place)}

    async def are_in_some(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> set[PhotoId]:
        rows = self._unit_of_work.where(
            self._store.album_photos, lambda row: row.owner_id == owner and row.photo_id in photo_ids
        )
        return {row.photo_id for row in rows}

    async def following(
        self, album: Album, after: tuple[int, PhotoId] | None, *, but: Sequence[PhotoId], limit: int
    ) -> Sequence[tuple[PhotoId, int]]:
        there = [place for place in self._places(album, lambda row: row.photo_id not in but) if self._shows(place)]
        ordered = sorted((place.position, place.photo_id) for place in there)
        return [
            (photo_id, position) for position, photo_id in ordered if after is None or (position, photo_id) > after
        ][:limit]

    async def place(self, album: Album, places: Mapping[PhotoId, int]) -> None:
        for place in self._places(album, lambda row: row.photo_id in places):
            moved = replace(place, position=places[place.photo_id])
            self._unit_of_work.put(self._store.album_photos, (album.id, place.photo_id), moved)

    async def shows(self, album: Album, photo_id: PhotoId) -> bool:
        if album.query is None:
            return photo_id in await self.places(album, [photo_id])
        photo = self._unit_of_work.find(self._store.photos, photo_id)
        return photo is not None and photo.owner_id == album.owner_id and passes(photo, album.query)

    def _places(self, album: Album, matches: Callable[[FakePlace], bool]) -> list[FakePlace]:
        return self._unit_of_work.where(self._store.album_photos, lambda row: row.album_id == album.id and matches(row))

    def _shows(self, place: FakePlace) -> bool:
        photo = self._unit_of_work.find(self._store.photos, place.photo_id)
        return photo is not None and photo.trashed_at is None

    def _take(self, album: Album, places: Sequence[FakePlace]) -> TakenOut:
        keys = [self._photo(place).blob_key for place in places]
        shown = sum(self._shows(place) for place in places)
        for place in places:
            self._unit_of_work.delete(self._store.album_photos, (album.id, place.photo_id))
        return TakenOut(blob_keys=keys, shown=shown)

    def _photo(self, place: FakePlace) -> Photo:
        photo = self._unit_of_work.find(self._store.photos, place.photo_id)
        assert photo is not None, "a photo that is deleted leaves every album"
        return photo


class FakeUserDirectory(UserDirectory):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def find(self, told: UserId | EmailAddress) -> UserId:
        self._store.answer_or_not()
        used = self._store.users.where(lambda row: row.erased_at is None and row.disabled_at is None)
        found = [user.id for user in used if told in (user.id, (user.email or "").lower())]
        if len(found) != 1:
            raise UserNotFound(f"There is no user {told}, or more than one.")
        return found[0]


class FakeAlbumQueries(AlbumQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def get(self, album_id: AlbumId, *, reader: UserId) -> AlbumView:
        found = await self.find([album_id], reader=reader)
        if not found:
            raise AlbumNotFound(f"There is no album {album_id}.")
        return found[album_id]

    async def list(self, reader: UserId, *, shared: bool, after: AlbumId | None, limit: int) -> Sequence[AlbumView]:
        albums = self._seen_by(reader, lambda row: (row.owner_id != reader) is shared)
        albums.sort(key=lambda album: album.id, reverse=True)
        return [album for album in albums if after is None or album.id < after][:limit]

    async def find(self, album_ids: Sequence[AlbumId], *, reader: UserId) -> Mapping[UUID, AlbumView]:
        return {album.id: album for album in self._seen_by(reader, lambda row: row.id in album_ids)}

    async def members(
        self, album_id: AlbumId, *, reader: UserId, after: int | None, limit: int
    ) -> Sequence[MemberView]:
        self._store.answer_or_not()
        album = self._store.albums.rows.get(album_id)
        if album is None or album.role_of(reader) is None:
            return []
        members = sorted(album.members.values(), key=lambda member: member.number)
        views = [
            MemberView(
                each.user_id,
                self._store.users.rows[each.user_id].display_name,
                each.role.value,
                each.since,
                each.number,
            )
            for each in members
        ]
        return [view for view in views if view.number > (after or 0)][:limit]

    def _seen_by(self, reader: UserId, matches: Callable[[Album], bool]) -> Views:
        self._store.answer_or_not()
        return [
            self._view(album, reader)
            for album in self._store.albums.where(lambda row: row.role_of(reader) is not None and matches(row))
        ]

    def _view(self, album: Album, reader: UserId) -> AlbumView:
        role, member = album.role_of(reader), album.members.get(reader)
        assert role is not None, "they see it"
        return AlbumView(
            id=album.id,
            owner_id=album.owner_id,
            name=album.name,
            description=album.description,
            cover_photo_id=self._cover(album),
            photo_count=None if album.query else album.photo_count,
            query=album.query,
            queries=album.queries,
            version=album.version,
            created_at=album.created_at,
            updated_at=album.updated_at,
            role=role,
            membership=None if member is None else member.number,
        )

    def _cover(self, album: Album) -> PhotoId | None:
        if album.cover_photo_id is None:
            return None
        photo = self._store.photos.rows.get(album.cover_photo_id)
        there = album.query is not None or (album.id, album.cover_photo_id) in self._store.album_photos.rows
        return album.cover_photo_id if there and photo is not None and photo.trashed_at is None else None


class FakeAlbumPhotoQueries(AlbumPhotoQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def page(self, album: AlbumView, *, sort: AlbumSort, after: AlbumPosition | None, limit: int) -> AlbumPage:
        self._store.answer_or_not()
        places = self._store.album_photos.where(lambda row: row.album_id == album.id)
        there = [(place, self._store.photos.rows[place.photo_id]) for place in places]
        shown = [
            (_rank(sort, place.position, photo.taken_at, photo.id), place, photo)
            for place, photo in there
            if photo.trashed_at is None
        ]
        falling = sort is AlbumSort.TAKEN_LAST
        shown.sort(key=lambda each: each[0], reverse=falling)
        if after is not None:
            here = _rank(sort, after.position, after.taken_at, after.id)
            shown = [each for each in shown if (each[0] < here if falling else each[0] > here)]
        page = [(place, photo) for _, place, photo in shown[:limit]]
        return AlbumPage(
            [placed_view(self._store, place, photo) for place, photo in page],
            _next(page) if len(shown) > limit else None,
        )


def _rank(sort: AlbumSort, position: int, taken_at: datetime | None, photo_id: UUID) -> Any:
    if sort is AlbumSort.POSITION:
        return position, photo_id
    return taken_at or (_EVER if sort is AlbumSort.TAKEN_LAST else _NEVER), photo_id


def _next(page: Sequence[tuple[FakePlace, Photo]]) -> AlbumPosition:
    place, photo = page[-1]
    return AlbumPosition(id=photo.id, position=place.position, taken_at=photo.taken_at)
