"""What an album's pages of photos may be relied on for, wherever it is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from dishka import AsyncContainer

from photostore.album.album import AlbumEdit
from photostore.album.commands.edit_album import EditAlbum
from photostore.album.commands.order_album import OrderAlbum
from photostore.album.commands.remove_photos_from_album import RemovePhotosFromAlbum
from photostore.album.errors import AlbumInvalid, AlbumNotFound
from photostore.album.ports import AlbumContents
from photostore.album.queries import AlbumSort
from photostore.album.roles import Role
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.photo.photo import Photo, PhotoEdit
from photostore.photo.queries import PhotoFilter
from photostore.shared.ids import AlbumId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from tests.albums import a_person, an_album, put, share, shown, some_photos, view_of
from tests.builders import a_photo, as_uuids, names
from tests.using import stored, use

DAY = datetime(2025, 7, 1, tzinfo=UTC)


@pytest.fixture
async def owner(adapters: AsyncContainer) -> UserId:
    return await a_person(adapters)


async def trash(adapters: AsyncContainer, *photos: Photo) -> None:
    await use(adapters, MoveToTrash)(actor=photos[0].owner_id, photo_ids=[photo.id for photo in photos])


async def test_photos_come_in_the_order_in_which_they_were_added(adapters: AsyncContainer, owner: UserId) -> None:
    first, second, third = await some_photos(adapters, owner, 3)
    album_id = await an_album(adapters, owner, third, first)

    await put(adapters, album_id, second, third)

    assert as_uuids(await shown(adapters, album_id, owner)) == as_uuids([third, first, second])
    assert (await view_of(adapters, album_id, owner)).photo_count == 3


async def test_photos_come_by_when_they_were_taken(adapters: AsyncContainer, owner: UserId) -> None:
    days = [2, None, 1, None, 3]
    two, undated, one, undated_too, three = [
        await stored(adapters, a_photo(owner_id=owner, taken_at=None if day is None else DAY + timedelta(days=day)))
        for day in days
    ]
    album_id = await an_album(adapters, owner, two, undated, one, undated_too, three)

    rising = await shown(adapters, album_id, owner, sort=AlbumSort.TAKEN_FIRST)
    falling = await shown(adapters, album_id, owner, sort=AlbumSort.TAKEN_LAST)

    assert as_uuids(rising) == as_uuids([one, two, three, undated, undated_too])
    assert as_uuids(falling) == as_uuids([three, two, one, undated_too, undated])


async def test_a_time_that_is_corrected_moves_the_photo(adapters: AsyncContainer, owner: UserId) -> None:
    first, second = [await stored(adapters, a_photo(owner_id=owner, taken_at=DAY)) for _ in range(2)]
    album_id = await an_album(adapters, owner, first, second)

    later = PhotoEdit(taken_at=DAY + timedelta(days=9))
    await use(adapters, EditPhoto)(actor=owner, photo_id=first.id, edit=later)

    rising = await shown(adapters, album_id, owner, sort=AlbumSort.TAKEN_FIRST)
    assert as_uuids(rising) == as_uuids([second, first])


async def test_the_trash_shows_nowhere_and_comes_back_to_its_place(adapters: AsyncContainer, owner: UserId) -> None:
    first, second, third = photos = await some_photos(adapters, owner, 3)
    album_id = await an_album(adapters, owner, *photos)
    other_id = await an_album(adapters, owner, second)

    await trash(adapters, second, second)
    without = as_uuids(await shown(adapters, album_id, owner))
    counted = [(await view_of(adapters, each, owner)).photo_count for each in (album_id, other_id)]
    await use(adapters, RestoreFromTrash)(actor=owner, photo_ids=[second.id])

    assert (without, counted) == (as_uuids([first, third]), [2, 0])
    assert as_uuids(await shown(adapters, album_id, owner)) == as_uuids(photos)
    assert (await view_of(adapters, album_id, owner)).photo_count == 3


async def test_what_is_deleted_leaves_every_album_from_the_trash_or_not(
    adapters: AsyncContainer, owner: UserId
) -> None:
    first, second, third = photos = await some_photos(adapters, owner, 3)
    album_id = await an_album(adapters, owner, *photos)
    await trash(adapters, first)

    for photo in (first, second):
        await use(adapters, DeletePhoto)(actor=owner, photo_id=photo.id)

    assert as_uuids(await shown(adapters, album_id, owner)) == [third.id]
    assert (await view_of(adapters, album_id, owner)).photo_count == 1


async def test_what_is_taken_out_stays_a_photo_and_taking_it_out_again_is_fine(
    adapters: AsyncContainer, owner: UserId
) -> None:
    first, second = await some_photos(adapters, owner, 2)
    album_id = await an_album(adapters, owner, first, second)
    take = use(adapters, RemovePhotosFromAlbum)

    for _ in range(2):
        await take(actor=owner, album_id=album_id, photo_ids=[first.id])

    assert as_uuids(await shown(adapters, album_id, owner)) == [second.id]
    assert (await view_of(adapters, album_id, owner)).photo_count == 1


async def test_members_see_everyones_photos_and_strangers_none(adapters: AsyncContainer, owner: UserId) -> None:
    contributor, viewer = await a_person(adapters), await a_person(adapters)
    album_id = await an_album(adapters, owner, *await some_photos(adapters, owner, 1), viewer=viewer)
    await share(adapters, album_id, owner, contributor, Role.CONTRIBUTOR)
    theirs = (await some_photos(adapters, contributor, 1))[0]

    await put(adapters, album_id, theirs)

    assert [view.owner_id for view in await shown(adapters, album_id, viewer)] == [owner, contributor]
    with pytest.raises(AlbumNotFound):
        await shown(adapters, album_id, await a_person(adapters))


async def test_photos_of_others_and_trashed_ones_cannot_be_added(adapters: AsyncContainer, owner: UserId) -> None:
    own, trashed = await some_photos(adapters, owner, 2)
    await trash(adapters, trashed)
    theirs = await stored(adapters, a_photo())
    album_id = await an_album(adapters, owner)

    for photo in (trashed, theirs):
        with pytest.raises(AlbumInvalid) as refused:
            await put(adapters, album_id, own, photo)
        assert str(photo.id) in refused.value.errors[0].message

    assert await shown(adapters, album_id, owner) == []


async def test_a_query_finds_the_owners_photos_as_they_are_now(adapters: AsyncContainer, owner: UserId) -> None:
    viewer = await a_person(adapters)
    sea = PhotoFilter(hashtags=names("sea"))
    album_id = await an_album(adapters, owner, query=sea, viewer=viewer)

    first, second, trashed = [await stored(adapters, a_photo(owner_id=owner, hashtags=["sea"])) for _ in range(3)]
    await stored(adapters, a_photo(owner_id=owner))
    await stored(adapters, a_photo(owner_id=viewer, hashtags=["sea"]))
    await trash(adapters, trashed)

    assert as_uuids(await shown(adapters, album_id, viewer)) == as_uuids([second, first])
    view = await view_of(adapters, album_id, viewer)
    assert (view.query, view.photo_count) == (sea, None)


async def test_a_cover_shows_in_the_album_and_is_gone_while_it_does_not(
    adapters: AsyncContainer, owner: UserId
) -> None:
    cover, other = await some_photos(adapters, owner, 2)
    album_id = await an_album(adapters, owner, cover)
    edit = use(adapters, EditAlbum)

    await edit(actor=owner, album_id=album_id, edit=AlbumEdit(cover_photo_id=cover.id))
    with pytest.raises(AlbumInvalid):
        await edit(actor=owner, album_id=album_id, edit=AlbumEdit(cover_photo_id=other.id))
    chosen = (await view_of(adapters, album_id, owner)).cover_photo_id
    await trash(adapters, cover)
    hidden = (await view_of(adapters, album_id, owner)).cover_photo_id

    assert (chosen, hidden) == (cover.id, None)


async def test_a_query_has_covers_that_it_finds(adapters: AsyncContainer, owner: UserId) -> None:
    found = await stored(adapters, a_photo(owner_id=owner, title="A 50% sunset", hashtags=["sea"]))
    other = await stored(adapters, a_photo(owner_id=owner, title="A sunset"))
    query = PhotoFilter(hashtags=names("sea"), text="50% SUN", taken_before=None, favorite=False)
    album_id = await an_album(adapters, owner, query=query)
    edit = use(adapters, EditAlbum)

    await edit(actor=owner, album_id=album_id, edit=AlbumEdit(cover_photo_id=found.id))

    with pytest.raises(AlbumInvalid):
        await edit(actor=owner, album_id=album_id, edit=AlbumEdit(cover_photo_id=other.id))
    assert (await view_of(adapters, album_id, owner)).cover_photo_id == found.id


async def ordered(
    adapters: AsyncContainer, owner: UserId, album_id: AlbumId, *photos: Photo, after: Photo | None
) -> None:
    order = use(adapters, OrderAlbum)
    ids = [photo.id for photo in photos]
    await order(actor=owner, album_id=album_id, photo_ids=ids, after=None if after is None else after.id)


async def test_photos_can_be_put_anywhere(adapters: AsyncContainer, owner: UserId) -> None:
    one, two, three, four = photos = await some_photos(adapters, owner, 4)
    album_id = await an_album(adapters, owner, *photos)

    await ordered(adapters, owner, album_id, four, two, after=None)
    to_the_front = as_uuids(await shown(adapters, album_id, owner))
    await ordered(adapters, owner, album_id, four, after=three)
    to_the_end = as_uuids(await shown(adapters, album_id, owner))
    await ordered(adapters, owner, album_id, *photos, after=None)

    assert to_the_front == as_uuids([four, two, one, three])
    assert to_the_end == as_uuids([two, one, three, four])
    assert as_uuids(await shown(adapters, album_id, owner)) == as_uuids(photos)


async def test_the_same_place_can_be_taken_again_and_again(adapters: AsyncContainer, owner: UserId) -> None:
    photos = await some_photos(adapters, owner, 4)
    album_id = await an_album(adapters, owner, *photos)
    first, *others = photos

    for turn in range(80):
        moved = others.pop(2 if turn % 2 else 1)
        others.insert(0, moved)
        await ordered(adapters, owner, album_id, moved, after=first)

    assert as_uuids(await shown(adapters, album_id, owner)) == as_uuids([first, *others])


async def test_whether_photos_are_in_some_album_is_known(adapters: AsyncContainer, owner: UserId) -> None:
    inside, outside, theirs = (
        *(await some_photos(adapters, owner, 2)),
        (await some_photos(adapters, await a_person(adapters), 1))[0],
    )
    await an_album(adapters, owner, inside)
    await an_album(adapters, theirs.owner_id, theirs)

    async with adapters() as scope, await scope.get(UnitOfWork):
        contents = await scope.get(AlbumContents)
        found = await contents.are_in_some([inside.id, outside.id, theirs.id], owner=owner)

    assert found == {inside.id}
