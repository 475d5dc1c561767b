"""Through what a photo can be reached, in memory."""

from collections.abc import Sequence
from datetime import datetime

from photostore.share_link.exposure import (
    ExposingKey,
    ExposingLink,
    ExposingMember,
    ExposureQueries,
    FindingAlbum,
)
from photostore.share_link.share_link import ShareLink
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.user.scopes import Scope
from tests.fakes.store import FakeStore

_PHOTOS = {Scope.PHOTOS_READ, Scope.PHOTOS_WRITE}


class FakeExposureQueries(ExposureQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def albums(self, photo_id: PhotoId, *, owner: UserId) -> Sequence[AlbumId]:
        return [place.album_id for place in self._store.album_photos.where(lambda row: row.photo_id == photo_id)]

    async def finding(self, owner: UserId) -> Sequence[FindingAlbum]:
        own = self._store.albums.where(lambda row: row.owner_id == owner)
        return [FindingAlbum(album.id, album.query) for album in own if album.query is not None]

    async def links(
        self, photo_id: PhotoId, albums: Sequence[AlbumId], *, owner: UserId, now: datetime
    ) -> Sequence[ExposingLink]:
        def exposes(link: ShareLink) -> bool:
            opens = not link.disabled and link.used_up_at is None and (link.expires_at is None or link.expires_at > now)
            return opens and (photo_id in link.photo_ids or link.album_id in albums)

        found = sorted(self._store.share_links.where(exposes), key=lambda link: link.id)
        return [
            ExposingLink(
                id=link.id,
                owner_id=link.owner_id,
                name=link.name,
                album_id=link.album_id,
                has_password=link.has_password,
                expires_at=link.expires_at,
                allow_download=link.allow_download,
                hide_metadata=link.hide_metadata,
            )
            for link in found
        ]

    async def members(self, albums: Sequence[AlbumId], *, owner: UserId) -> Sequence[ExposingMember]:
        seeing = [
            (album.id, user_id, role)
            for album in sorted(self._store.albums.where(lambda row: row.id in albums), key=lambda album: album.id)
            for user_id, role in [
                (album.owner_id, "owner"),
                *((each.user_id, each.role.value) for each in album.members.values()),
            ]
        ]
        names = {user.id: user.display_name for user in self._store.users.rows.values()}
        return [ExposingMember(album, each, names[each], role) for album, each, role in seeing if each != owner]

    async def keys(self, owner: UserId, *, in_album: bool, now: datetime) -> Sequence[ExposingKey]:
        telling = _PHOTOS | {Scope.ALBUMS_READ} if in_album else _PHOTOS
        own = self._store.api_keys.where(lambda key: key.user_id == owner and key.scopes & telling)
        live = sorted((key for key in own if key.expires_at is None or key.expires_at > now), key=lambda key: key.id)
        return [ExposingKey(key.id, key.name, sorted(key.scopes), key.expires_at) for key in live]
