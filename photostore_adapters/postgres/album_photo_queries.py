"""Pages of an album's photos: the places are chosen first, by an index alone, then the photos are looked up."""

from dataclasses import fields
from functools import cache
from typing import Any

from photostore.album.queries import AlbumPage, AlbumPhotoQueries, AlbumPosition, AlbumSort, AlbumView
from photostore.photo.queries import PhotoView, SubmissionMark, SubmittedPhotoView
from photostore_adapters.postgres.reading import Reader, Statement

_FIELDS = [field.name for field in fields(PhotoView)]
_PHOTO = ", ".join(f"photos.{name}" for name in _FIELDS)
# What a guest sent, where one did; without the names that photos have, too.
MARK = """
    sent.id AS sent_id, sent.link_id AS sent_through, sent.guest_name AS sent_by, sent.made_photo AS sent_made,
    sent.filename AS sent_name, sent.title AS sent_title, sent.created_at AS sent_at
"""
_MARKS = len(MARK.split(","))
# As the indexes of the schema write it.
_UNDATED = {AlbumSort.TAKEN_LAST: "'-infinity'::timestamptz", AlbumSort.TAKEN_FIRST: "'infinity'::timestamptz"}


@cache
def page_statement(sort: AlbumSort, *, continued: bool = False, undated: bool = False) -> Statement:
    """`undated` is whether it goes on after a photo without a time."""
    place = "position" if sort is AlbumSort.POSITION else f"coalesce(taken_at, {_UNDATED[sort]})"
    direction, beyond = ("DESC", "<") if sort is AlbumSort.TAKEN_LAST else ("ASC", ">")
    here = _UNDATED[sort] if undated else "$5::bigint" if sort is AlbumSort.POSITION else "$5::timestamptz"
    after = f"AND ({place}, photo_id) {beyond} ({here}, $4::uuid)" if continued else ""
    names: tuple[str, ...] = ("owner", "album", "limit")
    if continued:
        names += ("after",) if undated else ("after", "place")
    sql = f"""
        SELECT {_PHOTO}, {MARK}, chosen.position AS place, chosen.taken_at AS placed_at FROM (
            SELECT photo_owner_id, photo_id, position, taken_at, submission_id, {place} AS rank FROM album_photos
            WHERE owner_id = $1 AND album_id = $2 AND visible {after}
            ORDER BY {place} {direction}, photo_id {direction} LIMIT $3
        ) AS chosen JOIN photos ON photos.owner_id = photo_owner_id AND photos.id = chosen.photo_id
        LEFT JOIN submissions AS sent ON sent.owner_id = $1 AND sent.id = submission_id
        ORDER BY rank {direction}, chosen.photo_id {direction}
    """  # noqa: S608 - all of these are written above
    return Statement(sql, names)


def marked_view(row: Any) -> PhotoView:
    """Of a row that begins with the photo and goes on with `MARK`."""
    mark: Any = row[len(_FIELDS) : len(_FIELDS) + _MARKS]
    if mark[0] is None:
        return PhotoView(*row[: len(_FIELDS)])
    return SubmittedPhotoView(**dict(zip(_FIELDS, row, strict=False)), submission=SubmissionMark(*mark))


class PostgresAlbumPhotoQueries(AlbumPhotoQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def page(self, album: AlbumView, *, sort: AlbumSort, after: AlbumPosition | None, limit: int) -> AlbumPage:
        by_position = sort is AlbumSort.POSITION
        undated = after is not None and not by_position and after.taken_at is None
        statement = page_statement(sort, continued=after is not None, undated=undated)
        # One more than asked for tells whether there is a next page.
        values: dict[str, object] = {"owner": album.owner_id, "album": album.id, "limit": limit + 1}
        if after is not None:
            values |= {"after": after.id, "place": after.position if by_position else after.taken_at}
        rows = await self._reader.fetch(statement, **values)
        return AlbumPage([marked_view(row) for row in rows[:limit]], _next(rows, limit))


def _next(rows: list[Any], limit: int) -> AlbumPosition | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return AlbumPosition(id=last["id"], position=last["place"], taken_at=last["placed_at"])
