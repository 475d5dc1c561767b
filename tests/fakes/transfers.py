"""What is read of libraries that move, in memory."""

from collections.abc import Sequence

from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.transfer.queries import Membership, NamedMember, Owner, PlacedPhoto, TransferQueries
from photostore.user.errors import UserNotFound
from tests.fakes.store import FakeStore


class FakeTransferQueries(TransferQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def owner(self, owner_id: UserId) -> Owner:
        found = [owner for owner in await self.owners(after=None, limit=1000) if owner.id == owner_id]
        if not found:
            raise UserNotFound(f"There is no user {owner_id}.")
        return found[0]

    async def owners(self, *, after: UserId | None, limit: int) -> Sequence[Owner]:
        self._store.answer_or_not()
        users = self._store.users.where(lambda row: row.erased_at is None and (after is None or row.id > after))
        users.sort(key=lambda user: user.id)
        return [Owner(user.id, user.email, user.display_name) for user in users[:limit]]

    async def memberships(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[Membership]:
        self._store.answer_or_not()
        places = self._store.album_photos.where(lambda row: row.owner_id == owner and row.photo_id in photo_ids)
        places.sort(key=lambda place: (place.photo_id, place.album_id))
        albums = self._store.albums.rows
        return [Membership(each.photo_id, each.album_id, albums[each.album_id].name) for each in places]

    async def contents(self, album_id: AlbumId, *, owner: UserId) -> Sequence[PlacedPhoto]:
        self._store.answer_or_not()
        if self._store.albums.rows[album_id].owner_id != owner:
            return []
        places = self._store.album_photos.where(lambda row: row.album_id == album_id)
        places.sort(key=lambda place: (place.position, place.photo_id))
        photos = [self._store.photos.rows[place.photo_id] for place in places]
        return [PlacedPhoto(photo.id, photo.owner_id, photo.sha256) for photo in photos]

    async def members(self, album_id: AlbumId, *, owner: UserId) -> Sequence[NamedMember]:
        self._store.answer_or_not()
        album = self._store.albums.rows[album_id]
        members = sorted(album.members.values(), key=lambda member: member.number)
        users = [(self._store.users.rows[member.user_id], member.role.value) for member in members]
        return [NamedMember(user.email, user.display_name, role) for user, role in users if album.owner_id == owner]

    async def hashtags_of(self, owner: UserId) -> Sequence[str]:
        self._store.answer_or_not()
        return sorted(each.name for each in self._store.hashtags.where(lambda row: row.created_by == owner))
