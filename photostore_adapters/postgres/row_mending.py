"""Rows put right that say something else than those they were made from: looked at once more under lock. Photos are locked
first, then hashtags and albums, then the quota, then the feed, as by everyone."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.check.finding import Finding, Kind
from photostore.event.change import Change, Entity, Happening
from photostore.shared.aggregate import Event
from photostore_adapters.postgres.album_mending import mend_album_count, mend_album_photo
from photostore_adapters.postgres.hashtag_mending import mend_hashtag_count, mend_links, mend_owner_count

# Whether anything was wrong, and what there is to tell of it.
Mended = tuple[bool, Sequence[Event]]
Mend = Callable[[AsyncSession, Finding, datetime], Awaitable[Mended]]
# A reader is believed to have begun so much before the moment that its cursor tells (`event/retention.py`).
_MARGIN = timedelta(hours=1)

_LOCK_PHOTO = text("SELECT images_bytes FROM photos WHERE owner_id = :owner AND id = :photo FOR UPDATE")
_IMAGES = text("""
    SELECT coalesce(sum(byte_size), 0)::bigint FROM photo_images WHERE owner_id = :owner AND photo_id = :photo
""")
_SET_IMAGES = text("UPDATE photos SET images_bytes = :right WHERE owner_id = :owner AND id = :photo")
_CHARGE = text("""
    UPDATE quotas SET renditions_bytes = greatest(renditions_bytes + :more, 0) WHERE owner_id = :owner
""")
_FINGERPRINT = text("""
    UPDATE photo_fingerprints SET trashed = trashed_at IS NOT NULL FROM photos
    WHERE photos.owner_id = :owner AND id = :photo
      AND photo_fingerprints.owner_id = photos.owner_id AND photo_id = id AND trashed <> (trashed_at IS NOT NULL)
    RETURNING photo_id
""")
_LOCK_FEED = text("SELECT last_seq, compacted_seq FROM change_feeds WHERE owner_id = :owner FOR UPDATE")
_THERE = text("SELECT count(*) AS changes, max(seq) AS last FROM changes WHERE owner_id = :owner AND seq > :compacted")
# Whoever is not at the end starts again, and finds all that is there: so what no change tells of is told now.
_UNTOLD = text("""
    SELECT CAST(:owner AS uuid) AS owner_id, entity, happening, id FROM (
        SELECT 'photo' AS entity, CASE WHEN trashed_at IS NULL THEN 'created' ELSE 'trashed' END AS happening, id
        FROM photos WHERE owner_id = :owner
        UNION ALL
        SELECT 'album', 'created', id FROM albums WHERE owner_id = :owner
        UNION ALL
        SELECT 'album', 'created', album_id FROM album_members WHERE user_id = :owner
        UNION ALL
        SELECT 'hashtag', 'created', id FROM hashtags WHERE created_by = :owner
    ) AS there
    WHERE NOT EXISTS (SELECT FROM changes WHERE owner_id = :owner AND entity_id = there.id)
    ORDER BY id
""")
_CLOSE = text("""
    UPDATE change_feeds SET last_seq = :last, compacted_seq = :last, compacted_before = :before WHERE owner_id = :owner
""")


async def _mend_images(session: AsyncSession, finding: Finding, _: datetime) -> Mended:
    photo: dict[str, object] = {"owner": finding.owner_id, "photo": finding.id}
    found = (await session.execute(_LOCK_PHOTO, photo)).scalar_one_or_none()
    if found is None:
        return False, ()
    right = (await session.execute(_IMAGES, photo)).scalar_one()
    if right != found:
        await session.execute(_SET_IMAGES, photo | {"right": right})
        await session.execute(_CHARGE, {"owner": finding.owner_id, "more": right - found})
    return right != found, ()


async def _mend_fingerprint(session: AsyncSession, finding: Finding, _: datetime) -> Mended:
    photo: dict[str, object] = {"owner": finding.owner_id, "photo": finding.id}
    await session.execute(_LOCK_PHOTO, photo)
    return bool((await session.execute(_FINGERPRINT, photo)).all()), ()


async def close_feed(session: AsyncSession, finding: Finding, now: datetime) -> tuple[bool, Sequence[Change]]:
    """Whether it had a gap, and what is to be told now."""
    owner: dict[str, object] = {"owner": finding.owner_id}
    feed = (await session.execute(_LOCK_FEED, owner)).one_or_none()
    if feed is None:
        return False, ()
    there = (await session.execute(_THERE, owner | {"compacted": feed.compacted_seq})).one()
    last = max(feed.last_seq, there.last or 0)
    if there.changes == feed.last_seq - feed.compacted_seq and last == feed.last_seq:
        return False, ()
    untold = (await session.execute(_UNTOLD, owner)).all()
    await session.execute(_CLOSE, owner | {"last": last, "before": now - _MARGIN})
    return True, [_change(row, now) for row in untold]


def _change(row: Any, now: datetime) -> Change:
    return Change(
        owner_id=row.owner_id,
        entity=Entity(row.entity),
        entity_id=row.id,
        happening=Happening(row.happening),
        at=now,
    )


MENDING: Mapping[Kind, Mend] = {
    Kind.IMAGES_BYTES: _mend_images,
    Kind.FINGERPRINT_TRASHED: _mend_fingerprint,
    Kind.HASHTAG_LINKS: mend_links,
    Kind.HASHTAG_COUNT: mend_hashtag_count,
    Kind.OWNER_HASHTAG_COUNT: mend_owner_count,
    Kind.ALBUM_COUNT: mend_album_count,
    Kind.ALBUM_PHOTO_GONE: mend_album_photo,
    Kind.ALBUM_PHOTO_VISIBILITY: mend_album_photo,
    Kind.ALBUM_PHOTO_DATE: mend_album_photo,
}
