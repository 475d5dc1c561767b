"""Editing, tagging and deleting photos."""

from collections.abc import Awaitable, Callable

import pytest
from dishka import AsyncContainer

from photostore.hashtag.errors import NotAHashtag
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.tag_photo import TagPhoto
from photostore.photo.commands.untag_photo import UntagPhoto
from photostore.photo.errors import PhotoInvalid, PhotoNotFound
from photostore.photo.photo import Photo, PhotoEdit
from photostore.shared.errors import PreconditionFailed
from photostore.shared.ids import UserId
from photostore.shared.versions import ExpectedVersion
from tests.builders import a_photo, a_picture, a_user_id
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.using import stored, use


async def test_an_edit_is_kept_and_counted_in_the_version(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo())
    later = store.clock.advance(hours=1)

    await use(container, EditPhoto)(
        actor=photo.owner_id,
        photo_id=photo.id,
        edit=PhotoEdit(title="Sea"),
        expected_version=ExpectedVersion(frozenset({1})),
    )

    kept = store.photos.rows[photo.id]
    assert (kept.title, kept.version, kept.updated_at) == ("Sea", 2, later)


async def test_an_edit_that_says_nothing_keeps_the_version(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo())

    await use(container, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit())

    assert store.photos.rows[photo.id].version == 1


async def test_a_refused_edit_changes_nothing_of_it(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo(title="old"))

    with pytest.raises(PhotoInvalid):
        await use(container, EditPhoto)(
            actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(title="new", custom={"k": "x" * 20_000})
        )

    assert store.photos.rows[photo.id].title == "old"


async def test_a_stale_edit_and_a_stale_delete_are_refused(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo())

    with pytest.raises(PreconditionFailed):
        await use(container, EditPhoto)(
            actor=photo.owner_id,
            photo_id=photo.id,
            edit=PhotoEdit(title="x"),
            expected_version=ExpectedVersion(frozenset({7})),
        )
    with pytest.raises(PreconditionFailed):
        await use(container, DeletePhoto)(
            actor=photo.owner_id, photo_id=photo.id, expected_version=ExpectedVersion(frozenset({7}))
        )

    assert store.photos.rows[photo.id].version == 1


async def test_tagging_and_untagging_are_kept(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo(hashtags=["sea"]))

    await use(container, TagPhoto)(actor=photo.owner_id, photo_id=photo.id, name="#Sun")
    await use(container, UntagPhoto)(actor=photo.owner_id, photo_id=photo.id, name="SEA")

    assert store.photos.rows[photo.id].hashtags == ("sun",)
    assert set(store.hashtags.rows) == {"sea", "sun"}


async def test_doing_so_twice_is_fine_and_no_new_version(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo(hashtags=["sea"]))

    await use(container, TagPhoto)(actor=photo.owner_id, photo_id=photo.id, name="sea")
    await use(container, UntagPhoto)(actor=photo.owner_id, photo_id=photo.id, name="sun")

    assert store.photos.rows[photo.id].version == 1


async def test_what_is_no_hashtag_is_refused(container: AsyncContainer) -> None:
    photo = await stored(container, a_photo())

    for command in (TagPhoto, UntagPhoto):
        with pytest.raises(NotAHashtag):
            await use(container, command)(actor=photo.owner_id, photo_id=photo.id, name="no hashtag")


async def test_a_deleted_photo_leaves_neither_row_nor_bytes(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo(byte_size=1000))
    store.blobs.blobs[photo.blob_key] = a_picture()

    await use(container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)
    assert photo.blob_key in store.blobs.blobs
    await run_jobs(container, store)

    assert not store.photos.rows
    assert not store.blobs.blobs
    assert (store.quotas.rows[photo.owner_id].used, store.quotas.rows[photo.owner_id].photos) == (0, 0)


Command = Callable[[AsyncContainer, UserId, Photo], Awaitable[None]]


async def _edit(container: AsyncContainer, actor: UserId, photo: Photo) -> None:
    await use(container, EditPhoto)(actor=actor, photo_id=photo.id, edit=PhotoEdit(title="mine"))


async def _tag(container: AsyncContainer, actor: UserId, photo: Photo) -> None:
    await use(container, TagPhoto)(actor=actor, photo_id=photo.id, name="mine")


async def _untag(container: AsyncContainer, actor: UserId, photo: Photo) -> None:
    await use(container, UntagPhoto)(actor=actor, photo_id=photo.id, name="sea")


async def _delete(container: AsyncContainer, actor: UserId, photo: Photo) -> None:
    await use(container, DeletePhoto)(actor=actor, photo_id=photo.id)


@pytest.mark.parametrize("command", [_edit, _tag, _untag, _delete])
async def test_someone_elses_photo_is_not_found_whatever_is_wanted_of_it(
    container: AsyncContainer, store: FakeStore, command: Command
) -> None:
    photo = await stored(container, a_photo(hashtags=["sea"]))

    with pytest.raises(PhotoNotFound) as someone_elses:
        await command(container, a_user_id(), photo)
    with pytest.raises(PhotoNotFound) as absent:
        await command(container, photo.owner_id, a_photo())

    assert store.photos.rows[photo.id].version == 1
    assert type(someone_elses.value) is type(absent.value)
