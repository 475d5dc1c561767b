"""What a check finds, and what it leaves alone."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from dishka import AsyncContainer

from photostore.album.commands.create_album import CreateAlbum
from photostore.check.commands import compare_store
from photostore.check.commands.check_library import CheckLibrary
from photostore.check.errors import CheckRunning
from photostore.check.finding import REPAIRS, Kind
from photostore.check.ports import OneCheck
from photostore.check.run import PLAN_LIVES, CheckRun, CheckScope, Step
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.photo import Photo, PhotoStatus
from photostore.photo.renditions import rendition_folder
from photostore.shared.blobs import BlobKey, BlobStoreUnavailable
from photostore.upload.errors import StoreOfAnother
from tests.builders import a_tus_upload, an_upload
from tests.checking import BY_SIZE, EVERYTHING, a_whole_photo, checked, found_by_last, kinds, last_run
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.using import get, stored, use

Spoil = Callable[[FakeStore, Photo], None]


def take_original(store: FakeStore, photo: Photo) -> None:
    del store.blobs.blobs[photo.blob_key]


def lengthen_original(store: FakeStore, photo: Photo) -> None:
    store.blobs.blobs[photo.blob_key] += b"!"


def change_original(store: FakeStore, photo: Photo) -> None:
    store.blobs.blobs[photo.blob_key] = b"W" + store.blobs.blobs[photo.blob_key][1:]


def take_rendition(store: FakeStore, photo: Photo) -> None:
    del store.blobs.blobs[photo.renditions[0].blob_key]


def shorten_rendition(store: FakeStore, photo: Photo) -> None:
    store.blobs.blobs[photo.renditions[1].blob_key] = b"the"


def take_image(store: FakeStore, photo: Photo) -> None:
    del store.blobs.blobs[next(key for whose, key in store.images.rows if whose == photo.id)]


def lengthen_image(store: FakeStore, photo: Photo) -> None:
    store.blobs.blobs[next(key for whose, key in store.images.rows if whose == photo.id)] += b"!"


def leave_a_blob(store: FakeStore, _: Photo) -> None:
    store.blobs.blobs[an_upload().blob_key] = b"left by a crash"


def leave_a_rendition(store: FakeStore, _: Photo) -> None:
    store.blobs.blobs[BlobKey(f"{rendition_folder(an_upload().blob_key)}left.webp")] = b"left by a crash"


def leave_a_foreign_file(store: FakeStore, _: Photo) -> None:
    store.blobs.blobs[BlobKey("renditions/foreign.bin")] = b"somebody put it there"


def leave_a_tail(store: FakeStore, _: Photo) -> None:
    store.blobs.blobs[BlobKey("tails/ab/left.1")] = b"left by a crash"


def spend_quota(store: FakeStore, photo: Photo) -> None:
    store.quotas.rows[photo.owner_id].used += 7


def count_images_wrongly(store: FakeStore, photo: Photo) -> None:
    store.photos.rows[photo.id].images_bytes += 3
    store.quotas.rows[photo.owner_id].renditions += 3


def lose_the_job(store: FakeStore, photo: Photo) -> None:
    store.photos.rows[photo.id].status = PhotoStatus.PROCESSING


def lose_a_change(store: FakeStore, photo: Photo) -> None:
    del store.changes.rows[photo.owner_id, store.feeds.rows[photo.owner_id].last_seq]


BYTES: dict[Kind, tuple[Spoil, ...]] = {
    Kind.ORIGINAL_MISSING: (take_original,),
    Kind.ORIGINAL_SIZE: (lengthen_original,),
    Kind.ORIGINAL_DAMAGED: (change_original,),
    Kind.RENDITION_MISSING: (take_rendition,),
    Kind.RENDITION_SIZE: (shorten_rendition,),
    Kind.IMAGE_MISSING: (take_image,),
    Kind.IMAGE_SIZE: (lengthen_image,),
    Kind.BLOB_UNREFERENCED: (leave_a_blob, leave_a_rendition, leave_a_foreign_file, leave_a_tail),
}
ROWS: dict[Kind, tuple[Spoil, ...]] = {
    Kind.QUOTA_DRIFT: (spend_quota,),
    Kind.IMAGES_BYTES: (count_images_wrongly,),
    Kind.PHOTO_STUCK: (lose_the_job,),
    Kind.FEED_GAP: (lose_a_change,),
}
FAULTS = [(kind, spoil) for kind, spoils in (BYTES | ROWS).items() for spoil in spoils]


@pytest.fixture
async def photo(container: AsyncContainer, store: FakeStore) -> Photo:
    """Between others, of other owners."""
    photos = [await a_whole_photo(container, store, hashtags=("sea",)) for _ in range(5)]
    return sorted(photos, key=lambda each: each.blob_key)[2]


def test_every_kind_says_what_repairing_does() -> None:
    assert set(REPAIRS) == set(Kind)


async def test_nothing_is_found_where_nothing_is_wrong(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    upload = await stored(container, a_tus_upload())
    store.blobs.blobs |= {upload.blob_key: b"arriving", an_upload().blob_key: b"young"}
    await use(container, MoveToTrash)(actor=photo.owner_id, photo_ids=[photo.id])
    store.blobs.now = store.clock.now()
    before = dict(store.blobs.blobs)

    assert await checked(container) == []

    assert store.blobs.blobs == before
    assert (await last_run(container)).step is Step.DONE


@pytest.mark.parametrize(("kind", "spoil"), FAULTS, ids=[spoil.__name__ for _, spoil in FAULTS])
async def test_each_fault_is_found_and_named(
    container: AsyncContainer, store: FakeStore, photo: Photo, kind: Kind, spoil: Spoil
) -> None:
    spoil(store, photo)
    blobs, photos = dict(store.blobs.blobs), dict(store.photos.rows)

    [finding] = await checked(container)

    assert finding.kind is kind
    assert finding.expected != finding.found
    if kind is not Kind.BLOB_UNREFERENCED:
        assert finding.owner_id == photo.owner_id
        assert finding.id in (photo.id, photo.owner_id)
    assert (store.blobs.blobs, store.photos.rows) == (blobs, photos)


async def test_any_number_of_strays_is_told_some_at_a_time(
    container: AsyncContainer, store: FakeStore, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_store, "PAGE", 2)
    keys = [f"{folder}/{number:02x}/left" for folder in ("originals", "renditions") for number in range(40)]
    store.blobs.blobs |= {BlobKey(key): b"left" for key in keys}
    batches = list[CheckRun]()

    async with container() as scoped:
        await (await scoped.get(CheckLibrary))(scope=BY_SIZE, told=batches.append)

    assert sorted(each.key or "" for each in await found_by_last(container)) == sorted(keys)
    assert len([run for run in batches if run.step is Step.PHOTOS]) >= len(keys) / 2


async def test_parts_that_nobody_joins_are_found(container: AsyncContainer, store: FakeStore) -> None:
    upload = an_upload()
    multipart = await store.blobs.start(upload.blob_key)

    [finding] = await checked(container, BY_SIZE)

    assert (finding.kind, finding.key) == (Kind.MULTIPART_UNREFERENCED, f"{upload.blob_key}?{multipart}")


async def test_uploads_that_nobody_ended_are_found(container: AsyncContainer, store: FakeStore) -> None:
    upload = await stored(container, an_upload(reserved_bytes=10, expires_at=store.clock.now()))
    store.clock.advance(minutes=11)

    [finding] = await checked(container, BY_SIZE)

    assert (finding.kind, finding.id) == (Kind.UPLOAD_OVERDUE, upload.id)


async def test_an_album_that_counts_wrongly_is_found(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    album_id = await use(container, CreateAlbum)(actor=photo.owner_id, name="Sea")
    store.albums.rows[album_id].photo_count = 3

    [finding] = await checked(container, BY_SIZE)

    assert (finding.kind, finding.id, finding.expected, finding.found) == (Kind.ALBUM_COUNT, album_id, "0", "3")


async def test_without_checksums_other_bytes_of_the_same_size_are_not_found(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    change_original(store, photo)

    assert await checked(container, BY_SIZE) == []
    assert (await last_run(container)).bytes_read == 0


async def test_one_owner_is_checked_alone(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    others = [each for each in store.photos.rows.values() if each.id != photo.id]
    for spoil in (take_rendition, change_original, spend_quota, leave_a_blob):
        spoil(store, photo)
        spoil(store, others[0])

    findings = await checked(container, CheckScope(owner=photo.owner_id, checksums=True))

    assert sorted(kinds(findings)) == [Kind.ORIGINAL_DAMAGED, Kind.QUOTA_DRIFT, Kind.RENDITION_MISSING]
    assert {each.owner_id for each in findings} == {photo.owner_id}


async def test_what_a_deletion_leaves_is_no_finding_while_its_job_waits(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    await use(container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)

    assert await checked(container) == []
    await run_jobs(container, store)
    assert await checked(container) == []


async def test_a_store_of_another_database_is_not_compared(container: AsyncContainer, store: FakeStore) -> None:
    store.blobs.blobs[BlobKey(f"installation/{UUID(int=2)}")] = b"another's"

    with pytest.raises(StoreOfAnother):
        await checked(container)


async def test_only_one_runs_at_a_time(container: AsyncContainer) -> None:
    one = await get(container, OneCheck)

    async with one.alone():
        with pytest.raises(CheckRunning):
            async with one.alone():
                pass
    async with one.alone():
        pass


@pytest.mark.parametrize("scope", [EVERYTHING, BY_SIZE])
async def test_one_that_is_broken_off_anywhere_goes_on_and_finds_the_same(
    container: AsyncContainer, store: FakeStore, scope: CheckScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_store, "PAGE", 2)
    photos = [await a_whole_photo(container, store) for _ in range(7)]
    for photo, (_, spoil) in zip(photos, FAULTS, strict=False):
        spoil(store, photo)
    leave_a_tail(store, photos[0])
    whole = await checked(container, scope)
    seen = list[CheckRun]()

    async def broken_off_after(batches: int) -> None:
        heard = 0

        def told(run: CheckRun) -> None:
            nonlocal heard
            seen.append(run)
            heard += 1
            if heard == batches:
                raise BlobStoreUnavailable("broken off, as told")

        async with container() as scoped:
            await (await scoped.get(CheckLibrary))(scope=scope, told=told)

    async with container() as scoped:
        await (await scoped.get(CheckLibrary))(scope=scope, restart=True, told=seen.append)
    steps = len(seen)
    seen.clear()
    for _ in range(steps):
        with pytest.raises(BlobStoreUnavailable):
            await broken_off_after(1)
    await broken_off_after(0)

    assert len(seen) <= 2 * steps
    assert (await last_run(container)).step is Step.DONE
    assert (await last_run(container)).photos == 7
    assert sorted(map(str, await found_by_last(container))) == sorted(map(str, whole))


async def test_a_check_of_today_that_is_done_is_mended_without_another(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    take_rendition(store, photo)
    done = (await checked(container), await last_run(container))[1]
    now = done.moved_at

    assert done.can_go_on(EVERYTHING, repair=True, now=now + PLAN_LIVES)
    assert not done.can_go_on(EVERYTHING, repair=True, now=now + PLAN_LIVES + timedelta(seconds=1))
    assert not done.can_go_on(EVERYTHING, repair=False, now=now)
    assert not done.can_go_on(BY_SIZE, repair=True, now=now)


@pytest.mark.parametrize("seed", range(5))
async def test_photos_that_come_and_go_meanwhile_are_no_findings(
    container: AsyncContainer, store: FakeStore, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_store, "PAGE", 3)
    random, photos = Random(seed), [await a_whole_photo(container, store) for _ in range(20)]
    store.blobs.modified = dict.fromkeys(store.blobs.blobs, store.clock.now() - timedelta(days=2))
    store.blobs.now = store.clock.now()
    checking = asyncio.create_task(checked(container))

    while not checking.done():
        await asyncio.sleep(0)
        match random.randrange(4):
            case 0:
                await a_whole_photo(container, store)
            case 1 if photos:
                gone = photos.pop(random.randrange(len(photos)))
                await use(container, DeletePhoto)(actor=gone.owner_id, photo_id=gone.id)
            case 2:
                await run_jobs(container, store)
            case _ if photos:
                moved = random.choice(photos)
                await use(container, MoveToTrash)(actor=moved.owner_id, photo_ids=[moved.id])

    assert await checking == []
