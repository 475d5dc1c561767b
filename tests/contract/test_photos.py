"""What the photo room may rely on, wherever photos are kept."""

import asyncio
from datetime import UTC, datetime

import pytest
from dishka import AsyncContainer

from photostore.hashtag.queries import HashtagQueries
from photostore.photo.errors import PhotoNotFound
from photostore.photo.photo import Photo, PhotoEdit, PhotoStatus
from photostore.photo.ports import PhotoRepository
from photostore.photo.queries import PhotoFilter, PhotoQueries, PhotoSort
from photostore.photo.viewing import view_of
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import PhotoId, UserId
from tests.builders import a_photo, a_photo_id, a_user, a_user_id, as_uuids, names
from tests.fakes.system import NOW
from tests.using import get, stored, transaction

TAKEN = datetime(2025, 7, 1, 18, 30, 0, 123456, tzinfo=UTC)


async def read(adapters: AsyncContainer, photo: Photo) -> Photo:
    async with transaction(adapters, PhotoRepository) as photos:
        return await photos.get(photo.id, owner=photo.owner_id)


async def edit(adapters: AsyncContainer, photo: Photo, change: PhotoEdit) -> None:
    async with transaction(adapters, PhotoRepository) as photos:
        fresh = await photos.get(photo.id, owner=photo.owner_id)
        fresh.edit(change, now=NOW)
        await photos.save(fresh)


async def counts(adapters: AsyncContainer, reader: UserId | None = None) -> dict[str, int]:
    views = await (await get(adapters, HashtagQueries)).list(reader=reader, after=None, limit=100)
    return {view.name: view.photo_count for view in views}


async def carriers(adapters: AsyncContainer, owner: UserId, hashtag: str) -> list[PhotoId]:
    """The photos that are found by the hashtag: in the real thing by its links."""
    page = await (await get(adapters, PhotoQueries)).list(
        owner, PhotoFilter(hashtags=names(hashtag)), sort=PhotoSort.OLDEST, after=None, limit=100
    )
    return [PhotoId(view.id) for view in page.items]


async def test_a_photo_comes_back_as_it_was_kept(adapters: AsyncContainer) -> None:
    photo = a_photo(
        title="Sea",
        description="Calm, 海 🌊",
        taken_at=TAKEN,
        taken_at_offset_minutes=-210,
        hashtags=["sun", "sea"],
        favorite=True,
        custom={"rating": 5, "nested": {"list": [1, 2.5, None, "ü"]}},
        status=PhotoStatus.PROCESSING,
    )

    await stored(adapters, photo)

    kept = await read(adapters, photo)
    assert (kept.title, kept.description) == ("Sea", "Calm, 海 🌊")
    assert (kept.taken_at, kept.taken_at_offset_minutes) == (TAKEN, -210)
    assert (kept.hashtags, kept.favorite, kept.status) == (("sun", "sea"), True, PhotoStatus.PROCESSING)
    assert kept.custom == {"rating": 5, "nested": {"list": [1, 2.5, None, "ü"]}}
    assert (kept.blob_key, kept.filename, kept.content_type) == (photo.blob_key, "holiday.jpg", "image/jpeg")
    assert (kept.byte_size, kept.sha256, kept.width, kept.height) == (1000, photo.sha256, 4000, 3000)
    assert (kept.created_at, kept.updated_at, kept.version) == (NOW, NOW, 1)
    assert view_of(photo) == await (await get(adapters, PhotoQueries)).get(photo.id, owner=photo.owner_id)


async def test_the_view_of_a_photo_says_the_same(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(title="Sea", hashtags=["sun", "sea"], custom={"a": {"b": 1}}))

    view = await (await get(adapters, PhotoQueries)).get(photo.id, owner=photo.owner_id)

    assert (view.id, view.owner_id, view.blob_key) == (photo.id, photo.owner_id, photo.blob_key)
    assert (view.title, list(view.hashtags), view.custom) == ("Sea", ["sun", "sea"], {"a": {"b": 1}})
    assert (view.sha256, view.byte_size, view.status) == (photo.sha256, 1000, "ready")
    assert (view.taken_at, view.taken_at_offset_minutes, view.version) == (None, None, 1)


async def test_an_absent_photo_and_someone_elses_are_not_found(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    queries = await get(adapters, PhotoQueries)

    for photo_id, owner in ((a_photo_id(), photo.owner_id), (photo.id, a_user_id())):
        with pytest.raises(PhotoNotFound):
            await queries.get(photo_id, owner=owner)
        async with transaction(adapters, PhotoRepository) as photos:
            with pytest.raises(PhotoNotFound):
                await photos.get(photo_id, owner=owner)


async def test_the_same_bytes_are_kept_once_an_owner(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    again = a_photo(owner_id=photo.owner_id, sha256=photo.sha256, hashtags=["again"])
    again.created()

    async with transaction(adapters, PhotoRepository) as photos:
        existing = await photos.add(again)

    assert existing == photo.id
    assert await counts(adapters) == {}
    with pytest.raises(PhotoNotFound):
        await read(adapters, again)


async def test_another_owner_may_have_the_same_bytes(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())

    other = await stored(adapters, a_photo(sha256=photo.sha256))

    assert await read(adapters, other) == other


async def test_the_same_bytes_added_at_once_become_one_photo(adapters: AsyncContainer) -> None:
    owner = await stored(adapters, a_user())
    copies = [a_photo(owner_id=owner.id, sha256=bytes(32), hashtags=["sea"]) for _ in range(8)]

    async def add(photo: Photo) -> PhotoId | None:
        photo.created()
        async with transaction(adapters, PhotoRepository) as photos:
            return await photos.add(photo)

    answers = await asyncio.gather(*(add(photo) for photo in copies))

    kept = await carriers(adapters, owner.id, "sea")
    assert answers.count(None) == 1
    assert {answer for answer in answers if answer} == set(kept)
    assert await counts(adapters) == {"sea": 1}


async def test_an_edit_is_kept_under_the_next_version(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(title="old", custom={"a": 1}))

    await edit(adapters, photo, PhotoEdit(title="new", favorite=True, taken_at=TAKEN, custom={"b": 2}))

    kept = await read(adapters, photo)
    assert (kept.title, kept.favorite, kept.taken_at, kept.version) == ("new", True, TAKEN, 2)
    assert kept.custom == {"a": 1, "b": 2}


async def test_a_change_that_is_not_saved_is_not_kept(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(title="old"))

    async with transaction(adapters, PhotoRepository) as photos:
        (await photos.get(photo.id, owner=photo.owner_id)).edit(PhotoEdit(title="new"), now=NOW)

    assert (await read(adapters, photo)).title == "old"


async def test_what_is_rolled_back_was_never_said(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(title="old", hashtags=["sea"]))

    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - all of it is what fails
        async with transaction(adapters, PhotoRepository) as photos:
            fresh = await photos.get(photo.id, owner=photo.owner_id)
            fresh.edit(PhotoEdit(title="new", hashtags=["sun"]), now=NOW)
            await photos.save(fresh)
            raise ZeroDivisionError

    kept = await read(adapters, photo)
    assert (kept.title, kept.hashtags, kept.version) == ("old", ("sea",), 1)
    assert await counts(adapters) == {"sea": 1}


async def test_a_second_writer_of_what_was_read_before_is_refused(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    stale = await read(adapters, photo)
    await edit(adapters, photo, PhotoEdit(title="first"))

    stale.edit(PhotoEdit(title="second"), now=NOW)
    with pytest.raises(ConcurrentUpdate):
        async with transaction(adapters, PhotoRepository) as photos:
            await photos.save(stale)

    assert (await read(adapters, photo)).title == "first"


async def test_writers_who_read_in_their_transaction_take_turns(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())

    await asyncio.gather(*(edit(adapters, photo, PhotoEdit(custom={f"k{number}": number})) for number in range(8)))

    kept = await read(adapters, photo)
    assert kept.custom == {f"k{number}": number for number in range(8)}
    assert kept.version == 9


async def test_a_removed_photo_is_gone_with_its_links_and_counts(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(hashtags=["sea"]))
    other = await stored(adapters, a_photo(owner_id=photo.owner_id, hashtags=["sea"]))

    async with transaction(adapters, PhotoRepository) as photos:
        leaving = await photos.get(photo.id, owner=photo.owner_id)
        leaving.delete(now=NOW)
        await photos.remove([leaving])

    with pytest.raises(PhotoNotFound):
        await read(adapters, photo)
    assert await counts(adapters) == {"sea": 1}
    assert await carriers(adapters, photo.owner_id, "sea") == [other.id]


async def test_removing_what_was_changed_or_removed_since_is_refused(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    stale = await read(adapters, photo)
    await edit(adapters, photo, PhotoEdit(title="new"))

    async with transaction(adapters, PhotoRepository) as photos:
        with pytest.raises(ConcurrentUpdate):
            await photos.remove([stale])
    async with transaction(adapters, PhotoRepository) as photos:
        await photos.remove([await photos.get(photo.id, owner=photo.owner_id)])
    async with transaction(adapters, PhotoRepository) as photos:
        with pytest.raises(ConcurrentUpdate):
            await photos.remove([stale])


async def test_removing_nothing_is_fine(adapters: AsyncContainer) -> None:
    async with transaction(adapters, PhotoRepository) as photos:
        await photos.remove([])


async def test_the_oldest_of_an_owner_come_first(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    kept = [await stored(adapters, a_photo(owner_id=owner)) for _ in range(3)]
    await stored(adapters, a_photo())

    async with transaction(adapters, PhotoRepository) as photos:
        oldest = await photos.oldest(owner, limit=2)
        none = await photos.oldest(a_user_id(), limit=2)

    assert as_uuids(oldest) == as_uuids(kept[:2])
    assert list(none) == []


async def test_links_counters_and_the_photo_itself_agree(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(hashtags=["sea", "sun"]))
    other = await stored(adapters, a_photo(owner_id=photo.owner_id, hashtags=["sun"]))
    strangers = await stored(adapters, a_photo(hashtags=["sun"]))

    await edit(adapters, photo, PhotoEdit(hashtags=["sun", "sky"]))
    await edit(adapters, other, PhotoEdit(hashtags=[]))

    assert (await read(adapters, photo)).hashtags == ("sun", "sky")
    assert await carriers(adapters, photo.owner_id, "sun") == [photo.id]
    assert await carriers(adapters, photo.owner_id, "sky") == [photo.id]
    assert await carriers(adapters, photo.owner_id, "sea") == []
    assert await carriers(adapters, strangers.owner_id, "sun") == [strangers.id]
    assert await counts(adapters) == {"sea": 0, "sky": 1, "sun": 2}
    assert await counts(adapters, photo.owner_id) == {"sky": 1, "sun": 1}


@pytest.mark.parametrize("taken_at", [datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC), TAKEN])
async def test_any_time_comes_back_as_it_was_said(adapters: AsyncContainer, taken_at: datetime) -> None:
    photo = await stored(adapters, a_photo())

    await edit(adapters, photo, PhotoEdit(taken_at=taken_at))

    view = await (await get(adapters, PhotoQueries)).get(photo.id, owner=photo.owner_id)
    assert (await read(adapters, photo)).taken_at == taken_at
    assert view.taken_at == taken_at


async def test_numbers_and_texts_of_any_size_come_back_as_they_were_said(adapters: AsyncContainer) -> None:
    custom = {"large": 2**80, "small": 5e-324, "negative": -0.1, "text": "\u2028 \\u0000 \U0001f30a", "": {"": []}}

    photo = await stored(adapters, a_photo(custom=custom))

    view = await (await get(adapters, PhotoQueries)).get(photo.id, owner=photo.owner_id)
    assert (await read(adapters, photo)).custom == custom
    assert view.custom == custom
