"""The change feed, read."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from photostore.event.queries import ChangedHashtag, ChangedUpload, ChangePage, ChangeQueries, ChangeView
from photostore.event.retention import ChangeBounds
from photostore.shared.ids import UserId
from photostore_adapters.postgres.reading import Reader, Statement

# Changes and bounds as they were at one moment; of an empty page the bounds alone.
_PAGE = Statement(
    """
    SELECT last_seq, compacted_seq, compacted_before, seq, event_id, event, entity, entity_id, occurred_at
    FROM change_feeds AS feed LEFT JOIN LATERAL (
        SELECT * FROM changes WHERE changes.owner_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
    ) AS changes ON true
    WHERE feed.owner_id = $1 ORDER BY seq
    """,
    ("owner", "after", "limit"),
)
_ENDS = Statement("SELECT owner_id, last_seq FROM change_feeds WHERE owner_id = ANY ($1::uuid[])", ("owners",))
_THINGS = Statement(
    """
    SELECT 'hashtag' AS entity, id, name, CASE WHEN $4 THEN coalesce(own.photo_count, 0) ELSE hashtags.photo_count END,
           created_at, NULL AS state, NULL AS reason, NULL::timestamptz AS expires_at, NULL::uuid AS photo_id
    FROM hashtags LEFT JOIN owner_hashtags AS own ON own.owner_id = $1 AND own.hashtag_id = hashtags.id
    WHERE id = ANY ($2::uuid[])
    UNION ALL
    SELECT 'upload', id, filename, byte_size, created_at, state, reason, expires_at, photo_id
    FROM uploads WHERE owner_id = $1 AND id = ANY ($3::uuid[])
    """,
    ("owner", "hashtags", "uploads", "own_counts"),
)


class PostgresChangeQueries(ChangeQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def page(self, owner: UserId, *, after: int, limit: int) -> ChangePage:
        rows = await self._reader.fetch(_PAGE, owner=owner, after=after, limit=limit)
        if not rows:
            return ChangePage([], ChangeBounds())
        last_seq, compacted_seq, compacted_before = rows[0][:3]
        bounds = ChangeBounds(last_seq=last_seq, compacted_seq=compacted_seq, compacted_before=compacted_before)
        return ChangePage([ChangeView(*row[3:]) for row in rows if row[3] is not None], bounds)

    async def ends(self, owners: Sequence[UserId]) -> Mapping[UserId, int]:
        rows = await self._reader.fetch(_ENDS, owners=list(owners))
        return {UserId(row[0]): row[1] for row in rows}

    async def things(
        self, owner: UserId, *, hashtags: Sequence[UUID], uploads: Sequence[UUID], own_counts: bool
    ) -> Mapping[UUID, ChangedHashtag | ChangedUpload]:
        if not hashtags and not uploads:
            return {}
        asked = {"hashtags": list(hashtags), "uploads": list(uploads), "own_counts": own_counts}
        rows = await self._reader.fetch(_THINGS, owner=owner, **asked)
        return {row[1]: ChangedHashtag(*row[1:5]) if row[0] == "hashtag" else ChangedUpload(*row[1:]) for row in rows}
