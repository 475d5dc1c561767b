"""The trash: into it, out of it, and away for good."""

from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.photo.commands import empty_trash, purge_trash
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.delete_trashed import DeleteTrashed
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.empty_trash import EmptyTrash
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.purge_trash import PurgeTrash
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.photo.jobs import EMPTY_TRASH
from photostore.photo.photo import Photo, PhotoEdit
from photostore.photo.renditions import picture_of
from photostore.photo.trash import TrashPolicy, TrashResult
from photostore.reactions import DELETE_BLOBS
from photostore.shared.errors import PreconditionFailed
from photostore.shared.ids import UserId
from photostore.shared.versions import ExpectedVersion
from tests.builders import a_photo, a_photo_id, a_picture, a_user_id, names
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeQuota, FakeStore
from tests.fakes.system import NOW
from tests.using import stored, use


@pytest.fixture
async def owner(container: AsyncContainer) -> UserId:
    return (await stored(container, a_photo())).owner_id


async def trashed(container: AsyncContainer, owner: UserId, count: int = 1) -> list[Photo]:
    return [await stored(container, a_photo(owner_id=owner, trashed_at=NOW)) for _ in range(count)]


def told(results: list[TrashResult]) -> list[str]:
    return [result.status.value for result in results]


async def test_each_photo_is_answered_in_the_order_asked(container: AsyncContainer, owner: UserId) -> None:
    photo, other = [await stored(container, a_photo(owner_id=owner)) for _ in range(2)]
    foreign, absent = await stored(container, a_photo()), a_photo_id()
    asked = [absent, other.id, photo.id, foreign.id, other.id]

    results = await use(container, MoveToTrash)(actor=owner, photo_ids=asked)

    assert [result.id for result in results] == asked
    assert told(results) == ["not_found", "trashed", "trashed", "not_found", "unchanged"]


async def test_what_is_there_already_is_unchanged(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    [photo] = await trashed(container, owner)

    results = await use(container, MoveToTrash)(actor=owner, photo_ids=[photo.id])

    assert told(results) == ["unchanged"]
    assert store.photos.rows[photo.id].version == photo.version


async def test_restoring_brings_all_back(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo(hashtags=["sea"]))
    before = store.quotas.rows[photo.owner_id]
    await use(container, MoveToTrash)(actor=photo.owner_id, photo_ids=[photo.id])
    in_trash = store.quotas.rows[photo.owner_id]

    results = await use(container, RestoreFromTrash)(actor=photo.owner_id, photo_ids=[photo.id, photo.id])

    restored = store.photos.rows[photo.id]
    assert told(results) == ["restored", "unchanged"]
    assert (restored.trashed_at, restored.hashtags, restored.version) == (None, names("sea"), 3)
    assert in_trash == FakeQuota(None, used=photo.byte_size, trash=photo.byte_size, photos=0)
    assert store.quotas.rows[photo.owner_id] == before


async def test_media_urls_are_taken_back_and_given_again(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo())
    await use(container, MoveToTrash)(actor=photo.owner_id, photo_ids=[photo.id])
    revoked = dict(store.revoked.rows)

    await use(container, RestoreFromTrash)(actor=photo.owner_id, photo_ids=[photo.id])

    subject = picture_of(photo.blob_key)
    assert (revoked, store.revoked.rows) == ({subject: True}, {subject: False})


async def test_hashtags_changed_in_the_trash_are_those_that_come_back(
    container: AsyncContainer, store: FakeStore
) -> None:
    photo = await stored(container, a_photo(hashtags=["sea"], trashed_at=NOW))

    await use(container, EditPhoto)(
        actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(hashtags=["lake"], title="Lake")
    )

    edited = store.photos.rows[photo.id]
    assert (edited.title, edited.hashtags, edited.trashed_at) == ("Lake", names("lake"), NOW)


async def test_an_edit_of_what_was_trashed_meanwhile_is_stale(container: AsyncContainer) -> None:
    photo = await stored(container, a_photo())
    await use(container, MoveToTrash)(actor=photo.owner_id, photo_ids=[photo.id])

    with pytest.raises(PreconditionFailed):
        await use(container, EditPhoto)(
            actor=photo.owner_id,
            photo_id=photo.id,
            edit=PhotoEdit(title="Sea"),
            expected_version=ExpectedVersion(frozenset({1})),
        )


async def test_only_what_is_in_the_trash_is_deleted_in_bulk(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    [photo] = await trashed(container, owner)
    kept = await stored(container, a_photo(owner_id=owner))
    store.blobs.blobs[photo.blob_key] = a_picture()
    asked = [photo.id, kept.id, photo.id, a_photo_id()]

    results = await use(container, DeleteTrashed)(actor=owner, photo_ids=asked)

    assert told(results) == ["deleted", "not_trashed", "not_found", "not_found"]
    assert photo.id not in store.photos.rows
    assert kept.id in store.photos.rows
    assert await run_jobs(container, store) == [DELETE_BLOBS]
    assert photo.blob_key not in store.blobs.blobs


async def test_nobody_moves_or_deletes_someone_elses(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo())
    before = store.photos.rows[photo.id].version
    for use_case in (MoveToTrash, RestoreFromTrash, DeleteTrashed):
        results = await use(container, use_case)(actor=a_user_id(), photo_ids=[photo.id])

        assert told(results) == ["not_found"]
    assert store.photos.rows[photo.id].version == before


async def test_what_is_deleted_for_good_stands_in_the_ledger(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo())

    await use(container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)

    assert store.deletions.rows == {(photo.owner_id, photo.sha256): store.clock.now()}
    assert store.quotas.rows[photo.owner_id] == FakeQuota(None)


async def test_a_small_trash_is_emptied_at_once(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    await trashed(container, owner, 2)
    foreign = await stored(container, a_photo(trashed_at=NOW))

    await use(container, EmptyTrash)(actor=owner)

    assert [photo.id for photo in store.photos.rows.values() if photo.trashed_at] == [foreign.id]
    assert {job.name for _, job in store.waiting_jobs()} == {DELETE_BLOBS}


async def test_of_a_large_trash_a_job_empties_what_was_there_then(
    container: AsyncContainer, store: FakeStore, owner: UserId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(empty_trash, "BATCH", 2)
    await trashed(container, owner, 5)
    await use(container, EmptyTrash)(actor=owner)
    left = len([photo for photo in store.photos.rows.values() if photo.trashed_at])
    later = await stored(container, a_photo(owner_id=owner, trashed_at=NOW + timedelta(seconds=1)))

    done = await run_jobs(container, store)

    assert (left, done.count(EMPTY_TRASH), done.count(DELETE_BLOBS)) == (3, 1, 5)
    assert [photo.id for photo in store.photos.rows.values() if photo.trashed_at] == [later.id]


async def test_the_purge_takes_what_was_there_for_the_retention(
    container: AsyncContainer, store: FakeStore, owner: UserId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge_trash, "BATCH", 2)
    await trashed(container, owner, 3)
    await trashed(container, a_user_id(), 2)
    store.clock.advance(days=1)
    young = await stored(container, a_photo(owner_id=owner, trashed_at=store.clock.now()))
    store.clock.advance(days=29, seconds=1)

    purged = await use(container, PurgeTrash)()

    assert purged == 5
    assert [photo.id for photo in store.photos.rows.values() if photo.trashed_at] == [young.id]
    assert await use(container, PurgeTrash)() == 0


async def test_without_retention_the_next_purge_takes_all(container: AsyncContainer, store: FakeStore) -> None:
    await stored(container, a_photo(trashed_at=NOW))
    store.trash_policy = TrashPolicy(retention=timedelta(0))
    store.clock.advance(seconds=1)

    assert await use(container, PurgeTrash)() == 1
