"""Links to hashtags and their counters, put right by what photos say."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.check.finding import Finding
from photostore.hashtag.events import HashtagCreated
from photostore.shared.aggregate import Event
from photostore.shared.ids import HashtagId, UserId
from photostore_adapters.postgres.photo_hashtags import hashtag_ids

_SAID = text("SELECT hashtags, trashed_at FROM photos WHERE owner_id = :owner AND id = :photo FOR UPDATE")
_LINKED = text("""
    SELECT hashtag_id AS id, name FROM photo_hashtags LEFT JOIN hashtags ON hashtags.id = hashtag_id
    WHERE owner_id = :owner AND photo_id = :photo
""")
_LINK = text("""
    INSERT INTO photo_hashtags (owner_id, hashtag_id, photo_id)
    SELECT CAST(:owner AS uuid), id, CAST(:photo AS uuid) FROM unnest(CAST(:hashtags AS uuid[])) AS wanted (id)
    ON CONFLICT DO NOTHING
""")
_UNLINK = text("""
    DELETE FROM photo_hashtags
    WHERE owner_id = :owner AND photo_id = :photo AND hashtag_id = ANY(CAST(:hashtags AS uuid[]))
""")
_LOCK = text("SELECT photo_count FROM hashtags WHERE id = :hashtag FOR NO KEY UPDATE")
_OF_OWNER = text("""
    SELECT count(*) AS linked, (
        SELECT photo_count FROM owner_hashtags WHERE owner_id = :owner AND hashtag_id = :hashtag
    ) AS counted
    FROM photo_hashtags WHERE owner_id = :owner AND hashtag_id = :hashtag
""")
_COUNT_OF_OWNER = text("""
    INSERT INTO owner_hashtags (owner_id, hashtag_id, photo_count) VALUES (:owner, :hashtag, :photos)
    ON CONFLICT (owner_id, hashtag_id) DO UPDATE SET photo_count = excluded.photo_count
""")
_COUNT_MORE = text("UPDATE hashtags SET photo_count = greatest(photo_count + :more, 0) WHERE id = :hashtag")
_OF_ALL = text("SELECT count(*) FROM photo_hashtags WHERE hashtag_id = :hashtag")
_COUNT = text("UPDATE hashtags SET photo_count = :photos WHERE id = :hashtag")


async def mend_links(session: AsyncSession, finding: Finding, now: datetime) -> tuple[bool, Sequence[Event]]:
    """As the photo says; outside the trash it says nothing. Its owner's counters follow, and everybody's by as much."""
    owner, photo = _owner_of(finding), {"owner": finding.owner_id, "photo": finding.id}
    row = (await session.execute(_SAID, photo)).one_or_none()
    said = set(row.hashtags) if row is not None and row.trashed_at is None else set()
    linked = (await session.execute(_LINKED, photo)).all()
    wrong = [each for each in linked if each.name not in said]
    lacking = said - {each.name for each in linked}
    if not wrong and not lacking:
        return False, ()
    names = lacking | {each.name for each in wrong if each.name is not None}
    ids, made = await hashtag_ids(session, names, owner, now)
    await session.execute(_LINK, photo | {"hashtags": [ids[name] for name in sorted(lacking)]})
    await session.execute(_UNLINK, photo | {"hashtags": [each.id for each in wrong]})
    for hashtag in sorted({*ids.values(), *(each.id for each in wrong)}):
        more = await _recount(session, owner, hashtag)
        await session.execute(_COUNT_MORE, {"hashtag": hashtag, "more": more})
    return True, [HashtagCreated(at=now, owner_id=UserId(owner), hashtag_id=HashtagId(each)) for each in made]


async def mend_owner_count(session: AsyncSession, finding: Finding, _: datetime) -> tuple[bool, Sequence[Event]]:
    assert finding.id is not None, "a finding of a hashtag names it"
    await session.execute(_LOCK, {"hashtag": finding.id})
    return bool(await _recount(session, _owner_of(finding), finding.id)), ()


async def mend_hashtag_count(session: AsyncSession, finding: Finding, _: datetime) -> tuple[bool, Sequence[Event]]:
    hashtag: dict[str, object] = {"hashtag": finding.id}
    # Whoever links takes this lock first, so nobody is between a link and its counter.
    counted = (await session.execute(_LOCK, hashtag)).scalar_one_or_none()
    linked = (await session.execute(_OF_ALL, hashtag)).scalar_one()
    if counted is None or counted == linked:
        return False, ()
    await session.execute(_COUNT, hashtag | {"photos": linked})
    return True, ()


async def _recount(session: AsyncSession, owner: UUID, hashtag: UUID) -> int:
    """By how much an owner's count of a locked hashtag was too small."""
    of_owner: dict[str, object] = {"owner": owner, "hashtag": hashtag}
    found = (await session.execute(_OF_OWNER, of_owner)).one()
    more = int(found.linked - (found.counted or 0))
    if more:
        await session.execute(_COUNT_OF_OWNER, of_owner | {"photos": found.linked})
    return more


def _owner_of(finding: Finding) -> UUID:
    assert finding.owner_id is not None, "these are of an owner"
    return finding.owner_id
