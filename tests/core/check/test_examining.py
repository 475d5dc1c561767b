"""What was read of a photo may be over by the time its bytes are looked at."""

import pytest
from dishka import AsyncContainer

from photostore.check.examining import Examiner
from photostore.check.finding import Kind
from photostore.check.ports import PhotoOnFile, PhotosOnFile
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.photo import Photo
from photostore.photo.picture import Failure
from tests.checking import a_whole_photo, kinds
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.using import get, use


@pytest.fixture
async def photo(container: AsyncContainer, store: FakeStore) -> Photo:
    return await a_whole_photo(container, store)


@pytest.fixture
async def on_file(container: AsyncContainer) -> PhotosOnFile:
    return await get(container, PhotosOnFile)


@pytest.fixture
def examine(on_file: PhotosOnFile, store: FakeStore) -> Examiner:
    return Examiner(on_file, store.blobs)


async def read(on_file: PhotosOnFile, photo: Photo) -> PhotoOnFile:
    found = await on_file.get(photo.id, owner=photo.owner_id)
    assert found is not None
    return found


async def test_nothing_is_wrong_with_one_that_was_deleted_since_it_was_read(
    container: AsyncContainer, store: FakeStore, photo: Photo, on_file: PhotosOnFile, examine: Examiner
) -> None:
    before = await read(on_file, photo)
    await use(container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)
    await run_jobs(container, store)

    assert await examine(before) == []
    assert await examine.bytes_of(before) == []


async def test_other_bytes_of_one_that_was_deleted_while_they_were_read_are_nothing(
    store: FakeStore, photo: Photo, on_file: PhotosOnFile, examine: Examiner
) -> None:
    before = await read(on_file, photo)
    store.blobs.blobs[photo.blob_key] = bytes(photo.byte_size)
    del store.photos.rows[photo.id]

    assert await examine.bytes_of(before) == []


async def test_renditions_that_it_names_no_longer_are_not_missing(
    store: FakeStore, photo: Photo, on_file: PhotosOnFile, examine: Examiner
) -> None:
    before = await read(on_file, photo)
    replaced, kept = photo.renditions
    store.photos.rows[photo.id].renditions = (kept,)
    del store.blobs.blobs[replaced.blob_key]

    assert await examine(before) == []


async def test_one_that_was_told_to_be_lost_meanwhile_is_not_taken_for_recovered_unread(
    store: FakeStore, photo: Photo, on_file: PhotosOnFile, examine: Examiner
) -> None:
    before = await read(on_file, photo)
    store.photos.rows[photo.id].failure = Failure.ORIGINAL_DAMAGED

    assert await examine(before) == []
    assert kinds(list(await examine(await read(on_file, photo)))) == [Kind.ORIGINAL_RECOVERED]
