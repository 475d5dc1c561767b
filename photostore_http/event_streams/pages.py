"""Pages of the feed as the bytes that clients are sent."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from photostore.event.queries import ChangeQueries
from photostore.event.retention import ChangeBounds
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId
from photostore_http.change_documents import ChangeDocuments
from photostore_http.event_streams.frames import chunked, event

# A client that was away catches up in a few, and what one that does not read keeps in memory is small.
_LIMIT, _MOST_BYTES = 100, 262_144
# Streams leave most of the connections to requests.
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """Changes up to the number `last`, read not before `read_at`; where there are none, the feed's bounds alone."""

    chunks: Sequence[bytes]
    count: int
    last: int
    is_full: bool
    first_at: datetime | None
    bounds: ChangeBounds
    read_at: datetime


class FeedPages:
    """Of all owners, a few at a time."""

    def __init__(self, changes: ChangeQueries, documents: ChangeDocuments, clock: Clock) -> None:
        self._changes = changes
        self._documents = documents
        self._clock = clock
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def read(self, owner: UserId, *, after: int) -> FeedPage:
        async with self._turns:
            now = self._clock.now()
            page = await self._changes.page(owner, after=after, limit=_LIMIT)
            told = await self._documents.of(page.items, owner=owner) if page.items else []
        frames = _bounded(map(event, told))
        return FeedPage(
            chunks=chunked(frames),
            count=len(frames),
            last=told[len(frames) - 1].seq if told else after,
            is_full=len(told) == _LIMIT or len(frames) < len(told),
            first_at=told[0].occurred_at if told else None,
            bounds=page.bounds,
            read_at=now,
        )


def _bounded(frames: Iterable[bytes]) -> list[bytes]:
    """The first at least."""
    taken: list[bytes] = []
    size = 0
    for frame in frames:
        size += len(frame)
        if taken and size > _MOST_BYTES:
            break
        taken.append(frame)
    return taken
