"""The photos of albums filled by hand, written; and what becomes of them when the photos themselves change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.album.album import Album
from photostore.album.ordering import GAP
from photostore.album.ports import AlbumContents, TakenOut
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId, SubmissionId, UserId
from photostore_adapters.postgres.photo_passing import photo_passes

_HOLD = text("""
    SELECT id FROM photos WHERE owner_id = :owner AND id = ANY(CAST(:photos AS uuid[])) AND trashed_at IS NULL
    ORDER BY id FOR SHARE
""")
_APPEND = text("""
    WITH added AS (
        INSERT INTO album_photos
            (owner_id, album_id, photo_id, photo_owner_id, position, added_by, added_at, taken_at, visible,
             submission_id)
        SELECT :owner, :album, photos.id, photos.owner_id, :last + :gap * place, :photo_owner, :at, photos.taken_at, true,
               :submission
        FROM unnest(CAST(:photos AS uuid[])) WITH ORDINALITY AS wanted (id, place)
        JOIN photos ON photos.owner_id = :photo_owner AND photos.id = wanted.id
        ON CONFLICT DO NOTHING RETURNING photo_id, position
    )
    SELECT blob_key, position FROM added JOIN photos ON photos.owner_id = :photo_owner AND photos.id = photo_id
    ORDER BY position
""")
_OF_OTHERS = text("""
    SELECT EXISTS (
        SELECT FROM album_photos
        WHERE owner_id = :owner AND album_id = :album AND photo_id = ANY(CAST(:photos AS uuid[]))
          AND photo_owner_id <> :actor
    )
""")
_THESE = "photo_id = ANY(CAST(:photos AS uuid[]))"
_THEIRS = "photo_owner_id = :photo_owner"
_TAKE, _TAKE_ALL_OF = (
    text(f"""
        WITH taken AS (
            DELETE FROM album_photos WHERE owner_id = :owner AND album_id = :album AND {which}
            RETURNING photo_owner_id, photo_id, visible
        )
        SELECT blob_key, visible FROM taken
        JOIN photos ON photos.owner_id = photo_owner_id AND photos.id = photo_id
    """)  # noqa: S608 - one of the two above
    for which in (_THESE, _THEIRS)
)
_PLACES = text("""
    SELECT photo_id, position FROM album_photos
    WHERE owner_id = :owner AND album_id = :album AND photo_id = ANY(CAST(:photos AS uuid[])) AND visible
""")
_IN_SOME = text(f"SELECT DISTINCT photo_id FROM album_photos WHERE {_THEIRS} AND {_THESE}")  # noqa: S608 - both above
_FOLLOWING = text("""
    SELECT photo_id, position FROM album_photos
    WHERE owner_id = :owner AND album_id = :album AND visible
      AND (position, photo_id) > (CAST(:position AS bigint), CAST(:photo AS uuid))
      AND photo_id <> ALL(CAST(:but AS uuid[]))
    ORDER BY position, photo_id LIMIT :limit
""")
_PLACE = text("""
    UPDATE album_photos SET position = placed.position
    FROM unnest(CAST(:photos AS uuid[]), CAST(:positions AS bigint[])) AS placed (photo_id, position)
    WHERE owner_id = :owner AND album_id = :album AND album_photos.photo_id = placed.photo_id
""")
_FIRST = -(1 << 63)


def _of(album: Album) -> dict[str, object]:
    return {"owner": album.owner_id, "album": album.id}


class PostgresAlbumContents(AlbumContents):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def hold(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> set[PhotoId]:
        held = await self._session.execute(_HOLD, {"owner": owner, "photos": list(set(photo_ids))})
        return {PhotoId(each) for each in held.scalars()}

    async def append(
        self,
        album: Album,
        photo_ids: Sequence[PhotoId],
        *,
        owner: UserId,
        now: datetime,
        submission_id: SubmissionId | None = None,
    ) -> Sequence[BlobKey]:
        added = {"photos": list(dict.fromkeys(photo_ids)), "photo_owner": owner, "at": now, "submission": submission_id}
        place = {"last": album.last_position, "gap": GAP}
        rows = (await self._session.execute(_APPEND, _of(album) | added | place)).all()
        if rows:
            album.last_position = rows[-1].position
        return [BlobKey(row.blob_key) for row in rows]

    async def owned_by_others(self, album: Album, photo_ids: Sequence[PhotoId], *, actor: UserId) -> bool:
        found = await self._session.execute(_OF_OTHERS, _of(album) | {"photos": list(photo_ids), "actor": actor})
        return bool(found.scalar_one())

    async def take(self, album: Album, photo_ids: Sequence[PhotoId]) -> TakenOut:
        rows = (await self._session.execute(_TAKE, _of(album) | {"photos": list(photo_ids)})).all()
        return TakenOut(blob_keys=[BlobKey(row.blob_key) for row in rows], shown=sum(row.visible for row in rows))

    async def take_all_of(self, album: Album, owner: UserId) -> TakenOut:
        rows = (await self._session.execute(_TAKE_ALL_OF, _of(album) | {"photo_owner": owner})).all()
        return TakenOut(blob_keys=[BlobKey(row.blob_key) for row in rows], shown=sum(row.visible for row in rows))

    async def places(self, album: Album, photo_ids: Sequence[PhotoId]) -> Mapping[PhotoId, int]:
        rows = await self._session.execute(_PLACES, _of(album) | {"photos": list(photo_ids)})
        return {PhotoId(row.photo_id): row.position for row in rows}

    async def are_in_some(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> set[PhotoId]:
        rows = await self._session.execute(_IN_SOME, {"photos": list(photo_ids), "photo_owner": owner})
        return {PhotoId(row.photo_id) for row in rows}

    async def following(
        self, album: Album, after: tuple[int, PhotoId] | None, *, but: Sequence[PhotoId], limit: int
    ) -> Sequence[tuple[PhotoId, int]]:
        position, photo = after or (_FIRST, UUID(int=0))
        asked = {"position": position, "photo": photo, "but": list(but), "limit": limit}
        rows = await self._session.execute(_FOLLOWING, _of(album) | asked)
        return [(PhotoId(row.photo_id), row.position) for row in rows]

    async def place(self, album: Album, places: Mapping[PhotoId, int]) -> None:
        if places:
            moved = {"photos": list(places), "positions": list(places.values())}
            await self._session.execute(_PLACE, _of(album) | moved)

    async def shows(self, album: Album, photo_id: PhotoId) -> bool:
        if album.query is None:
            return photo_id in await self.places(album, [photo_id])
        return await photo_passes(self._session, photo_id, album.query, owner=album.owner_id)
