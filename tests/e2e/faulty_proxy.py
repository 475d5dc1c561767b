"""Between a server and its S3 store: a relay that breaks what it is told to break.

Bytes pass as they are, the signed Host header too; only the bounds of requests are looked at. Every connection has one
of its own to the store, so that a fault of the one is a fault of the other.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Self

_CHUNK = 1 << 16
_SLOW_SECONDS = 2
_REFUSAL = b"<Error><Code>%s</Code><Message>told to</Message></Error>"


class Fault(Enum):
    """What happens to a request that is chosen."""

    CUT_REQUEST = auto()  # the connection breaks in the middle of the request's body
    CUT_ANSWER = auto()  # ... in the middle of the answer's body
    LOSE_ANSWER = auto()  # the store does what it is asked, and nobody hears of it
    ANSWER_500 = auto()
    ANSWER_503 = auto()
    HANG = auto()  # nothing is passed on, nothing comes back
    SLOW = auto()  # it takes seconds until the request is passed on


@dataclass(slots=True)
class _Request:
    method: str
    target: str
    length: int
    head: bytes


@dataclass(slots=True)
class FaultyProxy:
    """Listens on a port of its own, which stays the same; `refuse` closes it for a while."""

    host: str
    upstream_port: int
    port: int
    chosen: Callable[[str, str], bool] | None = None
    fault: Fault | None = None
    met: int = 0
    _server: asyncio.Server | None = None
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()

    def break_(self, fault: Fault, chosen: Callable[[str, str], bool]) -> None:
        """From now on, for requests that `chosen(method, target)` picks. `met` counts them."""
        self.fault, self.chosen, self.met = fault, chosen, 0

    async def refuse(self) -> None:
        """Refuse connections, and break those that are open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._drop_all()

    async def mend(self) -> None:
        self.fault = self.chosen = None
        await self._drop_all()
        if self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=1 << 20)

    async def _drop_all(self) -> None:
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._connection(reader, writer)
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        store_reader, store_writer = await asyncio.open_connection(self.host, self.upstream_port)
        answers = asyncio.create_task(_pipe(store_reader, writer))
        try:
            while True:
                request = await _read_head(reader)
                if self.fault is not None and self.chosen is not None and self.chosen(request.method, request.target):
                    self.met += 1
                    if self.fault is Fault.SLOW:
                        await asyncio.sleep(_SLOW_SECONDS)
                        store_writer.write(request.head)
                        await _pass_on(reader, store_writer, request.length)
                        continue
                    answers.cancel()
                    await asyncio.wait([answers])
                    await self._break(self.fault, request, (reader, writer), (store_reader, store_writer))
                    return
                store_writer.write(request.head)
                await _pass_on(reader, store_writer, request.length)
        finally:
            answers.cancel()
            store_writer.transport.abort()

    async def _break(
        self,
        fault: Fault,
        request: _Request,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        store: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        if fault is Fault.HANG:
            await asyncio.Event().wait()
        if fault in (Fault.ANSWER_500, Fault.ANSWER_503):
            await _pass_on(client[0], None, request.length)
            client[1].write(_refusal(fault))
            await client[1].drain()
            client[1].close()
            await client[1].wait_closed()
            return
        store[1].write(request.head)
        await _pass_on(client[0], store[1], request.length // 2 if fault is Fault.CUT_REQUEST else request.length)
        if fault is Fault.LOSE_ANSWER:
            await store[0].read(1)
        if fault is Fault.CUT_ANSWER:
            head = await store[0].readuntil(b"\r\n\r\n")
            client[1].write(head)
            await _pass_on(store[0], client[1], _length(head) // 2)


async def _read_head(reader: asyncio.StreamReader) -> _Request:
    head = await reader.readuntil(b"\r\n\r\n")
    method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
    assert b"transfer-encoding:" not in head.lower(), "S3 clients tell the length"
    return _Request(method, target, _length(head), head)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter | None, length: int) -> None:
    while length > 0:
        chunk = await reader.read(min(length, _CHUNK))
        if not chunk:
            raise ConnectionResetError
        length -= len(chunk)
        if writer is not None:
            writer.write(chunk)
            await writer.drain()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
        writer.transport.abort()


def _refusal(fault: Fault) -> bytes:
    status, code = (500, b"InternalError") if fault is Fault.ANSWER_500 else (503, b"SlowDown")
    body = _REFUSAL % code
    return b"HTTP/1.1 %d Told\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(body), body)
