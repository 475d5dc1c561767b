"""Links between photos and hashtags, and the counters, kept right in the transaction that retags."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.hashtag.events import HashtagCreated
from photostore.photo.events import PhotoRetagged
from photostore.shared.ids import HashtagId, UserId
from photostore_adapters.system.ids import uuid7

# Rows are made and locked in the order of their names, in one statement each: transactions that share hashtags queue up
# instead of deadlocking.
_MAKE = text("""
    INSERT INTO hashtags (id, name, created_by, created_at)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[])) AS wanted (id, name),
                  LATERAL (SELECT CAST(:owner AS uuid), CAST(:at AS timestamptz)) AS said
    ORDER BY name
    ON CONFLICT (name) DO NOTHING RETURNING id
""")
_LOCK = text("SELECT name, id FROM hashtags WHERE name = ANY(CAST(:names AS text[])) ORDER BY name FOR NO KEY UPDATE")
_LINK = text("""
    INSERT INTO photo_hashtags (owner_id, hashtag_id, photo_id)
    SELECT CAST(:owner AS uuid), * FROM unnest(CAST(:hashtags AS uuid[]), CAST(:photos AS uuid[]))
""")
_UNLINK = text("""
    DELETE FROM photo_hashtags USING unnest(CAST(:hashtags AS uuid[]), CAST(:photos AS uuid[])) AS gone (hashtag_id, photo_id)
    WHERE photo_hashtags.owner_id = :owner
      AND photo_hashtags.hashtag_id = gone.hashtag_id AND photo_hashtags.photo_id = gone.photo_id
""")
_COUNT = text("""
    UPDATE hashtags SET photo_count = photo_count + change
    FROM unnest(CAST(:hashtags AS uuid[]), CAST(:changes AS bigint[])) AS counted (id, change)
    WHERE hashtags.id = counted.id
""")
_MAKE_OF_OWNER = text("""
    INSERT INTO owner_hashtags (owner_id, hashtag_id, photo_count)
    SELECT CAST(:owner AS uuid), id, 0 FROM unnest(CAST(:hashtags AS uuid[])) AS counted (id)
    ON CONFLICT (owner_id, hashtag_id) DO NOTHING
""")
_COUNT_OF_OWNER = text("""
    UPDATE owner_hashtags SET photo_count = photo_count + change
    FROM unnest(CAST(:hashtags AS uuid[]), CAST(:changes AS bigint[])) AS counted (id, change)
    WHERE owner_hashtags.owner_id = :owner AND owner_hashtags.hashtag_id = counted.id
""")


async def apply_retagging(session: AsyncSession, events: Sequence[PhotoRetagged]) -> list[HashtagCreated]:
    """Links and counters for these events, all of one owner. Answer the hashtags that nobody had made before."""
    if not events:
        return []
    owner = events[0].owner_id
    names = {name for event in events for name in event.added | event.removed}
    ids, made = await hashtag_ids(session, names, owner, events[0].at)
    added = [(ids[name], event.photo_id) for event in events for name in event.added]
    removed = [(ids[name], event.photo_id) for event in events for name in event.removed]
    for statement, links in ((_LINK, added), (_UNLINK, removed)):
        if links:
            hashtags, photos = ([link[side] for link in links] for side in (0, 1))
            await session.execute(statement, {"owner": owner, "hashtags": hashtags, "photos": photos})
    changes = Counter(hashtag for hashtag, _ in added)
    changes.subtract(hashtag for hashtag, _ in removed)
    counted = {"hashtags": list(changes), "changes": list(changes.values())}
    await session.execute(_COUNT, counted)
    if added:
        await session.execute(_MAKE_OF_OWNER, {"owner": owner, "hashtags": counted["hashtags"]})
    await session.execute(_COUNT_OF_OWNER, counted | {"owner": owner})
    return [HashtagCreated(at=events[0].at, owner_id=UserId(owner), hashtag_id=HashtagId(each)) for each in made]


async def hashtag_ids(
    session: AsyncSession, wanted: Iterable[str], owner: UUID, at: datetime
) -> tuple[dict[str, UUID], list[UUID]]:
    """By their names, locked; and those that were made just now."""
    names = sorted(set(wanted))
    ids, made = dict[str, UUID](), list[UUID]()
    # One that is there while we make the missing ones can be gone when we lock it: its maker's account was erased.
    while len(ids) < len(names):
        values = {"ids": [uuid7() for _ in names], "names": names, "owner": owner, "at": at}
        made += (await session.execute(_MAKE, values)).scalars()
        ids = {row.name: row.id for row in await session.execute(_LOCK, {"names": names})}
    return ids, made
