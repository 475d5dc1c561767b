"""What the hashtag room may rely on, wherever hashtags are kept."""

from collections.abc import Sequence

import pytest
from dishka import AsyncContainer

from photostore.hashtag.errors import HashtagExists
from photostore.hashtag.queries import HashtagQueries, HashtagView
from photostore.shared.ids import UserId
from tests.builders import a_hashtag, a_photo, a_user_id
from tests.fakes.system import NOW
from tests.using import get, stored


async def listed(
    adapters: AsyncContainer, *, reader: UserId | None = None, after: str | None = None, limit: int = 50
) -> Sequence[HashtagView]:
    return await (await get(adapters, HashtagQueries)).list(reader=reader, after=after, limit=limit)


async def searched(adapters: AsyncContainer, text: str, *, reader: UserId | None = None, limit: int = 50) -> list[str]:
    views = await (await get(adapters, HashtagQueries)).search(text, reader=reader, limit=limit)
    return [view.name for view in views]


def named(views: Sequence[HashtagView]) -> list[str]:
    return [view.name for view in views]


async def test_a_hashtag_without_photos_is_listed(adapters: AsyncContainer) -> None:
    hashtag = await stored(adapters, a_hashtag("sea", created_by=a_user_id()))

    assert list(await listed(adapters)) == [HashtagView(hashtag.id, "sea", 0, NOW)]


async def test_a_name_is_taken_once(adapters: AsyncContainer) -> None:
    await stored(adapters, a_hashtag("sea"))
    await stored(adapters, a_photo(hashtags=["sun"]))

    for name in ("sea", "sun"):
        with pytest.raises(HashtagExists):
            await stored(adapters, a_hashtag(name))


async def test_one_made_before_is_the_one_that_photos_carry(adapters: AsyncContainer) -> None:
    hashtag = await stored(adapters, a_hashtag("sea"))

    await stored(adapters, a_photo(hashtags=["sea"]))

    assert list(await listed(adapters)) == [HashtagView(hashtag.id, "sea", 1, NOW)]


async def test_they_are_listed_by_name_page_by_page(adapters: AsyncContainer) -> None:
    for name in ("sun", "été", "sea", "日没", "_x", "2026"):
        await stored(adapters, a_hashtag(name))

    first = await listed(adapters, limit=4)
    rest = await listed(adapters, after=first[-1].name, limit=4)

    assert named(first) + named(rest) == sorted(["sun", "été", "sea", "日没", "_x", "2026"])
    assert len(first) == 4


async def test_a_made_up_position_is_one(adapters: AsyncContainer) -> None:
    await stored(adapters, a_hashtag("sea"))

    for after in ("\x00", "\U0010ffff", "%", "' OR 1"):
        assert set(named(await listed(adapters, after=after))) <= {"sea"}


async def test_everyones_photos_count_unless_a_reader_asks_for_their_own(adapters: AsyncContainer) -> None:
    one = await stored(adapters, a_photo(hashtags=["sea", "sun"]))
    await stored(adapters, a_photo(owner_id=one.owner_id, hashtags=["sea"]))
    await stored(adapters, a_photo(hashtags=["sea", "secret"]))

    public = await listed(adapters)
    private = await listed(adapters, reader=one.owner_id)
    nobodys = await listed(adapters, reader=a_user_id())

    assert [(view.name, view.photo_count) for view in public] == [("sea", 3), ("secret", 1), ("sun", 1)]
    assert [(view.name, view.photo_count) for view in private] == [("sea", 2), ("sun", 1)]
    assert nobodys == []


async def test_a_prefix_finds_the_most_used_first(adapters: AsyncContainer) -> None:
    for _ in range(2):
        await stored(adapters, a_photo(hashtags=["sunset"]))
    await stored(adapters, a_photo(hashtags=["sunday"]))
    await stored(adapters, a_hashtag("sun"))
    await stored(adapters, a_hashtag("moon"))

    assert (await searched(adapters, "sun"))[:3] == ["sunset", "sunday", "sun"]
    assert await searched(adapters, "sun", limit=2) == ["sunset", "sunday"]


@pytest.mark.parametrize("text", ["SUNS", " #suns", "\uff33\uff35\uff2e\uff33", "\uff03Suns"])
async def test_a_prefix_is_folded_as_names_are(adapters: AsyncContainer, text: str) -> None:
    await stored(adapters, a_hashtag("sunset"))

    assert await searched(adapters, text) == ["sunset"]


async def test_what_begins_so_comes_before_what_is_similar(adapters: AsyncContainer) -> None:
    for name in ("holidays", "holiday", "hollidays", "work"):
        await stored(adapters, a_hashtag(name))

    assert await searched(adapters, "holidays") == ["holidays", "hollidays", "holiday"]


async def test_a_misspelt_word_finds_its_neighbours(adapters: AsyncContainer) -> None:
    for name in ("mountain", "fountain", "sea"):
        await stored(adapters, a_hashtag(name))

    found = await searched(adapters, "mountian")

    assert found[0] == "mountain"
    assert "sea" not in found


@pytest.mark.parametrize(
    "text", ["", " ", "#", "%", "sun%", "s_n", "\U0010ffff", "no such thing", "a\\b", "wo\x00rk", "\x00"]
)
async def test_what_nothing_begins_with_finds_nothing(adapters: AsyncContainer, text: str) -> None:
    await stored(adapters, a_hashtag("work"))

    assert await searched(adapters, text) == []


async def test_any_script_is_found_by_its_prefix(adapters: AsyncContainer) -> None:
    for name in ("日没", "日本", "закат", "غروب"):
        await stored(adapters, a_hashtag(name))

    assert await searched(adapters, "日") == ["日本", "日没"]
    assert await searched(adapters, "зак") == ["закат"]
    assert await searched(adapters, "غر") == ["غروب"]


async def test_a_search_of_ones_own_shows_nobody_elses(adapters: AsyncContainer) -> None:
    own = await stored(adapters, a_photo(hashtags=["sunset"]))
    for _ in range(3):
        await stored(adapters, a_photo(hashtags=["sunday", "sunsets"]))

    assert await searched(adapters, "sun", reader=own.owner_id) == ["sunset"]
    assert await searched(adapters, "sunsett", reader=own.owner_id) == ["sunset"]
