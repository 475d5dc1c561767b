"""The server's protocol on a real socket: heads without end, clients that dawdle, and those that do not."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn

from photostore_http.protocol import MAX_HEAD_BYTES, BoundedHttpProtocol
from tests.waiting import eventually

HELLO = b"GET / HTTP/1.1\r\nhost: x\r\n"
LONG_LINE = b"a" * (MAX_HEAD_BYTES + 1)


@dataclass
class Echo:
    """Tells how many bytes came. `/endless` sends for ever, `/deaf` answers without reading; `left` counts who is gone."""

    left: int = 0
    trailers: list[Any] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            if scope["path"] == "/endless":
                await self._send_for_ever(receive, send)
            received = 0 if scope["path"] == "/deaf" else await self._read(receive)
            self.trailers += [pair for pair in scope["headers"] if pair[0] == b"trailer-field"]
            body = str(received).encode()
            headers = [(b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        finally:
            self.left += 1

    async def _read(self, receive: Any) -> int:
        received = 0
        while True:
            message = await receive()
            received += len(message.get("body", b""))
            if not message.get("more_body"):
                return received

    async def _send_for_ever(self, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.create_task(self._until_gone(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": bytes(1 << 20), "more_body": True})

    async def _until_gone(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


@dataclass
class Served:
    app: Echo
    server: uvicorn.Server
    port: int

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            async with asyncio.timeout(10):
                yield reader, writer
        finally:
            writer.transport.abort()

    async def answer_to(self, *pieces: bytes) -> bytes:
        """All that comes until the server closes the connection."""
        async with self.connected() as (reader, writer):
            answer = b""
            with suppress(ConnectionError):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                while piece := await reader.read(65_536):
                    answer += piece
            return answer


@asynccontextmanager
async def serving(*, head_seconds: float = 10, stall_seconds: float = 10) -> AsyncIterator[Served]:
    chosen = {
        "head_seconds": head_seconds,
        "rest_seconds": 0.2,
        "stall_seconds": stall_seconds,
        "endless_path": "/events",
    }
    protocol = type("Protocol", (BoundedHttpProtocol,), chosen)
    listening, app = socket.create_server(("127.0.0.1", 0)), Echo()
    config = uvicorn.Config(app, lifespan="off", log_config=None, http=protocol, ws="none", timeout_keep_alive=60)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    await eventually(lambda: server.started)
    try:
        yield Served(app, server, listening.getsockname()[1])
    finally:
        server.should_exit = True
        await running


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + LONG_LINE,
        b"GET /" + LONG_LINE + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        HELLO + b"x: " + LONG_LINE,
        HELLO + b"x: " + LONG_LINE + b"\r\n\r\n",
        HELLO + LONG_LINE,
        HELLO + b"x: y\r\n" * 20_000,
        HELLO + b"x: y\r\n" * 20_000 + b"\r\n",
    ],
    ids=["url", "whole url", "value", "whole value", "name", "many headers", "many headers to the end"],
)
async def test_a_head_without_end_is_refused(head: bytes) -> None:
    async with serving() as served:
        answer = await served.answer_to(head)

    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"application/problem+json" in answer
    assert served.app.left == 0


async def test_a_large_head_within_the_limit_is_taken() -> None:
    async with serving() as served, httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{served.port}/", headers={"x": "a" * (MAX_HEAD_BYTES - 1000)})

    assert answer.status_code == 200


async def test_trailers_without_end_break_the_connection() -> None:
    chunked = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"

    async with serving() as served:
        answer = await served.answer_to(chunked, b"trailer-field: ", *[LONG_LINE] * 8)

    assert b"200 OK" not in answer


async def test_trailers_are_no_headers() -> None:
    async with serving() as served:
        answer = await served.answer_to(
            b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
            b"1\r\na\r\n0\r\ntrailer-field: x\r\n\r\n"
        )

    assert answer.endswith(b"\r\n\r\n1")
    assert served.app.trailers == []


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GE", HELLO])
async def test_a_head_that_does_not_arrive_in_time_is_given_up(sent: bytes) -> None:
    async with serving(head_seconds=0.05) as served:
        assert await served.answer_to(sent) == b""


async def test_the_next_request_on_a_connection_has_its_own_time() -> None:
    async with serving(head_seconds=0.2) as served, served.connected() as (reader, writer):
        writer.write(HELLO + b"\r\n")
        first = await reader.readuntil(b"\r\n\r\n0")
        writer.write(HELLO)
        rest = await reader.read()

    assert first.startswith(b"HTTP/1.1 200 OK")
    assert rest == b""


async def test_requests_follow_each_other_on_one_connection_and_may_come_at_once() -> None:
    request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"
    last = request.replace(b"host", b"connection: close\r\nhost")

    async with serving() as served:
        answer = await served.answer_to(request * 400, b"".join([request, last]))

    assert answer.count(b"HTTP/1.1 200 OK") == 402
    assert answer.count(b"\r\n\r\n3") == 402


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_large_body_comes_through_whole_however_long_it_takes(*, chunked: bool) -> None:
    content = bytes(5_000_000)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 500_000):
            yield content[start : start + 500_000]

    async with serving(head_seconds=0.01) as served, httpx.AsyncClient() as http:
        answer = await http.post(f"http://127.0.0.1:{served.port}/", content=pieces() if chunked else content)

    assert answer.text == str(len(content))


async def test_a_body_that_was_answered_early_may_go_on_coming_but_not_stop() -> None:
    async with serving() as served, served.connected() as (reader, writer):
        writer.write(b"POST /deaf HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nabc")
        first = await reader.readuntil(b"\r\n\r\n0")
        writer.write(b"abc")
        rest = await reader.read()

    assert first.startswith(b"HTTP/1.1 200 OK")
    assert rest == b""


async def test_a_client_that_reads_nothing_is_let_go() -> None:
    async with serving(stall_seconds=0.1) as served, served.connected() as (reader, writer):
        writer.write(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]

        await eventually(lambda: served.app.left == 1)


async def test_a_client_that_vanished_without_a_word_is_let_go_by_the_kernel_where_answers_have_no_end() -> None:
    patience: list[int] = []
    async with serving(stall_seconds=7) as served, served.connected() as (reader, writer):
        for path in (b"/", b"/events/"):
            writer.write(b"GET %s HTTP/1.1\r\nhost: x\r\n\r\n" % path)
            await reader.readuntil(b"\r\n\r\n0")
            [transport] = [each.transport for each in served.server.server_state.connections]
            connection = transport.get_extra_info("socket")
            patience.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))

    assert patience == [0, 7000]


async def test_what_is_no_http_is_told_so() -> None:
    async with serving() as served:
        assert (await served.answer_to(b"nonsense\r\n\r\n")).startswith(b"HTTP/1.1 400 ")
