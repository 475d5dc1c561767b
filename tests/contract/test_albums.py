"""What albums and their members may be relied on for, wherever they are kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from dishka import AsyncContainer

from photostore.album.album import AlbumEdit
from photostore.album.commands.delete_album import DeleteAlbum
from photostore.album.commands.edit_album import EditAlbum
from photostore.album.commands.list_photos import ListPhotos
from photostore.album.commands.share_album import ShareAlbum
from photostore.album.commands.unshare_album import UnshareAlbum
from photostore.album.errors import AlbumFilledByHand, AlbumFindsByQuery, AlbumInvalid, AlbumNotFound, TooManyMembers
from photostore.album.queries import AlbumQueries
from photostore.album.roles import Role
from photostore.event.commands.follow_changes import FollowChanges
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoFilter, PhotoQueries, PhotoSort, PhotoView
from photostore.shared.errors import PreconditionFailed
from photostore.shared.ids import AlbumId, UserId
from photostore.shared.versions import ExpectedVersion
from photostore.upload.commands.start_direct_upload import StartDirectUpload
from photostore.upload.commands.upload_form import UploadForm
from photostore.upload.details import UploadDetails
from photostore.upload.queries import UploadQueries
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.erase_account import EraseAccount
from photostore.user.email import EmailAddress
from photostore.user.errors import UserNotFound
from tests.albums import a_person, an_album, put, share, shown, some_photos, view_of
from tests.builders import a_photo, a_picture, a_user, an_announced_file, as_uuids, names
from tests.fakes.form import FakeForm
from tests.fakes.store import FakeStore
from tests.using import get, stored, use


@pytest.fixture
async def owner(adapters: AsyncContainer) -> UserId:
    return await a_person(adapters)


async def told(adapters: AsyncContainer, reader: UserId, album_id: AlbumId) -> list[str]:
    followed = await use(adapters, FollowChanges)(actor=reader, after=None, limit=500)
    return [change.event for change in followed.page.items if change.entity_id == album_id]


async def filtered(
    adapters: AsyncContainer, album_id: AlbumId, reader: UserId, filter: PhotoFilter, sort: PhotoSort = PhotoSort.OLDEST
) -> Sequence[PhotoView]:
    listed = use(adapters, ListPhotos)
    return (await listed(actor=reader, filter=filter, album_id=album_id, sort=sort, after=None, limit=50)).page.items


async def test_an_album_is_as_it_was_made_until_it_is_edited(adapters: AsyncContainer, owner: UserId) -> None:
    album_id = await an_album(adapters, owner)
    made = await view_of(adapters, album_id, owner)
    edit = use(adapters, EditAlbum)

    await edit(actor=owner, album_id=album_id, edit=AlbumEdit(name="Sea", description="All of it"))

    edited = await view_of(adapters, album_id, owner)
    assert (made.name, made.description, made.photo_count, made.version, made.role) == ("Holiday", None, 0, 1, "owner")
    assert (edited.name, edited.description, edited.version) == ("Sea", "All of it", 2)


async def test_who_has_seen_an_older_version_changes_nothing(adapters: AsyncContainer, owner: UserId) -> None:
    album_id = await an_album(adapters, owner)
    edit, stale = use(adapters, EditAlbum), ExpectedVersion(frozenset({7}))

    with pytest.raises(PreconditionFailed):
        await edit(actor=owner, album_id=album_id, edit=AlbumEdit(name="Sea"), expected_version=stale)

    assert (await view_of(adapters, album_id, owner)).name == "Holiday"


async def test_lists_show_ones_own_or_what_is_shared_the_newest_first(adapters: AsyncContainer, owner: UserId) -> None:
    member = await a_person(adapters)
    own = [await an_album(adapters, owner, viewer=member) for _ in range(3)]
    theirs = await an_album(adapters, member)
    albums = await get(adapters, AlbumQueries)

    first = await albums.list(owner, shared=False, after=None, limit=2)
    rest = await albums.list(owner, shared=False, after=first[-1].id, limit=2)
    shared = await albums.list(member, shared=True, after=own[2], limit=5)

    assert [view.id for view in [*first, *rest]] == own[::-1]
    assert [(view.id, view.role) for view in shared] == [(own[1], Role.VIEWER), (own[0], Role.VIEWER)]
    assert [view.id for view in await albums.list(member, shared=False, after=None, limit=5)] == [theirs]


async def test_deleting_an_album_leaves_its_photos(adapters: AsyncContainer, owner: UserId) -> None:
    member = await a_person(adapters)
    photos = await some_photos(adapters, owner, 2)
    album_id = await an_album(adapters, owner, *photos, viewer=member)

    await use(adapters, DeleteAlbum)(actor=owner, album_id=album_id)

    for reader in (owner, member):
        with pytest.raises(AlbumNotFound):
            await view_of(adapters, album_id, reader)
    assert len(await (await get(adapters, PhotoQueries)).find([photo.id for photo in photos], owner=owner)) == 2


async def test_somebody_is_found_by_id_or_address_and_may_be_made_something_else(
    adapters: AsyncContainer, owner: UserId
) -> None:
    bob = await stored(adapters, a_user(email="bob@example.test", display_name="Bob"))
    album_id = await an_album(adapters, owner)
    sharing = use(adapters, ShareAlbum)

    first = await sharing(actor=owner, album_id=album_id, user=EmailAddress("bob@example.test"), role=Role.VIEWER)
    second = await sharing(actor=owner, album_id=album_id, user=bob.id, role=Role.EDITOR)

    assert (first.new, second.new, second.user_id) == (True, False, bob.id)
    [member] = await (await get(adapters, AlbumQueries)).members(album_id, reader=bob.id, after=None, limit=5)
    assert (member.user_id, member.display_name, member.role) == (bob.id, "Bob", "editor")
    assert (await view_of(adapters, album_id, bob.id)).role is Role.EDITOR


async def test_nobody_unknown_nor_the_owner_becomes_a_member(adapters: AsyncContainer, owner: UserId) -> None:
    album_id = await an_album(adapters, owner)
    sharing = use(adapters, ShareAlbum)

    with pytest.raises(UserNotFound):
        await sharing(actor=owner, album_id=album_id, user=EmailAddress("x@example.test"), role=Role.VIEWER)
    with pytest.raises(AlbumInvalid):
        await sharing(actor=owner, album_id=album_id, user=owner, role=Role.VIEWER)


async def test_an_album_has_no_more_members_than_it_may(
    adapters: AsyncContainer, owner: UserId, store: FakeStore
) -> None:
    album_id = await an_album(adapters, owner)
    for _ in range(store.album_policy.max_members):
        await share(adapters, album_id, owner, await a_person(adapters), Role.VIEWER)

    with pytest.raises(TooManyMembers):
        await share(adapters, album_id, owner, await a_person(adapters), Role.VIEWER)


async def test_what_a_member_owns_leaves_with_them(adapters: AsyncContainer, owner: UserId) -> None:
    bob = await a_person(adapters)
    [own], [theirs, trashed] = await some_photos(adapters, owner, 1), await some_photos(adapters, bob, 2)
    album_id = await an_album(adapters, owner, own, contributor=bob)
    await put(adapters, album_id, theirs, trashed)
    await use(adapters, MoveToTrash)(actor=bob, photo_ids=[trashed.id])

    await use(adapters, UnshareAlbum)(actor=owner, album_id=album_id, user=bob)

    assert as_uuids(await shown(adapters, album_id, owner)) == [own.id]
    assert (await view_of(adapters, album_id, owner)).photo_count == 1


async def test_who_comes_back_has_another_membership(adapters: AsyncContainer, owner: UserId) -> None:
    bob = await a_person(adapters)
    album_id = await an_album(adapters, owner, viewer=bob)
    first = (await view_of(adapters, album_id, bob)).membership

    await use(adapters, UnshareAlbum)(actor=bob, album_id=album_id, user=bob)
    await share(adapters, album_id, owner, bob, Role.VIEWER)

    assert (first, (await view_of(adapters, album_id, bob)).membership) == (1, 2)


async def test_every_change_goes_to_all_who_see_the_album(adapters: AsyncContainer, owner: UserId) -> None:
    bob, eve = await a_person(adapters), await a_person(adapters)
    [photo] = await some_photos(adapters, owner, 1)
    album_id = await an_album(adapters, owner, contributor=bob)
    await share(adapters, album_id, owner, eve, Role.VIEWER)
    await put(adapters, album_id, photo)
    await use(adapters, UnshareAlbum)(actor=owner, album_id=album_id, user=eve)
    await use(adapters, MoveToTrash)(actor=owner, photo_ids=[photo.id])
    await use(adapters, DeleteAlbum)(actor=owner, album_id=album_id)

    created, updated, deleted = "album.created", "album.updated", "album.deleted"
    assert await told(adapters, owner, album_id) == [created, *[updated] * 5, deleted]
    assert await told(adapters, bob, album_id) == [created, *[updated] * 4, deleted]
    assert await told(adapters, eve, album_id) == [created, updated, deleted]


async def test_counts_are_right_whoever_adds_and_trashes_at_once(adapters: AsyncContainer, owner: UserId) -> None:
    bob = await a_person(adapters)
    own, theirs = await some_photos(adapters, owner, 4), await some_photos(adapters, bob, 4)
    album_id = await an_album(adapters, owner, *own[:2], contributor=bob)

    async def trash(photo: Photo) -> None:
        await use(adapters, MoveToTrash)(actor=photo.owner_id, photo_ids=[photo.id])

    await asyncio.gather(
        *(put(adapters, album_id, photo) for photo in (*own[2:], *theirs)), *(trash(photo) for photo in own[:2])
    )

    assert (await view_of(adapters, album_id, owner)).photo_count == 6
    assert len(await shown(adapters, album_id, bob)) == 6


async def test_who_is_erased_takes_their_albums_and_leaves_all_others(adapters: AsyncContainer, owner: UserId) -> None:
    bob = await a_person(adapters)
    [own], [theirs] = await some_photos(adapters, owner, 1), await some_photos(adapters, bob, 1)
    album_id = await an_album(adapters, owner, own, contributor=bob)
    await put(adapters, album_id, theirs)
    bobs = await an_album(adapters, bob, theirs, viewer=owner)

    await use(adapters, CloseAccount)(actor=bob)
    await use(adapters, EraseAccount)(user_id=bob)

    assert as_uuids(await shown(adapters, album_id, owner)) == [own.id]
    assert await (await get(adapters, AlbumQueries)).members(album_id, reader=owner, after=None, limit=5) == []
    assert (await told(adapters, owner, bobs))[-1] == "album.deleted"


async def test_uploads_come_into_their_album_while_others_fill_and_empty_it(
    adapters: AsyncContainer, owner: UserId
) -> None:
    bob = await a_person(adapters)
    own = await some_photos(adapters, owner, 4)
    album_id = await an_album(adapters, owner, *own, contributor=bob)
    fields = {"album_id": str(album_id)}

    async def upload(number: int) -> None:
        form = FakeForm(a_picture(str(number)), before=fields, at_most=2000)
        await use(adapters, UploadForm)(actor=bob, form=form)

    async def trash(photo: Photo) -> None:
        await use(adapters, MoveToTrash)(actor=owner, photo_ids=[photo.id])

    await asyncio.gather(*(upload(number) for number in (1, 2, 3, 3)), *(trash(photo) for photo in own))

    assert {view.owner_id for view in await shown(adapters, album_id, owner)} == {bob}
    assert (await view_of(adapters, album_id, owner)).photo_count == 3


async def test_a_direct_upload_remembers_its_album(adapters: AsyncContainer, owner: UserId) -> None:
    known = (await some_photos(adapters, owner, 1))[0]
    album_id = await an_album(adapters, owner)
    begin, uploads = use(adapters, StartDirectUpload), await get(adapters, UploadQueries)
    said, said_of_known = UploadDetails(album_id=album_id), UploadDetails(album_id=album_id, sha256=known.sha256)

    new = await begin(actor=owner, file=replace(an_announced_file(), details=said))
    await begin(actor=owner, file=replace(an_announced_file(), details=said_of_known))

    assert (await uploads.get(new.id, owner=owner)).details.album_id == album_id
    assert as_uuids(await shown(adapters, album_id, owner)) == [known.id]


async def test_a_query_takes_no_photos_and_a_filled_album_no_query(adapters: AsyncContainer, owner: UserId) -> None:
    photos = await some_photos(adapters, owner, 1)
    found = await an_album(adapters, owner, query=PhotoFilter(favorite=True))
    filled = await an_album(adapters, owner)
    edit = use(adapters, EditAlbum)

    with pytest.raises(AlbumFindsByQuery):
        await put(adapters, found, *photos)
    with pytest.raises(AlbumFilledByHand):
        await edit(actor=owner, album_id=filled, edit=AlbumEdit(query={"favorite": True}))
    await edit(actor=owner, album_id=found, edit=AlbumEdit(query={"text": "sea"}))

    assert (await view_of(adapters, found, owner)).query == PhotoFilter(favorite=True, text="sea")


@pytest.mark.parametrize("sort", PhotoSort)
async def test_photos_of_an_album_pass_the_filters_whoever_owns_them(
    adapters: AsyncContainer, owner: UserId, sort: PhotoSort
) -> None:
    bob = await a_person(adapters)
    own = await stored(adapters, a_photo(owner_id=owner, title="sea", hashtags=["sea"], favorite=True))
    theirs = await stored(adapters, a_photo(owner_id=bob, title="The SEA", hashtags=["sea", "sun"], favorite=True))
    await stored(adapters, a_photo(owner_id=owner, title="sea", hashtags=["sea"]))
    other = await stored(adapters, a_photo(owner_id=owner, title="dawn"))
    album_id = await an_album(adapters, owner, own, other, contributor=bob)
    await put(adapters, album_id, theirs)

    async def ids(filter: PhotoFilter, reader: UserId = owner) -> set[object]:
        return set(as_uuids(await filtered(adapters, album_id, reader, filter, sort)))

    assert await ids(PhotoFilter()) == {own.id, theirs.id, other.id}
    assert await ids(PhotoFilter(text="sea", hashtags=names("sea")), bob) == {own.id, theirs.id}
    assert await ids(PhotoFilter(favorite=True)) == {own.id}
    assert await ids(PhotoFilter(favorite=True), bob) == {theirs.id}


async def test_the_trash_of_an_album_is_the_readers_own(adapters: AsyncContainer, owner: UserId) -> None:
    bob = await a_person(adapters)
    own, shown_one = await some_photos(adapters, owner, 2)
    [theirs] = await some_photos(adapters, bob, 1)
    album_id = await an_album(adapters, owner, own, shown_one, contributor=bob)
    await put(adapters, album_id, theirs)
    await use(adapters, MoveToTrash)(actor=owner, photo_ids=[own.id])
    await use(adapters, MoveToTrash)(actor=bob, photo_ids=[theirs.id])

    assert as_uuids(await filtered(adapters, album_id, owner, PhotoFilter(trashed=True))) == [own.id]
    assert as_uuids(await filtered(adapters, album_id, bob, PhotoFilter(trashed=True))) == [theirs.id]


async def test_filters_narrow_what_a_query_finds(adapters: AsyncContainer, owner: UserId) -> None:
    viewer = await a_person(adapters)
    both = await stored(adapters, a_photo(owner_id=owner, title="sea and sun", favorite=True))
    sea = await stored(adapters, a_photo(owner_id=owner, title="sea"))
    await stored(adapters, a_photo(owner_id=owner, title="sun"))
    album_id = await an_album(adapters, owner, query=PhotoFilter(text="sea"), viewer=viewer)

    assert as_uuids(await filtered(adapters, album_id, viewer, PhotoFilter())) == as_uuids([both, sea])
    assert as_uuids(await filtered(adapters, album_id, viewer, PhotoFilter(text="sun"))) == [both.id]
    assert as_uuids(await filtered(adapters, album_id, owner, PhotoFilter(favorite=True))) == [both.id]
    assert await filtered(adapters, album_id, viewer, PhotoFilter(favorite=True)) == []
