"""Pages of photos: one statement, compiled once for each shape of a query, straight to views."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Mapped, mapped_column

from photostore.photo.errors import PhotoNotFound
from photostore.photo.queries import (
    KnownBytes,
    PhotoFilter,
    PhotoPage,
    PhotoPosition,
    PhotoQueries,
    PhotoSort,
    PhotoView,
)
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.postgres.album_rows import AlbumPhotoRow
from photostore_adapters.postgres.hashtags import HashtagRow
from photostore_adapters.postgres.photos import PhotoRow
from photostore_adapters.postgres.reading import Reader, Statement, compiled
from photostore_adapters.postgres.rows import Row

# A page whose filter no index serves looks at so many photos and no more; the cursor goes on from there.
WINDOW = 20_000


class PhotoHashtagRow(Row):
    __tablename__ = "photo_hashtags"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    hashtag_id: Mapped[UUID] = mapped_column(primary_key=True)
    photo_id: Mapped[UUID] = mapped_column(primary_key=True)


_COLUMNS = [getattr(PhotoRow, field.name) for field in fields(PhotoView)]
# How `coalesce` is written here is how the indexes of the schema write it.
_LAST_WHEN_FALLING = func.coalesce(PhotoRow.taken_at, literal_column("'-infinity'::timestamptz"))
_LAST_WHEN_RISING = func.coalesce(PhotoRow.taken_at, literal_column("'infinity'::timestamptz"))

# Once its link is deleted nobody can decide any more.
_DECIDED = text("""
    NOT EXISTS (
        SELECT FROM submissions AS sent JOIN share_links ON share_links.owner_id = sent.owner_id AND share_links.id = link_id
        WHERE sent.owner_id = photos.owner_id AND sent.photo_id = photos.id AND made_photo AND sent.state = 'pending'
    )
""")


@dataclass(frozen=True, slots=True)
class _Shape:
    """All that makes one statement differ from another; the values are its parameters."""

    sort: PhotoSort
    continued: bool
    continued_undated: bool
    hashtags: int
    text: bool
    favorite: bool | None
    taken_from: bool
    taken_before: bool
    status: bool
    trashed: bool
    album: bool
    also_text: bool
    decided: bool

    @classmethod
    def of(cls, filter: PhotoFilter, sort: PhotoSort, after: PhotoPosition | None) -> "_Shape":
        return cls(
            sort=sort,
            continued=after is not None,
            continued_undated=after is not None and after.taken_at is None,
            hashtags=len(filter.hashtags),
            text=filter.text is not None,
            favorite=filter.favorite,
            taken_from=filter.taken_from is not None,
            taken_before=filter.taken_before is not None,
            status=filter.status is not None,
            trashed=filter.trashed,
            album=filter.album is not None,
            also_text=filter.also_text is not None,
            decided=filter.decided,
        )

    @property
    def by_album(self) -> bool:
        """What is in the trash is looked for there: of an album it is the reader's own alone."""
        return self.album and not self.trashed

    @property
    def by_first_hashtag(self) -> bool:
        """Photos in the trash have no links to hashtags."""
        return self.hashtags > 0 and not self.sort.by_taken_at and not self.trashed and not self.album

    @property
    def by_favorite(self) -> bool:
        plain = not self.hashtags and not self.sort.by_taken_at and not self.trashed and not self.album
        return bool(self.favorite) and plain


@dataclass(frozen=True, slots=True)
class _Statements:
    page: Statement
    # Where the window ends; `None` when an index serves the whole filter.
    edge: Statement | None


def _order(shape: _Shape) -> tuple[Any, ...]:
    if shape.by_first_hashtag:
        return (PhotoHashtagRow.photo_id,)
    if shape.by_album:
        return _order_in_album(shape)
    if not shape.sort.by_taken_at:
        return (PhotoRow.id,)
    return (_LAST_WHEN_FALLING if shape.sort.descending else _LAST_WHEN_RISING, PhotoRow.id)


def _order_in_album(shape: _Shape) -> tuple[Any, ...]:
    if not shape.sort.by_taken_at:
        return (AlbumPhotoRow.photo_id,)
    undated = "'-infinity'::timestamptz" if shape.sort.descending else "'infinity'::timestamptz"
    return (func.coalesce(AlbumPhotoRow.taken_at, literal_column(undated)), AlbumPhotoRow.photo_id)


def _in_album(row: Any) -> ColumnElement[bool]:
    return and_(
        AlbumPhotoRow.owner_id == bindparam("album_owner"),
        AlbumPhotoRow.album_id == bindparam("album"),
        AlbumPhotoRow.photo_owner_id == row.owner_id,
        AlbumPhotoRow.photo_id == row.id,
    )


def _directed(shape: _Shape, columns: tuple[Any, ...]) -> list[ColumnElement[Any]]:
    return [column.desc() if shape.sort.descending else column.asc() for column in columns]


def _beyond(shape: _Shape, order: tuple[Any, ...]) -> ColumnElement[bool]:
    """Rows after the position: a comparison of rows, which an index serves at any depth."""
    here: list[Any] = [bindparam("after_id")]
    if shape.sort.by_taken_at:
        undated = "'-infinity'::timestamptz" if shape.sort.descending else "'infinity'::timestamptz"
        moment: Any = literal_column(undated) if shape.continued_undated else bindparam("after_taken_at")
        here.insert(0, moment)
    position = tuple_(*here)
    return tuple_(*order) < position if shape.sort.descending else tuple_(*order) > position


def _served(shape: _Shape) -> Select[Any]:
    """What indexes serve, in order, from the position on."""
    order = _order(shape)
    source = select(*_COLUMNS)
    if shape.by_first_hashtag:
        link = (PhotoHashtagRow.owner_id == PhotoRow.owner_id) & (PhotoHashtagRow.photo_id == PhotoRow.id)
        first = select(HashtagRow.id).where(HashtagRow.name == bindparam("hashtag_0")).scalar_subquery()
        source = source.join(PhotoHashtagRow, link).where(
            PhotoHashtagRow.owner_id == bindparam("owner"), PhotoHashtagRow.hashtag_id == first
        )
    elif shape.by_album:
        source = source.join(AlbumPhotoRow, _in_album(PhotoRow)).where(AlbumPhotoRow.visible)
    else:
        there = PhotoRow.trashed_at.is_not(None) if shape.trashed else PhotoRow.trashed_at.is_(None)
        source = source.where(PhotoRow.owner_id == bindparam("owner"), there)
    if shape.sort.by_taken_at:
        source = source.where(*_taken_range(shape, order[0]))
    if shape.decided:
        source = source.where(_DECIDED)
    if shape.by_favorite:
        source = source.where(PhotoRow.favorite)
    if shape.continued:
        source = source.where(_beyond(shape, order))
    return source.order_by(*_directed(shape, order))


def _taken_range(shape: _Shape, moment: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    conditions = []
    if shape.taken_from:
        conditions += [moment >= bindparam("taken_from"), moment < literal_column("'infinity'::timestamptz")]
    if shape.taken_before:
        conditions += [moment < bindparam("taken_before"), moment > literal_column("'-infinity'::timestamptz")]
    return conditions


def _looked_at(shape: _Shape, row: Any) -> list[ColumnElement[bool]]:
    """What no index serves: looked at photo by photo."""
    conditions: list[ColumnElement[bool]] = []
    first = 1 if shape.by_first_hashtag else 0
    if shape.hashtags > first:
        names: list[Any] = [bindparam(f"hashtag_{number}") for number in range(first, shape.hashtags)]
        conditions.append(row.hashtags.contains(cast(array(names), ARRAY(Text))))
    if shape.text:
        columns = (row.title, row.description, row.filename)
        conditions.append(or_(*(column.ilike(bindparam("pattern")) for column in columns)))
    if shape.also_text:
        columns = (row.title, row.description, row.filename)
        conditions.append(or_(*(column.ilike(bindparam("also_pattern")) for column in columns)))
    if shape.favorite is not None and not shape.by_favorite:
        conditions.append(row.favorite == bindparam("favorite"))
        # Of others' photos nobody is told.
        conditions += [row.owner_id == bindparam("owner")] if shape.by_album else []
    if shape.album and not shape.by_album:
        conditions.append(exists().where(_in_album(row)))
    if not shape.sort.by_taken_at:
        conditions += [row.taken_at >= bindparam("taken_from")] if shape.taken_from else []
        conditions += [row.taken_at < bindparam("taken_before")] if shape.taken_before else []
    if shape.status:
        conditions.append(row.status == bindparam("status"))
    return conditions


@lru_cache(maxsize=512)
def _statements(shape: _Shape) -> _Statements:
    served = _served(shape)
    if not _looked_at(shape, PhotoRow):
        return _Statements(compiled(served.limit(bindparam("limit"))), None)
    window = served.limit(bindparam("window")).subquery("seen")
    order: tuple[Any, ...] = (window.c.id,)
    if shape.sort.by_taken_at:
        falling = shape.sort.descending
        undated: ColumnElement[Any] = literal_column(
            "'-infinity'::timestamptz" if falling else "'infinity'::timestamptz"
        )
        order = (func.coalesce(window.c.taken_at, undated), window.c.id)
    page = select(window).where(*_looked_at(shape, window.c)).order_by(*_directed(shape, order))
    # Every number is a parameter by name: one that SQLAlchemy named itself would have no value.
    edge = served.with_only_columns(PhotoRow.id, PhotoRow.taken_at).offset(bindparam("before_edge"))
    edge = edge.limit(literal_column("1"))
    return _Statements(compiled(page.limit(bindparam("limit"))), compiled(edge))


def _values(owner: UserId, filter: PhotoFilter, after: PhotoPosition | None, limit: int) -> dict[str, object]:
    values: dict[str, object] = {
        "owner": owner,
        "after_id": after.id if after else None,
        "after_taken_at": after.taken_at if after else None,
        "pattern": _pattern(filter.text),
        "also_pattern": _pattern(filter.also_text),
        "album_owner": filter.album and filter.album.owner_id,
        "album": filter.album and filter.album.album_id,
        "favorite": filter.favorite,
        "taken_from": filter.taken_from,
        "taken_before": filter.taken_before,
        "status": filter.status,
        "limit": limit,
    }
    return values | {f"hashtag_{number}": name for number, name in enumerate(filter.hashtags)}


def _pattern(text: str | None) -> str:
    escaped = (text or "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


_FIND = compiled(
    select(*_COLUMNS).where(
        PhotoRow.owner_id == bindparam("owner"), PhotoRow.id == any_(bindparam("photo_ids", type_=ARRAY(Uuid)))
    )
)
_LOOKUP = Statement(
    """
    SELECT asked.sha256, photos.id, ledger.deleted_at
    FROM unnest($2::bytea[]) WITH ORDINALITY AS asked (sha256, place)
    LEFT JOIN photos ON photos.owner_id = $1 AND photos.sha256 = asked.sha256
    LEFT JOIN deleted_photos AS ledger
        ON photos.id IS NULL AND ledger.owner_id = $1 AND ledger.sha256 = asked.sha256
    ORDER BY asked.place
    """,
    ("owner", "digests"),
)
_GET = compiled(select(*_COLUMNS).where(PhotoRow.owner_id == bindparam("owner"), PhotoRow.id == bindparam("photo_id")))


class PostgresPhotoQueries(PhotoQueries):
    def __init__(self, reader: Reader, *, window: int = WINDOW) -> None:
        self._reader = reader
        self._window = {"window": window, "before_edge": window - 1}

    async def list(
        self, owner: UserId, filter: PhotoFilter, *, sort: PhotoSort, after: PhotoPosition | None, limit: int
    ) -> PhotoPage:
        if "\x00" in (filter.text or "") + (filter.also_text or ""):
            return PhotoPage([], None)  # no photo holds it, and Postgres takes it for no text at all
        statements = _statements(_Shape.of(filter, sort, after))
        # One more than asked for tells whether there is a next page.
        values = _values(owner, filter, after, limit + 1) | self._window
        if statements.edge is None:
            return _page(await self._reader.fetch(statements.page, **values), limit)
        # A short page may have stopped at the window's end: then there may be more beyond it. Both statements see the
        # same rows, so that none added or removed between them moves the edge past a photo that nobody looked at.
        rows, edges = await self._reader.fetch_together(
            statements.page, statements.edge, unless=lambda rows: len(rows) > limit, **values
        )
        return _page(rows, limit, edge=edges[0] if edges else None)

    async def get(self, photo_id: PhotoId, *, owner: UserId) -> PhotoView:
        row = await self._reader.fetch_one(_GET, owner=owner, photo_id=photo_id)
        if row is None:
            raise PhotoNotFound(f"There is no photo {photo_id}.")
        return PhotoView(*row)

    async def find(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[PhotoView]:
        rows = await self._reader.fetch(_FIND, owner=owner, photo_ids=list(set(photo_ids)))
        return [PhotoView(*row) for row in rows]

    async def lookup(self, digests: Sequence[bytes], *, owner: UserId) -> Sequence[KnownBytes]:
        rows = await self._reader.fetch(_LOOKUP, owner=owner, digests=list(digests))
        return [KnownBytes(*row) for row in rows]


def _page(rows: list[Any], limit: int, *, edge: asyncpg.Record | None = None) -> PhotoPage:
    last = rows[limit - 1] if len(rows) > limit else edge
    return PhotoPage([PhotoView(*row) for row in rows[:limit]], _position(last) if last else None)


def _position(row: asyncpg.Record) -> PhotoPosition:
    return PhotoPosition(id=row["id"], taken_at=row["taken_at"])
