"""Each test of this folder runs on the fake, through a replica, on files and on a real S3 store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from photostore.shared.blobs import BlobSigner, BlobStore, MendableBlobStore, MultipartBlobStore
from photostore_adapters.s3.connection import S3Connection, connected
from photostore_adapters.s3.settings import S3Settings
from photostore_testing.signer import ExpiredGet, Send
from tests.contract.blobs.stores import LOCAL, Stores, fake_stores, filesystem_stores, replicated_stores, s3_stores
from tests.fixtures.s3 import WallClock

ConnectOnce = Callable[[S3Settings], Awaitable[S3Connection]]


@pytest.fixture(scope="session")
async def connect_once() -> AsyncIterator[ConnectOnce]:
    """One connection for the session, made when the first test wants it: no store starts for the fake's sake."""
    async with AsyncExitStack() as stack:
        made: list[S3Connection] = []

        async def connect(settings: S3Settings) -> S3Connection:
            if not made:
                made.append(await stack.enter_async_context(connected(settings, WallClock())))
            return made[0]

        yield connect


@pytest.fixture(params=[*LOCAL, "replicated", "s3"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path, connect_once: ConnectOnce) -> AsyncIterator[Stores]:
    if request.param == "fake":
        opened = fake_stores()
    elif request.param == "replicated":
        opened = replicated_stores()
    elif request.param == "filesystem":
        opened = filesystem_stores(tmp_path)
    else:
        opened = s3_stores(await connect_once(request.getfixturevalue("s3_settings")))
    async with opened as stores:
        yield stores


@pytest.fixture
def blobs(stores: Stores) -> BlobStore:
    return stores.blobs


@pytest.fixture
def mendable(stores: Stores) -> MendableBlobStore:
    return stores.mendable


@pytest.fixture
def multiparts(stores: Stores) -> MultipartBlobStore:
    return stores.multiparts


@pytest.fixture
def signer(stores: Stores) -> BlobSigner:
    return stores.signer


@pytest.fixture
def expired_get(stores: Stores) -> ExpiredGet:
    return stores.expired_get


@pytest.fixture
def send(stores: Stores) -> Send:
    return stores.send
