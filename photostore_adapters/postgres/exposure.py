"""Through what a photo can be reached: one statement a kind."""

from collections.abc import Sequence
from datetime import datetime

from photostore.photo.queries import PhotoFilter
from photostore.share_link.exposure import (
    ExposingKey,
    ExposingLink,
    ExposingMember,
    ExposureQueries,
    FindingAlbum,
)
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore_adapters.postgres.album_rows import query_of
from photostore_adapters.postgres.reading import Reader, Statement

_ALBUMS = Statement(
    "SELECT album_id FROM album_photos WHERE photo_owner_id = $1 AND photo_id = $2 AND visible", ("owner", "photo_id")
)
_FINDING = Statement("SELECT id, query FROM albums WHERE owner_id = $1 AND query IS NOT NULL", ("owner",))
_LINKS = Statement(
    """
    SELECT id, owner_id, name, album_id, password_hash IS NOT NULL, expires_at, allow_download, hide_metadata
    FROM share_links AS links
    WHERE NOT disabled AND used_up_at IS NULL AND (expires_at IS NULL OR expires_at > $4) AND (
        (owner_id = $1 AND EXISTS (
            SELECT FROM share_link_photos AS shared
            WHERE shared.owner_id = $1 AND shared.photo_id = $2 AND shared.link_id = links.id
        ))
        OR (owner_id, album_id) IN (SELECT albums.owner_id, albums.id FROM albums WHERE albums.id = ANY ($3::uuid[]))
    )
    ORDER BY id
    """,
    ("owner", "photo_id", "albums", "now"),
)
_MEMBERS = Statement(
    """
    SELECT album_id, user_id, display_name, role FROM (
        SELECT album_id, user_id, role, number FROM album_members WHERE album_id = ANY ($2::uuid[])
        UNION ALL SELECT id, owner_id, 'owner', 0 FROM albums WHERE id = ANY ($2::uuid[])
    ) AS seeing JOIN users ON users.id = user_id
    WHERE user_id <> $1 ORDER BY album_id, number
    """,
    ("owner", "albums"),
)
_KEYS = Statement(
    """
    SELECT id, name, scopes, expires_at FROM api_keys
    WHERE user_id = $1 AND (expires_at IS NULL OR expires_at > $2) AND scopes && $3::text[]
    ORDER BY id
    """,
    ("owner", "now", "scopes"),
)
_PHOTOS = ["photos:read", "photos:write"]
_ALBUMS_TOO = [*_PHOTOS, "albums:read"]


class PostgresExposureQueries(ExposureQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def albums(self, photo_id: PhotoId, *, owner: UserId) -> Sequence[AlbumId]:
        rows = await self._reader.fetch(_ALBUMS, owner=owner, photo_id=photo_id)
        return [AlbumId(row["album_id"]) for row in rows]

    async def finding(self, owner: UserId) -> Sequence[FindingAlbum]:
        rows = await self._reader.fetch(_FINDING, owner=owner)
        return [FindingAlbum(row["id"], query_of(row["query"]) or PhotoFilter()) for row in rows]

    async def links(
        self, photo_id: PhotoId, albums: Sequence[AlbumId], *, owner: UserId, now: datetime
    ) -> Sequence[ExposingLink]:
        rows = await self._reader.fetch(_LINKS, owner=owner, photo_id=photo_id, albums=list(albums), now=now)
        return [ExposingLink(*row) for row in rows]

    async def members(self, albums: Sequence[AlbumId], *, owner: UserId) -> Sequence[ExposingMember]:
        rows = await self._reader.fetch(_MEMBERS, owner=owner, albums=list(albums))
        return [ExposingMember(*row) for row in rows]

    async def keys(self, owner: UserId, *, in_album: bool, now: datetime) -> Sequence[ExposingKey]:
        rows = await self._reader.fetch(_KEYS, owner=owner, now=now, scopes=_ALBUMS_TOO if in_album else _PHOTOS)
        return [ExposingKey(*row) for row in rows]
