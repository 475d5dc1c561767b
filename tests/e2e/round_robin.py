"""Before several servers: each request goes to the next one that listens, as a plain load balancer does it.

Every request has a connection of its own to a server, so that what belongs together is at different servers.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import count

from tests.e2e.loops import LoopThread
from tests.e2e.ports import free_port

_CHUNK = 1 << 16
_LONGEST_HEAD = 1 << 18
_LINGER_SECONDS = 2
_CONNECTION = re.compile(rb"\r\nConnection:[^\r]*", re.IGNORECASE)
_NOBODY = (
    b"HTTP/1.1 503 Nobody there\r\nRetry-After: 1\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 12\r\nConnection: close\r\n\r\nnobody there"
)


class RoundRobin:
    """Serves in `loop` as long as that runs. `nobody` counts the requests that no server was there for."""

    def __init__(self, loop: LoopThread, ports: Sequence[int], *, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.nobody = 0
        self._ports = ports
        self._turns = count()
        self._loop = loop
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._loop.run(self._listen())

    def stop(self) -> None:
        """Break what is open."""
        self._loop.run(self._close())

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=_LONGEST_HEAD)

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._pass_on(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await _head(reader)
        if not head:
            return
        server = await self._next()
        if server is None:
            self.nobody += 1
            writer.write(_NOBODY)
            await writer.drain()
            return
        server[1].write(head)
        to_server = asyncio.create_task(_pipe(reader, server[1]))
        to_client = asyncio.create_task(_pipe(server[0], writer))
        try:
            # Whoever is through first: the server has answered, or the client is gone.
            await asyncio.wait([to_server, to_client], return_when=asyncio.FIRST_COMPLETED)
            if to_client.done() and not to_server.done():
                # An answer that comes before all of the request was read must not be lost by closing on the rest.
                writer.write_eof()
                server[1].transport.abort()
                to_server.cancel()
                await asyncio.gather(to_server, return_exceptions=True)
                with suppress(TimeoutError):
                    await asyncio.wait_for(_discard(reader), _LINGER_SECONDS)
        finally:
            to_server.cancel()
            to_client.cancel()
            await asyncio.gather(to_server, to_client, return_exceptions=True)
            server[1].transport.abort()

    async def _next(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        turn = next(self._turns)
        for number in range(len(self._ports)):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self._ports[(turn + number) % len(self._ports)])
        return None


async def _head(reader: asyncio.StreamReader) -> bytes:
    """With the wish that the connection ends after the answer. What is no head is passed on as it is."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as broken:
        return broken.partial
    except asyncio.LimitOverrunError:
        return await reader.read(_CHUNK)
    return _CONNECTION.sub(b"", head).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


async def _discard(reader: asyncio.StreamReader) -> None:
    while await reader.read(_CHUNK):
        """It goes nowhere."""


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
