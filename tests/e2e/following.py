"""Clients that follow a server's events, and come again after every break."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx2

from tests.e2e.people import API, Person

EVENTS = f"{API}/events"
_PAUSE_SECONDS = 0.1
# Who comes while the server, or its database, is away.
_LATER = 503


class Follower:
    """`told` is what it was told, in order; `came` how often it came, `ends` what the server said last each time it ended."""

    def __init__(self, person: Person, *, last_event_id: str | None = None) -> None:
        self._person = person
        self._last_event_id = last_event_id
        self.told: list[dict[str, Any]] = []
        self.came = 0
        self.ends: list[str] = []

    @property
    def seqs(self) -> list[int]:
        return [each["seq"] for each in self.told]

    async def follow(self) -> int:
        """Until it is refused: the status."""
        while True:
            with suppress(httpx2.TransportError):
                status = await self._follow_once()
                if status not in (200, _LATER):
                    return status
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _follow_once(self) -> int:
        headers = {} if self._last_event_id is None else {"Last-Event-ID": self._last_event_id}
        async with self._person.http.stream("GET", EVENTS, headers=headers) as answer:
            if answer.status_code != 200:
                return answer.status_code
            comment = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                comment = value if line.startswith(": ") else comment
                self._take(name, value)
            self.ends.append(comment)
            return answer.status_code

    def _take(self, name: str, value: str) -> None:
        if name == "id":
            self.came += not self.told or int(value) <= self.told[-1]["seq"]
            self._last_event_id = value
        elif name == "data":
            self.told.append(json.loads(value))
            assert str(self.told[-1]["seq"]) == self._last_event_id


@asynccontextmanager
async def following(follower: Follower) -> AsyncIterator[asyncio.Task[int]]:
    """It follows within the block; at its end the connection is cut, wherever it is."""
    running = asyncio.create_task(follower.follow())
    try:
        yield running
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
