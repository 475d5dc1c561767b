"""A check on real files and a real database, as the command line makes it; and its pace."""

import os
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from dishka import AsyncContainer

from photostore.check.errors import CheckRunning
from photostore.check.finding import Kind, Outcome
from photostore.check.run import CheckScope
from photostore.photo.photo import Photo
from photostore.photo.renditions import rendition_folder
from photostore.shared.blobs import BlobKey, BlobStore, MultipartBlobStore
from photostore_adapters.checking import Checking, Wanted, checking
from photostore_adapters.pacing import BoundedPace
from photostore_adapters.settings import Settings, load_settings
from photostore_adapters.wiring import make_container
from photostore_testing.saying import chunked
from tests.builders import a_photo, a_rendition, an_upload
from tests.using import get, stored

SECRET = "0T1bNAsvvE3OIv5sHnLrCuAvfLFVi3EzboqkbOK_o9KWn4pT5tvNLHPY"
EVERYTHING = Wanted(scope=CheckScope(checksums=True), restart=True)


@pytest.fixture
def settings(tmp_path: Path, emptied_database_url: str) -> Settings:
    given = {"DATABASE_URL": emptied_database_url, "DATA_DIR": str(tmp_path), "JWT__SECRET_KEY": SECRET}
    return load_settings(given | {"STORAGE__FOLDER": str(tmp_path / "store")})


@pytest.fixture
async def container(settings: Settings, emptied_database_url: str) -> AsyncIterator[AsyncContainer]:
    container = make_container(settings, emptied_database_url)
    yield container
    await container.close()


@pytest.fixture
async def offered(container: AsyncContainer, settings: Settings, emptied_database_url: str) -> AsyncIterator[Checking]:
    async with checking(settings, emptied_database_url) as offered:
        yield offered


async def put(container: AsyncContainer, key: BlobKey, content: bytes) -> None:
    await (await get(container, BlobStore)).put(key, chunked(content), at_most=len(content))


async def a_kept_photo(container: AsyncContainer) -> Photo:
    photo = a_photo()
    content = b"what was uploaded" + photo.id.bytes
    photo.sha256, photo.byte_size = sha256(content).digest(), len(content)
    photo.renditions = (a_rendition(photo.blob_key),)
    await put(container, photo.blob_key, content)
    await put(container, photo.renditions[0].blob_key, bytes(photo.renditions[0].byte_size))
    return await stored(container, photo)


def age(root: Path) -> None:
    """As if all of it had been written two days ago."""
    for path in root.rglob("*"):
        then = path.stat().st_mtime - 2 * 86400
        os.utime(path, (then, then))


async def found(offered: Checking, wanted: Wanted = EVERYTHING) -> list[Kind]:
    await offered.check(wanted, lambda _: None)
    return sorted([noted.finding.kind async for noted in offered.findings()])


async def test_files_that_are_lost_changed_or_left_are_found_and_mended(
    container: AsyncContainer, offered: Checking, tmp_path: Path
) -> None:
    lost, changed, cut, bare = [await a_kept_photo(container) for _ in range(4)]
    multiparts = await get(container, MultipartBlobStore)
    multipart = await multiparts.start(an_upload().blob_key)
    await put(container, BlobKey(f"{rendition_folder(an_upload().blob_key)}left.webp"), b"left")
    young = BlobKey("originals/ff/young")
    files = tmp_path / "store" / "blobs"
    age(tmp_path / "store")
    await put(container, young, b"just arriving")
    assert await found(offered) == [Kind.BLOB_UNREFERENCED, Kind.MULTIPART_UNREFERENCED]
    (files / lost.blob_key).unlink()
    (files / changed.blob_key).write_bytes(bytes(changed.byte_size))
    (files / cut.blob_key).write_bytes(b"short")
    (files / bare.renditions[0].blob_key).unlink()

    kinds = await found(offered)

    assert kinds == sorted(
        [
            Kind.BLOB_UNREFERENCED,
            Kind.MULTIPART_UNREFERENCED,
            Kind.ORIGINAL_MISSING,
            Kind.ORIGINAL_DAMAGED,
            Kind.ORIGINAL_SIZE,
            Kind.RENDITION_MISSING,
        ]
    )
    outcomes = list[tuple[Kind, Outcome]]()
    await offered.mend(EVERYTHING, lambda finding, outcome: outcomes.append((finding.kind, outcome)))
    assert {kind for kind, outcome in outcomes if outcome is Outcome.MENDED} == set(kinds) - {
        Kind.ORIGINAL_MISSING,
        Kind.ORIGINAL_DAMAGED,
        Kind.ORIGINAL_SIZE,
    }
    assert await found(offered) == [Kind.ORIGINAL_DAMAGED, Kind.ORIGINAL_MISSING, Kind.ORIGINAL_SIZE]
    assert (files / young).is_file()
    assert (files / cut.blob_key).read_bytes() == b"short"
    assert not (tmp_path / "store" / "multiparts" / multipart).exists()


async def test_a_second_one_is_told_that_one_runs(
    offered: Checking, settings: Settings, emptied_database_url: str
) -> None:
    with pytest.raises(CheckRunning):
        async with checking(settings, emptied_database_url):
            pass


async def test_a_pace_is_kept_over_time_without_tiny_pauses() -> None:
    now, slept = 100.0, list[float]()

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    pace = BoundedPace(photos=None, bytes=1000, now=lambda: now, sleep=sleep)
    for _ in range(1000):
        await pace.read(10)
        await pace.looked_at(1000)

    assert now == pytest.approx(110.0, abs=0.1)
    assert min(slept) >= 0.05
    now += 60
    await pace.read(100)
    assert slept[-1] == pytest.approx(0.1), "what was not used is not saved up"
