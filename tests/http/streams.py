"""Clients of answers that go on, without a socket: they read block by block, stall, and leave."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.http.world import API, World

EVENTS = f"{API}/events"
_PATIENCE = 30


@dataclass
class Told:
    """One block of the stream: the fields that it has, and its comment."""

    comment: str | None = None
    id: str | None = None
    event: str | None = None
    data: Any = None
    retry: str | None = None

    @property
    def seq(self) -> int:
        return int(self.id or -1)


class StreamClient:
    """As a browser is one. What it has not read yet waits in `arrived`."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.arrived = b""
        self.is_over = False
        self._more = asyncio.Condition()
        self._reads = asyncio.Event()
        self._reads.set()
        self._gone = asyncio.Event()
        self._asked = False

    def stall(self) -> None:
        """Take nothing more: the server's next write waits."""
        self._reads.clear()

    def read_on(self) -> None:
        self._reads.set()

    def leave(self) -> None:
        self._gone.set()

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        if not self.is_over:
            await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self._reads.wait()
        async with self._more:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = httpx.Headers(message["headers"])
            else:
                self.arrived += message.get("body", b"")
                self.is_over = not message.get("more_body", False)
                if self.is_over:
                    self._gone.set()
            self._more.notify_all()

    async def next(self) -> Told:
        """The next block; `EOFError` at the end."""
        async with asyncio.timeout(_PATIENCE), self._more:
            await self._more.wait_for(lambda: b"\n\n" in self.arrived or self.is_over)
        block, found, self.arrived = self.arrived.partition(b"\n\n")
        if not found:
            raise EOFError
        return _told(block.decode())

    async def events(self, number: int) -> list[Told]:
        """So many, whatever else comes between them."""
        found: list[Told] = []
        while len(found) < number:
            told = await self.next()
            found += [told] if told.event is not None else []
        return found

    async def rest(self) -> list[Told]:
        """Everything until the end."""
        found: list[Told] = []
        try:
            while True:
                found.append(await self.next())
        except EOFError:
            return found

    async def problem(self) -> tuple[int, str]:
        async with asyncio.timeout(_PATIENCE), self._more:
            await self._more.wait_for(lambda: self.is_over)
        return self.status, json.loads(self.arrived)["type"].removeprefix("/problems/")


def _told(block: str) -> Told:
    told = Told()
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        setattr(told, name or "comment", value.removeprefix(" "))
    told.data = json.loads(told.data) if told.data is not None else None
    return told


@asynccontextmanager
async def streaming(
    world: World, http: httpx.AsyncClient, query: str = "", method: str = "GET", **headers: str
) -> AsyncIterator[StreamClient]:
    """The stream of whoever `http` is; `last_event_id="7"` is the header. It leaves at the end of the block."""
    client = StreamClient()
    sent = {**http.headers, "host": "photos.test", **{name.replace("_", "-"): text for name, text in headers.items()}}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": EVENTS,
        "raw_path": EVENTS.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), text.encode()) for name, text in sent.items()],
        "client": ("192.0.2.1", 4711),
        "server": ("photos.test", 80),
        "state": {},
    }
    app: Any = world.app
    running = asyncio.ensure_future(app(scope, client.receive, client.send))
    try:
        async with asyncio.timeout(_PATIENCE), client._more:
            await client._more.wait_for(lambda: client.status)
        yield client
    finally:
        client.read_on()
        client.leave()
        await asyncio.wait_for(running, _PATIENCE)
