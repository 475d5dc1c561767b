"""The change feed, written: numbered and kept in the transaction that makes the changes."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.event.change import Change, coalesced
from photostore.event.ports import ChangeHistory
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.postgres.change_announcer import ChangeAnnouncer
from photostore_adapters.postgres.reading import Statement
from photostore_adapters.postgres.transaction import Transaction
from photostore_adapters.postgres.writing import json, run
from photostore_adapters.system.ids import uuid7

# The feed's row stays locked until the commit: so numbers are given in the order of commits, and none is missing. Feeds
# are locked in the order of their owners.
_NUMBERED = """
    WITH told AS (
        SELECT *, count(*) OVER (PARTITION BY owner_id) - row_number() OVER (PARTITION BY owner_id ORDER BY place) AS follow
        FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (
            owner_id uuid, event_id uuid, event text, entity text, entity_id uuid, occurred_at timestamptz
        )) WITH ORDINALITY AS told (owner_id, event_id, event, entity, entity_id, occurred_at, place)
    ), feeds AS (
        INSERT INTO change_feeds AS feed (owner_id, last_seq)
        SELECT owner_id, count(*) FROM told GROUP BY owner_id ORDER BY owner_id
        ON CONFLICT (owner_id) DO UPDATE SET last_seq = feed.last_seq + excluded.last_seq
        RETURNING owner_id, last_seq
    )
"""
_WRITTEN = """
    INSERT INTO changes (owner_id, seq, event_id, event, entity, entity_id, occurred_at)
    SELECT owner_id, last_seq - follow, event_id, event, entity, entity_id, occurred_at
    FROM told JOIN feeds USING (owner_id)
"""
# As one JSON text: with six arrays the statement takes the driver half as long again.
_NAMES = ("told",)
_TELL = Statement(_NUMBERED + _WRITTEN, _NAMES)
# Where somebody relays changes from the outbox they are put there, too.
_TELL_AND_RELAY = Statement(
    f"""
    {_NUMBERED}, written AS ({_WRITTEN} RETURNING *)
    INSERT INTO change_outbox (owner_id, seq, event_id, event, entity, entity_id, occurred_at)
    SELECT owner_id, seq, event_id, event, entity, entity_id, occurred_at FROM written
    """,  # noqa: S608 - the statements above
    _NAMES,
)

_OWNERS = text("""
    SELECT owner_id FROM change_feeds AS feed
    WHERE (CAST(:after AS uuid) IS NULL OR owner_id > :after) AND compacted_seq < last_seq AND :before > (
        SELECT occurred_at FROM changes WHERE changes.owner_id = feed.owner_id AND seq > feed.compacted_seq ORDER BY seq LIMIT 1
    )
    ORDER BY owner_id LIMIT :limit
""")
# Each change is looked at once, when it is old enough: it takes the earlier ones of the same thing with it. The first that
# is not old enough ends it, whatever follows, so that no tombstone goes before what it ends.
_COMPACT = text("""
    WITH feed AS (
        SELECT owner_id, compacted_seq FROM change_feeds WHERE owner_id = :owner FOR NO KEY UPDATE
    ), next AS (
        SELECT changes.* FROM feed, LATERAL (
            SELECT seq, event, entity, entity_id, occurred_at FROM changes
            WHERE changes.owner_id = feed.owner_id AND seq > feed.compacted_seq ORDER BY seq LIMIT :limit
        ) AS changes
    ), over AS (
        SELECT * FROM next
        WHERE seq < coalesce((SELECT min(seq) FROM next WHERE occurred_at >= :before), 9223372036854775807)
    ), gone AS (
        DELETE FROM changes USING over
        WHERE changes.owner_id = :owner AND changes.entity_id = over.entity_id AND (
            changes.seq < over.seq
            OR changes.seq = over.seq AND (over.entity = 'upload' OR over.event LIKE '%.deleted')
        )
    ), compacted AS (
        UPDATE change_feeds SET compacted_seq = (SELECT max(seq) FROM over), compacted_before = :before
        WHERE owner_id = :owner AND EXISTS (SELECT FROM over)
    )
    SELECT count(*) FROM over
""")


class ChangeWatch(Protocol):
    """Who else must know what a transaction changes. `relays` is whether changes go into the outbox, too."""

    relays: bool

    @abstractmethod
    async def before_commit(self, photos: Mapping[PhotoId, int | None]) -> None:
        """These photos are of these versions when the transaction is committed, or gone (`None`). Raise nothing, and take no
        time."""


class NobodyWatches(ChangeWatch):
    relays = False

    async def before_commit(self, photos: Mapping[PhotoId, int | None]) -> None:
        pass


class PendingChanges:
    """Of one transaction: collected while it works, and written as its last statement, since whoever holds an owner's feed
    must not wait for anything else. Once that is committed, by whomever, those who wait are told."""

    def __init__(self, transaction: Transaction, announcer: ChangeAnnouncer, watch: ChangeWatch) -> None:
        self._session = transaction.session
        self._announcer = announcer
        self._watch = watch
        self._changes: list[Change] = []
        self._photos = dict[PhotoId, int | None]()
        self._written = set[UserId]()
        transaction.after_commit(self._committed)

    def add(self, changes: Sequence[Change]) -> None:
        self._changes += changes

    def touch(self, photos: Mapping[PhotoId, int | None]) -> None:
        """These are written, now of these versions, or go (`None`), whether that is told or not."""
        self._photos.update(photos)

    def forget(self) -> None:
        self._changes.clear()
        self._photos.clear()
        self._written.clear()

    def _committed(self) -> None:
        if self._written:
            self._announcer.announce(self._written)
            self._written.clear()

    async def write(self) -> None:
        """One statement, however many they are; nothing where there are none."""
        if self._changes:
            await self._tell()
        if self._photos:
            photos, self._photos = self._photos, {}
            await self._watch.before_commit(photos)

    async def _tell(self) -> None:
        told = coalesced(self._changes)
        self._changes.clear()
        rows = [
            {
                "owner_id": change.owner_id,
                "event_id": uuid7(),
                "event": change.event,
                "entity": change.entity,
                "entity_id": change.entity_id,
                "occurred_at": change.at,
            }
            for change in told
        ]
        await run(self._session, _TELL_AND_RELAY if self._watch.relays else _TELL, told=json(rows))
        self._written |= {change.owner_id for change in told}


class PostgresChangeHistory(ChangeHistory):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def owners(self, *, after: UserId | None, before: datetime, limit: int) -> Sequence[UserId]:
        found = await self._session.execute(_OWNERS, {"after": after, "before": before, "limit": limit})
        return [UserId(each) for each in found.scalars()]

    async def compact(self, owner: UserId, *, before: datetime, limit: int) -> int:
        looked_at = await self._session.execute(_COMPACT, {"owner": owner, "before": before, "limit": limit})
        return int(looked_at.scalar_one())
