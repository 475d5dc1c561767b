"""Memory does not grow with what passes through."""

import tracemalloc
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest

from photostore.shared.blobs import BlobStore, blob_key
from photostore_adapters.filesystem.blob_store import FilesystemBlobStore, lay_out
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.filesystem.threads import BlobThreads
from photostore_adapters.s3.blob_store import S3BlobStore
from tests.adapters.lying_store import Asked, lying_store

MIB = 1 << 20
SIZE = 200 * MIB
STARTED = (
    b"<InitiateMultipartUploadResult><Bucket>photos</Bucket><Key>a</Key><UploadId>1</UploadId>"
    b"</InitiateMultipartUploadResult>"
)
COMPLETED = b"<CompleteMultipartUploadResult><ETag>&quot;1&quot;</ETag></CompleteMultipartUploadResult>"


async def source() -> AsyncIterator[bytes]:
    for _ in range(SIZE // (MIB // 4)):
        yield bytes(MIB // 4)


async def peak_of(work: Awaitable[int]) -> int:
    tracemalloc.start()
    try:
        assert await work == SIZE
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def take_everything(asked: Asked) -> None:
    await asked.read_body()
    if asked.method == "POST":
        await asked.say("200 OK", STARTED if "uploads" in asked.target else COMPLETED)
    else:
        await asked.say("200 OK", headers={"etag": '"1"'})


@pytest.mark.parametrize("at_most", [SIZE, None])
async def test_a_put_to_s3_holds_less_than_8_mib(at_most: int | None) -> None:
    async with lying_store(take_everything) as (connection, _):
        store: BlobStore = S3BlobStore(connection)

        assert await peak_of(store.put(blob_key("a"), source(), at_most=at_most)) < 8 * MIB


async def test_a_put_to_files_holds_less_than_8_mib(tmp_path: Path) -> None:
    settings = FilesystemSettings(root=tmp_path, base_url="http://photos.test", signing_key=b"k" * 32)
    lay_out(settings)
    threads = BlobThreads()
    store: BlobStore = FilesystemBlobStore(settings, threads)

    assert await peak_of(store.put(blob_key("a"), source())) < 8 * MIB

    threads.close()
