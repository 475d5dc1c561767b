"""All streams of this process: who is there, who may stay, and what they are woken by."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from contextvars import Context
from secrets import SystemRandom

import structlog
from litestar.types import Receive, Send

from photostore.event.errors import TooManyFollowers
from photostore.event.listeners import Places
from photostore.event.ports import ChangeHearer, ChangeSignal
from photostore.event.queries import ChangeQueries
from photostore.shared.clock import Clock
from photostore.shared.errors import Unavailable
from photostore.shared.ids import UserId
from photostore.user.queries import LiveCredentials
from photostore_http.change_documents import ChangeDocuments
from photostore_http.event_streams.access import AccessCheck
from photostore_http.event_streams.measures import Ended, StreamMetrics, StreamTimes
from photostore_http.event_streams.owner_feed import OwnerFeed
from photostore_http.event_streams.pages import FeedPage, FeedPages
from photostore_http.event_streams.stream import EventStream

_log = structlog.get_logger(__name__)
_random = SystemRandom()
# Of one statement.
_ASKED_AT_ONCE = 1_000


class EventStreams(ChangeHearer):
    """One ticker for all of them, while there are any: it sends heartbeats, and has it looked who lost access and whether
    something was missed."""

    def __init__(
        self,
        signal: ChangeSignal,
        changes: ChangeQueries,
        documents: ChangeDocuments,
        credentials: LiveCredentials,
        clock: Clock,
        places: Places,
        times: StreamTimes,
        metrics: StreamMetrics,
    ) -> None:
        self._signal = signal
        self._changes = changes
        self._access = AccessCheck(credentials, clock, times)
        self._clock = clock
        self._places = places
        self._times = times
        self._metrics = metrics
        self._pages = FeedPages(changes, documents, clock)
        self._feeds: dict[UserId, OwnerFeed] = {}
        self._ticking: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._check_at = self._look_at = 0.0
        self._attending = self._hearing = self._over = False

    def demand_place(self, owner: UserId) -> None:
        """Raise `TooManyFollow` or `TooManyFollowers`."""
        if self._over:
            raise TooManyFollowers("This server is about to stop.")
        self._places.demand(owner)

    async def run(self, stream: EventStream, receive: Receive, send: Send) -> None:
        """Until the client goes, or the stream is ended. Its task does nothing but wait for that."""
        self._join(stream, send)
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._leave(stream)

    async def aclose(self) -> None:
        tasks = [task for task in (self._ticking, self._looking) if task is not None]
        for feed in self._feeds.values():
            feed.close()
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def heard(self, owner: UserId) -> None:
        feed = self._feeds.get(owner)
        if feed is not None:
            feed.wake()

    def unsure(self, *, hearing: bool) -> None:
        self._hearing = hearing
        # What may have been missed is looked for at once, once it will be heard again.
        self._look_at = 0.0 if hearing else self._next_look()

    def over(self) -> None:
        self._over = True
        for stream in list(self._all()):
            stream.end(Ended.SHUTDOWN)

    def _join(self, stream: EventStream, send: Send) -> None:
        if not self._attending:
            self._attending = True
            self._signal.attend(self)
        owner = stream.actor.user_id
        feed = self._feeds.get(owner)
        if feed is None:
            feed = self._feeds[owner] = OwnerFeed(owner, self._pages, self._access.demand, self._told)
        self._places.take(owner)
        self._metrics.began()
        feed.streams.add(stream)
        stream.begin(send, feed.wake)
        if self._over:
            stream.end(Ended.SHUTDOWN)
            return
        # Whatever changed since its place was found.
        feed.wake()
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.get_running_loop().create_task(self._tick(), context=Context())

    def _leave(self, stream: EventStream) -> None:
        owner = stream.actor.user_id
        stream.stop_sending()
        feed = self._feeds[owner]
        feed.streams.discard(stream)
        if not feed.streams:
            feed.close()
            del self._feeds[owner]
        self._places.free(owner)
        reason = stream.ended or Ended.LEFT
        self._metrics.ended(reason)
        self._metrics.untaken(stream.untaken)
        _log.info(
            "a stream of events ended",
            request_id=stream.request_id,
            user_id=str(owner),
            reason=reason.value,
            told=stream.told,
            seq=stream.position.seq,
        )

    def _all(self) -> Iterator[EventStream]:
        for feed in self._feeds.values():
            yield from feed.streams

    def _told(self, page: FeedPage, streams: int) -> None:
        self._metrics.told(page.count * streams)
        if page.first_at is not None and not page.is_full:
            self._metrics.waited((self._clock.now() - page.first_at).total_seconds())

    async def _tick(self) -> None:
        while self._feeds:
            await asyncio.sleep(self._times.tick)
            now, streams = _seconds(), list(self._all())
            self._access.end_expired(streams)
            for stream in streams:
                stream.beat(now, self._times.heartbeat)
            # The database may take its time, which heartbeats have not.
            if self._looking is None and min(self._check_at, self._look_at) <= now:
                self._looking = asyncio.get_running_loop().create_task(self._look(now), context=Context())

    async def _look(self, now: float) -> None:
        try:
            if self._check_at <= now:
                self._check_at = now + self._times.access
                await self._access.look_up(list(self._all()))
            if self._look_at <= now:
                self._look_at = self._next_look()
                await self._wake_those_behind()
        except Unavailable as error:
            _log.debug("nobody knows who may be told, or what", error=str(error))
        except Exception:  # noqa: BLE001 - the next look may do better
            _log.exception("those who follow changes could not be looked after")
        finally:
            self._looking = None

    def _next_look(self) -> float:
        """Not all processes at the same time."""
        pause = self._times.look if self._hearing else self._times.look_unheard
        return _seconds() + pause * _random.uniform(0.75, 1.25)

    async def _wake_those_behind(self) -> None:
        owners = list(self._feeds)
        for first in range(0, len(owners), _ASKED_AT_ONCE):
            ends = await self._changes.ends(owners[first : first + _ASKED_AT_ONCE])
            for owner, last in ends.items():
                feed = self._feeds.get(owner)
                if feed is not None and feed.is_behind(last):
                    feed.wake()


def _seconds() -> float:
    return asyncio.get_running_loop().time()
