"""What is special about blobs in files: the root is a wall, and nothing is left lying about."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from photostore.shared.blobs import BlobExists, BlobNotFound, BlobStoreUnavailable, blob_key
from photostore_adapters.filesystem.blob_store import FilesystemBlobStore, lay_out, remove_stale_files
from photostore_adapters.filesystem.health import FilesystemHealthCheck
from photostore_adapters.filesystem.multiparts import FilesystemMultipartBlobStore
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.filesystem.threads import BlobThreads
from photostore_testing.saying import broken_after, chunked, content_of, is_there

SECRET = b"nobody's business"


@pytest.fixture
def settings(tmp_path: Path) -> FilesystemSettings:
    settings = FilesystemSettings(root=tmp_path / "root", base_url="http://photos.test", signing_key=b"k" * 32)
    lay_out(settings)
    return settings


@pytest.fixture
async def threads() -> AsyncIterator[BlobThreads]:
    threads = BlobThreads()
    yield threads
    threads.close()


@pytest.fixture
def blobs(settings: FilesystemSettings, threads: BlobThreads) -> FilesystemBlobStore:
    return FilesystemBlobStore(settings, threads)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_bytes(SECRET)
    return folder


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_no_key_leads_out_of_the_root_through_a_linked_folder(
    blobs: FilesystemBlobStore, settings: FilesystemSettings, outside: Path
) -> None:
    (settings.root / "blobs/linked").symlink_to(outside, target_is_directory=True)

    with pytest.raises(BlobNotFound):
        await content_of(blobs, blob_key("linked/secret"))
    with pytest.raises(BlobNotFound):
        await blobs.head(blob_key("linked/secret"))
    with pytest.raises(BlobExists):
        await blobs.put(blob_key("linked/new"), chunked(b"x"), at_most=1)
    await blobs.delete(blob_key("linked/secret"))

    assert [info async for info in blobs.list("")] == []
    assert [info async for info in blobs.list("linked/")] == []
    assert names_in(outside) == ["secret"]


async def test_no_key_leads_out_of_the_root_through_a_linked_file(
    blobs: FilesystemBlobStore, settings: FilesystemSettings, outside: Path
) -> None:
    (settings.root / "blobs/linked").symlink_to(outside / "secret")

    with pytest.raises(BlobNotFound):
        await content_of(blobs, blob_key("linked"))
    with pytest.raises(BlobExists):
        await blobs.put(blob_key("linked"), chunked(b"x"), at_most=1)

    assert [info async for info in blobs.list("")] == []
    assert (outside / "secret").read_bytes() == SECRET


async def test_a_folder_is_no_blob_and_a_blob_no_folder(blobs: FilesystemBlobStore) -> None:
    await blobs.put(blob_key("a/b"), chunked(b"x"), at_most=1)

    assert not await is_there(blobs, blob_key("a"))
    assert not await is_there(blobs, blob_key("a/b/c"))
    with pytest.raises(BlobNotFound):
        await content_of(blobs, blob_key("a"))
    with pytest.raises(BlobExists):
        await blobs.put(blob_key("a"), chunked(b"y"), at_most=1)
    with pytest.raises(BlobExists):
        await blobs.put(blob_key("a/b/c"), chunked(b"y"), at_most=1)
    await blobs.delete(blob_key("a"))

    assert await content_of(blobs, blob_key("a/b")) == b"x"


async def test_neither_success_nor_failure_leaves_a_temporary_file(
    blobs: FilesystemBlobStore, settings: FilesystemSettings
) -> None:
    key = blob_key("a/b")

    await blobs.put(key, chunked(b"x"), at_most=1)
    with pytest.raises(BlobExists):
        await blobs.put(key, chunked(b"y"), at_most=1)
    with pytest.raises(ZeroDivisionError):
        await blobs.put(blob_key("a/c"), broken_after(bytes(3 << 20), ZeroDivisionError()))

    assert list((settings.root / "tmp").iterdir()) == []


async def test_deleting_the_last_blob_of_a_folder_removes_the_folder(
    blobs: FilesystemBlobStore, settings: FilesystemSettings
) -> None:
    for key in ("a/b/c", "a/d"):
        await blobs.put(blob_key(key), chunked(b"x"), at_most=1)

    await blobs.delete(blob_key("a/b/c"))
    assert [path.name for path in (settings.root / "blobs/a").iterdir()] == ["d"]

    await blobs.delete(blob_key("a/d"))
    assert list((settings.root / "blobs").iterdir()) == []


async def test_writing_and_deleting_in_one_folder_at_once_loses_nothing(blobs: FilesystemBlobStore) -> None:
    async def write_and_delete(name: str) -> None:
        for _ in range(10):
            await blobs.put(blob_key(f"a/b/{name}"), chunked(b"x"), at_most=1)
            await blobs.delete(blob_key(f"a/b/{name}"))
        await blobs.put(blob_key(f"a/b/{name}"), chunked(b"x"), at_most=1)

    await asyncio.gather(*(write_and_delete(f"{number}") for number in range(6)))

    assert sorted([info.key async for info in blobs.list("")]) == [f"a/b/{number}" for number in range(6)]


async def test_only_what_was_left_for_more_than_a_day_is_cleaned_away(settings: FilesystemSettings) -> None:
    now = datetime.now(UTC)
    temporary = settings.root / "tmp"
    (temporary / "fresh").write_bytes(b"")
    (temporary / "stale").write_bytes(b"")
    (temporary / "folder").mkdir()
    (temporary / "folder/1").write_bytes(b"")
    for name in ("stale", "folder"):
        os.utime(temporary / name, ((now - timedelta(hours=25)).timestamp(),) * 2)

    remove_stale_files(settings, now)

    assert [path.name for path in temporary.iterdir()] == ["fresh"]


async def test_a_file_that_shrinks_while_it_is_read_breaks_the_reader(
    blobs: FilesystemBlobStore, settings: FilesystemSettings
) -> None:
    await blobs.put(blob_key("a"), chunked(bytes(3 << 20)), at_most=3 << 20)

    async with blobs.open(blob_key("a")) as blob:
        await anext(blob.chunks)
        os.truncate(settings.root / "blobs/a", 1 << 20)
        with pytest.raises(BlobStoreUnavailable):
            await anext(blob.chunks)


async def test_a_disk_fault_is_told_without_the_path(blobs: FilesystemBlobStore, settings: FilesystemSettings) -> None:
    (settings.root / "tmp").rmdir()

    with pytest.raises(BlobStoreUnavailable) as refused:
        await blobs.put(blob_key("a"), chunked(b"x"), at_most=1)

    assert str(settings.root) not in refused.value.detail


async def test_the_store_is_healthy_while_its_disk_takes_bytes(
    settings: FilesystemSettings, threads: BlobThreads
) -> None:
    await FilesystemHealthCheck(settings, threads).check()

    with pytest.raises(BlobStoreUnavailable, match="bytes left"):
        await FilesystemHealthCheck(replace(settings, min_free_bytes=1 << 60), threads).check()
    (settings.root / "tmp").rmdir()
    with pytest.raises(BlobStoreUnavailable):
        await FilesystemHealthCheck(settings, threads).check()


async def test_nobody_else_on_the_machine_can_read_anything(
    settings: FilesystemSettings, blobs: FilesystemBlobStore, threads: BlobThreads
) -> None:
    multiparts = FilesystemMultipartBlobStore(settings, threads)
    before = os.umask(0)
    try:
        await blobs.put(blob_key("a/b/c"), chunked(b"content"))
        multipart = await multiparts.start(blob_key("a/d"))
        await multiparts.put_part(blob_key("a/d"), multipart, number=1, chunks=chunked(b"part"), length=4)
    finally:
        os.umask(before)

    found = [settings.root, *settings.root.rglob("*")]
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in found}
    assert modes == {(True, 0o700), (False, 0o600)}
