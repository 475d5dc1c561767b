"""Requests for which a server that stops has no more time; and what never ends."""

import asyncio
import subprocess
import sys
from contextlib import nullcontext
from typing import Any

import msgspec
from litestar.types import Message, Receive, Scope, Send

from photostore_http.observing import Observed
from tests.http.world import Requests

SCOPE: Any = {
    "type": "http",
    "method": "GET",
    "path": "/api/v1/photos",
    "raw_path": b"/api/v1/photos",
    "query_string": b"",
    "headers": [(b"x-request-id", b"asked-for")],
    "server": ("127.0.0.1", 8000),
    "client": ("127.0.0.1", 1),
    "scheme": "http",
    "state": {},
}


async def broken_off(*answered: Message) -> tuple[list[Any], bool]:
    """What a client is told whose request has been `answered` so far when it is broken off; and whether that is raised."""
    sent, reached = list[Any](), asyncio.Event()

    async def hang(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in answered:
            await send(message)
        reached.set()
        await asyncio.Event().wait()

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    app = Observed(hang, metrics=Requests(), log_context=lambda **_: nullcontext(), https=False)
    request = asyncio.ensure_future(app(SCOPE, receive, send))
    await reached.wait()
    request.cancel()
    [error] = await asyncio.gather(request, return_exceptions=True)
    return sent, isinstance(error, asyncio.CancelledError)


async def test_one_without_an_answer_is_told_to_come_again() -> None:
    (start, body), raised = await broken_off()

    headers = dict(start["headers"])
    assert (start["status"], raised) == (503, False)
    assert int(headers[b"retry-after"]) > 0
    assert headers[b"x-request-id"] == b"asked-for"
    assert msgspec.json.decode(body["body"])["type"] == "/problems/server-stopping"


async def test_an_answer_that_was_begun_breaks_off() -> None:
    begun: Any = {"type": "http.response.start", "status": 200, "headers": []}

    sent, raised = await broken_off(begun)

    assert (sent, raised) == ([begun], True)


NEVER_ENDS = """
import asyncio, contextlib, os, signal
from photostore_http.lifetime import Stopping

async def hang():
    stopping = Stopping(0, leaving_seconds=0)
    os.kill(os.getpid(), signal.SIGTERM)
    await stopping.soon.wait()
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

asyncio.run(hang())
"""


def test_what_never_ends_does_not_keep_a_process_that_was_told_to_stop() -> None:
    done = subprocess.run([sys.executable, "-c", NEVER_ENDS], check=False, timeout=30, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert "something does not end" in done.stdout
