"""Filters that no index serves look at a bounded number of photos a page, and still find every photo."""

from collections.abc import AsyncIterator

import pytest
from dishka import AsyncContainer

from photostore.photo.photo import PhotoStatus
from photostore.photo.queries import PhotoFilter, PhotoPosition, PhotoSort
from photostore.shared.ids import UserId
from photostore_adapters.postgres.photo_queries import PostgresPhotoQueries
from photostore_adapters.postgres.reading import Reader
from tests.builders import a_photo, a_user_id, names
from tests.containers import on_postgres
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import stored

WINDOW = 4


@pytest.fixture
async def container(database_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_postgres(FakeStore(), database_url)
    yield container
    await container.close()


@pytest.fixture
async def queries(container: AsyncContainer) -> PostgresPhotoQueries:
    return PostgresPhotoQueries(await container.get(Reader), window=WINDOW)


async def pages(
    queries: PostgresPhotoQueries, owner: UserId, filter: PhotoFilter, sort: PhotoSort, *, limit: int = 2
) -> list[list[str | None]]:
    """The titles of each page."""
    seen: list[list[str | None]] = []
    after: PhotoPosition | None = None
    while True:
        page = await queries.list(owner, filter, sort=sort, after=after, limit=limit)
        seen.append([view.title for view in page.items])
        if page.next is None:
            return seen
        after = page.next


@pytest.mark.parametrize("sort", PhotoSort)
async def test_every_match_is_found_once_and_in_order_however_sparse(
    container: AsyncContainer, queries: PostgresPhotoQueries, sort: PhotoSort
) -> None:
    owner = a_user_id()
    for number in range(18):
        taken_at = NOW.replace(day=number + 1) if number < 14 else None
        title = f"{number:02}" if number in (0, 1, 2, 13, 14, 17) else "other"
        status = PhotoStatus.READY if title == "other" else PhotoStatus.FAILED
        await stored(container, a_photo(owner_id=owner, title=title, status=status, taken_at=taken_at))

    seen = await pages(queries, owner, PhotoFilter(status=PhotoStatus.FAILED), sort)

    dated, undated = ["00", "01", "02", "13"], ["14", "17"]
    if sort.by_taken_at and sort.descending:
        expected = dated[::-1] + undated[::-1]
    else:
        expected = (dated + undated)[:: -1 if sort.descending else 1]
    assert [title for page in seen for title in page] == expected
    assert any(len(page) < 2 for page in seen[:-1]), "some pages end at the window's edge"


async def test_nothing_found_takes_as_many_pages_as_there_are_windows(
    container: AsyncContainer, queries: PostgresPhotoQueries
) -> None:
    owner = a_user_id()
    for _ in range(9):
        await stored(container, a_photo(owner_id=owner))

    seen = await pages(queries, owner, PhotoFilter(text="nowhere"), PhotoSort.NEWEST)

    assert seen == [[], [], []]


async def test_what_an_index_serves_has_no_window(container: AsyncContainer, queries: PostgresPhotoQueries) -> None:
    owner = a_user_id()
    for number in range(9):
        await stored(container, a_photo(owner_id=owner, title=str(number), favorite=True, hashtags=["sea"]))

    for wanted in (PhotoFilter(), PhotoFilter(favorite=True), PhotoFilter(hashtags=names("sea"))):
        assert await pages(queries, owner, wanted, PhotoSort.OLDEST, limit=9) == [list("012345678")]


async def test_a_window_lies_within_what_the_first_hashtag_finds(
    container: AsyncContainer, queries: PostgresPhotoQueries
) -> None:
    owner = a_user_id()
    for number in range(12):
        hashtags = ["sea", "sun"] if number == 0 else ["sea"] if number % 4 == 0 else []
        await stored(container, a_photo(owner_id=owner, title=str(number), hashtags=hashtags))

    seen = await pages(queries, owner, PhotoFilter(hashtags=names("sea", "sun")), PhotoSort.NEWEST)

    assert seen == [["0"]]
