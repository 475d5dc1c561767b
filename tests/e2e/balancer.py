"""In front of several servers: each connection goes to one that is ready, in turn, as behind a service of Kubernetes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx2

from tests.callers import caller
from tests.e2e.ports import free_port
from tests.e2e.servers import ServerProcess

_LOOK_SECONDS = 0.1
_CHUNK = 1 << 16


class Balancer:
    """Asks each of `servers` again and again whether it is ready. Bytes pass as they are."""

    def __init__(self) -> None:
        self.servers: list[ServerProcess] = []
        self.ready: list[ServerProcess] = []
        self.over = False
        self._turn = 0
        self._relays: set[asyncio.Task[None]] = set()
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def look(self) -> None:
        never = asyncio.Event()
        async with caller(self.url) as http:
            while not self.over:
                ready = []
                for server in self.servers:
                    with suppress(httpx2.TransportError):
                        if (await http.get(f"{server.url}/healthz")).status_code == 200:
                            ready.append(server)
                self.ready = ready
                with suppress(TimeoutError):
                    await asyncio.wait_for(never.wait(), _LOOK_SECONDS)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        writers = [writer]
        with suppress(asyncio.CancelledError, OSError):
            try:
                their_reader, their_writer = await self._connect()
                writers.append(their_writer)
                await asyncio.gather(_relay(reader, their_writer), _relay(their_reader, writer))
            finally:
                for each in writers:
                    each.transport.abort()
        self._relays.discard(task)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """To the next one that takes it: what was ready when it was asked last may have ended since."""
        for _ in range(len(self.ready)):
            self._turn += 1
            server = self.ready[self._turn % len(self.ready)]
            with suppress(ConnectionRefusedError):
                return await asyncio.open_connection("127.0.0.1", server.port)
        raise ConnectionRefusedError

    async def cut(self) -> None:
        """Also what was only just accepted."""
        await asyncio.sleep(0)
        while self._relays:
            for task in self._relays:
                task.cancel()
            await asyncio.wait(self._relays)


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):
            while some := await reader.read(_CHUNK):
                writer.write(some)
                await writer.drain()
    finally:
        writer.close()


@asynccontextmanager
async def balancing(*servers: ServerProcess) -> AsyncIterator[Balancer]:
    balancer = Balancer()
    balancer.servers = list(servers)
    balancer.ready = list(servers)
    looking = asyncio.create_task(balancer.look())
    listening = await asyncio.start_server(balancer.take, "127.0.0.1", balancer.port)
    try:
        yield balancer
    finally:
        listening.close()
        balancer.over = True
        await looking
        await balancer.cut()
