"""What rows say of other rows, counted anew. What is wrong is put right in `row_mending.py`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.check.finding import Finding, Kind
from photostore.check.ports import RowAudit
from photostore.shared.ids import UserId
from photostore_adapters.postgres.events import Outbox
from photostore_adapters.postgres.row_mending import MENDING, close_feed
from photostore_adapters.postgres.storage import DRIFT, FIGURES

# A worker ends them within seconds.
_OVERDUE = timedelta(minutes=10)
_OWNERS = text("SELECT id FROM users WHERE CAST(:after AS uuid) IS NULL OR id > :after ORDER BY id LIMIT :limit")

# Each is one statement, which sees all rows as they were at one moment; what belongs together is written in one
# transaction. Columns: owner_id, id, key, expected, found.
_IMAGES_BYTES = """
    SELECT owner_id, id, NULL AS key, made.bytes AS expected, images_bytes AS found
    FROM photos, LATERAL (
        SELECT coalesce(sum(byte_size), 0)::bigint AS bytes FROM photo_images
        WHERE photo_images.owner_id = photos.owner_id AND photo_id = photos.id
    ) AS made
    WHERE owner_id = ANY(CAST(:owners AS uuid[])) AND images_bytes <> made.bytes
"""
_HASHTAG_LINKS = """
    WITH said AS (
        SELECT owner_id, id AS photo_id, name FROM photos, unnest(hashtags) AS name
        WHERE owner_id = ANY(CAST(:owners AS uuid[])) AND trashed_at IS NULL
    ), linked AS (
        SELECT owner_id, photo_id, coalesce(name, hashtag_id::text) AS name
        FROM photo_hashtags LEFT JOIN hashtags ON hashtags.id = hashtag_id WHERE owner_id = ANY(CAST(:owners AS uuid[]))
    )
    SELECT coalesce(said.owner_id, linked.owner_id) AS owner_id, coalesce(said.photo_id, linked.photo_id) AS id, NULL AS key,
        coalesce('link to ' || string_agg(said.name, ', '), 'no link') AS expected,
        coalesce('link to ' || string_agg(linked.name, ', '), 'no link') AS found
    FROM said FULL JOIN linked ON said.owner_id = linked.owner_id AND said.photo_id = linked.photo_id
        AND said.name = linked.name
    WHERE said.name IS NULL OR linked.name IS NULL
    GROUP BY 1, 2
"""
_OWNER_HASHTAG_COUNT = """
    SELECT owner_id, hashtag_id AS id, hashtags.name AS key, coalesce(linked.photos, 0) AS expected,
        coalesce(counted.photo_count, 0) AS found
    FROM (SELECT * FROM owner_hashtags WHERE owner_id = ANY(CAST(:owners AS uuid[]))) AS counted
    FULL JOIN (
        SELECT owner_id, hashtag_id, count(*) AS photos FROM photo_hashtags
        WHERE owner_id = ANY(CAST(:owners AS uuid[])) GROUP BY owner_id, hashtag_id
    ) AS linked USING (owner_id, hashtag_id)
    LEFT JOIN hashtags ON hashtags.id = hashtag_id
    WHERE coalesce(linked.photos, 0) <> coalesce(counted.photo_count, 0)
"""
_HASHTAG_COUNT = """
    SELECT NULL AS owner_id, id, name AS key, coalesce(linked.photos, 0) AS expected, photo_count AS found
    FROM hashtags LEFT JOIN (
        SELECT hashtag_id, count(*) AS photos FROM photo_hashtags GROUP BY hashtag_id
    ) AS linked ON hashtag_id = id
    WHERE coalesce(linked.photos, 0) <> photo_count
"""
_ALBUM_COUNT = """
    SELECT owner_id, id, NULL AS key, shown.photos AS expected, photo_count AS found
    FROM albums, LATERAL (
        SELECT count(*) AS photos FROM album_photos
        WHERE album_photos.owner_id = albums.owner_id AND album_id = albums.id AND visible
    ) AS shown
    WHERE owner_id = ANY(CAST(:owners AS uuid[])) AND photo_count <> shown.photos
"""


def _album_photo(expected: str, found: str, wrong: str) -> str:
    """Of photos in albums that are wrong in one way."""
    return f"""
        SELECT place.owner_id, place.photo_id AS id, 'album ' || album_id AS key, {expected} AS expected, {found} AS found
        FROM album_photos AS place LEFT JOIN photos ON photos.owner_id = photo_owner_id AND photos.id = photo_id
        WHERE place.owner_id = ANY(CAST(:owners AS uuid[])) AND {wrong}
    """  # noqa: S608 - what this file says of them


_SHOWN = "CASE WHEN {} THEN 'shown' ELSE 'hidden' END"
_FINGERPRINT_TRASHED = """
    SELECT owner_id, id, NULL AS key, CASE WHEN trashed_at IS NULL THEN 'not in the trash' ELSE 'in the trash' END AS expected,
        CASE WHEN trashed THEN 'in the trash' ELSE 'not in the trash' END AS found
    FROM photo_fingerprints JOIN photos USING (owner_id)
    WHERE owner_id = ANY(CAST(:owners AS uuid[])) AND photo_id = id AND trashed <> (trashed_at IS NOT NULL)
"""
_PHOTO_STUCK = """
    SELECT owner_id, id, NULL AS key, 'a job that decodes it' AS expected, 'none' AS found
    FROM photos WHERE owner_id = ANY(CAST(:owners AS uuid[])) AND status = 'processing' AND NOT EXISTS (
        SELECT FROM pgqueuer
        WHERE entrypoint = 'decode_photo' AND pgqueuer.status IN ('queued', 'picked')
            AND convert_from(payload, 'UTF8')::jsonb->>'photo_id' = photos.id::text
    )
"""
_UPLOAD_OVERDUE = """
    SELECT owner_id, id, blob_key AS key, 'ended at ' || to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24\\:MI')
        AS expected, state AS found
    FROM uploads WHERE owner_id = ANY(CAST(:owners AS uuid[])) AND state IN ('pending', 'completing')
        AND greatest(expires_at, completing_until) < CAST(:before AS timestamptz)
"""
# What is behind the compacted part is there without a gap.
_FEED_GAP = """
    SELECT owner_id, owner_id AS id, NULL AS key,
        last_seq - compacted_seq || ' changes up to ' || last_seq AS expected,
        there.changes || ' changes up to ' || coalesce(there.last, compacted_seq) AS found
    FROM change_feeds, LATERAL (
        SELECT count(*) AS changes, max(seq) AS last FROM changes
        WHERE changes.owner_id = change_feeds.owner_id AND seq > compacted_seq
    ) AS there
    WHERE owner_id = ANY(CAST(:owners AS uuid[])) AND (there.changes <> last_seq - compacted_seq OR there.last > last_seq)
"""
_AUDITS: Mapping[Kind, TextClause] = {
    kind: text(statement)
    for kind, statement in {
        Kind.IMAGES_BYTES: _IMAGES_BYTES,
        Kind.HASHTAG_LINKS: _HASHTAG_LINKS,
        Kind.OWNER_HASHTAG_COUNT: _OWNER_HASHTAG_COUNT,
        Kind.HASHTAG_COUNT: _HASHTAG_COUNT,
        Kind.ALBUM_COUNT: _ALBUM_COUNT,
        Kind.ALBUM_PHOTO_GONE: _album_photo("'a photo'", "'none'", "photos.id IS NULL"),
        Kind.ALBUM_PHOTO_VISIBILITY: _album_photo(
            _SHOWN.format("trashed_at IS NULL"), _SHOWN.format("visible"), "visible <> (trashed_at IS NULL)"
        )
        + " AND photos.id IS NOT NULL",
        Kind.ALBUM_PHOTO_DATE: _album_photo(
            "coalesce(photos.taken_at::text, 'no date')",
            "coalesce(place.taken_at::text, 'no date')",
            "photos.id IS NOT NULL AND photos.taken_at IS DISTINCT FROM place.taken_at",
        ),
        Kind.FINGERPRINT_TRASHED: _FINGERPRINT_TRASHED,
        Kind.PHOTO_STUCK: _PHOTO_STUCK,
        Kind.UPLOAD_OVERDUE: _UPLOAD_OVERDUE,
        Kind.FEED_GAP: _FEED_GAP,
    }.items()
}
# Those that need to be told what time it is, or whose.
_TIMED = frozenset({Kind.UPLOAD_OVERDUE})


class PostgresRowAudit(RowAudit):
    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def owners(self, *, after: UserId | None, limit: int) -> Sequence[UserId]:
        found = await self._session.execute(_OWNERS, {"after": after, "limit": limit})
        return [UserId(each) for each in found.scalars()]

    async def findings(self, kind: Kind, owners: Sequence[UserId], *, now: datetime) -> Sequence[Finding]:
        if kind is Kind.QUOTA_DRIFT:
            return await self._drift(owners)
        values: dict[str, object] = {} if kind is Kind.HASHTAG_COUNT else {"owners": list(owners)}
        if kind in _TIMED:
            values["before"] = now - _OVERDUE
        return [_finding(kind, row) for row in await self._session.execute(_AUDITS[kind], values)]

    async def _drift(self, owners: Sequence[UserId]) -> list[Finding]:
        rows = (await self._session.execute(DRIFT, {"owners": list(owners)})).mappings()
        return [_drifted(row, figure) for row in rows for figure in FIGURES if row[figure]]

    async def mend(self, finding: Finding, *, now: datetime) -> bool:
        if finding.kind is Kind.FEED_GAP:
            was_open, untold = await close_feed(self._session, finding, now)
            self._outbox.tell(untold)
            return was_open
        mended, events = await MENDING[finding.kind](self._session, finding, now)
        await self._outbox.publish(events)
        return mended


def _finding(kind: Kind, row: Any) -> Finding:
    return Finding(
        kind=kind, owner_id=row.owner_id, id=row.id, key=row.key, expected=str(row.expected), found=str(row.found)
    )


def _drifted(row: Any, figure: str) -> Finding:
    found = row[f"{figure}_now"]
    return Finding(
        kind=Kind.QUOTA_DRIFT,
        owner_id=row["owner_id"],
        id=row["owner_id"],
        key=figure,
        expected=str(found - row[figure]),
        found=str(found),
    )
