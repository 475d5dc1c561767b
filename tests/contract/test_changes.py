"""What the change feed promises, wherever it is kept."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from dishka import AsyncContainer

from photostore.event.commands.begin_stream import BeginStream
from photostore.event.commands.compact_changes import CompactChanges
from photostore.event.commands.follow_changes import FollowChanges, FollowedChanges
from photostore.event.errors import CursorExpired
from photostore.event.queries import ChangedHashtag, ChangedUpload, ChangeQueries, ChangeView
from photostore.event.retention import ChangePosition
from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.hashtag.queries import HashtagQueries
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.purge_trash import PurgeTrash
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.photo.photo import Photo, PhotoEdit, PhotoStatus
from photostore.photo.ports import PhotoRepository
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.commands.abort_upload import AbortUpload
from photostore.upload.commands.upload_form import UploadForm
from photostore.user.commands.erase_account import EraseAccount
from tests.builders import a_direct_upload, a_photo, a_picture, a_user, a_user_id
from tests.fakes.form import FakeForm
from tests.fakes.system import NOW, FakeClock
from tests.using import get, stored, use


async def made(adapters: AsyncContainer, owner: UserId | None = None, *hashtags: str) -> Photo:
    photo = a_photo(owner_id=owner, status=PhotoStatus.PROCESSING, hashtags=hashtags)
    return await stored(adapters, photo)


async def edit(adapters: AsyncContainer, photo: Photo, **told: object) -> None:
    edit = PhotoEdit(**told)  # type: ignore[arg-type]
    await use(adapters, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=edit)


async def read(
    adapters: AsyncContainer, owner: UserId, after: ChangePosition | None = None, limit: int = 500
) -> FollowedChanges:
    return await use(adapters, FollowChanges)(actor=owner, after=after, limit=limit)


async def told(adapters: AsyncContainer, owner: UserId) -> Sequence[ChangeView]:
    return (await read(adapters, owner)).page.items


async def events(adapters: AsyncContainer, owner: UserId) -> list[tuple[int, str, UUID]]:
    return [(each.seq, each.event, each.entity_id) for each in await told(adapters, owner)]


async def names(adapters: AsyncContainer, owner: UserId) -> list[str]:
    return [each.event for each in await told(adapters, owner)]


async def test_a_photo_s_life_is_told_in_order(adapters: AsyncContainer, clock: FakeClock) -> None:
    photo = await made(adapters)
    owner, ids = photo.owner_id, [photo.id]
    edited_at = clock.advance(minutes=1)
    await edit(adapters, photo, title="Sea")
    await use(adapters, MoveToTrash)(actor=owner, photo_ids=ids)
    await use(adapters, RestoreFromTrash)(actor=owner, photo_ids=ids)
    await use(adapters, DeletePhoto)(actor=owner, photo_id=photo.id)

    kinds = ["photo.created", "photo.updated", "photo.trashed", "photo.restored", "photo.deleted"]
    assert await events(adapters, owner) == [(seq, kind, photo.id) for seq, kind in enumerate(kinds, 1)]
    page = await told(adapters, owner)
    assert [each.occurred_at for each in page] == [NOW, *[edited_at] * 4]
    assert len({each.event_id for each in page}) == 5
    assert {each.event_id.version for each in page} == {7}


async def test_a_transaction_tells_each_thing_once(adapters: AsyncContainer) -> None:
    photo = await made(adapters, None, "sea")
    await edit(adapters, photo, title="Sea", hashtags=["sea", "sun"])
    await use(adapters, MoveToTrash)(actor=photo.owner_id, photo_ids=[photo.id])

    kinds = ["hashtag.created", "photo.created", "hashtag.created", "photo.updated", "photo.trashed"]
    assert await names(adapters, photo.owner_id) == kinds


async def test_a_hashtag_is_told_to_who_made_it(adapters: AsyncContainer) -> None:
    maker, other = await stored(adapters, a_user()), a_user_id()
    hashtag = await use(adapters, CreateHashtag)(actor=maker.id, name="sea")
    photo = await made(adapters, other, "sea")

    assert await events(adapters, maker.id) == [(1, "hashtag.created", hashtag.id)]
    assert await events(adapters, other) == [(1, "photo.created", photo.id)]


async def test_uploads_are_told_but_not_a_form_s(adapters: AsyncContainer) -> None:
    upload = await stored(adapters, a_direct_upload())
    await use(adapters, AbortUpload)(actor=upload.owner_id, upload_id=upload.id)
    await use(adapters, UploadForm)(actor=upload.owner_id, form=FakeForm(a_picture(), at_most=2000))

    kinds = await names(adapters, upload.owner_id)

    assert kinds == ["upload.created", "upload.aborted", "photo.created"]


async def test_what_is_rolled_back_is_not_told_later_either(adapters: AsyncContainer) -> None:
    photo = await made(adapters)
    async with adapters() as scope:
        unit_of_work, photos = await scope.get(UnitOfWork), await get(scope, PhotoRepository)
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - all of it is what fails
            async with unit_of_work:
                fresh = await photos.get(photo.id, owner=photo.owner_id)
                fresh.move_to_trash(now=NOW)
                await photos.save(fresh)
                raise ZeroDivisionError
        async with unit_of_work:
            await photos.get(photo.id, owner=photo.owner_id)

    await edit(adapters, photo, title="Sun")

    assert await names(adapters, photo.owner_id) == ["photo.created", "photo.updated"]


async def test_a_purge_tells_every_owner(adapters: AsyncContainer, clock: FakeClock) -> None:
    photos = [await made(adapters) for _ in range(3)]
    for photo in photos:
        await use(adapters, MoveToTrash)(actor=photo.owner_id, photo_ids=[photo.id])
    clock.advance(days=31)

    await use(adapters, PurgeTrash)()

    for photo in photos:
        assert await names(adapters, photo.owner_id) == ["photo.created", "photo.trashed", "photo.deleted"]


async def test_pages_go_on_where_they_ended(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    photos = [await made(adapters, owner) for _ in range(5)]
    seen, after = list[UUID](), None
    for _ in range(4):
        page = await read(adapters, owner, after, limit=2)
        seen += [each.entity_id for each in page.page.items]
        after = page.next

    late = await made(adapters, owner)

    assert seen == [photo.id for photo in photos]
    assert [each.entity_id for each in (await read(adapters, owner, after)).page.items] == [late.id]


async def test_nobody_has_an_empty_feed(adapters: AsyncContainer) -> None:
    page = await read(adapters, a_user_id())

    assert (page.page.items, page.next.seq) == ([], 0)


async def test_the_ends_of_many_feeds_are_known_at_once(adapters: AsyncContainer) -> None:
    one, other = await made(adapters), await made(adapters)
    await edit(adapters, other, title="Sea")
    nobody = a_user_id()

    ends = await (await get(adapters, ChangeQueries)).ends([one.owner_id, other.owner_id, nobody])

    assert ends == {one.owner_id: 1, other.owner_id: 2}


async def test_a_stream_begins_at_the_end_or_where_its_reader_was(adapters: AsyncContainer, clock: FakeClock) -> None:
    photo, begin = await made(adapters), use(adapters, BeginStream)
    await edit(adapters, photo, title="Sea")

    async def told_last(seq: int) -> int:
        position = await begin(actor=photo.owner_id, after=ChangePosition.told_last(seq, now=clock.now()))
        return position.seq

    assert (await begin(actor=photo.owner_id, after=None)).seq == 2
    assert (await begin(actor=a_user_id(), after=None)).seq == 0
    assert [await told_last(seq) for seq in (0, 1, 2)] == [0, 1, 2]
    with pytest.raises(CursorExpired):
        await told_last(3)


async def test_of_a_reader_who_knows_a_number_alone_the_worst_is_assumed(
    adapters: AsyncContainer, clock: FakeClock
) -> None:
    photo, begin = await made(adapters), use(adapters, BeginStream)
    await edit(adapters, photo, title="Sea")
    clock.advance(days=31)
    await use(adapters, CompactChanges)()

    with pytest.raises(CursorExpired):
        await begin(actor=photo.owner_id, after=ChangePosition.told_last(1, now=clock.now()))
    for seq in (0, 2):
        await begin(actor=photo.owner_id, after=ChangePosition.told_last(seq, now=clock.now()))


async def test_a_place_that_was_never_reached_has_expired(adapters: AsyncContainer) -> None:
    photo = await made(adapters)

    with pytest.raises(CursorExpired):
        await read(adapters, photo.owner_id, ChangePosition(seq=2, since=NOW))


async def test_the_feed_goes_with_the_account(adapters: AsyncContainer) -> None:
    photo = await made(adapters)

    await use(adapters, EraseAccount)(user_id=photo.owner_id)

    assert await names(adapters, photo.owner_id) == []


async def test_compaction_leaves_the_last_change_of_what_is_there(adapters: AsyncContainer, clock: FakeClock) -> None:
    owner = a_user_id()
    kept, gone, late = [await made(adapters, owner) for _ in range(3)]
    await stored(adapters, a_direct_upload(owner_id=owner))
    await edit(adapters, kept, title="Sea")
    await use(adapters, DeletePhoto)(actor=owner, photo_id=gone.id)
    clock.advance(days=31)
    await edit(adapters, late, title="Sun")

    looked_at = await use(adapters, CompactChanges)(), await use(adapters, CompactChanges)()

    assert looked_at == (6, 0)
    assert await events(adapters, owner) == [
        (3, "photo.created", late.id),
        (5, "photo.updated", kept.id),
        (7, "photo.updated", late.id),
    ]


async def test_who_was_away_for_too_long_is_told_to_start_again(adapters: AsyncContainer, clock: FakeClock) -> None:
    photo = await made(adapters)
    owner = photo.owner_id
    here = (await read(adapters, owner)).next
    await use(adapters, DeletePhoto)(actor=owner, photo_id=photo.id)
    clock.advance(days=31)
    at_the_end = (await read(adapters, owner, here)).next
    await use(adapters, CompactChanges)()

    with pytest.raises(CursorExpired, match="without a cursor"):
        await read(adapters, owner, here)

    assert await names(adapters, owner) == []
    assert (await read(adapters, owner, at_the_end)).page.items == []


async def test_who_reads_from_the_beginning_is_not_overtaken(adapters: AsyncContainer, clock: FakeClock) -> None:
    owner = a_user_id()
    photos = [await made(adapters, owner) for _ in range(4)]
    clock.advance(days=31)
    first = await read(adapters, owner, limit=1)
    clock.advance(hours=2)

    await use(adapters, CompactChanges)()
    rest = await read(adapters, owner, first.next)

    assert [each.entity_id for each in rest.page.items] == [photo.id for photo in photos[1:]]


async def test_who_reads_too_slowly_starts_again(adapters: AsyncContainer, clock: FakeClock) -> None:
    owner = a_user_id()
    photo = await made(adapters, owner)
    await made(adapters, owner)
    slow = (await read(adapters, owner, limit=1)).next
    await use(adapters, DeletePhoto)(actor=owner, photo_id=photo.id)
    clock.advance(days=20)
    slow = (await read(adapters, owner, slow, limit=1)).next
    clock.advance(days=15)
    await use(adapters, CompactChanges)()

    with pytest.raises(CursorExpired):
        await read(adapters, owner, slow)


async def test_other_things_are_told_as_they_are_now(adapters: AsyncContainer) -> None:
    photo, foreign = await made(adapters, None, "sea"), await made(adapters, None, "sea")
    upload = await stored(adapters, a_direct_upload(owner_id=photo.owner_id, byte_size=7))
    theirs = await stored(adapters, a_direct_upload(owner_id=foreign.owner_id))
    [sea] = await (await get(adapters, HashtagQueries)).list(reader=None, after=None, limit=1)
    queries = await get(adapters, ChangeQueries)
    hashtags, uploads = [sea.id, a_user_id()], [upload.id, theirs.id]

    everyones = await queries.things(photo.owner_id, hashtags=hashtags, uploads=uploads, own_counts=False)
    own = await queries.things(photo.owner_id, hashtags=hashtags, uploads=uploads, own_counts=True)

    assert everyones == {
        sea.id: ChangedHashtag(sea.id, "sea", 2, NOW),
        upload.id: ChangedUpload(upload.id, "holiday.jpg", 7, NOW, "pending", None, NOW + timedelta(hours=24), None),
    }
    assert own[sea.id] == ChangedHashtag(sea.id, "sea", 1, NOW)
