"""Who may still be told."""

import asyncio
from collections.abc import Collection

from photostore.shared.clock import Clock
from photostore.user.actor import Actor
from photostore.user.queries import LiveCredentials
from photostore_http.event_streams.measures import Ended, StreamTimes
from photostore_http.event_streams.stream import EventStream

# Of one statement.
_ASKED_AT_ONCE = 1_000


class AccessCheck:
    """Streams whose credential has ended, end. No answer is no leave: nobody is told anything meanwhile."""

    def __init__(self, credentials: LiveCredentials, clock: Clock, times: StreamTimes) -> None:
        self._credentials = credentials
        self._clock = clock
        self._trust = times.trust

    async def demand(self, streams: Collection[EventStream]) -> None:
        """Before they are told something: all whose access was not seen for a while are looked up."""
        self.end_expired(streams)
        trusted = _seconds() - self._trust
        await self.look_up([stream for stream in streams if stream.confirmed_at < trusted])

    def end_expired(self, streams: Collection[EventStream]) -> None:
        now = self._clock.now()
        for stream in streams:
            if stream.ends_at is not None and stream.ends_at <= now:
                stream.end(Ended.TOKEN_EXPIRED)

    async def look_up(self, streams: Collection[EventStream]) -> None:
        began = _seconds()
        actors, ended = list({stream.actor for stream in streams}), set[Actor]()
        for first in range(0, len(actors), _ASKED_AT_ONCE):
            ended |= await self._credentials.ended(actors[first : first + _ASKED_AT_ONCE])
        for stream in streams:
            if stream.actor in ended:
                stream.end(Ended.ACCESS_ENDED)
            else:
                stream.confirmed_at = began


def _seconds() -> float:
    return asyncio.get_running_loop().time()
