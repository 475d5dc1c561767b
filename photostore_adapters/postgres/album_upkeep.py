"""What becomes of photos in albums when they are trashed, restored, deleted or dated otherwise: in the same transaction."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.album.events import AlbumChanged
from photostore.photo.events import PhotoDated, PhotoDeleted, PhotoRestored, PhotoTrashed
from photostore.shared.aggregate import Event
from photostore.shared.ids import AlbumId, UserId

# Locked before anything in them is, in the order of their ids, as by everyone.
_HOLD_ALBUMS = text("""
    SELECT albums.id, albums.owner_id, ARRAY(
        SELECT user_id FROM album_members WHERE album_members.owner_id = albums.owner_id AND album_id = albums.id
    ) AS members
    FROM albums WHERE (owner_id, id) IN (
        SELECT album_photos.owner_id, album_id FROM album_photos
        JOIN unnest(CAST(:owners AS uuid[]), CAST(:photos AS uuid[])) AS moved (owner_id, photo_id)
            ON photo_owner_id = moved.owner_id AND album_photos.photo_id = moved.photo_id
    )
    ORDER BY id FOR NO KEY UPDATE
""")
_COUNT = """
    UPDATE albums SET photo_count = photo_count + counted.change, version = version + 1
    FROM (SELECT owner_id, album_id, sum(change) AS change FROM moved GROUP BY owner_id, album_id) AS counted
    WHERE albums.owner_id = counted.owner_id AND albums.id = counted.album_id AND change <> 0
    RETURNING albums.id
"""
_SHOW = text(f"""
    WITH moved AS (
        UPDATE album_photos SET visible = told.visible
        FROM unnest(CAST(:owners AS uuid[]), CAST(:photos AS uuid[]), CAST(:visible AS boolean[]))
            AS told (owner_id, photo_id, visible)
        WHERE photo_owner_id = told.owner_id AND album_photos.photo_id = told.photo_id
          AND album_photos.visible <> told.visible
        RETURNING album_photos.owner_id, album_id, CASE WHEN told.visible THEN 1 ELSE -1 END AS change
    ) {_COUNT}
""")  # noqa: S608 - the statement above
_TAKE = text(f"""
    WITH moved AS (
        DELETE FROM album_photos USING unnest(CAST(:owners AS uuid[]), CAST(:photos AS uuid[])) AS gone (owner_id, photo_id)
        WHERE photo_owner_id = gone.owner_id AND album_photos.photo_id = gone.photo_id
        RETURNING album_photos.owner_id, album_id, CASE WHEN visible THEN -1 ELSE 0 END AS change
    ) {_COUNT}
""")  # noqa: S608 - the statement above
_DATE = text("""
    UPDATE album_photos SET taken_at = :taken_at WHERE photo_owner_id = :owner AND photo_id = :photo
""")
_Moved = PhotoTrashed | PhotoRestored | PhotoDeleted


async def follow_photos(session: AsyncSession, events: Sequence[Event]) -> list[AlbumChanged]:
    """What these change in albums; answer whom that is told."""
    for event in events:
        if isinstance(event, PhotoDated):
            dated = {"owner": event.owner_id, "photo": event.photo_id, "taken_at": event.taken_at}
            await session.execute(_DATE, dated)
    deleted = [event for event in events if isinstance(event, PhotoDeleted)]
    shown = [event for event in events if isinstance(event, PhotoTrashed | PhotoRestored)]
    changed = list[AlbumChanged]()
    for moved in (deleted, shown):
        if moved:
            changed += await _move(session, moved)
    return changed


async def _move(session: AsyncSession, moved: Sequence[_Moved]) -> list[AlbumChanged]:
    photos: dict[str, object] = {
        "owners": [event.owner_id for event in moved],
        "photos": [event.photo_id for event in moved],
    }
    albums = (await session.execute(_HOLD_ALBUMS, photos)).all()
    if not albums:
        return []
    if isinstance(moved[0], PhotoDeleted):
        counted = await session.execute(_TAKE, photos)
    else:
        visible = [isinstance(event, PhotoRestored) for event in moved]
        counted = await session.execute(_SHOW, photos | {"visible": visible})
    told = set(counted.scalars())
    return [
        AlbumChanged(
            at=moved[0].at,
            album_id=AlbumId(album.id),
            people=(UserId(album.owner_id), *(UserId(each) for each in album.members)),
        )
        for album in albums
        if album.id in told
    ]
