"""What a list of photos may be relied on for: filters, orders, pages."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from dishka import AsyncContainer

from photostore.photo.photo import Photo, PhotoEdit, PhotoStatus
from photostore.photo.ports import PhotoRepository
from photostore.photo.queries import PhotoFilter, PhotoPage, PhotoPosition, PhotoQueries, PhotoSort, PhotoView
from photostore.shared.ids import UserId
from tests.builders import a_photo, a_user_id, as_uuids, names
from tests.fakes.system import NOW
from tests.using import get, stored, transaction

ALL = PhotoFilter()
DAY = datetime(2025, 7, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return DAY + timedelta(days=number)


async def page_of(
    adapters: AsyncContainer,
    owner: UserId,
    filter: PhotoFilter = ALL,
    *,
    sort: PhotoSort = PhotoSort.NEWEST,
    after: PhotoPosition | None = None,
    limit: int = 50,
) -> PhotoPage:
    return await (await get(adapters, PhotoQueries)).list(owner, filter, sort=sort, after=after, limit=limit)


async def found(
    adapters: AsyncContainer,
    owner: UserId,
    filter: PhotoFilter = ALL,
    *,
    sort: PhotoSort = PhotoSort.OLDEST,
    limit: int = 2,
) -> Sequence[PhotoView]:
    """All of them, page by page."""
    page = await page_of(adapters, owner, filter, sort=sort, limit=limit)
    views = list(page.items)
    while page.next is not None:
        assert len(page.items) <= limit
        page = await page_of(adapters, owner, filter, sort=sort, after=page.next, limit=limit)
        views += page.items
    return views


async def remove(adapters: AsyncContainer, photo: Photo) -> None:
    async with transaction(adapters, PhotoRepository) as photos:
        leaving = await photos.get(photo.id, owner=photo.owner_id)
        leaving.delete(now=NOW)
        await photos.remove([leaving])


@pytest.fixture
def owner() -> UserId:
    return a_user_id()


async def test_an_owner_sees_their_own_photos_alone(adapters: AsyncContainer, owner: UserId) -> None:
    own = await stored(adapters, a_photo(owner_id=owner))
    await stored(adapters, a_photo())

    assert as_uuids(await found(adapters, owner)) == [own.id]
    assert await page_of(adapters, a_user_id()) == PhotoPage([], None)


async def test_photos_come_in_the_order_of_their_making_either_way(adapters: AsyncContainer, owner: UserId) -> None:
    photos = [await stored(adapters, a_photo(owner_id=owner)) for _ in range(5)]

    oldest_first = await found(adapters, owner, sort=PhotoSort.OLDEST)
    newest_first = await found(adapters, owner, sort=PhotoSort.NEWEST)

    assert as_uuids(oldest_first) == as_uuids(photos)
    assert as_uuids(newest_first) == as_uuids(photos)[::-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
async def test_photos_without_a_time_come_last_in_both_orders_of_it(
    adapters: AsyncContainer, owner: UserId, limit: int
) -> None:
    times = [day(2), None, day(1), day(2), None, day(3)]
    one, undated, first, same, undated_too, last = [
        await stored(adapters, a_photo(owner_id=owner, taken_at=taken_at)) for taken_at in times
    ]

    rising = await found(adapters, owner, sort=PhotoSort.TAKEN_FIRST, limit=limit)
    falling = await found(adapters, owner, sort=PhotoSort.TAKEN_LAST, limit=limit)

    assert as_uuids(rising) == as_uuids([first, one, same, last, undated, undated_too])
    assert as_uuids(falling) == as_uuids([last, same, one, first, undated_too, undated])


async def test_hashtags_must_all_be_carried(adapters: AsyncContainer, owner: UserId) -> None:
    both = await stored(adapters, a_photo(owner_id=owner, hashtags=["sea", "sun"]))
    sea = await stored(adapters, a_photo(owner_id=owner, hashtags=["sea"]))
    await stored(adapters, a_photo(owner_id=owner))
    await stored(adapters, a_photo(hashtags=["sea", "sun"]))

    for sort in PhotoSort:
        of_sea = await found(adapters, owner, PhotoFilter(hashtags=names("sea")), sort=sort, limit=1)
        of_both = await found(adapters, owner, PhotoFilter(hashtags=names("sun", "sea")), sort=sort)
        of_none = await found(adapters, owner, PhotoFilter(hashtags=names("unheard_of")), sort=sort)

        expected = [both.id, sea.id] if sort is PhotoSort.OLDEST or sort is PhotoSort.TAKEN_FIRST else [sea.id, both.id]
        assert as_uuids(of_sea) == expected
        assert as_uuids(of_both) == [both.id]
        assert of_none == []


@pytest.mark.parametrize("sort", PhotoSort)
async def test_text_is_looked_for_in_title_description_and_filename(
    adapters: AsyncContainer, owner: UserId, sort: PhotoSort
) -> None:
    wanted = [
        await stored(adapters, a_photo(owner_id=owner, title="A SUNset")),
        await stored(adapters, a_photo(owner_id=owner, description="before sunSET")),
        await stored(adapters, a_photo(owner_id=owner, filename="Sunset.jpg")),
    ]
    await stored(adapters, a_photo(owner_id=owner, title="sun set", hashtags=["sunset"]))

    views = await found(adapters, owner, PhotoFilter(text="sunset"), sort=sort)

    assert set(as_uuids(views)) == set(as_uuids(wanted))


@pytest.mark.parametrize("text", ["50%", "a_b", "back\\slash", "100% a_b \\"])
async def test_what_means_something_in_a_pattern_is_looked_for_as_it_is(
    adapters: AsyncContainer, owner: UserId, text: str
) -> None:
    exact = await stored(adapters, a_photo(owner_id=owner, title=f"xx {text} xx"))
    await stored(adapters, a_photo(owner_id=owner, title="50 percent axb backslash 100 a b"))

    assert as_uuids(await found(adapters, owner, PhotoFilter(text=text))) == [exact.id]


async def test_text_that_no_photo_can_hold_finds_nothing(adapters: AsyncContainer, owner: UserId) -> None:
    await stored(adapters, a_photo(owner_id=owner, title="ab"))

    assert await found(adapters, owner, PhotoFilter(text="a\x00b")) == []


@pytest.mark.parametrize("sort", PhotoSort)
async def test_favorites_and_the_others_can_be_told_apart(
    adapters: AsyncContainer, owner: UserId, sort: PhotoSort
) -> None:
    favorites = [await stored(adapters, a_photo(owner_id=owner, favorite=True)) for _ in range(3)]
    others = [await stored(adapters, a_photo(owner_id=owner)) for _ in range(3)]

    loved = await found(adapters, owner, PhotoFilter(favorite=True), sort=sort)
    unloved = await found(adapters, owner, PhotoFilter(favorite=False), sort=sort)

    assert set(as_uuids(loved)) == set(as_uuids(favorites))
    assert set(as_uuids(unloved)) == set(as_uuids(others))


@pytest.mark.parametrize("sort", PhotoSort)
async def test_a_span_of_time_has_its_beginning_and_not_its_end(
    adapters: AsyncContainer, owner: UserId, sort: PhotoSort
) -> None:
    photos = [await stored(adapters, a_photo(owner_id=owner, taken_at=day(number))) for number in range(4)]
    await stored(adapters, a_photo(owner_id=owner))

    between = await found(adapters, owner, PhotoFilter(taken_from=day(1), taken_before=day(3)), sort=sort)
    since = await found(adapters, owner, PhotoFilter(taken_from=day(2)), sort=sort)
    until = await found(adapters, owner, PhotoFilter(taken_before=day(2)), sort=sort)

    assert set(as_uuids(between)) == set(as_uuids(photos[1:3]))
    assert set(as_uuids(since)) == set(as_uuids(photos[2:]))
    assert set(as_uuids(until)) == set(as_uuids(photos[:2]))


async def test_photos_are_found_by_their_status(adapters: AsyncContainer, owner: UserId) -> None:
    ready = await stored(adapters, a_photo(owner_id=owner))
    failed = await stored(adapters, a_photo(owner_id=owner, status=PhotoStatus.FAILED))

    assert as_uuids(await found(adapters, owner, PhotoFilter(status=PhotoStatus.READY))) == [ready.id]
    assert as_uuids(await found(adapters, owner, PhotoFilter(status=PhotoStatus.FAILED))) == [failed.id]
    assert await found(adapters, owner, PhotoFilter(status=PhotoStatus.PROCESSING)) == []


@pytest.mark.parametrize("sort", PhotoSort)
async def test_all_filters_hold_together(adapters: AsyncContainer, owner: UserId, sort: PhotoSort) -> None:
    matching = {"title": "sunset", "favorite": True, "taken_at": day(2), "hashtags": ["sea", "sun"]}
    wanted = [await stored(adapters, a_photo(owner_id=owner, **matching)) for _ in range(3)]  # type: ignore[arg-type]
    for other in ({"title": "dawn"}, {"favorite": False}, {"taken_at": day(9)}, {"hashtags": ["sea"]}):
        await stored(adapters, a_photo(owner_id=owner, **{**matching, **other}))  # type: ignore[arg-type]

    views = await found(
        adapters,
        owner,
        PhotoFilter(
            hashtags=names("sun", "sea"),
            text="SUN",
            favorite=True,
            taken_from=day(1),
            taken_before=day(3),
            status=PhotoStatus.READY,
        ),
        sort=sort,
    )

    assert set(as_uuids(views)) == set(as_uuids(wanted))


@pytest.mark.parametrize("sort", PhotoSort)
async def test_rows_added_and_removed_meanwhile_neither_repeat_nor_lose_the_rest(
    adapters: AsyncContainer, owner: UserId, sort: PhotoSort
) -> None:
    photos = [
        await stored(adapters, a_photo(owner_id=owner, taken_at=day(number) if number % 3 else None))
        for number in range(9)
    ]
    first = await page_of(adapters, owner, sort=sort, limit=3)
    seen = as_uuids(first.items)
    here = [photo for photo in photos if photo.id == seen[-1]]
    unseen = [photo for photo in photos if photo.id not in seen]

    await remove(adapters, here[0])
    await remove(adapters, unseen[0])
    added = [await stored(adapters, a_photo(owner_id=owner, taken_at=day(number))) for number in (-5, 50)]
    page = first
    while page.next is not None:
        page = await page_of(adapters, owner, sort=sort, after=page.next, limit=3)
        seen += as_uuids(page.items)

    assert len(seen) == len(set(seen))
    assert set(seen) - set(as_uuids(added)) == set(as_uuids(photos)) - {unseen[0].id}


async def test_a_page_that_is_just_full_is_the_last(adapters: AsyncContainer, owner: UserId) -> None:
    for _ in range(2):
        await stored(adapters, a_photo(owner_id=owner))

    page = await page_of(adapters, owner, limit=2)

    assert len(page.items) == 2
    assert page.next is None


async def test_a_position_follows_the_moment_that_it_names(adapters: AsyncContainer, owner: UserId) -> None:
    first, second = [await stored(adapters, a_photo(owner_id=owner, taken_at=day(1))) for _ in range(2)]
    page = await page_of(adapters, owner, sort=PhotoSort.TAKEN_FIRST, limit=1)
    assert page.next == PhotoPosition(id=first.id, taken_at=day(1))

    async with transaction(adapters, PhotoRepository) as photos:
        moved = await photos.get(first.id, owner=owner)
        moved.edit(PhotoEdit(taken_at=day(30)), now=NOW)
        await photos.save(moved)
    rest = await page_of(adapters, owner, sort=PhotoSort.TAKEN_FIRST, after=page.next)

    assert as_uuids(rest.items) == [second.id, first.id]


@pytest.mark.parametrize("sort", PhotoSort)
async def test_every_page_is_in_order(adapters: AsyncContainer, owner: UserId, sort: PhotoSort) -> None:
    for number in range(12):
        taken_at = None if number % 4 == 0 else day(number * 7 % 5)
        await stored(adapters, a_photo(owner_id=owner, taken_at=taken_at, favorite=number % 2 == 0))

    views = await found(adapters, owner, PhotoFilter(favorite=True), sort=sort)

    undated = datetime.min.replace(tzinfo=UTC) if sort.descending else datetime.max.replace(tzinfo=UTC)
    places = [((view.taken_at or undated) if sort.by_taken_at else NOW, view.id) for view in views]
    assert len(views) == 6
    assert all((one > other) == sort.descending for one, other in pairwise(places))
