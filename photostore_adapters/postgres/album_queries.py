"""Albums, read: one statement a call."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from photostore.album.errors import AlbumNotFound
from photostore.album.queries import AlbumQueries, AlbumView, MemberView
from photostore.album.roles import Role
from photostore.shared.ids import AlbumId, UserId
from photostore_adapters.postgres.album_rows import query_of
from photostore_adapters.postgres.reading import Reader, Statement

# The cover is told while it can be seen: kept is what was chosen, so that a photo that comes back covers it again.
_COVER = """
    CASE WHEN cover_photo_id IS NULL THEN NULL
    WHEN query IS NULL THEN (
        SELECT photo_id FROM album_photos
        WHERE album_photos.owner_id = albums.owner_id AND album_id = albums.id AND photo_id = cover_photo_id AND visible
    ) ELSE (
        SELECT photos.id FROM photos
        WHERE photos.owner_id = albums.owner_id AND photos.id = cover_photo_id AND trashed_at IS NULL
    ) END
"""
_COLUMNS = f"""
    albums.id, albums.owner_id, name, description, {_COVER} AS cover_photo_id,
    CASE WHEN query IS NULL THEN photo_count END AS photo_count, query, queries, version, created_at, updated_at
"""
_OWN = f"SELECT {_COLUMNS}, 'owner' AS role, NULL::integer AS number FROM albums WHERE owner_id = $1"  # noqa: S608
_SHARED = f"""
    SELECT {_COLUMNS}, role, number FROM album_members AS member
    JOIN albums ON albums.owner_id = member.owner_id AND albums.id = member.album_id WHERE member.user_id = $1
"""  # noqa: S608 - names of columns
_FIND = Statement(
    f"{_OWN} AND albums.id = ANY ($2::uuid[]) UNION ALL {_SHARED} AND member.album_id = ANY ($2::uuid[])",
    ("reader", "album_ids"),
)
_LISTS = {
    False: Statement(f"{_OWN} AND albums.id < $2 ORDER BY albums.id DESC LIMIT $3", ("reader", "after", "limit")),
    True: Statement(
        f"{_SHARED} AND member.album_id < $2 ORDER BY member.album_id DESC LIMIT $3", ("reader", "after", "limit")
    ),
}
_MEMBERS = Statement(
    """
    SELECT user_id, display_name, role, since, number FROM album_members AS member JOIN users ON users.id = user_id
    WHERE member.album_id = $2 AND number > $3 AND member.owner_id = coalesce(
        (SELECT owner_id FROM album_members WHERE user_id = $1 AND album_id = $2), $1
    )
    ORDER BY number LIMIT $4
    """,
    ("reader", "album_id", "after", "limit"),
)
_NEWEST = UUID(int=(1 << 128) - 1)


class PostgresAlbumQueries(AlbumQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def get(self, album_id: AlbumId, *, reader: UserId) -> AlbumView:
        rows = await self._reader.fetch(_FIND, reader=reader, album_ids=[album_id])
        if not rows:
            raise AlbumNotFound(f"There is no album {album_id}.")
        return _view(rows[0])

    async def list(self, reader: UserId, *, shared: bool, after: AlbumId | None, limit: int) -> Sequence[AlbumView]:
        rows = await self._reader.fetch(_LISTS[shared], reader=reader, after=after or _NEWEST, limit=limit)
        return [_view(row) for row in rows]

    async def find(self, album_ids: Sequence[AlbumId], *, reader: UserId) -> Mapping[UUID, AlbumView]:
        rows = await self._reader.fetch(_FIND, reader=reader, album_ids=list(set(album_ids)))
        return {row["id"]: _view(row) for row in rows}

    async def members(
        self, album_id: AlbumId, *, reader: UserId, after: int | None, limit: int
    ) -> Sequence[MemberView]:
        asked = {"reader": reader, "album_id": album_id, "after": after or 0, "limit": limit}
        return [MemberView(*row) for row in await self._reader.fetch(_MEMBERS, **asked)]


def _view(row: Any) -> AlbumView:
    values = dict(row)
    membership = values.pop("number")
    return AlbumView(
        **values | {"query": query_of(values["query"]), "role": Role(values["role"]), "membership": membership}
    )
