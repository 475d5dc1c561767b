"""Photos that all processes share: read from Redis for a minute, and never older than what a commit has made of them.

Before a transaction that changes a photo commits, a mark is put in the photo's place, which nothing but time removes; who read
the database before the commit and comes with the photo afterwards finds the place taken. So no reader ever puts back what is
over, whatever dies in between: at worst the photo is read from the database for a minute.
"""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
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
from photostore_adapters.redis.settings import RedisSettings

LIFETIME_SECONDS = 60
# Who takes longer to read a photo does not put it into the cache: the mark of a change meanwhile may be gone by then.
_PROMPT_SECONDS = 10
_MARK = b"changed"
_PATIENCE_SECONDS = 2.0
# Of so many that Redis could not be told of one does not keep count: then all that it has is taken for old, for a while.
_MOST_OWED = 50_000

_HIT, _MISS, _AWAY = (PHOTO_CACHE.labels(outcome) for outcome in ("hit", "miss", "away"))


@dataclass(slots=True)
class Place:
    """Of a photo that was not in the cache, and may be put there: by this link, in this run of Redis, and not much later."""

    link: Link
    looked_at: float


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
        self._owed: dict[PhotoId, float] = {}
        self._all_owed_until = 0.0
        client.before_use(self._settle)

    async def look(self, photo_id: PhotoId, *, owner: UUID) -> Looked:
        try:
            link = await self._client.needed()
            looked_at = _now()
            if looked_at < link.settled_at or self._is_owed(photo_id):
                raise RedisAway("what is there may be old")
            [found] = await link.ask([("GET", self._key(photo_id))])
        except RedisAway:
            _AWAY.inc()
            return Looked()
        view = self._view(found, photo_id, owner, link.run)
        (_MISS if view is None else _HIT).inc()
        return Looked(view, Place(link, looked_at) if found is None else None)

    async def put(self, view: PhotoView, place: Place) -> None:
        """Nobody waits for it. Where there is a mark, or another was faster, nothing is put."""
        link, photo_id = place.link, PhotoId(view.id)
        if self._client.link is not link or self._is_owed(photo_id) or _now() - place.looked_at > _PROMPT_SECONDS:
            return
        try:
            document = document_of(view, run=link.run)
            await link.send([("SET", self._key(photo_id), document, "EX", LIFETIME_SECONDS, "NX")])
        except (RedisAway, ValueError, OverflowError):
            return

    async def before_commit(self, photos: Collection[PhotoId]) -> None:
        """Whatever Redis does, this process reads none of these from it before it has the mark."""
        self._owe(photos)
        try:
            link = await self._client.needed()
            answers = await link.send([self._marking(each) for each in photos])
        except RedisAway:
            return
        for photo_id, answer in zip(photos, answers, strict=True):
            answer.add_done_callback(lambda done, photo_id=photo_id: self._marked(photo_id, done))  # type: ignore[misc]
        await asyncio.wait(answers, timeout=self._timeout)

    async def aclose(self) -> None:
        """What a process that ends, such as a command, could not tell yet."""
        if self._owed and (link := self._client.link) is not None:
            with suppress(RedisAway):
                await self._settle(link)

    def _key(self, photo_id: PhotoId) -> str:
        return f"{self._prefix}{photo_id}"

    def _marking(self, photo_id: PhotoId) -> Command:
        return ("SET", self._key(photo_id), _MARK, "EX", LIFETIME_SECONDS)

    def _view(self, found: bytes | None, photo_id: PhotoId, owner: UUID, run: str) -> PhotoView | None:
        if found is None or not found.startswith(beginning_of(photo_id, owner)):
            return None  # absent, a mark, or another owner's: the database decides
        try:
            return view_in(found, run=run)
        except (msgspec.MsgspecError, ValueError):
            return None

    def _owe(self, photos: Collection[PhotoId]) -> None:
        until = _now() + LIFETIME_SECONDS + _PROMPT_SECONDS
        if len(self._owed) + len(photos) > _MOST_OWED:
            self._owed.clear()
            self._all_owed_until = until
        self._owed.update(dict.fromkeys(photos, until))

    def _marked(self, photo_id: PhotoId, answer: asyncio.Future[object]) -> None:
        if not answer.cancelled() and answer.exception() is None:
            self._owed.pop(photo_id, None)

    def _is_owed(self, photo_id: PhotoId) -> bool:
        if not self._owed and not self._all_owed_until:
            return False
        now = _now()
        return now < self._all_owed_until or now < self._owed.get(photo_id, 0)

    async def _settle(self, link: Link) -> None:
        """First of all on a new connection: what could not be told while there was none."""
        while owed := self._still_owed():
            await link.ask([self._marking(photo_id) for photo_id, _ in owed], seconds=_PATIENCE_SECONDS)
            for photo_id, until in owed:
                if self._owed.get(photo_id) == until:
                    del self._owed[photo_id]

    def _still_owed(self) -> Sequence[tuple[PhotoId, float]]:
        now = _now()
        self._owed = {photo_id: until for photo_id, until in self._owed.items() if until > now}
        return list(islice(self._owed.items(), 1000))


def _now() -> float:
    return asyncio.get_running_loop().time()
