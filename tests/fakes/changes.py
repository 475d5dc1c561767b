"""The change feed in memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from photostore.event.listeners import Listener
from photostore.event.ports import ChangeHearer, ChangeHistory, ChangeSignal
from photostore.event.queries import ChangedHashtag, ChangedUpload, ChangePage, ChangeQueries, ChangeView
from photostore.event.retention import ChangeBounds
from photostore.shared.ids import UserId
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore


class FakeChangeQueries(ChangeQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def page(self, owner: UserId, *, after: int, limit: int) -> ChangePage:
        self._store.answer_or_not()
        own = [change for (whose, seq), change in self._store.changes.rows.items() if whose == owner and seq > after]
        items = sorted(own, key=lambda change: change.seq)[:limit]
        return ChangePage([replace(item) for item in items], self._store.feeds.rows.get(owner, ChangeBounds()))

    async def ends(self, owners: Sequence[UserId]) -> Mapping[UserId, int]:
        self._store.answer_or_not()
        return {owner: self._store.feeds.rows[owner].last_seq for owner in owners if owner in self._store.feeds.rows}

    async def things(
        self, owner: UserId, *, hashtags: Sequence[UUID], uploads: Sequence[UUID], own_counts: bool
    ) -> Mapping[UUID, ChangedHashtag | ChangedUpload]:
        self._store.answer_or_not()
        found: dict[UUID, ChangedHashtag | ChangedUpload] = {}
        for tag in self._store.hashtags.where(lambda row: row.id in hashtags):
            shown = self._store.photos.where(lambda row: row.trashed_at is None)
            carriers = [photo for photo in shown if tag.name in photo.hashtags]
            counted = [photo for photo in carriers if photo.owner_id == owner or not own_counts]
            found[tag.id] = ChangedHashtag(tag.id, tag.name, len(counted), tag.created_at)
        for each in self._store.uploads.where(lambda row: row.id in uploads and row.owner_id == owner):
            found[each.id] = ChangedUpload(
                id=each.id,
                filename=each.filename,
                byte_size=each.byte_size,
                created_at=each.created_at,
                state=each.state.value,
                reason=each.reason,
                expires_at=each.expires_at,
                photo_id=each.photo_id,
            )
        return found


class FakeChangeHistory(ChangeHistory):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def owners(self, *, after: UserId | None, before: datetime, limit: int) -> Sequence[UserId]:
        owners = sorted(owner for owner in self._store.feeds.rows if after is None or owner > after)
        return [owner for owner in owners if self._over(owner, before, limit=1)][:limit]

    async def compact(self, owner: UserId, *, before: datetime, limit: int) -> int:
        await self._unit_of_work.lock((self._store.feeds, owner))
        over = self._over(owner, before, limit=limit)
        for change in over:
            for (whose, seq), other in list(self._store.changes.rows.items()):
                is_end = other.entity == "upload" or other.event.endswith(".deleted")
                superseded = seq < change.seq or (seq == change.seq and is_end)
                if whose == owner and other.entity_id == change.entity_id and superseded:
                    self._unit_of_work.delete(self._store.changes, (owner, seq))
        if over:
            bounds = self._store.feeds.rows[owner]
            reached = replace(bounds, compacted_seq=over[-1].seq, compacted_before=before)
            self._unit_of_work.put(self._store.feeds, owner, reached)
        return len(over)

    def _over(self, owner: UserId, before: datetime, *, limit: int) -> list[ChangeView]:
        """The next ones, up to the first that is not old enough."""
        bounds = self._store.feeds.rows.get(owner, ChangeBounds())
        own = [each for (whose, _), each in self._store.changes.rows.items() if whose == owner]
        ahead = sorted((each for each in own if each.seq > bounds.compacted_seq), key=lambda each: each.seq)[:limit]
        young = [each.seq for each in ahead if each.occurred_at >= before]
        return [each for each in ahead if not young or each.seq < young[0]]


class FakeChangeSignal(ChangeSignal):
    """Hears of every commit to the fakes, unless the store's `listeners` are told to hear nothing."""

    def __init__(self, store: FakeStore) -> None:
        self._listeners = store.listeners

    @asynccontextmanager
    async def listen(self, owner: UserId, *, seconds: float) -> AsyncIterator[Listener | None]:
        with self._listeners.one(owner) as listener:
            yield listener if self._listeners.hearing else None

    def attend(self, hearer: ChangeHearer) -> None:
        self._listeners.attend(hearer)

    def stop(self) -> None:
        self._listeners.stop()
