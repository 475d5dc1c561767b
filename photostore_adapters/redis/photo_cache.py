"""Photos that all processes share: read from Redis for a minute, and never older than what a commit has made of them.

Before a transaction that changes a photo commits, the photo goes from its place and a mark with the version to come is put
beside it: who read the database before the commit and comes with the photo afterwards finds that it is too old. So no reader
ever puts back what is over, whatever dies in between: at worst the photo is read from the database for a minute.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from uuid import UUID

import msgspec

from photostore.photo.queries import PhotoView
from photostore.shared.ids import PhotoId
from photostore_adapters.postgres.changes import ChangeWatch
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.link import Command, Link, RedisAway
from photostore_adapters.redis.metrics import PHOTO_CACHE
from photostore_adapters.redis.photo_documents import beginning_of, document_of, view_in
from photostore_adapters.redis.photo_places import LIFETIME_SECONDS, MARK, PUT, mark_of, version_told
from photostore_adapters.redis.settings import RedisSettings

# Who takes longer to read a photo does not put it into the cache: the mark of a change meanwhile may be gone by then.
_PROMPT_SECONDS = 10
_PATIENCE_SECONDS = 2.0
_AT_ONCE = 500
# Of so many that Redis could not be told of one does not keep count: then all that it has is taken for old, for a while.
_MOST_OWED = 50_000

_HIT, _MISS, _AWAY = (PHOTO_CACHE.labels(outcome) for outcome in ("hit", "miss", "away"))


@dataclass(slots=True)
class Place:
    """Of a photo that was not in the cache, and may be put there: by this link, in this run of Redis, and not much later."""

    link: Link
    looked_at: float


@dataclass(frozen=True, slots=True)
class _Owed:
    version: int | None
    until: float


@dataclass(slots=True)
class Looked:
    """At most one of both."""

    view: PhotoView | None = None
    place: Place | None = None


class PhotoCache(ChangeWatch):
    relays = True

    def __init__(self, client: RedisClient, settings: RedisSettings) -> None:
        self._client = client
        self._prefix = f"{settings.prefix}photo:"
        self._timeout = settings.command_timeout
        # Marks that Redis has not said to have, and how long they matter.
        self._owed: dict[PhotoId, _Owed] = {}
        self._all_owed_until = 0.0
        client.before_use(self._settle)

    async def look(self, photo_id: PhotoId, *, owner: UUID) -> Looked:
        try:
            link = await self._client.needed()
            looked_at = _now()
            if looked_at < link.settled_at or self._is_owed(photo_id):
                raise RedisAway("what is there may be old")
            found = await self._found(link, photo_id)
        except RedisAway:
            _AWAY.inc()
            return Looked()
        view = self._view(found, photo_id, owner, link.run)
        (_MISS if view is None else _HIT).inc()
        return Looked(view, Place(link, looked_at) if found is None else None)

    async def _found(self, link: Link, photo_id: PhotoId) -> bytes | None:
        """What a server that has just hung answers first may be older than marks that it has received, of processes that waited
        for it no longer: it takes in all that waits, of one connection after another. Only what is asked afterwards is not."""
        hung = _now() - link.answered_from > self._timeout / 2
        found: bytes | None
        [found] = await link.ask([("GET", self._key(photo_id))])
        if hung and found is not None:
            [found] = await link.ask([("GET", self._key(photo_id))])
        return found

    async def put(self, view: PhotoView, place: Place) -> None:
        """Nobody waits for it. Where there is a mark of a later version, or another was faster, nothing is put."""
        link, photo_id = place.link, PhotoId(view.id)
        if self._client.link is not link or self._is_owed(photo_id) or _now() - place.looked_at > _PROMPT_SECONDS:
            return
        try:
            document = document_of(view, run=link.run)
            place_and_mark = self._place_and_mark(photo_id)
            await link.send([("EVAL", PUT, len(place_and_mark), *place_and_mark, view.version, document)])
        except (RedisAway, ValueError, OverflowError):
            return

    async def before_commit(self, photos: Mapping[PhotoId, int | None]) -> None:
        """Whatever Redis does, this process reads none of these from it before it has the mark."""
        owed = list(self._owe(photos).items())
        batches = [owed[first : first + _AT_ONCE] for first in range(0, len(owed), _AT_ONCE)]
        try:
            link = await self._client.needed()
            hangs = link.hangs()
            # It will read them, and before what anybody asks after the commit: so they are sent though nobody waits.
            answers = await link.send([self._marking(batch) for batch in batches], seconds=self._timeout)
        except RedisAway:
            return
        for batch, answer in zip(batches, answers, strict=True):
            answer.add_done_callback(partial(self._marked, batch))
        if not hangs:
            await asyncio.wait(answers, timeout=self._timeout)

    async def aclose(self) -> None:
        """What a process that ends, such as a command, could not tell yet."""
        if self._owed and (link := self._client.link) is not None:
            with suppress(RedisAway):
                await self._settle(link)

    def _key(self, photo_id: PhotoId) -> str:
        return f"{self._prefix}{photo_id}"

    def _place_and_mark(self, photo_id: PhotoId) -> tuple[str, str]:
        place = self._key(photo_id)
        return place, mark_of(place)

    def _marking(self, batch: Sequence[tuple[PhotoId, _Owed]]) -> Command:
        keys = [key for photo_id, _ in batch for key in self._place_and_mark(photo_id)]
        return ("EVAL", MARK, len(keys), *keys, *(version_told(owed.version) for _, owed in batch))

    def _view(self, found: bytes | None, photo_id: PhotoId, owner: UUID, run: str) -> PhotoView | None:
        if found is None or not found.startswith(beginning_of(photo_id, owner)):
            return None  # absent, or another owner's: the database decides
        try:
            return view_in(found, run=run)
        except (msgspec.MsgspecError, ValueError):
            return None

    def _owe(self, photos: Mapping[PhotoId, int | None]) -> Mapping[PhotoId, _Owed]:
        until = _now() + LIFETIME_SECONDS + _PROMPT_SECONDS
        if len(self._owed) + len(photos) > _MOST_OWED:
            self._owed.clear()
            self._all_owed_until = until
        owed = {photo_id: _Owed(version, until) for photo_id, version in photos.items()}
        self._owed.update(owed)
        return owed

    def _marked(self, batch: Sequence[tuple[PhotoId, _Owed]], answer: asyncio.Future[object]) -> None:
        if not answer.cancelled() and answer.exception() is None:
            self._paid(batch)

    def _paid(self, batch: Sequence[tuple[PhotoId, _Owed]]) -> None:
        """But for those that were changed once more meanwhile."""
        for photo_id, owed in batch:
            if self._owed.get(photo_id) is owed:
                del self._owed[photo_id]

    def _is_owed(self, photo_id: PhotoId) -> bool:
        if not self._owed and not self._all_owed_until:
            return False
        owed, now = self._owed.get(photo_id), _now()
        return now < self._all_owed_until or (owed is not None and now < owed.until)

    async def _settle(self, link: Link) -> None:
        """First of all on a new connection: what could not be told while there was none."""
        while batch := self._still_owed():
            await link.ask([self._marking(batch)], seconds=_PATIENCE_SECONDS)
            self._paid(batch)

    def _still_owed(self) -> Sequence[tuple[PhotoId, _Owed]]:
        now = _now()
        self._owed = {photo_id: owed for photo_id, owed in self._owed.items() if owed.until > now}
        return list(islice(self._owed.items(), _AT_ONCE))


def _now() -> float:
    return asyncio.get_running_loop().time()
