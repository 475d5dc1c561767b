"""A server that says whatever a test wants it to say, byte by byte, in place of an S3 store."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from photostore_adapters.s3.connection import S3Connection, connected
from photostore_adapters.s3.settings import S3Settings
from tests.fixtures.s3 import WallClock


@dataclass
class Asked:
    """One request as it came in; its body is still to be read."""

    method: str
    target: str
    headers: dict[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read_body(self) -> int:
        left = size = int(self.headers.get("content-length", "0"))
        while left:
            chunk = await self.reader.read(min(left, 1 << 18))
            if not chunk:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(chunk)
        return size

    async def say(self, status: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        told = {"content-length": str(len(body)), **(headers or {})}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        self.writer.write(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)
        await self.writer.drain()


Answer = Callable[[Asked], Awaitable[None]]


@dataclass
class LyingStore:
    answer: Answer
    requests: list[Asked] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request after the other, until the answer hangs up or the client does."""
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip().split("\r\n")
                method, target, _ = first.split(" ")
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                asked = Asked(method, target, headers, reader, writer)
                self.requests.append(asked)
                await self.answer(asked)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def methods(self) -> list[str]:
        return [asked.method for asked in self.requests]


@asynccontextmanager
async def lying_store(answer: Answer, *, patience: float = 0.3) -> AsyncIterator[tuple[S3Connection, LyingStore]]:
    """A connection with hardly any patience (seconds) to a store that answers so: more for one that does not stall."""
    store = LyingStore(answer)
    server = await asyncio.start_server(store.serve, "127.0.0.1", 0)
    settings = S3Settings(
        bucket_name="photos",
        aws_access_key_id="key",
        aws_secret_access_key="hush-hush",
        endpoint_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        connect_timeout=0.5,
        stall_timeout=patience,
        health_timeout=patience,
        control_attempts=1,
    )
    try:
        async with connected(settings, WallClock()) as connection:
            yield connection, store
    finally:
        server.close()
        for asked in store.requests:
            asked.writer.close()
        await server.wait_closed()
