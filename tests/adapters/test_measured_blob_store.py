"""What the metrics say of the store."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from photostore.shared.blobs import BlobExists, BlobKey
from photostore_adapters.observability.blob_store import MeasuredBlobStore
from tests.fakes.store import FakeStore


def puts(outcome: str) -> float:
    labels = {"operation": "put", "outcome": outcome}
    return REGISTRY.get_sample_value("photostore_blob_store_seconds_count", labels) or 0


async def test_bytes_that_are_there_already_are_no_failure_of_the_store() -> None:
    store, key = MeasuredBlobStore(FakeStore().blobs), BlobKey("renditions/owner/upload/thumb")

    async def chunks() -> AsyncIterator[bytes]:
        yield b"picture"

    await store.put(key, chunks())
    failed, there = puts("failed"), puts("exists")
    with pytest.raises(BlobExists):
        await store.put(key, chunks())

    assert (puts("failed"), puts("exists")) == (failed, there + 1)
