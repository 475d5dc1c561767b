"""Stores that are down."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from photostore.shared.blobs import BlobStore
from photostore_adapters.s3.blob_store import S3BlobStore
from photostore_adapters.s3.connection import connected
from photostore_adapters.s3.settings import S3Settings
from photostore_testing import UnreachableBlobStorePromises
from tests.fakes.blob_store import FakeBlobStore
from tests.fixtures.s3 import WallClock

SECRET = "not for anybody's eyes"
NOBODY = S3Settings(
    bucket_name="photos",
    aws_access_key_id="key",
    aws_secret_access_key=SECRET,
    endpoint_url="http://127.0.0.1:9",
    control_attempts=1,
)


class TestUnreachableBlobStore(UnreachableBlobStorePromises):
    @pytest.fixture(params=["fake", "s3"])
    async def unreachable(self, request: pytest.FixtureRequest) -> AsyncIterator[BlobStore]:
        async with AsyncExitStack() as stack:
            if request.param == "s3":
                yield S3BlobStore(await stack.enter_async_context(connected(NOBODY, WallClock())))
                return
            store = FakeBlobStore()
            store.failing |= {"put", "open", "head", "delete", "list"}
            yield store

    @pytest.fixture
    def secrets(self) -> list[str]:
        return [SECRET]
