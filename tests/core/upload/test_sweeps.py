"""What is swept, and what is left alone."""

from datetime import timedelta
from uuid import UUID

import pytest
from dishka import AsyncContainer

from photostore.photo.renditions import rendition_folder
from photostore.quota.queries import SweepView
from photostore.shared.blobs import BlobKey, blob_key
from photostore.shared.ids import UploadId
from photostore.upload.commands.delete_blobs import DeleteBlobs
from photostore.upload.commands.expire_uploads import BATCH, ExpireUploads
from photostore.upload.commands.prune_uploads import KEPT, PruneUploads
from photostore.upload.commands.sweep_blobs import SweepBlobs
from photostore.upload.errors import StoreOfAnother, SweepTooLarge
from photostore.upload.ownership import MARKERS
from photostore.upload.sweeping import Swept
from photostore.upload.upload import UploadState, original_key
from tests.builders import a_photo, an_upload
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW, new_id
from tests.using import stored, use

PAST = NOW - timedelta(seconds=1)


async def test_uploads_whose_time_is_over_end_and_give_their_reservation_back(
    container: AsyncContainer, store: FakeStore
) -> None:
    upload = await stored(container, an_upload(reserved_bytes=500, expires_at=PAST))
    store.blobs.blobs[upload.blob_key] = b"some bytes"

    ended = await use(container, ExpireUploads)()
    await run_jobs(container, store)

    assert ended == 1
    assert store.uploads.rows[upload.id].state is UploadState.EXPIRED
    assert store.quotas.rows[upload.owner_id].reserved == 0
    assert not store.blobs.blobs


async def test_uploads_with_time_left_and_ended_ones_are_left_alone(
    container: AsyncContainer, store: FakeStore
) -> None:
    open_one = await stored(container, an_upload(expires_at=NOW))
    done = await stored(container, an_upload(expires_at=PAST, state=UploadState.COMPLETED))

    assert await use(container, ExpireUploads)() == 0

    assert store.uploads.rows[open_one.id].is_open
    assert store.uploads.rows[done.id].state is UploadState.COMPLETED


async def test_any_number_of_them_is_done_in_batches(container: AsyncContainer) -> None:
    for _ in range(BATCH + 1):
        await stored(container, an_upload(expires_at=PAST))

    assert await use(container, ExpireUploads)() == BATCH + 1


async def test_old_bytes_that_nobody_names_are_removed(container: AsyncContainer, store: FakeStore) -> None:
    store.blobs.blobs[an_upload().blob_key] = b"left by a crash"

    swept = await use(container, SweepBlobs)()

    assert swept == Swept(blobs=1, multiparts=0)
    assert not store.originals


async def test_young_ones_are_left_alone(container: AsyncContainer, store: FakeStore) -> None:
    store.blobs.blobs[an_upload().blob_key] = b"just arriving"
    store.blobs.now = NOW - store.sweep_policy.grace

    swept = await use(container, SweepBlobs)()

    assert swept.blobs == 0
    assert store.blobs.blobs


async def test_those_that_a_photo_or_an_open_upload_names_are_left_alone(
    container: AsyncContainer, store: FakeStore
) -> None:
    photo = await stored(container, a_photo())
    upload = await stored(container, an_upload())
    store.blobs.blobs = {photo.blob_key: b"photo", upload.blob_key: b"upload"}

    swept = await use(container, SweepBlobs)()

    assert swept.blobs == 0
    assert store.originals == {photo.blob_key, upload.blob_key}


async def test_those_of_an_ended_upload_are_not(container: AsyncContainer, store: FakeStore) -> None:
    upload = await stored(container, an_upload(state=UploadState.ABORTED))
    store.blobs.blobs[upload.blob_key] = b"left"

    assert (await use(container, SweepBlobs)()).blobs == 1


async def test_only_originals_are_swept(container: AsyncContainer, store: FakeStore) -> None:
    await store.blobs.start(an_upload().blob_key)
    key = an_upload().blob_key
    store.blobs.blobs = {type(key)("backups/of-someone-else"): b"not ours"}

    swept = await use(container, SweepBlobs)()

    assert swept == Swept(blobs=0, multiparts=1)
    assert store.blobs.blobs


async def test_what_was_made_of_an_original_goes_when_nobody_names_the_original(
    container: AsyncContainer, store: FakeStore
) -> None:
    photo, gone = await stored(container, a_photo()), an_upload()
    keys = [BlobKey(f"{rendition_folder(original)}abc.webp") for original in (photo.blob_key, gone.blob_key)]
    for key in keys:
        store.blobs.blobs[key] = b"a rendition"
    store.clock.advance(hours=25)

    swept = await use(container, SweepBlobs)()

    assert swept == Swept(blobs=1, multiparts=0)
    assert set(keys) & set(store.blobs.blobs) == {keys[0]}


async def test_a_foreign_file_among_renditions_does_not_stop_the_sweep(
    container: AsyncContainer, store: FakeStore
) -> None:
    store.blobs.blobs[BlobKey("renditions/foreign.bin")] = b"somebody put it there"

    assert (await use(container, SweepBlobs)()).blobs == 1


async def test_unfinished_multipart_uploads_are_swept_by_the_same_rules(
    container: AsyncContainer, store: FakeStore
) -> None:
    upload = await stored(container, an_upload())
    kept = await store.blobs.start(upload.blob_key)
    await store.blobs.start(an_upload().blob_key)
    store.blobs.now = NOW
    young = await store.blobs.start(an_upload().blob_key)

    swept = await use(container, SweepBlobs)()

    assert swept.multiparts == 1
    assert set(store.blobs.multiparts) == {kept, young}


async def test_deleting_blobs_twice_is_deleting_them_once(container: AsyncContainer, store: FakeStore) -> None:
    keys = [an_upload().blob_key, an_upload().blob_key]
    store.blobs.blobs = dict.fromkeys(keys, b"bytes")

    for _ in range(2):
        await use(container, DeleteBlobs)(keys=keys)

    assert not store.blobs.blobs


async def test_a_store_that_belongs_to_another_database_is_left_alone(
    container: AsyncContainer, store: FakeStore
) -> None:
    await use(container, SweepBlobs)()
    store.blobs.blobs[an_upload().blob_key] = b"another installation's photo"
    store.installation = UUID(int=2)

    with pytest.raises(StoreOfAnother):
        await use(container, SweepBlobs)()

    assert len(store.originals) == 1


async def test_more_than_crashes_leave_is_left_alone(container: AsyncContainer, store: FakeStore) -> None:
    for _ in range(store.sweep_policy.at_most + 1):
        store.blobs.blobs[an_upload().blob_key] = b"uploaded after the backup that was restored"

    with pytest.raises(SweepTooLarge):
        await use(container, SweepBlobs)()

    assert len(store.originals) == store.sweep_policy.at_most + 1


async def test_uploads_that_ended_long_ago_are_forgotten_and_others_are_not(
    container: AsyncContainer, store: FakeStore
) -> None:
    long_ago = NOW - KEPT - timedelta(seconds=1)
    await stored(container, an_upload(expires_at=long_ago, state=UploadState.COMPLETED))
    recent = await stored(container, an_upload(expires_at=PAST, state=UploadState.COMPLETED))
    unfinished = await stored(container, an_upload(expires_at=long_ago))

    forgotten = await use(container, PruneUploads)()

    assert forgotten == 1
    assert set(store.uploads.rows) == {recent.id, unfinished.id}


async def test_what_a_sweep_found_is_kept(container: AsyncContainer, store: FakeStore) -> None:
    store.blobs.blobs[original_key(UploadId(new_id()))] = b"left"
    store.clock.advance(hours=25)

    await use(container, SweepBlobs)()

    assert store.admin.sweeps.rows["last"] == SweepView(store.clock.now(), 1, 0, None)


async def test_why_a_sweep_removed_nothing_is_kept(container: AsyncContainer, store: FakeStore) -> None:
    store.blobs.blobs[blob_key(f"{MARKERS}other")] = b""

    with pytest.raises(StoreOfAnother) as refused:
        await use(container, SweepBlobs)()

    assert store.admin.sweeps.rows["last"].refusal == refused.value.detail
