"""A real server and a real client: a store that breaks off breaks the connection."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn

from photostore.shared.blobs import blob_key
from photostore_testing.signer import signed_get
from tests.byte_server import byte_app
from tests.fakes.blob_store import FakeBlobStore
from tests.waiting import eventually

KEY = blob_key("a/b")
CONTENT = bytes(1 << 20)


@pytest.fixture
async def store() -> AsyncIterator[FakeBlobStore]:
    """A store whose signed URLs lead to a server of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    store = FakeBlobStore(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}")
    app = byte_app(store, store, store)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, http="httptools", ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await eventually(lambda: server.started)
    yield store
    server.should_exit = True
    await serving


async def test_a_client_never_takes_half_a_blob_for_a_whole_one(store: FakeBlobStore) -> None:
    store.blobs[KEY] = CONTENT
    store.break_after = len(CONTENT) // 2

    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(signed_get(store, KEY).url)


async def test_a_client_that_hangs_up_in_the_middle_of_a_put_leaves_nothing(store: FakeBlobStore) -> None:
    request = store.sign_put(KEY, expires_in=60, byte_size=len(CONTENT), content_type="image/png")

    async def half() -> AsyncIterator[bytes]:
        yield CONTENT[: len(CONTENT) // 2]
        await eventually(lambda: store.writing == 1)
        raise ZeroDivisionError

    async with httpx.AsyncClient() as http:
        with pytest.raises(ZeroDivisionError):
            await http.put(request.url, content=half(), headers=request.headers)
    await eventually(lambda: store.writing == 0)

    assert store.blobs == {}
