"""Having old photos decoded again."""

import pytest
from dishka import AsyncContainer

from photostore.photo.commands import rebuild_renditions
from photostore.photo.commands.rebuild_renditions import RebuildRenditions, Selection
from photostore.photo.jobs import BACKFILL, DECODE_PHOTO, NEW_UPLOAD
from photostore.photo.photo import Photo, PhotoStatus
from photostore.photo.picture import Failure
from photostore.shared.ids import UserId
from tests.builders import a_photo, a_picture
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.using import stored, use


async def kept(container: AsyncContainer, store: FakeStore, photo: Photo) -> Photo:
    store.blobs.blobs[photo.blob_key] = a_picture()
    return await stored(container, photo)


async def rebuild(container: AsyncContainer, selection: Selection, owner: UserId | None = None) -> int:
    """All batches, one after the other; how many photos were enqueued."""
    enqueued, after = 0, None
    while True:
        batch = await use(container, RebuildRenditions)(owner=owner, selection=selection, after=after)
        enqueued, after = enqueued + batch.enqueued, batch.last
        if after is None:
            return enqueued


def waiting(store: FakeStore) -> set[str]:
    return {str(job.arguments["photo_id"]) for _, job in store.waiting_jobs() if job.name == DECODE_PHOTO}


@pytest.fixture
async def complete(container: AsyncContainer, store: FakeStore) -> Photo:
    photo = await kept(container, store, a_photo(status=PhotoStatus.PROCESSING))
    await run_jobs(container, store)
    return photo


@pytest.fixture
async def bare(container: AsyncContainer, store: FakeStore) -> Photo:
    """Of the time before there were renditions."""
    return await kept(container, store, a_photo())


@pytest.fixture
async def failed(container: AsyncContainer, store: FakeStore) -> Photo:
    return await kept(container, store, a_photo(status=PhotoStatus.FAILED, failure=Failure.TIMED_OUT))


async def test_only_photos_that_lack_a_rendition_are_missing_one(
    container: AsyncContainer, store: FakeStore, complete: Photo, bare: Photo, failed: Photo
) -> None:
    assert await rebuild(container, Selection.MISSING) == 1
    assert waiting(store) == {str(bare.id)}

    await run_jobs(container, store)

    assert len(store.photos.rows[bare.id].renditions) == 4
    assert await rebuild(container, Selection.MISSING) == 0


async def test_another_encoder_leaves_all_of_them_missing(
    container: AsyncContainer, store: FakeStore, complete: Photo
) -> None:
    store.decoder.encoder_version = "fake-2"

    assert await rebuild(container, Selection.MISSING) == 1


async def test_failed_photos_are_tried_again_when_they_are_asked_for(
    container: AsyncContainer, store: FakeStore, complete: Photo, failed: Photo
) -> None:
    assert await rebuild(container, Selection.FAILED) == 1
    await run_jobs(container, store)

    assert store.photos.rows[failed.id].status is PhotoStatus.READY
    assert store.photos.rows[failed.id].failure is None


async def test_all_are_all_of_one_owner_or_of_everyone(
    container: AsyncContainer, store: FakeStore, complete: Photo, bare: Photo, failed: Photo
) -> None:
    assert await rebuild(container, Selection.ALL, owner=bare.owner_id) == 1
    assert await rebuild(container, Selection.ALL) == 3
    assert waiting(store) == {str(photo.id) for photo in (complete, bare, failed)}


async def test_a_photo_that_waits_is_not_enqueued_again_and_new_uploads_go_first(
    container: AsyncContainer, store: FakeStore, bare: Photo
) -> None:
    await rebuild(container, Selection.ALL)
    await rebuild(container, Selection.ALL)
    new = await kept(container, store, a_photo(status=PhotoStatus.PROCESSING))

    jobs = [job for _, job in store.waiting_jobs()]

    assert [job.arguments["photo_id"] for job in jobs] == [str(new.id), str(bare.id)]
    assert [job.priority for job in jobs] == [NEW_UPLOAD, BACKFILL]


async def test_hashtags_that_were_taken_off_do_not_come_back(
    container: AsyncContainer, store: FakeStore, bare: Photo
) -> None:
    await rebuild(container, Selection.ALL)

    ((_, job),) = store.waiting_jobs()

    assert job.arguments["keywords_as_hashtags"] is False


async def test_batches_pass_every_photo_once(
    container: AsyncContainer, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild_renditions, "BATCH", 2)
    photos = [await kept(container, store, a_photo()) for _ in range(5)]
    sizes, after = list[int](), None

    while sizes[-1:] != [0]:
        batch = await use(container, RebuildRenditions)(owner=None, selection=Selection.ALL, after=after)
        sizes.append(batch.seen)
        after = batch.last

    assert sizes == [2, 2, 1, 0]
    assert waiting(store) == {str(photo.id) for photo in photos}
