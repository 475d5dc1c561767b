"""Selections with their marks, written and read."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.selection.ports import SelectionRepository
from photostore.selection.queries import MarkView, SelectionQueries, SelectionView
from photostore.selection.selection import Mark, Selection
from photostore.share_link.errors import ShareLinkNotFound
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, UserId
from photostore_adapters.postgres.reading import Reader, Statement

_BEGIN = text("""
    INSERT INTO selections (owner_id, link_id, version)
    SELECT owner_id, id, 1 FROM share_links WHERE owner_id = :owner AND id = :link FOR KEY SHARE
    ON CONFLICT DO NOTHING
""")
_HOLD = text("""
    SELECT submitted_at, guest_name, note, version FROM selections WHERE owner_id = :owner AND link_id = :link FOR UPDATE
""")
_SAVE = text("""
    UPDATE selections SET submitted_at = :submitted_at, guest_name = :guest_name, note = :note, version = version + 1
    WHERE owner_id = :owner AND link_id = :link AND version = :version RETURNING version
""")
_MARK = text("""
    SELECT favorite, comment FROM selection_marks WHERE owner_id = :owner AND link_id = :link AND photo_id = :photo
""")
_PUT = text("""
    INSERT INTO selection_marks (owner_id, link_id, photo_id, favorite, comment)
    VALUES (:owner, :link, :photo, :favorite, :comment)
    ON CONFLICT (owner_id, link_id, photo_id) DO UPDATE SET favorite = excluded.favorite, comment = excluded.comment
""")
_TAKE = text("DELETE FROM selection_marks WHERE owner_id = :owner AND link_id = :link AND photo_id = :photo")

_GET = Statement(
    "SELECT submitted_at, guest_name, note FROM selections WHERE owner_id = $1 AND link_id = $2", ("owner", "link_id")
)


def _marks(shown: str, joined: str, *names: str) -> Statement:
    return Statement(
        f"""
        SELECT photos.id, {shown}, photos.filename, marks.favorite, comment FROM selection_marks AS marks {joined}
        WHERE marks.owner_id = $1 AND marks.link_id = $2 ORDER BY marks.photo_id
        """,  # noqa: S608 - written below
        ("owner", "link_id", *names),
    )


_OF_ALBUM = _marks(
    "coalesce(submission_id, photos.id)",
    """JOIN album_photos AS placed ON placed.owner_id = $1 AND placed.album_id = $3 AND placed.photo_id = marks.photo_id
        AND visible
    JOIN photos ON photos.owner_id = photo_owner_id AND photos.id = placed.photo_id""",
    "album_id",
)
_OF_OWNER = "JOIN photos ON photos.owner_id = $1 AND photos.id = marks.photo_id AND trashed_at IS NULL"
_OF_PHOTOS = _marks(
    "photos.id",
    f"""{_OF_OWNER}
    JOIN share_link_photos AS shared
        ON shared.owner_id = $1 AND shared.link_id = $2 AND shared.photo_id = marks.photo_id""",
)
_OF_QUERY = _marks("photos.id", _OF_OWNER)


class PostgresSelectionRepository(SelectionRepository):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def hold(self, link_id: ShareLinkId, *, owner: UserId) -> Selection:
        of_link = {"owner": owner, "link": link_id}
        await self._session.execute(_BEGIN, of_link)
        row = (await self._session.execute(_HOLD, of_link)).one_or_none()
        if row is None:
            raise ShareLinkNotFound(f"There is no share link {link_id}.")
        return Selection(id=link_id, owner_id=owner, **row._mapping)

    async def save(self, selection: Selection) -> None:
        told = {"submitted_at": selection.submitted_at, "guest_name": selection.guest_name, "note": selection.note}
        saved = await self._session.execute(_SAVE, _of(selection) | told | {"version": selection.version})
        if saved.one_or_none() is None:
            raise ConcurrentUpdate("The selection was changed by someone else.")
        selection.version += 1

    async def mark(self, selection: Selection, photo_id: PhotoId) -> Mark:
        row = (await self._session.execute(_MARK, _of(selection) | {"photo": photo_id})).one_or_none()
        return Mark() if row is None else Mark(favorite=row.favorite, comment=row.comment)

    async def put(self, selection: Selection, photo_id: PhotoId, mark: Mark | None) -> None:
        of_photo = _of(selection) | {"photo": photo_id}
        if mark is None:
            await self._session.execute(_TAKE, of_photo)
        else:
            await self._session.execute(_PUT, of_photo | {"favorite": mark.favorite, "comment": mark.comment})


def _of(selection: Selection) -> dict[str, Any]:
    return {"owner": selection.owner_id, "link": selection.id}


class PostgresSelectionQueries(SelectionQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def get(
        self, link_id: ShareLinkId, *, owner: UserId, album_id: AlbumId | None, by_query: bool
    ) -> SelectionView:
        marks = _OF_QUERY if by_query else _OF_PHOTOS if album_id is None else _OF_ALBUM
        asked = {"owner": owner, "link_id": link_id, "album_id": album_id}
        head = await self._reader.fetch_one(_GET, **asked)
        if head is None:
            return SelectionView(None, None, None, ())
        told = [MarkView(*row) for row in await self._reader.fetch(marks, **asked)]
        return SelectionView(head["submitted_at"], head["guest_name"], head["note"], told)
