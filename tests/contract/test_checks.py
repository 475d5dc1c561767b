"""What a check of the library may rely on, wherever rows are kept."""

from dataclasses import replace
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.check.errors import CheckRunning
from photostore.check.finding import Finding, Kind, Outcome
from photostore.check.ports import CheckRuns, Deletions, Findings, OneCheck, PhotosOnFile, RowAudit
from photostore.check.run import CheckRun, CheckScope, Step
from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore.photo.photo import Photo
from photostore.photo.picture import Failure
from photostore.photo.ports import PhotoRepository
from photostore.reactions import DELETE_BLOBS
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import UserId
from tests.builders import a_photo, a_rendition, a_user, a_user_id, an_upload
from tests.checking import a_whole_photo, checked, last_run, mended
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW, new_id
from tests.using import get, stored, transaction

# As a store lists them: a dot and a hyphen stand before the slash, capitals before small letters.
KEYS = [BlobKey(f"originals/{name}") for name in ("B/1", "a-1", "a.1", "a/1", "a0/1", "b/1")]


@pytest.fixture
async def photos(adapters: AsyncContainer) -> list[Photo]:
    owners = [a_user_id(), a_user_id()]
    return [
        await stored(adapters, a_photo(owner_id=owners[number % 2], blob_key=key))
        for number, key in enumerate(reversed(KEYS))
    ]


@pytest.mark.parametrize("limit", [1, 4, 100])
async def test_photos_are_told_in_the_order_of_their_keys(
    adapters: AsyncContainer, photos: list[Photo], limit: int
) -> None:
    on_file, found = await get(adapters, PhotosOnFile), list[str]()
    while page := await on_file.by_key(after=found[-1] if found else "", limit=limit):
        assert len(page) <= limit
        found += [each.blob_key for each in page]

    assert found == list(KEYS)


async def test_one_owner_s_photos_are_told_by_id(adapters: AsyncContainer, photos: list[Photo]) -> None:
    on_file, owner = await get(adapters, PhotosOnFile), photos[0].owner_id
    own = sorted(photo.id for photo in photos if photo.owner_id == owner)

    first = await on_file.of_owner(owner, after=None, limit=2)
    rest = await on_file.of_owner(owner, after=first[-1].id, limit=2)

    assert [each.id for each in (*first, *rest)] == own


async def test_each_tells_what_there_should_be(adapters: AsyncContainer) -> None:
    photo = a_photo(failure=Failure.ORIGINAL_MISSING)
    photo.renditions = (a_rendition(photo.blob_key),)
    await stored(adapters, photo)
    image = BlobKey("renditions/an/image.jpeg")
    async with transaction(adapters, PhotoRepository) as repository:
        await repository.count_image(photo.id, owner=photo.owner_id, key=image, byte_size=7)

    found = await (await get(adapters, PhotosOnFile)).get(photo.id, owner=photo.owner_id)

    assert found is not None
    assert (found.owner_id, found.blob_key, found.byte_size) == (photo.owner_id, photo.blob_key, photo.byte_size)
    assert (found.sha256, found.failure) == (photo.sha256, "original_missing")
    assert [(each["blob_key"], each["byte_size"]) for each in found.renditions] == [(photo.renditions[0].blob_key, 100)]
    assert [(each["blob_key"], each["byte_size"]) for each in found.images] == [(image, 7)]
    assert await (await get(adapters, PhotosOnFile)).get(photo.id, owner=a_user_id()) is None


async def test_an_image_that_is_forgotten_counts_no_longer(adapters: AsyncContainer) -> None:
    photo, image = await stored(adapters, a_photo()), BlobKey("renditions/an/image.jpeg")
    async with transaction(adapters, PhotoRepository) as repository:
        await repository.count_image(photo.id, owner=photo.owner_id, key=image, byte_size=7)

    async with transaction(adapters, PhotoRepository) as repository:
        forgotten = [await repository.forget_image(photo.id, owner=photo.owner_id, key=image) for _ in range(2)]

    assert forgotten == [7, 0]
    async with transaction(adapters, PhotoRepository) as repository:
        assert (await repository.get(photo.id, owner=photo.owner_id)).images_bytes == 0


async def test_deletions_are_under_way_while_their_job_waits(adapters: AsyncContainer) -> None:
    named, late, other = (an_upload().blob_key for _ in range(3))
    async with transaction(adapters, JobQueue) as queue:
        await queue.enqueue(
            [
                Job(name=DELETE_BLOBS, arguments={"keys": [named, "tails/a"], "multiparts": [[named, "m"]]}),
                Job(name=DELETE_BLOBS, arguments={"keys": [late]}, delay=timedelta(days=1)),
                Job(name="another", arguments={"keys": [other]}),
            ]
        )

    async with transaction(adapters, Deletions) as deletions:
        assert await deletions.under_way([named, late, other]) == {named, late}


def a_run(owner: UserId | None = None) -> CheckRun:
    return CheckRun(scope=CheckScope(owner=owner, checksums=True), started_at=NOW, moved_at=NOW)


def a_finding(kind: Kind = Kind.RENDITION_MISSING, key: str | None = "renditions/a/b") -> Finding:
    return Finding(kind=kind, owner_id=a_user_id(), id=new_id(), key=key, expected="3 bytes", found="nothing")


async def test_the_last_run_is_kept(adapters: AsyncContainer) -> None:
    async with transaction(adapters, CheckRuns) as runs:
        assert await runs.last() is None
        await runs.begin(a_run(a_user_id()))
    moved = a_run().moved(place="a", photos=3, bytes_read=5, now=NOW + timedelta(seconds=1))
    moved = replace(moved.at_next_step(now=NOW), step=Step.CHECKSUMS, mended=True)

    async with transaction(adapters, CheckRuns) as runs:
        await runs.save(moved)

    assert await last_run(adapters) == moved


async def test_findings_are_kept_once_and_in_order_until_the_next_run(adapters: AsyncContainer) -> None:
    first = Finding(kind=Kind.BLOB_UNREFERENCED, owner_id=None, id=None, key="originals/x", expected="", found="")
    findings = [first, a_finding(), a_finding(key=None)]
    async with transaction(adapters, Findings) as log:
        await log.note(findings)
        await log.note([replace(first, found="otherwise"), *findings[1:]])

    async with transaction(adapters, Findings) as log:
        noted = [*await log.page(after=0, limit=2)]
        noted += await log.page(after=noted[-1].number, limit=2)
        await log.conclude(noted[0].number, Outcome.MENDED)
        counted = await log.counted()
        again = await log.page(after=0, limit=1)

    assert [each.finding for each in noted] == findings
    assert counted == {(Kind.BLOB_UNREFERENCED, Outcome.MENDED): 1, (Kind.RENDITION_MISSING, None): 2}
    assert again[0].outcome is Outcome.MENDED
    async with transaction(adapters, CheckRuns) as runs:
        await runs.begin(a_run())
    async with transaction(adapters, Findings) as log:
        assert await log.counted() == {}


async def test_one_check_keeps_others_out_until_it_ends(adapters: AsyncContainer) -> None:
    one = await get(adapters, OneCheck)

    async with one.alone():
        with pytest.raises(CheckRunning):
            async with one.alone():
                pass
    async with one.alone():
        pass


async def test_owners_are_told_page_by_page(adapters: AsyncContainer) -> None:
    people = sorted([(await stored(adapters, a_user())).id for _ in range(3)])

    async with transaction(adapters, RowAudit) as audit:
        first = await audit.owners(after=None, limit=2)
        rest = await audit.owners(after=first[-1], limit=2)

    assert [*first, *rest] == people


async def test_a_library_is_checked_and_mended(adapters: AsyncContainer, store: FakeStore) -> None:
    whole = [await a_whole_photo(adapters, store, hashtags=("sea", "sun")) for _ in range(3)]
    assert await checked(adapters) == []
    del store.blobs.blobs[whole[0].blob_key]
    del store.blobs.blobs[whole[1].renditions[0].blob_key]
    store.blobs.blobs[whole[2].renditions[0].blob_key] += b"!"
    store.blobs.blobs[an_upload().blob_key] = b"left by a crash"

    found = {each.kind for each in await checked(adapters)}

    assert await mended(adapters) == {
        Kind.ORIGINAL_MISSING: Outcome.TOLD,
        Kind.RENDITION_MISSING: Outcome.MENDED,
        Kind.RENDITION_SIZE: Outcome.MENDED,
        Kind.BLOB_UNREFERENCED: Outcome.MENDED,
    }
    assert len(found) == 4
    assert [each.kind for each in await checked(adapters)] == [Kind.ORIGINAL_MISSING]
