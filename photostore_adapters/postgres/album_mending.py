"""What albums show of photos, and their counters, put right by what photos say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.album.events import AlbumChanged
from photostore.check.finding import Finding
from photostore.shared.aggregate import Event
from photostore.shared.ids import AlbumId, UserId

_HOLD_ALBUM = text("""
    SELECT photo_count, ARRAY(
        SELECT user_id FROM album_members WHERE album_members.owner_id = albums.owner_id AND album_id = albums.id
    ) AS members
    FROM albums WHERE owner_id = :owner AND id = :album FOR NO KEY UPDATE
""")
_PLACE = text("""
    SELECT photo_owner_id, visible, taken_at FROM album_photos
    WHERE owner_id = :owner AND album_id = :album AND photo_id = :photo
""")
_HOLD_PHOTO = text("""
    SELECT trashed_at IS NULL AS visible, taken_at FROM photos WHERE owner_id = :photo_owner AND id = :photo FOR SHARE
""")
_TAKE_OUT = text("DELETE FROM album_photos WHERE owner_id = :owner AND album_id = :album AND photo_id = :photo")
_FOLLOW = text("""
    UPDATE album_photos SET visible = :visible, taken_at = :taken_at
    WHERE owner_id = :owner AND album_id = :album AND photo_id = :photo
""")
_SHOWN = text("SELECT count(*) FROM album_photos WHERE owner_id = :owner AND album_id = :album AND visible")
_COUNT = text("""
    UPDATE albums SET photo_count = :shown, version = version + 1 WHERE owner_id = :owner AND id = :album
""")


async def mend_album_count(session: AsyncSession, finding: Finding, now: datetime) -> tuple[bool, Sequence[Event]]:
    album: dict[str, object] = {"owner": finding.owner_id, "album": finding.id}
    held = (await session.execute(_HOLD_ALBUM, album)).one_or_none()
    if held is None or not await _recount(session, album, held):
        return False, ()
    return True, [_changed(album, held, now)]


async def mend_album_photo(session: AsyncSession, finding: Finding, now: datetime) -> tuple[bool, Sequence[Event]]:
    """Its place in an album, in all that it says of the photo."""
    assert finding.key is not None, "the album"
    album: dict[str, object] = {"owner": finding.owner_id, "album": UUID(finding.key.removeprefix("album "))}
    of_photo = album | {"photo": finding.id}
    place = (await session.execute(_PLACE, of_photo)).one_or_none()
    if place is None:
        return False, ()
    told = {"photo_owner": place.photo_owner_id, "photo": finding.id}
    photo = (await session.execute(_HOLD_PHOTO, told)).one_or_none()
    held = (await session.execute(_HOLD_ALBUM, album)).one_or_none()
    place = (await session.execute(_PLACE, of_photo)).one_or_none()
    if place is None or held is None or (photo and (photo.visible, photo.taken_at) == (place.visible, place.taken_at)):
        return False, ()
    if photo is None:
        await session.execute(_TAKE_OUT, of_photo)
    else:
        await session.execute(_FOLLOW, of_photo | {"visible": photo.visible, "taken_at": photo.taken_at})
    await _recount(session, album, held)
    return True, [_changed(album, held, now)]


async def _recount(session: AsyncSession, album: dict[str, object], held: Any) -> bool:
    shown = (await session.execute(_SHOWN, album)).scalar_one()
    if shown == held.photo_count:
        return False
    await session.execute(_COUNT, album | {"shown": shown})
    return True


def _changed(album: dict[str, object], held: Any, now: datetime) -> AlbumChanged:
    owner, album_id = UserId(UUID(str(album["owner"]))), AlbumId(UUID(str(album["album"])))
    return AlbumChanged(at=now, album_id=album_id, people=(owner, *(UserId(each) for each in held.members)))
