"""The streams of one owner, told from the same pages."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextvars import Context

import structlog

from photostore.shared.errors import Unavailable
from photostore.shared.ids import UserId
from photostore_http.event_streams.pages import FeedPage, FeedPages
from photostore_http.event_streams.stream import EventStream

_log = structlog.get_logger(__name__)

DemandAccess = Callable[[Collection[EventStream]], Awaitable[None]]
OnTold = Callable[[FeedPage, int], None]


class OwnerFeed:
    """Looks when it is woken, by one task however often that is. Those who stand at the same place are told the same bytes;
    those who catch up get a page each time that those at the end get one, so nobody waits for them."""

    __slots__ = ("_again", "_demand_access", "_looking", "_on_told", "_owner", "_pages", "streams")

    def __init__(self, owner: UserId, pages: FeedPages, demand_access: DemandAccess, on_told: OnTold) -> None:
        self.streams = set[EventStream]()
        self._owner = owner
        self._pages = pages
        self._demand_access = demand_access
        self._on_told = on_told
        self._looking: asyncio.Task[None] | None = None
        self._again = False

    def wake(self) -> None:
        self._again = True
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look(), context=Context())

    def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    def is_behind(self, last: int) -> bool:
        """Also where a stream is ahead of the feed: it ends when that is looked at."""
        return any(stream.ended is None and stream.position.seq != last for stream in self.streams)

    async def _look(self) -> None:
        try:
            while self._again:
                self._again = False
                await self._tell_all()
        except Unavailable as error:
            # Whoever looks whether anything was missed wakes this again.
            _log.debug("changes cannot be read for those who follow", error=str(error))
        except Exception:  # noqa: BLE001 - the streams live on; the next look may do better
            _log.exception("changes could not be told")
        finally:
            self._looking = None

    async def _tell_all(self) -> None:
        for seq, streams in self._places().items():
            page = await self._pages.read(self._owner, after=seq)
            if page.count:
                await self._demand_access(streams)
            told = 0
            for stream in streams:
                # Meanwhile it may have left, or been sent a heartbeat.
                if stream not in self.streams:
                    continue
                if stream.is_free and stream.position.seq == seq:
                    stream.deliver(page)
                    told += 1
                else:
                    stream.behind = True
            if told and page.count:
                self._on_told(page, told)

    def _places(self) -> dict[int, list[EventStream]]:
        """Who is ready for more, by where they are. The others come back when they are."""
        places: dict[int, list[EventStream]] = {}
        for stream in self.streams:
            if stream.is_free:
                places.setdefault(stream.position.seq, []).append(stream)
            else:
                stream.behind = True
        return places
