"""What is read of share links, straight to views."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Mapped, mapped_column

from photostore.photo.errors import PhotoNotFound
from photostore.photo.queries import PhotoView
from photostore.share_link.errors import ShareLinkNotFound
from photostore.share_link.queries import (
    ShareDay,
    SharedLink,
    ShareLinkQueries,
    ShareLinkView,
    SharePage,
    SharePosition,
    ShareQueries,
)
from photostore.shared.ids import PhotoId, ShareLinkId, UserId
from photostore_adapters.postgres.album_photo_queries import MARK, marked_view
from photostore_adapters.postgres.album_rows import query_of
from photostore_adapters.postgres.photos import PhotoRow
from photostore_adapters.postgres.reading import Reader, Statement, compiled
from photostore_adapters.postgres.rows import Row


class ShareLinkPhotoRow(Row):
    __tablename__ = "share_link_photos"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    link_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[UUID]


_VIEW = """
    SELECT id, sealed_token, album_id, ARRAY(
        SELECT photo_id FROM share_link_photos AS shared
        WHERE shared.owner_id = links.owner_id AND shared.link_id = links.id ORDER BY position
    ), name, password_hash IS NOT NULL, expires_at, allow_download, allow_upload, hide_metadata, max_views, max_uploads,
    max_upload_bytes, review, allow_selection, disabled, version, created_at
    FROM share_links AS links
"""
_LIST = Statement(
    f"{_VIEW} WHERE owner_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
    ("owner", "after", "limit"),
)
_GET = Statement(f"{_VIEW} WHERE owner_id = $1 AND id = $2", ("owner", "link_id"))
_DAYS = Statement(
    """
    SELECT asked.day::date, coalesce(days.views, 0), coalesce(days.visitors, 0), coalesce(days.downloads, 0),
        coalesce(days.uploads, 0)
    FROM share_links AS links
    CROSS JOIN generate_series($3::date::timestamp, $4::date::timestamp, interval '1 day') AS asked (day)
    LEFT JOIN share_link_days AS days
        ON days.owner_id = links.owner_id AND days.link_id = links.id AND days.day = asked.day::date
    WHERE links.owner_id = $1 AND links.id = $2 ORDER BY asked.day
    """,
    ("owner", "link_id", "first", "last"),
)
# Fewer views than there were already: nobody need come once more for it to be past.
_USED_UP_AT = "CASE WHEN views > max_views THEN coalesce(used_up_at, links.created_at) ELSE used_up_at END"
_FIND = Statement(
    f"""
    SELECT links.id, links.owner_id, users.display_name, users.disabled_at IS NULL AND users.erased_at IS NULL,
        album_id, links.name, links.password_hash, expires_at, allow_download, allow_upload, hide_metadata, max_views,
        max_uploads, max_upload_bytes, review, allow_selection, disabled, generation, {_USED_UP_AT}, links.version,
        links.uploads, links.upload_bytes,
        albums.name, albums.photo_count, albums.query, coalesce(albums.queries, 0)
    FROM share_links AS links JOIN users ON users.id = links.owner_id
    LEFT JOIN albums ON albums.owner_id = links.owner_id AND albums.id = links.album_id
    WHERE token_digest = $1
    """,  # noqa: S608 - made of constants
    ("token_digest",),
)
_COUNT = Statement(
    """
    SELECT count(*) FROM share_link_photos AS shared
    JOIN photos ON photos.owner_id = shared.owner_id AND photos.id = shared.photo_id
    WHERE shared.owner_id = $1 AND shared.link_id = $2 AND photos.trashed_at IS NULL
    """,
    ("owner", "link_id"),
)
_COLUMNS = [getattr(PhotoRow, field.name) for field in fields(PhotoView)]
_OF_LINK = (
    select(*_COLUMNS, ShareLinkPhotoRow.position)
    .join(
        ShareLinkPhotoRow,
        (ShareLinkPhotoRow.owner_id == PhotoRow.owner_id) & (ShareLinkPhotoRow.photo_id == PhotoRow.id),
    )
    .where(
        ShareLinkPhotoRow.owner_id == bindparam("owner"),
        ShareLinkPhotoRow.link_id == bindparam("link_id"),
        PhotoRow.trashed_at.is_(None),
    )
)
_PAGE = compiled(
    _OF_LINK.where(ShareLinkPhotoRow.position > bindparam("after"))
    .order_by(ShareLinkPhotoRow.position)
    .limit(bindparam("limit"))
)
_PHOTO = compiled(_OF_LINK.where(PhotoRow.id == bindparam("photo_id")).limit(literal_column("1")))

_COLUMNS_TOLD = ", ".join(f"photos.{column.name}" for column in _COLUMNS)
_PAGE_OF_ALBUM = Statement(
    f"""
    SELECT {_COLUMNS_TOLD}, {MARK}, position, added_at FROM (
        SELECT photo_owner_id, photo_id, position, added_at, submission_id FROM album_photos
        WHERE owner_id = $1 AND album_id = $2 AND visible AND (position, photo_id) > ($3::bigint, $4::uuid)
        ORDER BY position, photo_id LIMIT $5
    ) AS chosen JOIN photos ON photos.owner_id = photo_owner_id AND photos.id = chosen.photo_id
    LEFT JOIN submissions AS sent ON sent.owner_id = $1 AND sent.id = submission_id
    ORDER BY position, chosen.photo_id
    """,  # noqa: S608 - the names of columns
    ("owner", "album_id", "place", "after", "limit"),
)
# Of what a guest sent the id is that of the submission, or the photo's own.
_PHOTO_OF_ALBUM = Statement(
    f"""
    SELECT {_COLUMNS_TOLD}, {MARK}, position, added_at FROM album_photos AS placed
    JOIN photos ON photos.owner_id = photo_owner_id AND photos.id = placed.photo_id
    LEFT JOIN (SELECT id, photo_id FROM submissions WHERE owner_id = $1 AND album_id = $2 AND id = $3) AS asked ON true
    LEFT JOIN submissions AS sent ON sent.owner_id = $1 AND sent.id = coalesce(asked.id, submission_id)
    WHERE placed.owner_id = $1 AND placed.album_id = $2 AND visible
        AND placed.photo_id = coalesce(asked.photo_id, $3)
    """,  # noqa: S608 - the names of columns
    ("owner", "album_id", "photo_id"),
)
_LAST = UUID(int=(1 << 128) - 1)
_BEFORE_ALL = SharePosition(place=-(1 << 63), id=UUID(int=0))


class PostgresShareLinkQueries(ShareLinkQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def list(self, owner: UserId, *, after: ShareLinkId | None, limit: int) -> Sequence[ShareLinkView]:
        rows = await self._reader.fetch(_LIST, owner=owner, after=after, limit=limit)
        return [ShareLinkView(*row) for row in rows]

    async def get(self, link_id: ShareLinkId, *, owner: UserId) -> ShareLinkView:
        row = await self._reader.fetch_one(_GET, owner=owner, link_id=link_id)
        if row is None:
            raise ShareLinkNotFound(f"There is no share link {link_id}.")
        return ShareLinkView(*row)

    async def days(self, link_id: ShareLinkId, *, owner: UserId, first: date, last: date) -> Sequence[ShareDay]:
        rows = await self._reader.fetch(_DAYS, owner=owner, link_id=link_id, first=first, last=last)
        if not rows:
            raise ShareLinkNotFound(f"There is no share link {link_id}.")
        return [ShareDay(*row) for row in rows]


class PostgresShareQueries(ShareQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def find(self, token_digest: bytes) -> SharedLink | None:
        row = await self._reader.fetch_one(_FIND, token_digest=token_digest)
        if row is None:
            return None
        *told, query, queries = row
        shared = SharedLink(*told)
        shared.album_query, shared.album_queries = query_of(query), queries
        return shared

    async def count(self, link: SharedLink) -> int:
        row = await self._reader.fetch_one(_COUNT, owner=link.owner_id, link_id=link.id)
        return int(row[0])

    async def photos(self, link: SharedLink, *, after: SharePosition | None, limit: int) -> SharePage:
        if link.album_id is not None:
            return await self._of_album(link, after, limit)
        # One more than asked for tells whether there is a next page.
        place = after.place if after else 0
        rows = await self._reader.fetch(_PAGE, owner=link.owner_id, link_id=link.id, after=place, limit=limit + 1)
        return SharePage([_view(row) for row in rows[:limit]], _next(rows, limit))

    async def photo(self, link: SharedLink, photo_id: PhotoId) -> PhotoView:
        named = {"owner": link.owner_id, "link_id": link.id, "album_id": link.album_id, "photo_id": photo_id}
        row = await self._reader.fetch_one(_PHOTO if link.album_id is None else _PHOTO_OF_ALBUM, **named)
        if row is None:
            raise PhotoNotFound(f"There is no photo {photo_id}.")
        return _view(row) if link.album_id is None else _added(row)

    async def _of_album(self, link: SharedLink, after: SharePosition | None, limit: int) -> SharePage:
        here = after or _BEFORE_ALL
        named = {"owner": link.owner_id, "album_id": link.album_id, "place": here.place, "after": here.id}
        rows = await self._reader.fetch(_PAGE_OF_ALBUM, **named, limit=limit + 1)
        return SharePage([_added(row) for row in rows[:limit]], _next(rows, limit))


def _view(row: Any) -> PhotoView:
    """Behind the photo's own stands its position."""
    return PhotoView(*row[: len(_COLUMNS)])


def _added(row: Any) -> PhotoView:
    """To visitors a photo of an album is as old as its being there."""
    view = marked_view(row)
    view.created_at = row["added_at"]
    return view


def _next(rows: list[Any], limit: int) -> SharePosition | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    # A cursor, too, must not tell the id of what a guest sent: then it stands behind all in the place.
    return SharePosition(place=last["position"], id=_LAST if last.get("sent_id") else last["id"])
