"""Hashtags in memory. Counts are taken from the photos themselves."""

import re
from collections.abc import Sequence

from photostore.event.ports import EventPublisher
from photostore.hashtag.errors import HashtagExists
from photostore.hashtag.events import HashtagCreated
from photostore.hashtag.hashtag import Hashtag
from photostore.hashtag.name import HashtagName, fold
from photostore.hashtag.ports import HashtagRepository
from photostore.hashtag.queries import HashtagQueries, HashtagView
from photostore.photo.events import PhotoRetagged
from photostore.shared.ids import HashtagId, UserId
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore
from tests.fakes.system import new_id

_SIMILAR_FROM = 0.3


class FakeHashtagRepository(HashtagRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork, events: EventPublisher) -> None:
        self._hashtags = store.hashtags
        self._unit_of_work = unit_of_work
        self._events = events

    async def add(self, hashtag: Hashtag) -> None:
        await self._unit_of_work.lock((self._hashtags, hashtag.name))
        if self._unit_of_work.find(self._hashtags, hashtag.name) is not None:
            raise HashtagExists(f"The hashtag {hashtag.name} exists already.")
        recorded = hashtag.take_events()
        self._unit_of_work.put(self._hashtags, hashtag.name, hashtag)
        await self._events.publish(recorded)


async def make_missing(store: FakeStore, unit_of_work: FakeUnitOfWork, event: PhotoRetagged) -> None:
    """The hashtags that the photo carries now and nobody had used before."""
    for name in sorted(event.added | event.removed):
        await unit_of_work.lock((store.hashtags, name))
        if unit_of_work.find(store.hashtags, name) is None:
            made = Hashtag(id=HashtagId(new_id()), name=name, created_at=event.at, created_by=event.owner_id)
            unit_of_work.put(store.hashtags, name, made)
            unit_of_work.record(HashtagCreated(at=event.at, owner_id=event.owner_id, hashtag_id=made.id))


class FakeHashtagQueries(HashtagQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def list(self, *, reader: UserId | None, after: str | None, limit: int) -> Sequence[HashtagView]:
        views = [view for view in self._views(reader) if view.name > (after or "")]
        return sorted(views, key=lambda view: view.name)[:limit]

    async def search(self, text: str, *, reader: UserId | None, limit: int) -> Sequence[HashtagView]:
        wanted = fold(text)
        if not wanted or "\x00" in wanted:
            return []
        views = self._views(reader)
        begun = [view for view in views if view.name.startswith(wanted)]
        begun.sort(key=lambda view: (-view.photo_count, view.name))
        others = [(_similarity(view.name, wanted), view) for view in views if view not in begun]
        others.sort(key=lambda rated: (-rated[0], rated[1].name))
        similar = [view for similarity, view in others if similarity >= _SIMILAR_FROM]
        return [*begun, *similar][:limit]

    def _views(self, reader: UserId | None) -> Sequence[HashtagView]:
        self._store.answer_or_not()
        counted = [(row, self._count(row.name, reader)) for row in self._store.hashtags.rows.values()]
        return [
            HashtagView(row.id, row.name, photo_count, row.created_at)
            for row, photo_count in counted
            if reader is None or photo_count > 0
        ]

    def _count(self, name: HashtagName, reader: UserId | None) -> int:
        photos = self._store.photos.rows.values()
        return sum(
            name in photo.hashtags for photo in photos if reader in (None, photo.owner_id) and photo.trashed_at is None
        )


def _similarity(one: str, other: str) -> float:
    """As pg_trgm counts it: trigrams in both, of those in either."""
    first, second = _trigrams(one), _trigrams(other)
    return len(first & second) / len(first | second) if first | second else 0


def _trigrams(text: str) -> set[str]:
    words = re.split(r"[\W_]+", text)
    padded = [f"  {word} " for word in words if word]
    return {word[start : start + 3] for word in padded for start in range(len(word) - 2)}
