"""Who may do what: every role, every action, through the use cases."""

from collections.abc import Awaitable, Callable, Mapping

import pytest
from dishka import AsyncContainer

from photostore.album.album import AlbumEdit
from photostore.album.commands.add_photos_to_album import AddPhotosToAlbum
from photostore.album.commands.delete_album import DeleteAlbum
from photostore.album.commands.edit_album import EditAlbum
from photostore.album.commands.order_album import OrderAlbum
from photostore.album.commands.remove_photos_from_album import RemovePhotosFromAlbum
from photostore.album.commands.share_album import ShareAlbum
from photostore.album.commands.unshare_album import UnshareAlbum
from photostore.album.errors import AlbumFilledByHand, AlbumNotFound, RoleForbids
from photostore.album.roles import ALLOWED, Action, Role
from photostore.photo.photo import Photo
from photostore.shared.ids import AlbumId, UserId
from tests.albums import a_person, an_album, put, share, shown, some_photos
from tests.using import use

EDITS = {Action.EDIT, Action.ORDER, Action.REMOVE_ANY_PHOTO}
ADDS = {Action.ADD_PHOTOS, Action.REMOVE_OWN_PHOTOS}
OWNS = {Action.CHOOSE, Action.SHARE, Action.DELETE}
# As the contract says it in words; strangers are nobody here, and so may nothing.
MAY: Mapping[str, set[Action]] = {
    "owner": {Action.READ, *ADDS, *EDITS, *OWNS},
    "editor": {Action.READ, *ADDS, *EDITS},
    "contributor": {Action.READ, *ADDS},
    "viewer": {Action.READ},
    "stranger": set(),
}


class Try:
    """What somebody tries with an album that holds a photo of the owner's and one of theirs, where they may have one."""

    def __init__(self, container: AsyncContainer, album_id: AlbumId, actor: UserId, owners: Photo, own: Photo) -> None:
        self.container = container
        self.said = {"actor": actor, "album_id": album_id}
        self.owners, self.own = owners, own

    def _use(self, use_case: type) -> Callable[..., Awaitable[object]]:
        return use(self.container, use_case)

    async def __call__(self, action: Action) -> None:
        photos = {
            Action.ADD_PHOTOS: (AddPhotosToAlbum, self.own),
            Action.REMOVE_OWN_PHOTOS: (RemovePhotosFromAlbum, self.own),
            Action.REMOVE_ANY_PHOTO: (RemovePhotosFromAlbum, self.owners),
            Action.ORDER: (OrderAlbum, self.owners),
        }
        if action in photos:
            use_case, photo = photos[action]
            await self._use(use_case)(**self.said, photo_ids=[photo.id])
        elif action is Action.READ:
            await shown(self.container, self.said["album_id"], self.said["actor"])  # type: ignore[arg-type]
        elif action is Action.SHARE:
            someone = await a_person(self.container)
            await self._use(ShareAlbum)(**self.said, user=someone, role=Role.VIEWER)
        elif action is Action.DELETE:
            await self._use(DeleteAlbum)(**self.said)
        else:
            edit = AlbumEdit(query={"favorite": True}) if action is Action.CHOOSE else AlbumEdit(name="Other")
            await self._use(EditAlbum)(**self.said, edit=edit)


@pytest.fixture
async def owner(container: AsyncContainer) -> UserId:
    return await a_person(container)


async def the_try(container: AsyncContainer, owner: UserId, role: str, action: Action) -> Try:
    owners = (await some_photos(container, owner, 1))[0]
    album_id = await an_album(container, owner, owners)
    actor = owner if role == "owner" else await a_person(container)
    if role not in ("owner", "stranger"):
        await share(container, album_id, owner, actor, Role(role))
    own = (await some_photos(container, actor, 1))[0]
    if action is Action.REMOVE_ANY_PHOTO and role == "owner":
        other = await a_person(container)
        await share(container, album_id, owner, other, Role.CONTRIBUTOR)
        owners = (await some_photos(container, other, 1))[0]
        await put(container, album_id, owners)
    return Try(container, album_id, actor, owners, own)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", MAY)
async def test_the_table_holds(container: AsyncContainer, owner: UserId, role: str, action: Action) -> None:
    attempt = await the_try(container, owner, role, action)
    expected: tuple[type[Exception], ...] = ()
    if role == "stranger":
        expected = (AlbumNotFound,)
    elif action not in MAY[role]:
        expected = (RoleForbids,)
    elif action is Action.CHOOSE:
        expected = (AlbumFilledByHand,)  # allowed, and nothing that this album has

    if expected:
        with pytest.raises(expected):
            await attempt(action)
    else:
        await attempt(action)


def test_every_role_has_its_line() -> None:
    assert {role.value: set(actions) for role, actions in ALLOWED.items()} == {
        role: actions for role, actions in MAY.items() if role != "stranger"
    }


@pytest.mark.parametrize("role", ["editor", "contributor", "viewer"])
async def test_any_member_may_leave_and_none_may_send_another_away(
    container: AsyncContainer, owner: UserId, role: str
) -> None:
    member, other = await a_person(container), await a_person(container)
    album_id = await an_album(container, owner, viewer=other)
    await share(container, album_id, owner, member, Role(role))
    unshare = use(container, UnshareAlbum)

    with pytest.raises(RoleForbids):
        await unshare(actor=member, album_id=album_id, user=other)
    await unshare(actor=member, album_id=album_id, user=member)

    with pytest.raises(AlbumNotFound):
        await shown(container, album_id, member)
