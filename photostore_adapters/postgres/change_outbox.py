"""Changes that are still to be published: kept by whoever wrote them, relayed by one process at a time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from photostore_adapters.postgres.change_announcer import CHANNEL
from photostore_adapters.postgres.changes import ChangeWatch
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.settings import PostgresSettings

OUTAGES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_NOBODY = UUID(int=0)
# Any number does, as long as nothing else in this database takes the same advisory lock.
_LOCK = 7_306_016
# The lock of a process that is frozen, or whose machine is gone, must not outlive this. One that works asks every second.
_FROZEN_SECONDS = 15
_COUNTED = 10_000
# Before version 14 there is none: then TCP finds out, later.
_END_WHEN_FROZEN = "SELECT set_config(name, $1, false) FROM pg_settings WHERE name = 'idle_session_timeout'"

_NAMED = """
    CASE
        WHEN event LIKE '%.deleted' THEN NULL
        WHEN entity = 'photo' THEN (SELECT title FROM photos WHERE owner_id = page.owner_id AND id = entity_id)
        WHEN entity = 'hashtag' THEN (SELECT name FROM hashtags WHERE id = entity_id)
        WHEN entity = 'upload' THEN (SELECT filename FROM uploads WHERE owner_id = page.owner_id AND id = entity_id)
        WHEN entity = 'album' THEN coalesce(
            (SELECT name FROM albums WHERE owner_id = page.owner_id AND id = entity_id),
            (
                SELECT name FROM album_members AS member
                JOIN albums ON albums.owner_id = member.owner_id AND albums.id = member.album_id
                WHERE member.user_id = page.owner_id AND member.album_id = entity_id
            )
        )
    END
"""
_PAGE = f"""
    SELECT owner_id, seq, event_id, event, entity, entity_id, occurred_at, {_NAMED} AS title
    FROM (
        SELECT * FROM change_outbox WHERE (owner_id, seq) > ($1, $2) ORDER BY owner_id, seq LIMIT $3
    ) AS page
    ORDER BY owner_id, seq
"""  # noqa: S608 - the text above
_REMOVE = """
    DELETE FROM change_outbox USING unnest($1::uuid[], $2::bigint[]) AS told (owner_id, seq)
    WHERE change_outbox.owner_id = told.owner_id AND change_outbox.seq = told.seq
"""
_STATE = Statement(
    """
    SELECT count(*), coalesce(extract(epoch FROM now() - min(occurred_at)), 0)::float
    FROM (SELECT occurred_at FROM change_outbox LIMIT $1) AS counted
    """,
    ("limit",),
)
# Of a time when changes were relayed: a process that still does so relays them within the hour.
_PRUNE = Statement("DELETE FROM change_outbox WHERE occurred_at < now() - interval '1 hour'", ())


@dataclass(slots=True)
class UntoldChange:
    """`title` is what people call the thing, as it is now; `None` where it has no name, or is gone."""

    owner_id: UUID
    seq: int
    event_id: UUID
    event: str
    entity: str
    entity_id: UUID
    occurred_at: datetime
    title: str | None


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How many changes wait, at most 10,000 of them counted, and the age of the oldest of those in seconds."""

    changes: int
    oldest_seconds: float


class ChangeOutbox:
    def __init__(self, reader: Reader, watch: ChangeWatch) -> None:
        self._reader = reader
        self._watch = watch

    async def state(self) -> OutboxState:
        return OutboxState(*await self._reader.fetch_one(_STATE, limit=_COUNTED))

    async def prune(self) -> None:
        """Where nothing is relayed any more, nobody waits for what is left."""
        if not self._watch.relays:
            await self._reader.fetch(_PRUNE)


class OutboxLine:
    """A connection of its own, for whoever relays: the lock is the connection's, and it hears of changes."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.heard = asyncio.Event()

    async def lead(self) -> bool:
        """Whether this is the one process that relays, from here on."""
        leads: bool = await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK)
        if leads:
            await self._connection.add_listener(CHANNEL, self._hear)
        return leads

    async def page(self, after: UntoldChange | None, *, limit: int) -> Sequence[UntoldChange]:
        """By owner, and of each in the order of the commits. One statement."""
        here = (_NOBODY, 0) if after is None else (after.owner_id, after.seq)
        return [UntoldChange(*row) for row in await self._connection.fetch(_PAGE, *here, limit)]

    async def remove(self, told: Sequence[UntoldChange]) -> None:
        if told:
            await self._connection.execute(_REMOVE, [each.owner_id for each in told], [each.seq for each in told])

    def _hear(self, *_: object) -> None:
        self.heard.set()


@asynccontextmanager
async def outbox_line(settings: PostgresSettings) -> AsyncIterator[OutboxLine]:
    """Raise what is in `OUTAGES` while the database is away, also inside the block."""
    connection = await asyncpg.connect(
        settings.url, timeout=settings.connect_timeout, command_timeout=settings.statement_timeout or None
    )
    try:
        await connection.execute(_END_WHEN_FROZEN, f"{_FROZEN_SECONDS}s")
        yield OutboxLine(connection)
    finally:
        connection.terminate()
