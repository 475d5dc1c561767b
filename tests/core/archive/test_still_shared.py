"""Whether an archive that was begun may still be given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.album.roles import Role
from photostore.archive.commands.choose_album_photos import ChooseAlbumPhotos
from photostore.archive.commands.choose_shared_photos import ChooseSharedPhotos
from photostore.archive.commands.demand_still_shared import DemandStillShared
from photostore.archive.errors import PhotosNotArchivable
from photostore.archive.queries import ArchivedPhoto
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.share_link.commands.edit_share_link import EditShareLink
from photostore.share_link.commands.enter_share import EnterShare
from photostore.share_link.errors import ShareExpired, ShareNotFound
from photostore.share_link.gate import Share
from photostore.share_link.share_link import ShareLink, ShareLinkEdit
from photostore.shared.errors import PhotostoreError
from tests.albums import a_person, an_album, share, some_photos
from tests.builders import a_photo, a_share_link, a_user_id
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import stored, use


@dataclass
class Begun:
    """An archive of the two photos of a link, of which the first bytes are sent."""

    container: AsyncContainer
    link: ShareLink
    share: Share
    photos: Sequence[ArchivedPhoto]

    async def demand(self) -> None:
        demand = use(self.container, DemandStillShared)
        await demand(token=str(self.link.id), begun=self.share, photos=self.photos)

    async def edit(self, edit: ShareLinkEdit) -> None:
        await use(self.container, EditShareLink)(actor=self.link.owner_id, link_id=self.link.id, edit=edit)


@pytest.fixture
async def begun(container: AsyncContainer) -> Begun:
    owner = a_user_id()
    photos = [await stored(container, a_photo(owner_id=owner)) for _ in range(2)]
    named = [photo.id for photo in photos]
    link = await stored(container, a_share_link(owner_id=owner, photo_ids=named, allow_download=True))
    entered = await use(container, EnterShare)(token=str(link.id), bearer=None)
    return Begun(container, link, entered, await use(container, ChooseSharedPhotos)(entered))


async def test_what_is_shared_as_before_is_given_on(begun: Begun) -> None:
    await begun.edit(ShareLinkEdit(name="Another name", allow_upload=False))

    await begun.demand()


@pytest.mark.parametrize(
    "edits",
    [
        [ShareLinkEdit(hide_metadata=True)],
        [ShareLinkEdit(allow_download=False)],
        [ShareLinkEdit(disabled=True), ShareLinkEdit(disabled=False)],
        [ShareLinkEdit(expires_at=NOW + timedelta(days=1))],
    ],
)
async def test_a_link_that_allows_less_ends_what_was_begun(begun: Begun, edits: list[ShareLinkEdit]) -> None:
    for edit in edits:
        await begun.edit(edit)

    with pytest.raises(ShareNotFound):
        await begun.demand()


async def test_a_link_that_ends_meanwhile_ends_it(begun: Begun, store: FakeStore) -> None:
    begun.share.link.expires_at = NOW + timedelta(hours=1)
    store.share_links.rows[begun.link.id].expires_at = NOW + timedelta(hours=1)
    await begun.demand()

    store.clock.advance(hours=1)

    with pytest.raises(ShareExpired):
        await begun.demand()


async def test_a_photo_that_is_shown_no_longer_ends_it(begun: Begun, container: AsyncContainer) -> None:
    trashed = begun.link.photo_ids[1]
    await use(container, MoveToTrash)(actor=begun.link.owner_id, photo_ids=[trashed])

    with pytest.raises(PhotosNotArchivable):
        await begun.demand()


@pytest.mark.parametrize(("reader", "refusal"), [("owner", None), ("member", PhotosNotArchivable)])
async def test_of_an_album_too_but_for_whom_the_photo_belongs_to(
    container: AsyncContainer, reader: str, refusal: type[PhotostoreError] | None
) -> None:
    owner, member = await a_person(container), await a_person(container)
    photos = await some_photos(container, owner, 2)
    album_id = await an_album(container, owner, *photos)
    await share(container, album_id, owner, member, Role.VIEWER)
    actor = owner if reader == "owner" else member
    chosen = await use(container, ChooseAlbumPhotos)(actor=actor, album_id=album_id)
    await use(container, MoveToTrash)(actor=owner, photo_ids=[photos[0].id])

    async with container() as scope:
        choose = await scope.get(ChooseAlbumPhotos)
        if refusal is None:
            await choose.demand_still(actor=actor, begun=chosen)
        else:
            with pytest.raises(refusal):
                await choose.demand_still(actor=actor, begun=chosen)
