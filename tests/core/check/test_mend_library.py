"""What repairing makes of what a check found."""

import asyncio
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.audit.entry import Target
from photostore.check.commands.check_library import CheckLibrary
from photostore.check.commands.mend_library import MendLibrary
from photostore.check.finding import Kind, Outcome
from photostore.check.run import CheckScope
from photostore.photo.commands.decode_photo import DecodePhoto
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.jobs import DECODE_PHOTO
from photostore.photo.photo import Photo, PhotoStatus
from photostore.photo.picture import Failure
from photostore.photo.queries import PhotoQueries
from photostore.photo.renditions import demand_shown
from photostore.replica.commands.claim_stores import ClaimStores
from photostore.shared.errors import Unavailable
from photostore.upload.commands.sweep_blobs import SweepBlobs, SweepPolicy
from photostore.upload.upload import UploadState
from tests.builders import an_upload
from tests.checking import BY_SIZE, EVERYTHING, OPERATOR, a_whole_photo, checked, found_by_last, kinds, mended
from tests.core.check.test_check_library import (
    BYTES,
    ROWS,
    Spoil,
    change_original,
    leave_a_blob,
    lengthen_original,
    lose_the_job,
    shorten_rendition,
    take_image,
    take_original,
    take_rendition,
)
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.store import FakeStore
from tests.using import get, stored, use

MENDABLE = [(kind, spoil) for kind, spoils in (BYTES | ROWS).items() for spoil in spoils if "original" not in kind]


def keep_replica(store: FakeStore, photo: Photo, content: bytes) -> None:
    replica = store.replication.stores["nas"] = FakeBlobStore()
    replica.blobs[photo.blob_key] = content


@pytest.fixture
async def photo(container: AsyncContainer, store: FakeStore) -> Photo:
    return await a_whole_photo(container, store, hashtags=("sea",))


@pytest.mark.parametrize(("kind", "spoil"), MENDABLE, ids=[spoil.__name__ for _, spoil in MENDABLE])
async def test_each_fault_is_mended(
    container: AsyncContainer, store: FakeStore, photo: Photo, kind: Kind, spoil: Spoil
) -> None:
    spoil(store, photo)
    await checked(container)

    assert await mended(container) == {kind: Outcome.MENDED}

    assert await checked(container) == []
    assert photo.id in store.photos.rows


@pytest.mark.parametrize(
    ("spoil", "failure"),
    [
        (take_original, Failure.ORIGINAL_MISSING),
        (lengthen_original, Failure.ORIGINAL_DAMAGED),
        (change_original, Failure.ORIGINAL_DAMAGED),
    ],
)
async def test_the_owner_is_told_of_an_original_that_was_lost_and_of_its_coming_back(
    container: AsyncContainer, store: FakeStore, photo: Photo, spoil: Spoil, failure: Failure
) -> None:
    content = store.blobs.blobs[photo.blob_key]
    spoil(store, photo)
    spoilt = store.blobs.blobs.get(photo.blob_key)
    [finding] = await checked(container)

    assert await mended(container) == {finding.kind: Outcome.TOLD}

    row = store.photos.rows[photo.id]
    told = store.changes.rows[photo.owner_id, store.feeds.rows[photo.owner_id].last_seq]
    assert (row.status, row.failure) == (PhotoStatus.FAILED, failure)
    assert (told.event, told.entity_id) == ("photo.updated", photo.id)
    assert store.blobs.blobs.get(photo.blob_key) == spoilt
    # What was made from it goes on being shown.
    demand_shown(await (await get(container, PhotoQueries)).get(photo.id, owner=photo.owner_id))
    [again] = await checked(container, BY_SIZE)
    assert (again.id, again.kind in BYTES) == (photo.id, True)
    assert await mended(container) == {again.kind: Outcome.TOLD}

    store.blobs.blobs[photo.blob_key] = content
    assert kinds(await checked(container, BY_SIZE)) == [Kind.ORIGINAL_RECOVERED]
    assert await mended(container) == {Kind.ORIGINAL_RECOVERED: Outcome.MENDED}
    row = store.photos.rows[photo.id]
    assert (row.status, row.failure) == (PhotoStatus.READY, None)
    assert await checked(container) == []


async def test_an_original_comes_back_from_a_replica_that_has_it(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    content = store.blobs.blobs[photo.blob_key]
    keep_replica(store, photo, content)
    change_original(store, photo)
    await checked(container)

    assert await mended(container) == {Kind.ORIGINAL_DAMAGED: Outcome.MENDED}

    assert store.blobs.blobs[photo.blob_key] == content
    assert store.photos.rows[photo.id].failure is None
    assert await checked(container) == []


async def test_a_replica_of_other_bytes_helps_nobody(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    keep_replica(store, photo, b"something else")
    take_original(store, photo)
    await checked(container)

    assert await mended(container) == {Kind.ORIGINAL_MISSING: Outcome.TOLD}

    assert store.photos.rows[photo.id].failure is Failure.ORIGINAL_MISSING


async def test_one_that_was_never_decoded_is_decoded_when_its_original_is_back(
    container: AsyncContainer, store: FakeStore
) -> None:
    photo = await a_whole_photo(container, store, status=PhotoStatus.PROCESSING)
    content = store.blobs.blobs.pop(photo.blob_key)
    await checked(container)
    await mended(container)
    store.jobs.rows.clear()
    store.blobs.blobs[photo.blob_key] = content
    await checked(container)

    await mended(container)

    assert store.photos.rows[photo.id].status is PhotoStatus.PROCESSING
    assert [job.name for job in store.jobs.rows.values()] == [DECODE_PHOTO]


async def test_decoding_neither_hides_that_an_original_was_lost_nor_goes_on_trying(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    take_original(store, photo)
    await checked(container)
    await mended(container)

    outcome = await use(container, DecodePhoto)(owner=photo.owner_id, photo_id=photo.id)

    assert outcome is Failure.ORIGINAL_MISSING
    assert store.photos.rows[photo.id].failure is Failure.ORIGINAL_MISSING


async def test_lost_renditions_are_made_again_by_one_job(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    take_rendition(store, photo)
    shorten_rendition(store, photo)
    take_image(store, photo)
    assert len(await checked(container)) == 3

    await mended(container)

    assert store.photos.rows[photo.id].renditions == ()
    assert [job.arguments["photo_id"] for job in store.jobs.rows.values()] == [str(photo.id)]
    assert await checked(container) == []


async def test_renditions_wait_until_their_original_is_back(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    take_rendition(store, photo)
    take_original(store, photo)
    await checked(container)

    told = await mended(container)

    assert told == {Kind.ORIGINAL_MISSING: Outcome.TOLD, Kind.RENDITION_MISSING: Outcome.LEFT}
    assert not store.jobs.rows


async def test_what_has_come_right_or_gone_meanwhile_is_left_alone(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    lost = await a_whole_photo(container, store)
    stuck = await a_whole_photo(container, store)
    content = store.blobs.blobs[photo.blob_key]
    take_original(store, photo)
    take_original(store, lost)
    lose_the_job(store, stuck)
    leave_a_blob(store, photo)
    assert len(await checked(container, BY_SIZE)) == 4
    store.blobs.blobs[photo.blob_key] = content
    await use(container, DeletePhoto)(actor=lost.owner_id, photo_id=lost.id)
    store.photos.rows[stuck.id].status = PhotoStatus.READY

    told = await mended(container)

    assert told == {
        Kind.ORIGINAL_MISSING: Outcome.GONE,
        Kind.PHOTO_STUCK: Outcome.GONE,
        Kind.BLOB_UNREFERENCED: Outcome.MENDED,
    }
    assert store.photos.rows[photo.id].failure is None


async def test_strays_are_left_where_another_state_of_the_database_swept_the_store(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    await use(container, SweepBlobs)()
    store.admin.sweep_tokens.rows.clear()  # as a backup has them
    leave_a_blob(store, photo)
    before = dict(store.blobs.blobs)

    assert kinds(await checked(container)) == [Kind.BLOB_UNREFERENCED]
    assert await mended(container) == {Kind.BLOB_UNREFERENCED: Outcome.LEFT}

    assert store.blobs.blobs == before
    await use(container, ClaimStores)(by=OPERATOR)
    assert await mended(container) == {Kind.BLOB_UNREFERENCED: Outcome.MENDED}


async def test_so_are_uploads_that_are_over_which_may_have_become_photos_since(
    container: AsyncContainer, store: FakeStore
) -> None:
    await use(container, SweepBlobs)()
    store.admin.sweep_tokens.rows.clear()
    upload = await stored(container, an_upload(expires_at=store.clock.now()))
    store.blobs.blobs[upload.blob_key] = b"a photo"
    store.clock.advance(minutes=11)

    assert kinds(await checked(container, BY_SIZE)) == [Kind.UPLOAD_OVERDUE]
    assert await mended(container) == {Kind.UPLOAD_OVERDUE: Outcome.LEFT}

    assert store.uploads.rows[upload.id].state is UploadState.PENDING


async def test_more_strays_than_crashes_leave_are_taken_for_a_mistake(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    store.sweep_policy = SweepPolicy(grace=timedelta(hours=1), at_most=1)
    for _ in range(2):
        leave_a_blob(store, photo)
    before = dict(store.blobs.blobs)
    assert kinds(await checked(container)) == 2 * [Kind.BLOB_UNREFERENCED]

    assert await mended(container) == {Kind.BLOB_UNREFERENCED: Outcome.LEFT}

    assert store.blobs.blobs == before


async def test_more_lost_originals_than_that_are_taken_for_a_mistake_too(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    store.sweep_policy = SweepPolicy(grace=timedelta(hours=1), at_most=2)
    lost = [photo, await a_whole_photo(container, store), await a_whole_photo(container, store)]
    for each, spoil in zip(lost, (take_original, lengthen_original, change_original), strict=True):
        spoil(store, each)
    await checked(container)

    assert await mended(container) == dict.fromkeys(
        (Kind.ORIGINAL_MISSING, Kind.ORIGINAL_SIZE, Kind.ORIGINAL_DAMAGED), Outcome.LEFT
    )

    assert all(store.photos.rows[each.id].failure is None for each in lost)


async def test_where_most_originals_are_lost_the_disk_may_be_away(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    photos = [photo, *[await a_whole_photo(container, store) for _ in range(20)]]
    for each in photos[:11]:
        take_original(store, each)
    await checked(container)

    assert await mended(container) == {Kind.ORIGINAL_MISSING: Outcome.LEFT}

    assert all(store.photos.rows[each.id].failure is None for each in photos)
    assert await mended(container, all_lost=True) == {Kind.ORIGINAL_MISSING: Outcome.TOLD}
    assert store.photos.rows[photo.id].failure is Failure.ORIGINAL_MISSING


async def test_an_original_that_cannot_be_read_is_told_and_keeps_nothing_else_from_being_looked_at(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    changed = await a_whole_photo(container, store)
    change_original(store, changed)
    store.blobs.unreadable.add(photo.blob_key)

    found = {each.id: each for each in await checked(container)}

    assert {each.kind for each in found.values()} == {Kind.ORIGINAL_DAMAGED}
    assert found.keys() == {photo.id, changed.id}
    assert found[photo.id].found == "bytes that cannot be read"
    await mended(container)
    assert store.photos.rows[photo.id].failure is None
    assert store.photos.rows[changed.id].failure is Failure.ORIGINAL_DAMAGED


async def test_an_original_that_cannot_be_read_comes_back_from_a_replica(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    keep_replica(store, photo, store.blobs.blobs[photo.blob_key])
    store.blobs.unreadable.add(photo.blob_key)
    await checked(container)

    assert await mended(container) == {Kind.ORIGINAL_DAMAGED: Outcome.MENDED}

    assert await checked(container) == []


async def test_overdue_uploads_give_their_reservation_back(container: AsyncContainer, store: FakeStore) -> None:
    upload = await stored(container, an_upload(reserved_bytes=10, expires_at=store.clock.now()))
    store.clock.advance(minutes=11)
    await checked(container)

    assert await mended(container) == {Kind.UPLOAD_OVERDUE: Outcome.MENDED}

    assert store.uploads.rows[upload.id].state is UploadState.EXPIRED
    assert store.quotas.rows[upload.owner_id].reserved == 0


async def test_mending_that_was_broken_off_goes_on_where_it_was(container: AsyncContainer, store: FakeStore) -> None:
    photos = [await a_whole_photo(container, store) for _ in range(3)]
    for each in photos:
        take_rendition(store, each)
    await checked(container)
    told = list[Outcome]()

    async def mend(at_most: int) -> None:
        def hear(_: object, outcome: Outcome) -> None:
            told.append(outcome)
            if len(told) == at_most:
                raise Unavailable("broken off, as told")

        async with container() as scope:
            run = await (await scope.get(CheckLibrary))(scope=EVERYTHING, repair=True)
            assert run.photos == 3
        async with container() as scope:
            await (await scope.get(MendLibrary))(by=OPERATOR, told=hear)

    with pytest.raises(Unavailable):
        await mend(2)
    await mend(-1)

    assert told == 3 * [Outcome.MENDED]
    # It is done with: whoever repairs again looks again.
    async with container() as scope:
        await (await scope.get(CheckLibrary))(scope=EVERYTHING, repair=True)
    assert await found_by_last(container) == []


async def test_what_was_done_is_recorded(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    take_rendition(store, photo)
    take_image(store, photo)
    await checked(container)

    await mended(container)

    [entry] = store.admin.audit_log.rows.values()
    assert (entry.action, entry.by, entry.target) == ("library.mended", OPERATOR, Target(kind="library", id="all"))
    assert entry.details == {"image_missing_mended": 1, "rendition_missing_mended": 1}


async def test_two_at_once_do_no_harm(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    for spoil in (take_rendition, leave_a_blob):
        spoil(store, photo)
    await checked(container, CheckScope())

    await asyncio.gather(mended(container), mended(container))

    assert await checked(container) == []
