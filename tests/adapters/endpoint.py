"""An endpoint of a webhook that does as it is told, on a port of its own."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter
Behaviour = Callable[[Writer], Awaitable[None]]


@dataclass
class Endpoint:
    """`requests` are heads and bodies as they came; `connections` how many there were."""

    port: int = 0
    behaviour: Behaviour | None = None
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    server_names: list[str | None] = field(default_factory=list)

    def url(self, host: str = "127.0.0.1", *, scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}/hook?a=1"

    async def serve(self, reader: Reader, writer: Writer) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = next(int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:"))
                self.requests.append((head, await reader.readexactly(size)))
                assert self.behaviour is not None
                await self.behaviour(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def answering(status: str = "200 OK", *headers: str, body: bytes = b"") -> Behaviour:
    async def answer(writer: Writer) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    return answer


async def hanging(_: Writer) -> None:
    await asyncio.Event().wait()


def dripping(before: bytes) -> Behaviour:
    """`before` at once, then a byte now and then for ever."""

    async def drip(writer: Writer) -> None:
        writer.write(before)
        never = asyncio.Event()
        while True:
            try:
                await asyncio.wait_for(never.wait(), 0.02)
            except TimeoutError:
                writer.write(b"x")
                await writer.drain()

    return drip


def breaking(said: bytes = b"") -> Behaviour:
    async def break_off(writer: Writer) -> None:
        writer.write(said)
        await writer.drain()
        writer.close()
        raise ConnectionResetError

    return break_off


@asynccontextmanager
async def endpoint(behaviour: Behaviour | None = None, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Endpoint]:
    it = Endpoint(behaviour=behaviour or answering())
    under_way = set[asyncio.Task[None]]()
    if tls is not None:
        tls.sni_callback = lambda _, name, __: it.server_names.append(name)

    async def serve(reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        under_way.add(task)
        try:
            await it.serve(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            under_way.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    it.port = server.sockets[0].getsockname()[1]
    try:
        yield it
    finally:
        server.close()
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
