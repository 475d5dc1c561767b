"""What the trash may rely on, wherever photos are kept."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.hashtag.queries import HashtagQueries
from photostore.photo.commands.delete_trashed import DeleteTrashed
from photostore.photo.commands.empty_trash import EmptyTrash
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.purge_trash import PurgeTrash
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.photo.duplicates import DuplicateQueries
from photostore.photo.photo import Photo, Shown
from photostore.photo.picture import Fingerprint, ImageFormat, PictureFacts, Rendition
from photostore.photo.ports import DeletionLedger, PhotoRepository, TrashRepository
from photostore.photo.queries import PhotoFilter, PhotoQueries, PhotoSort
from photostore.photo.trash import TrashStatus
from photostore.quota.commands.reconcile_quotas import ReconcileQuotas
from photostore.quota.figures import Figures
from photostore.quota.ports import Quotas
from photostore.quota.queries import QuotaQueries, StorageView
from photostore.shared.blobs import BlobKey
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import PhotoId, UserId
from photostore.upload.upload import UploadState
from photostore.user.errors import UserNotFound
from photostore.user.ports import UserRepository
from tests.builders import a_photo, a_photo_id, a_user_id, an_upload, names
from tests.containers import QUOTA_BYTES
from tests.fakes.system import NOW, FakeClock
from tests.using import get, stored, transaction, use

FINGERPRINT = Fingerprint(pixels=b"p" * 32, perceptual=0xF0F0_F0F0_F0F0_F0F0)
THUMB = Rendition(
    name="thumb",
    format=ImageFormat.WEBP,
    width=320,
    height=240,
    byte_size=70,
    blob_key=BlobKey("renditions/a/b/thumb.webp"),
)


async def listed(
    adapters: AsyncContainer, owner: UserId, sort: PhotoSort = PhotoSort.OLDEST, **wanted: object
) -> list[object]:
    queries = await get(adapters, PhotoQueries)
    passing = PhotoFilter(**wanted)  # type: ignore[arg-type]
    page = await queries.list(owner, passing, sort=sort, after=None, limit=50)
    return [view.id for view in page.items]


async def move(adapters: AsyncContainer, *photos: Photo) -> None:
    results = await use(adapters, MoveToTrash)(actor=photos[0].owner_id, photo_ids=[photo.id for photo in photos])
    assert {result.status for result in results} == {"trashed"}


async def restore(adapters: AsyncContainer, *photos: Photo) -> None:
    await use(adapters, RestoreFromTrash)(actor=photos[0].owner_id, photo_ids=[photo.id for photo in photos])


async def storage(adapters: AsyncContainer, owner: UserId) -> StorageView:
    return await (await get(adapters, QuotaQueries)).storage(owner)


async def counts(adapters: AsyncContainer, reader: UserId | None) -> dict[str, int]:
    views = await (await get(adapters, HashtagQueries)).list(reader=reader, after=None, limit=50)
    return {view.name: view.photo_count for view in views}


@pytest.mark.parametrize("sort", PhotoSort)
async def test_a_trashed_photo_shows_in_the_trash_alone(adapters: AsyncContainer, sort: PhotoSort) -> None:
    photo = await stored(adapters, a_photo(hashtags=["sea", "sun"], favorite=True, title="Sea", taken_at=NOW))
    owner, sea = photo.owner_id, names("sea")
    await move(adapters, photo)

    for wanted in ({}, {"hashtags": sea}, {"favorite": True}, {"text": "sea"}, {"taken_from": NOW}):
        assert await listed(adapters, owner, sort, **wanted) == []
        assert await listed(adapters, owner, sort, trashed=True, **wanted) == [photo.id]
    assert await listed(adapters, owner, sort, trashed=True, hashtags=names("sea", "sun"), favorite=True) == [photo.id]
    assert await listed(adapters, owner, sort, trashed=True, hashtags=names("lake")) == []


@pytest.mark.parametrize("sort", PhotoSort)
async def test_pages_of_the_trash_go_on_where_they_ended(adapters: AsyncContainer, sort: PhotoSort) -> None:
    owner, moments = a_user_id(), [None, NOW, NOW + timedelta(hours=1), None, NOW]
    photos = [await stored(adapters, a_photo(owner_id=owner, trashed_at=NOW, taken_at=each)) for each in moments]
    await stored(adapters, a_photo(owner_id=owner, taken_at=NOW))
    queries, seen, after = await get(adapters, PhotoQueries), list[object](), None

    while True:
        page = await queries.list(owner, PhotoFilter(trashed=True), sort=sort, after=after, limit=2)
        seen += [view.id for view in page.items]
        after = page.next
        if after is None:
            break

    assert sorted(map(str, seen)) == sorted(str(photo.id) for photo in photos)


async def test_restoring_brings_hashtags_and_counts_back(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(hashtags=["sea"]))
    await move(adapters, photo)
    in_trash = await counts(adapters, None), await counts(adapters, photo.owner_id)

    await restore(adapters, photo)

    assert in_trash == ({"sea": 0}, {})
    assert (await counts(adapters, None), await counts(adapters, photo.owner_id)) == ({"sea": 1}, {"sea": 1})
    assert await listed(adapters, photo.owner_id, hashtags=names("sea")) == [photo.id]


async def test_deleting_from_the_trash_takes_no_hashtag_off_twice(adapters: AsyncContainer) -> None:
    photo, other = [await stored(adapters, a_photo(hashtags=["sea"])) for _ in range(2)]
    await move(adapters, photo)

    await use(adapters, DeleteTrashed)(actor=photo.owner_id, photo_ids=[photo.id])

    assert await counts(adapters, None) == {"sea": 1}
    assert await counts(adapters, other.owner_id) == {"sea": 1}


async def decoded(adapters: AsyncContainer, photo: Photo) -> None:
    shown = Shown(
        width=10, height=10, facts=PictureFacts(), placeholder=b"p", fingerprint=FINGERPRINT, renditions=(THUMB,)
    )
    async with transaction(adapters, PhotoRepository) as repository:
        fresh = await repository.get(photo.id, owner=photo.owner_id)
        fresh.show(shown, now=NOW)
        await repository.save(fresh)


async def duplicates(adapters: AsyncContainer, photo: Photo) -> list[object]:
    found = await (await get(adapters, DuplicateQueries)).of_photo(photo.id, owner=photo.owner_id, distance=4)
    return [each.photo.id for each in found]


async def test_no_trashed_photo_is_a_duplicate(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    photos = [await stored(adapters, a_photo(owner_id=owner)) for _ in range(3)]
    await move(adapters, photos[1])
    for photo in photos:
        await decoded(adapters, photo)
    await move(adapters, photos[0])

    page = await (await get(adapters, DuplicateQueries)).groups(owner, distance=4, after=None, limit=10)

    assert page.items == []
    assert await duplicates(adapters, photos[2]) == []
    assert await duplicates(adapters, photos[0]) == [photos[2].id]
    await restore(adapters, *photos)
    assert await duplicates(adapters, photos[2]) == [photos[0].id, photos[1].id]


async def test_what_was_changed_since_is_not_moved(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    async with transaction(adapters, TrashRepository) as trash:
        [stale] = await trash.find([photo.id], owner=photo.owner_id)
    await move(adapters, photo)
    stale.move_to_trash(now=NOW)

    with pytest.raises(ConcurrentUpdate):
        async with transaction(adapters, TrashRepository) as trash:
            await trash.move([stale])


async def test_moving_at_once_moves_once(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    photos = [await stored(adapters, a_photo(owner_id=owner, hashtags=["sea", "sun"])) for _ in range(5)]
    ids = [photo.id for photo in photos]

    answers = await asyncio.gather(
        *(use(adapters, MoveToTrash)(actor=owner, photo_ids=order) for order in (ids, ids[::-1], ids, ids[::-1]))
    )

    statuses = [result.status for results in answers for result in results]
    assert (statuses.count(TrashStatus.TRASHED), statuses.count(TrashStatus.UNCHANGED)) == (5, 15)
    told = await storage(adapters, owner)
    assert (told.trash_bytes, told.photo_count) == (5000, 0)
    assert await counts(adapters, None) == {"sea": 0, "sun": 0}


async def test_workers_purge_each_photo_once(adapters: AsyncContainer, clock: FakeClock) -> None:
    for owner in (a_user_id(), a_user_id()):
        for _ in range(3):
            await stored(adapters, a_photo(owner_id=owner, trashed_at=NOW))
    clock.advance(days=31)

    purged = await asyncio.gather(*(use(adapters, PurgeTrash)() for _ in range(4)))

    assert sum(purged) == 6


async def test_emptying_leaves_what_is_not_in_the_trash(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    kept = await stored(adapters, a_photo(owner_id=photo.owner_id))
    await move(adapters, photo)

    await use(adapters, EmptyTrash)(actor=photo.owner_id)

    assert await listed(adapters, photo.owner_id) == [kept.id]
    assert await listed(adapters, photo.owner_id, trashed=True) == []


async def deleted_at(adapters: AsyncContainer, photo: Photo, owner: UserId | None = None) -> object:
    async with transaction(adapters, DeletionLedger) as ledger:
        return await ledger.deleted_at(photo.sha256, owner=owner or photo.owner_id)


async def delete(adapters: AsyncContainer, photo: Photo) -> None:
    await move(adapters, photo)
    await use(adapters, DeleteTrashed)(actor=photo.owner_id, photo_ids=[photo.id])


async def test_the_ledger_tells_what_its_owner_deleted(adapters: AsyncContainer, clock: FakeClock) -> None:
    photo, other = [await stored(adapters, a_photo()) for _ in range(2)]
    await delete(adapters, photo)

    assert await deleted_at(adapters, photo) == clock.now()
    assert await deleted_at(adapters, photo, owner=other.owner_id) is None
    assert await deleted_at(adapters, other) is None


async def test_the_last_of_two_deletions_counts(adapters: AsyncContainer, clock: FakeClock) -> None:
    photo = await stored(adapters, a_photo())
    await delete(adapters, photo)
    again = await stored(adapters, a_photo(owner_id=photo.owner_id, sha256=photo.sha256))
    later = clock.advance(hours=1)

    await delete(adapters, again)

    assert await deleted_at(adapters, photo) == later


async def test_the_ledger_goes_with_the_account(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    await delete(adapters, photo)
    async with transaction(adapters, UserRepository) as users:
        await users.remove(photo.owner_id)

    assert await deleted_at(adapters, photo) is None


async def looked_up(adapters: AsyncContainer, owner: UserId, digests: Sequence[bytes]) -> list[tuple[object, object]]:
    found = await (await get(adapters, PhotoQueries)).lookup(digests, owner=owner)
    assert [each.sha256 for each in found] == list(digests)
    return [(each.photo_id, each.deleted_at) for each in found]


async def test_a_lookup_answers_in_the_order_asked(adapters: AsyncContainer, clock: FakeClock) -> None:
    owner = a_user_id()
    here, trashed, gone = [await stored(adapters, a_photo(owner_id=owner)) for _ in range(3)]
    foreign = await stored(adapters, a_photo())
    await move(adapters, trashed)
    await delete(adapters, gone)
    digests = [gone.sha256, foreign.sha256, trashed.sha256, here.sha256, gone.sha256]

    told = await looked_up(adapters, owner, digests)

    deleted = (None, clock.now())
    assert told == [deleted, (None, None), (trashed.id, None), (here.id, None), deleted]


async def test_bytes_that_are_there_again_count_as_not_deleted(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    await delete(adapters, photo)

    again = await stored(adapters, a_photo(owner_id=photo.owner_id, sha256=photo.sha256))

    assert await looked_up(adapters, photo.owner_id, [photo.sha256]) == [(again.id, None)]


async def test_photos_are_found_by_their_ids(adapters: AsyncContainer) -> None:
    photo, foreign = [await stored(adapters, a_photo()) for _ in range(2)]
    trashed = await stored(adapters, a_photo(owner_id=photo.owner_id, trashed_at=NOW))
    asked: list[PhotoId] = [photo.id, trashed.id, foreign.id, a_photo_id(), photo.id]

    found = await (await get(adapters, PhotoQueries)).find(asked, owner=photo.owner_id)

    assert {(view.id, view.trashed_at) for view in found} == {(photo.id, None), (trashed.id, NOW)}
    assert len(found) == 2


async def test_storage_tells_what_is_kept(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(byte_size=100, renditions=(THUMB,)))
    await stored(adapters, a_photo(owner_id=photo.owner_id, byte_size=30, trashed_at=NOW))
    await stored(adapters, an_upload(owner_id=photo.owner_id, reserved_bytes=7))

    assert await storage(adapters, photo.owner_id) == StorageView(
        quota_bytes=QUOTA_BYTES,
        used_bytes=130,
        reserved_bytes=7,
        originals_bytes=100,
        renditions_bytes=70,
        trash_bytes=30,
        photo_count=1,
    )


async def test_nobody_has_no_storage(adapters: AsyncContainer) -> None:
    with pytest.raises(UserNotFound):
        await storage(adapters, a_user_id())


async def test_an_image_counts_once(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    grown = []

    for key in ("renditions/x/1", "renditions/x/2", "renditions/x/1"):
        async with transaction(adapters, PhotoRepository) as photos:
            grown.append(await photos.count_image(photo.id, owner=photo.owner_id, key=BlobKey(key), byte_size=5))

    async with transaction(adapters, PhotoRepository) as photos:
        fresh = await photos.get(photo.id, owner=photo.owner_id)
    assert (grown, fresh.images_bytes, fresh.version) == ([5, 5, 0], 10, 1)


async def test_counting_anew_finds_nothing_where_all_is_right(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(renditions=(THUMB,), hashtags=["sea"]))
    await stored(adapters, a_photo(owner_id=photo.owner_id, trashed_at=NOW, renditions=(THUMB,)))
    await stored(adapters, an_upload(owner_id=photo.owner_id, reserved_bytes=7))
    await stored(adapters, a_photo())
    await move(adapters, photo)

    done = await use(adapters, ReconcileQuotas)()

    assert (done.owners, done.drift) == (2, {})


async def test_counting_anew_tells_what_is_off_and_mends_it(adapters: AsyncContainer) -> None:
    photo, other = await stored(adapters, a_photo(renditions=(THUMB,))), await stored(adapters, a_photo())
    ended = an_upload(owner_id=photo.owner_id, reserved_bytes=0, state=UploadState.ABORTED)
    await stored(adapters, ended)
    before = await storage(adapters, photo.owner_id)
    off = Figures(originals_bytes=5, trash_bytes=3, renditions_bytes=-20, photo_count=2)
    async with transaction(adapters, Quotas) as quotas:
        await quotas.adjust(photo.owner_id, off)
        await quotas.reserve(photo.owner_id, 9)

    done, again = await use(adapters, ReconcileQuotas)(), await use(adapters, ReconcileQuotas)()

    drift = {"used_bytes": 8, "reserved_bytes": 9, "trash_bytes": 3, "renditions_bytes": -20, "photo_count": 2}
    assert done.drift == {photo.owner_id: drift}
    assert other.owner_id not in done.drift
    assert again.drift == {}
    assert await storage(adapters, photo.owner_id) == before


async def test_counting_anew_while_photos_come_and_go_finds_nothing(adapters: AsyncContainer) -> None:
    owner = (await stored(adapters, a_photo())).owner_id

    async def come_and_go() -> None:
        for _ in range(5):
            await delete(adapters, await stored(adapters, a_photo(owner_id=owner)))

    async def count() -> list[int]:
        return [len((await use(adapters, ReconcileQuotas)()).drift) for _ in range(10)]

    found, *_ = await asyncio.gather(count(), come_and_go(), come_and_go())

    assert found == [0] * 10
