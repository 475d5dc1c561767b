"""What the owner is told, and who is woken by it."""

import asyncio
from uuid import UUID

import pytest
from dishka import AsyncContainer

from photostore.album.events import (
    AlbumChanged,
    AlbumQueryChanged,
    MemberLeft,
    MemberRoleChanged,
    PhotosJoinedAlbum,
    PhotosLeftAlbum,
    QueryFoundPhoto,
    QueryLostPhoto,
)
from photostore.changes import CHANGES, SHARED_CHANGES, changes_told_of
from photostore.event.change import Change, Entity, Happening, coalesced
from photostore.event.commands.follow_changes import FollowChanges
from photostore.event.errors import TooManyFollow, TooManyFollowers
from photostore.event.listeners import FollowingLimits, Listeners, Places
from photostore.event.ports import ChangeHearer
from photostore.photo.events import PhotoDated, PhotoEdited, PhotoFoundOtherwise, RenditionsReplaced
from photostore.share_link.events import ShareUrlsEnded
from photostore.shared.ids import UserId
from photostore.upload.events import UploadLeftBytes, UploadLeftUrl, UploadTold
from photostore.upload.upload import Upload, UploadState
from photostore.user.events import AccountErased, UserDisabled, UserEnabled, UserRegistered
from tests.builders import a_direct_upload, a_photo, a_photo_id, a_user_id, an_album_id, an_upload
from tests.core.test_reactions import all_events
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import stored, use
from tests.waiting import eventually

# Accounts have no feed of their own, links are in none, and nobody sees where bytes lie; new renditions come with a photo
# that was decoded.
UNTOLD = {
    AccountErased,
    AlbumQueryChanged,
    MemberRoleChanged,
    PhotoDated,
    PhotoFoundOtherwise,
    PhotosJoinedAlbum,
    PhotosLeftAlbum,
    QueryFoundPhoto,
    QueryLostPhoto,
    RenditionsReplaced,
    ShareUrlsEnded,
    UploadLeftBytes,
    UploadLeftUrl,
    UploadTold,
    UserDisabled,
    UserEnabled,
    UserRegistered,
}
OWNER, THING = a_user_id(), a_photo_id()


def change(happening: Happening, thing: UUID = THING) -> Change:
    return Change(owner_id=OWNER, entity=Entity.PHOTO, entity_id=thing, happening=happening, at=NOW)


def test_every_event_is_told_or_is_known_not_to_be() -> None:
    assert all_events() - UNTOLD == set(CHANGES) | set(SHARED_CHANGES)


def test_a_change_names_its_owner_its_thing_and_its_time() -> None:
    [told] = changes_told_of(
        [PhotoEdited(at=NOW, owner_id=OWNER, photo_id=THING), UserRegistered(at=NOW, user_id=OWNER)]
    )

    assert told == change(Happening.UPDATED)
    assert told.event == "photo.updated"


def test_of_several_changes_of_one_thing_the_strongest_is_told() -> None:
    updated, created, trashed = (change(each) for each in (Happening.UPDATED, Happening.CREATED, Happening.TRASHED))
    restored, deleted, other = change(Happening.RESTORED), change(Happening.DELETED), change(Happening.UPDATED, OWNER)

    assert coalesced([updated, created, updated, other]) == [created, other]
    assert coalesced([updated, trashed, updated]) == [trashed]
    assert coalesced([trashed, restored]) == [restored]
    assert coalesced([created, deleted, updated]) == [deleted]


def test_one_thing_is_told_to_everybody_who_shares_it() -> None:
    people = (a_user_id(), a_user_id())
    album = an_album_id()
    changed = AlbumChanged(at=NOW, album_id=album, people=people)
    left = MemberLeft(at=NOW, album_id=album, user_id=people[1], number=1)

    told = coalesced(changes_told_of([changed, left, changed]))

    assert [(each.owner_id, each.event) for each in told] == [
        (people[0], "album.updated"),
        (people[1], "album.deleted"),
    ]


def kinds(upload: Upload) -> list[str]:
    return [each.event for each in changes_told_of(upload.events)]


def test_an_upload_tells_how_it_ends() -> None:
    ended = {state: a_direct_upload() for state in (UploadState.ABORTED, UploadState.EXPIRED, UploadState.REJECTED)}
    for state, upload in ended.items():
        upload.end(state, reason="told", now=NOW)
    completed, known = a_direct_upload(), a_direct_upload()
    completed.complete(a_photo_id(), now=NOW)
    known.need_nothing(a_photo_id())

    assert [kinds(each) for each in ended.values()] == [["upload.created", f"upload.{state}"] for state in ended]
    assert kinds(completed) == ["upload.created", "upload.completed"]
    assert [each.event for each in coalesced(changes_told_of(known.events))] == ["upload.completed"]


def test_a_form_s_upload_tells_nothing() -> None:
    upload = an_upload()

    upload.end(UploadState.REJECTED, reason="told", now=NOW)

    assert kinds(upload) == []


async def test_who_waits_is_woken_by_its_own_changes_alone(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo(hashtags=["sea"]))
    here = (await use(container, FollowChanges)(actor=photo.owner_id, after=None, limit=10)).next
    waiting = asyncio.ensure_future(use(container, FollowChanges)(actor=photo.owner_id, after=here, limit=10, wait=30))
    await eventually(lambda: store.listeners.waiting)
    await stored(container, a_direct_upload())
    store.listeners.wake(photo.owner_id)
    await asyncio.sleep(0)

    upload = await stored(container, a_direct_upload(owner_id=photo.owner_id))

    followed = await waiting
    assert [each.entity_id for each in followed.page.items] == [upload.id]
    assert (followed.waited > 0, store.listeners.waiting) == (True, 0)


async def test_the_end_of_a_wait_is_an_empty_page_with_the_same_place(container: AsyncContainer) -> None:
    owner = (await stored(container, a_direct_upload())).owner_id
    here = (await use(container, FollowChanges)(actor=owner, after=None, limit=10)).next

    followed = await use(container, FollowChanges)(actor=owner, after=here, limit=10, wait=0.001)

    assert (followed.page.items, followed.next.seq) == ([], here.seq)


async def test_nobody_waits_while_nothing_can_be_heard(container: AsyncContainer, store: FakeStore) -> None:
    owner = a_user_id()
    waiting = asyncio.ensure_future(use(container, FollowChanges)(actor=owner, after=None, limit=10, wait=30))
    await eventually(lambda: store.listeners.waiting)
    store.listeners.wake_all(hearing=False)

    broken_off = await waiting
    begun = await use(container, FollowChanges)(actor=owner, after=None, limit=10, wait=30)

    assert (broken_off.page.items, begun.page.items) == ([], [])


def test_one_owner_has_so_many_waits_and_no_more() -> None:
    listeners, owner = Listeners(Places(FollowingLimits(of_owner=3))), a_user_id()

    def begin(whose: UserId) -> bool:
        with listeners.one(whose) as mine:
            return mine is not None

    waits = [listeners.one(owner) for _ in range(3)]
    for each in waits:
        each.__enter__()
    full, other = begin(owner), begin(a_user_id())
    waits[0].__exit__(None, None, None)

    assert (full, other, begin(owner)) == (False, True, True)


class Hearer(ChangeHearer):
    def __init__(self) -> None:
        self.told: list[object] = []

    def heard(self, owner: UserId) -> None:
        self.told.append(owner)

    def unsure(self, *, hearing: bool) -> None:
        self.told.append(hearing)

    def over(self) -> None:
        self.told.append("over")


def test_who_attends_to_all_hears_of_every_owner_and_how_it_stands() -> None:
    listeners, hearer, late, owner = Listeners(Places(FollowingLimits())), Hearer(), Hearer(), a_user_id()

    listeners.attend(hearer)
    listeners.wake_all(hearing=True)
    listeners.wake(owner)
    listeners.stop()
    listeners.attend(late)

    assert hearer.told == [False, True, owner, False, "over"]
    assert late.told == ["over"]


def test_places_are_of_one_owner_and_of_all() -> None:
    places, owner = Places(FollowingLimits(of_owner=1, of_process=2)), a_user_id()
    places.take(owner)

    with pytest.raises(TooManyFollow):
        places.demand(owner)
    places.take(a_user_id())
    with pytest.raises(TooManyFollowers):
        places.demand(a_user_id())
    places.free(owner)

    places.demand(owner)
