"""One client that is told changes as they come."""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from datetime import datetime

from litestar.types import Send

from photostore.event.errors import CursorExpired
from photostore.event.retention import ChangePosition
from photostore.user.actor import Actor
from photostore_http.event_streams.frames import HEARTBEAT, farewell
from photostore_http.event_streams.measures import Ended
from photostore_http.event_streams.pages import FeedPage

# Long before anything else could have been seen.
_NEVER = float("-inf")


class EventStream:
    """Where the client is in the feed. It is sent one page at a time, by a task that lasts as long as the client takes for it;
    in between there is nothing but this."""

    __slots__ = (
        "_on_taken",
        "_send",
        "_sending",
        "actor",
        "behind",
        "confirmed_at",
        "ended",
        "ends_at",
        "position",
        "quiet_since",
        "request_id",
        "told",
        "untaken",
    )

    def __init__(self, actor: Actor, position: ChangePosition, *, ends_at: datetime | None, request_id: str) -> None:
        self.actor = actor
        self.position = position
        self.ends_at = ends_at
        self.request_id = request_id
        # When the credential was last seen alive. What let the request in may be a few seconds old.
        self.confirmed_at = _NEVER
        self.quiet_since = 0.0
        self.behind = False
        self.told = self.untaken = 0
        self.ended: Ended | None = None
        self._send: Send | None = None
        self._sending: asyncio.Task[None] | None = None
        self._on_taken: Callable[[], None] | None = None

    def begin(self, send: Send, on_taken: Callable[[], None]) -> None:
        """`on_taken` is called when the client has taken what it was sent, and there is more."""
        self._send = send
        self._on_taken = on_taken
        self.quiet_since = _seconds()

    @property
    def is_free(self) -> bool:
        return self._sending is None and self.ended is None

    def deliver(self, page: FeedPage) -> None:
        """What follows on where the client is. Nothing that it must hear of is gone, or the stream ends."""
        try:
            self.position.demand_kept(page.bounds)
        except CursorExpired:
            self.end(Ended.CURSOR_EXPIRED)
            return
        self.position = self.position.after(page.last, page.bounds, now=page.read_at)
        self.behind = page.is_full
        if page.count:
            self.untaken = page.count
            self._start(page.chunks)

    def beat(self, now: float, every: float) -> None:
        if self.is_free and now - self.quiet_since >= every:
            self._start((HEARTBEAT,))

    def end(self, reason: Ended) -> None:
        """At once: what the client has not taken yet it is not given. To the server the answer is then complete, so it lets
        the request go."""
        if self.ended is None:
            self.stop_sending()
            self.ended = reason
            self._start((farewell(reason),), more=False)

    def stop_sending(self) -> None:
        if self._sending is not None:
            self._sending.cancel()

    def _start(self, chunks: Sequence[bytes], *, more: bool = True) -> None:
        sending = self._give(chunks, more=more)
        # Nobody's request: what is logged meanwhile names none.
        self._sending = asyncio.get_running_loop().create_task(sending, context=Context())

    async def _give(self, chunks: Sequence[bytes], *, more: bool) -> None:
        send = self._send
        assert send is not None, "begun before anything is sent"
        try:
            for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if more:
                self.told += self.untaken
                self.untaken = 0
            else:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (OSError, RuntimeError):
            # The connection is closed, as when a client says that it sends no more; what it has not read keeps the server from
            # calling that the end.
            self.ended = self.ended or Ended.LEFT
        finally:
            if self._sending is asyncio.current_task():
                self._sending = None
        self.quiet_since = _seconds()
        if self.behind and self.ended is None and self._on_taken is not None:
            self._on_taken()


def _seconds() -> float:
    return asyncio.get_running_loop().time()
