"""What is read of libraries that move, wherever they are kept."""

import pytest
from dishka import AsyncContainer

from photostore.album.commands.order_album import OrderAlbum
from photostore.album.roles import Role
from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.shared.ids import UserId
from photostore.transfer.queries import Membership, Owner, TransferQueries
from photostore.user.commands.close_account import CloseAccount
from photostore.user.errors import UserNotFound
from tests.albums import an_album, share, some_photos
from tests.builders import a_user, a_user_id
from tests.using import get, stored, use


async def queries(adapters: AsyncContainer) -> TransferQueries:
    return await get(adapters, TransferQueries)


async def test_every_account_is_told_once_by_id_unless_it_was_erased(adapters: AsyncContainer) -> None:
    users = [await stored(adapters, a_user(display_name="Anna")) for _ in range(4)]
    await use(adapters, CloseAccount)(actor=users[1].id)
    transfers = await queries(adapters)

    found = list[Owner]()
    while page := await transfers.owners(after=found[-1].id if found else None, limit=2):
        found += page

    left = sorted((users[0], users[2], users[3]), key=lambda user: user.id)
    assert found == [Owner(user.id, user.email, "Anna") for user in left]
    assert await transfers.owner(users[0].id) == Owner(users[0].id, users[0].email, "Anna")
    for nobody in (users[1].id, a_user_id()):
        with pytest.raises(UserNotFound):
            await transfers.owner(nobody)


async def test_an_album_tells_all_that_was_put_into_it_in_its_order(adapters: AsyncContainer) -> None:
    owner, other = (await stored(adapters, a_user())).id, (await stored(adapters, a_user(display_name="Bo"))).id
    photos = await some_photos(adapters, owner, 3)
    album = await an_album(adapters, owner, *photos)
    await use(adapters, OrderAlbum)(actor=owner, album_id=album, photo_ids=[photos[2].id])
    await use(adapters, MoveToTrash)(actor=owner, photo_ids=[photos[0].id])
    await share(adapters, album, owner, other, Role.EDITOR)
    transfers = await queries(adapters)

    contents = await transfers.contents(album, owner=owner)

    assert [each.id for each in contents] == [photos[2].id, photos[0].id, photos[1].id]
    assert [each.sha256 for each in contents] == [photos[2].sha256, photos[0].sha256, photos[1].sha256]
    assert [(each.display_name, each.role) for each in await transfers.members(album, owner=owner)] == [
        ("Bo", "editor")
    ]
    assert await transfers.contents(album, owner=other) == []
    assert await transfers.members(album, owner=other) == []


async def test_photos_tell_the_albums_that_they_are_in(adapters: AsyncContainer) -> None:
    owner = (await stored(adapters, a_user())).id
    photos = await some_photos(adapters, owner, 3)
    first, second = await an_album(adapters, owner, *photos[:2]), await an_album(adapters, owner, photos[0])
    transfers = await queries(adapters)

    found = await transfers.memberships([photo.id for photo in photos], owner=owner)

    assert found == [
        Membership(photos[0].id, first, "Holiday"),
        Membership(photos[0].id, second, "Holiday"),
        Membership(photos[1].id, first, "Holiday"),
    ]
    assert await transfers.memberships([photos[0].id], owner=a_user_id()) == []


async def test_the_hashtags_that_somebody_made_are_told_by_name(adapters: AsyncContainer) -> None:
    owner: UserId = (await stored(adapters, a_user())).id
    for name in ("sun", "beach"):
        await use(adapters, CreateHashtag)(actor=owner, name=name)
    transfers = await queries(adapters)

    assert await transfers.hashtags_of(owner) == ["beach", "sun"]
    assert await transfers.hashtags_of(a_user_id()) == []
