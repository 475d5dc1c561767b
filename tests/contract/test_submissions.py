"""What guests send: how it is counted, kept, and read."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from dishka import AsyncContainer

from photostore.album.queries import AlbumPhotoQueries, AlbumQueries, AlbumSort
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.errors import PhotoNotFound
from photostore.photo.queries import PhotoFilter, PhotoView, SubmittedPhotoView
from photostore.quota.queries import QuotaQueries
from photostore.selection.commands.mark_photo import MarkPhoto
from photostore.share_link.commands.delete_share_link import DeleteShareLink
from photostore.share_link.commands.read_share import ReadShare
from photostore.share_link.errors import (
    NotAllowedByShare,
    ShareExpired,
    ShareNotFound,
    ShareUploadsUsedUp,
)
from photostore.share_link.ports import ShareAllowance
from photostore.share_link.share_link import ShareLink
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, SubmissionId, UserId
from photostore.submission.commands.approve_submission import ApproveSubmission
from photostore.submission.commands.reject_submission import RejectSubmission
from photostore.submission.errors import SubmissionNotFound
from photostore.submission.guest import GuestUpload
from photostore.submission.ports import SubmissionRepository
from photostore.submission.queries import SubmissionQueries
from photostore.submission.submission import SubmissionState
from photostore.upload.commands.upload_form import UploadForm
from photostore.upload.commands.upload_guest_form import UploadGuestForm
from photostore.upload.details import UploadDetails
from photostore.upload.queries import UploadQueries
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.erase_account import EraseAccount
from tests.albums import a_person, an_album, some_photos
from tests.builders import a_direct_upload, a_photo, a_picture, a_share_link, a_user_id
from tests.fakes.form import FakeForm
from tests.fakes.system import NOW, new_id
from tests.guests import an_album_link, sent, share_of
from tests.using import get, stored, transaction, use


async def take(adapters: AsyncContainer, link: ShareLink, byte_size: int = 10) -> bool:
    async with transaction(adapters, ShareAllowance) as allowance:
        return await allowance.take(link.id, owner=link.owner_id, byte_size=byte_size, now=NOW)


@pytest.mark.parametrize("limits", [{"max_uploads": 3}, {"max_upload_bytes": 35}], ids=["number", "bytes"])
async def test_of_many_at_once_never_more_are_taken_than_may(adapters: AsyncContainer, limits: dict[str, Any]) -> None:
    link = await an_album_link(adapters, **limits)

    taken = await asyncio.gather(*(take(adapters, link) for _ in range(6)), return_exceptions=True)

    assert [type(each) for each in taken].count(ShareUploadsUsedUp) == 3
    assert taken.count(False) == 3
    shared = (await share_of(adapters, link)).link
    assert (shared.uploads, shared.upload_bytes) == (3, 30)


async def test_whether_it_is_held_for_review_is_told(adapters: AsyncContainer) -> None:
    assert await take(adapters, await an_album_link(adapters, review=True))


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"disabled": True}, ShareNotFound),
        ({"expires_at": NOW - timedelta(seconds=1)}, ShareExpired),
        ({"allow_upload": False}, NotAllowedByShare),
    ],
    ids=str,
)
async def test_a_link_that_ended_takes_nothing(
    adapters: AsyncContainer, told: dict[str, Any], refusal: type[Exception]
) -> None:
    link = await an_album_link(adapters, **told)

    with pytest.raises(refusal):
        await take(adapters, link)


async def test_a_link_that_is_not_there_takes_nothing(adapters: AsyncContainer) -> None:
    with pytest.raises(ShareNotFound):
        await take(adapters, a_share_link())


async def test_what_was_undone_is_not_counted(adapters: AsyncContainer) -> None:
    link = await an_album_link(adapters)

    with suppress(RuntimeError):
        async with transaction(adapters, ShareAllowance) as allowance:
            await allowance.take(link.id, owner=link.owner_id, byte_size=10, now=NOW)
            raise RuntimeError

    assert (await share_of(adapters, link)).link.uploads == 0


async def shown(adapters: AsyncContainer, link: ShareLink) -> list[PhotoView]:
    share = await share_of(adapters, link)
    async with adapters() as scope:
        return list((await (await scope.get(ReadShare)).page(share, after=None, limit=50)).items)


async def one(adapters: AsyncContainer, link: ShareLink, told: Any) -> PhotoView:
    share = await share_of(adapters, link)
    async with adapters() as scope:
        return await (await scope.get(ReadShare)).photo(share, PhotoId(told))


@pytest.mark.parametrize("made", [True, False], ids=["new", "known before"])
async def test_a_photo_that_a_guest_sent_is_marked_wherever_it_shows(adapters: AsyncContainer, made: bool) -> None:
    owner = await a_person(adapters)
    photo = await stored(adapters, a_photo(owner_id=owner, title="Secret", filename="mine.jpg"))
    link = await an_album_link(adapters, owner=owner)
    submission_id = await sent(adapters, link, photo, made=made, title="Cake")

    [listed] = await shown(adapters, link)
    told = [listed, await one(adapters, link, submission_id), await one(adapters, link, photo.id)]

    assert link.album_id is not None
    album = await (await get(adapters, AlbumQueries)).get(link.album_id, reader=owner)
    page = await (await get(adapters, AlbumPhotoQueries)).page(album, sort=AlbumSort.POSITION, after=None, limit=5)
    assert all(isinstance(view, SubmittedPhotoView) for view in [*told, *page.items])
    assert {view.submission.id for view in [*told, *page.items] if isinstance(view, SubmittedPhotoView)} == {
        submission_id
    }
    assert {view.id for view in told} == {photo.id}
    assert {(view.title, view.filename) for view in told} == {
        ("Secret", "mine.jpg") if made else ("Cake", "theirs.jpg")
    }
    assert [view.title for view in page.items] == ["Secret"]


async def test_pages_go_on_after_what_guests_sent(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    first, second, third = await some_photos(adapters, owner, 3)
    link = await an_album_link(adapters, first, owner=owner)
    for photo in (second, third):
        await sent(adapters, link, photo)
    share, after, ids = await share_of(adapters, link), None, list[object]()

    while True:
        async with adapters() as scope:
            page = await (await scope.get(ReadShare)).page(share, after=after, limit=1)
        ids += [view.id for view in page.items]
        after = page.next
        if after is None:
            break
        assert after.id not in (second.id, third.id)

    assert ids == [first.id, second.id, third.id]


async def test_another_links_visitors_know_a_photo_by_the_same_id(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    [photo] = await some_photos(adapters, owner, 1)
    link = await an_album_link(adapters, owner=owner)
    other = await stored(adapters, a_share_link(owner_id=owner, album_id=link.album_id))
    elsewhere = await an_album_link(adapters, owner=owner)

    submission_id = await sent(adapters, link, photo)

    assert (await one(adapters, other, submission_id)).id == photo.id
    with pytest.raises(PhotoNotFound):
        await one(adapters, elsewhere, submission_id)


async def test_what_is_held_shows_once_it_is_approved(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    [photo] = await some_photos(adapters, owner, 1)
    link = await an_album_link(adapters, owner=owner, review=True)
    submission_id = await sent(adapters, link, photo)
    held = await shown(adapters, link)

    await use(adapters, ApproveSubmission)(actor=owner, link_id=link.id, told=photo.id)

    assert held == []
    assert [view.id for view in await shown(adapters, link)] == [photo.id]
    found = await (await get(adapters, SubmissionQueries)).find(submission_id, link_id=link.id, owner=owner)
    assert (found.state, found.guest_name, found.photo.id) == ("approved", "Grace", photo.id)


async def test_submissions_are_listed_newest_first_and_by_state(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    photos = await some_photos(adapters, owner, 3)
    link = await an_album_link(adapters, owner=owner, review=True)
    first, second, third = [await sent(adapters, link, photo) for photo in photos]
    await use(adapters, ApproveSubmission)(actor=owner, link_id=link.id, told=second)
    queries = await get(adapters, SubmissionQueries)

    async def listed(of: UserId = owner, state: SubmissionState | None = None, after: Any = None) -> list[object]:
        return [view.id for view in await queries.list(link.id, owner=of, state=state, after=after, limit=2)]

    assert await listed() == [third, second]
    assert await listed(after=second) == [first]
    assert await listed(state=SubmissionState.PENDING) == [third, first]
    assert await listed(of=a_user_id()) == []


async def test_of_the_submissions_of_a_photo_the_one_to_decide_is_found(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    [photo] = await some_photos(adapters, owner, 1)
    link = await an_album_link(adapters, owner=owner, review=True)
    first, second = [await sent(adapters, link, photo, made=made) for made in (True, False)]
    await use(adapters, ApproveSubmission)(actor=owner, link_id=link.id, told=second)
    queries = await get(adapters, SubmissionQueries)

    found = await queries.find(photo.id, link_id=link.id, owner=owner)

    assert found.id == first
    for asked in ({"link_id": ShareLinkId(new_id()), "owner": owner}, {"link_id": link.id, "owner": a_user_id()}):
        with pytest.raises(SubmissionNotFound):
            await queries.find(first, **asked)  # type: ignore[arg-type]


async def test_who_sent_it_reads_it_until_it_is_rejected(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    [photo] = await some_photos(adapters, owner, 1)
    link = await an_album_link(adapters, owner=owner, review=True)
    submission_id = await sent(adapters, link, photo)
    queries = await get(adapters, SubmissionQueries)
    before = await queries.sent(submission_id, link_id=link.id, owner=owner)

    async with transaction(adapters, SubmissionRepository) as submissions:
        submission = await submissions.get(submission_id, owner=owner)
        submission.reject()
        await submissions.save(submission)

    assert before.submission.filename == "theirs.jpg"
    with pytest.raises(PhotoNotFound):
        await queries.sent(submission_id, link_id=link.id, owner=owner)


async def test_a_submission_is_saved_over_the_version_that_was_read(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    [photo] = await some_photos(adapters, owner, 1)
    link = await an_album_link(adapters, owner=owner, review=True)
    submission_id = await sent(adapters, link, photo)
    async with transaction(adapters, SubmissionRepository) as submissions:
        stale = await submissions.get(submission_id, owner=owner)
        stale.version -= 1

        with pytest.raises(ConcurrentUpdate):
            await submissions.save(stale)
    with pytest.raises(SubmissionNotFound):
        async with transaction(adapters, SubmissionRepository) as submissions:
            await submissions.get(submission_id, owner=a_user_id())


async def test_submissions_go_with_their_photo(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    [photo] = await some_photos(adapters, owner, 1)
    link = await an_album_link(adapters, owner=owner)
    await sent(adapters, link, photo)

    await use(adapters, DeletePhoto)(actor=owner, photo_id=photo.id)

    queries = await get(adapters, SubmissionQueries)
    assert list(await queries.list(link.id, owner=owner, state=None, after=None, limit=5)) == []


async def test_an_upload_remembers_which_guest_sends_it(adapters: AsyncContainer) -> None:
    guest = GuestUpload(
        link_id=ShareLinkId(new_id()), album_id=AlbumId(new_id()), submission_id=SubmissionId(new_id()), name="Grace"
    )
    upload = a_direct_upload(owner_id=await a_person(adapters))
    upload.details = UploadDetails(guest=guest, keywords_as_hashtags=False)
    await stored(adapters, upload)

    kept = await (await get(adapters, UploadQueries)).get(upload.id, owner=upload.owner_id)

    assert kept.details == upload.details


@pytest.mark.parametrize("known", [False, True], ids=["new bytes", "known bytes"])
async def test_a_form_of_a_guests_is_a_submission_a_photo_and_charged(adapters: AsyncContainer, known: bool) -> None:
    owner = await a_person(adapters)
    picture = a_picture(str(new_id()), byte_size=2000)
    if known:
        await use(adapters, UploadForm)(actor=owner, form=FakeForm(picture))
    link = await an_album_link(adapters, owner=owner)

    form = FakeForm(picture, before={"guest_name": "Grace"}, after={"title": "Cake"})
    submission_id = await use(adapters, UploadGuestForm)(share=await share_of(adapters, link), form=form)

    [listed] = await shown(adapters, link)
    assert isinstance(listed, SubmittedPhotoView)
    assert (listed.submission.id, listed.submission.made_photo, listed.title) == (submission_id, not known, "Cake")
    shared = (await share_of(adapters, link)).link
    assert (shared.uploads, shared.upload_bytes, shared.album_photo_count) == (1, 2000, 1)
    quota = await (await get(adapters, QuotaQueries)).storage(owner)
    assert (quota.originals_bytes, quota.reserved_bytes) == (2000, 0)


async def test_what_is_rejected_goes_into_the_trash(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    link = await an_album_link(adapters, owner=owner, review=True)
    form = FakeForm(a_picture(str(new_id())))
    submission_id = await use(adapters, UploadGuestForm)(share=await share_of(adapters, link), form=form)

    for _ in range(2):
        await use(adapters, RejectSubmission)(actor=owner, link_id=link.id, told=submission_id)

    found = await (await get(adapters, SubmissionQueries)).find(submission_id, link_id=link.id, owner=owner)
    assert (found.state, found.photo.trashed_at is not None) == ("rejected", True)
    quota = await (await get(adapters, QuotaQueries)).storage(owner)
    assert (quota.photo_count, quota.trash_bytes > 0) == (0, True)


async def test_an_erased_account_leaves_nothing_of_its_guests(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    link = await an_album_link(adapters, owner=owner)
    form = FakeForm(a_picture(str(new_id())))
    await use(adapters, UploadGuestForm)(share=await share_of(adapters, link), form=form)
    [photo] = await shown(adapters, link)
    await use(adapters, MarkPhoto)(share=await share_of(adapters, link), photo_id=PhotoId(photo.id), favorite=True)

    await use(adapters, CloseAccount)(actor=owner)
    await use(adapters, EraseAccount)(user_id=owner)

    queries = await get(adapters, SubmissionQueries)
    assert list(await queries.list(link.id, owner=owner, state=None, after=None, limit=5)) == []


@pytest.mark.parametrize("decision", ["approved", "link deleted"])
async def test_what_waits_for_a_decision_shows_through_no_query_either(adapters: AsyncContainer, decision: str) -> None:
    owner = await a_person(adapters)
    [mine, new] = await some_photos(adapters, owner, 2)
    link = await an_album_link(adapters, owner=owner, review=True)
    found_by = await an_album(adapters, owner, query=PhotoFilter())
    by_query = await stored(adapters, a_share_link(owner_id=owner, album_id=found_by))
    submission_id = await sent(adapters, link, new)
    await sent(adapters, link, mine, made=False)

    waiting = [photo.id for photo in await shown(adapters, by_query)]
    with pytest.raises(PhotoNotFound):
        await one(adapters, by_query, new.id)
    if decision == "approved":
        await use(adapters, ApproveSubmission)(actor=owner, link_id=link.id, told=submission_id)
    else:
        await use(adapters, DeleteShareLink)(actor=owner, link_id=link.id)

    assert waiting == [mine.id]
    assert [photo.id for photo in await shown(adapters, by_query)] == [new.id, mine.id]
    assert (await one(adapters, by_query, new.id)).id == new.id
