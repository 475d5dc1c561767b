"""Hashtags: make, list, search; open to everyone, or private."""

from collections.abc import AsyncIterator

import httpx
import pytest

from photostore.user.scopes import Scope
from photostore.user.user import User
from tests.builders import a_hashtag, a_photo
from tests.fakes.store import FakeStore
from tests.http.test_problems import problem
from tests.http.world import World, world_of
from tests.using import stored

HASHTAGS = "/api/v1/hashtags"


@pytest.fixture
async def private() -> AsyncIterator[World]:
    async with world_of(FakeStore(hashtags_private=True)) as world:
        yield world


def names(answer: httpx.Response) -> list[str]:
    return [each["name"] for each in answer.json()["items"]]


@pytest.mark.parametrize(
    ("text", "name"),
    [("Sunset", "sunset"), ("#Straße", "strasse"), ("\uff12\uff10\uff12\uff16_\uff38", "2026_x"), ("北京", "北京")],
)
async def test_a_hashtag_is_made_by_its_folded_name_once(as_ada: httpx.AsyncClient, text: str, name: str) -> None:
    made = await as_ada.post(HASHTAGS, json={"name": text})
    again = await as_ada.post(HASHTAGS, json={"name": name})

    assert made.status_code == 201
    assert set(made.json()) == {"id", "name", "photo_count", "created_at"}
    assert (made.json()["name"], made.json()["photo_count"]) == (name, 0)
    assert problem(again) == (409, "hashtag-exists")


@pytest.mark.parametrize("text", ["", "#", "two words", "_", "a-b", "x" * 65, "a\0b", "🌊", "\u0301", "##a"])
async def test_what_is_no_hashtag_is_refused(as_ada: httpx.AsyncClient, text: str) -> None:
    answer = await as_ada.post(HASHTAGS, json={"name": text})

    assert problem(answer) == (422, "not-a-hashtag")
    assert [each["field"] for each in answer.json()["errors"]] == ["name"]


async def test_everyone_reads_them_by_name_in_pages(world: World) -> None:
    for name in ("sun", "beach", "sea"):
        await stored(world.container, a_hashtag(name))

    first = await world.http.get(HASHTAGS, params={"limit": 2})
    rest = await world.http.get(first.links["next"]["url"])

    assert (names(first), names(rest), rest.json()["next_cursor"]) == (["beach", "sea"], ["sun"], None)


async def test_a_search_begins_with_the_most_used(world: World) -> None:
    await stored(world.container, a_hashtag("sunday"))
    for _ in range(2):
        await stored(world.container, a_photo(hashtags=["sunset"]))

    found = await world.http.get(f"{HASHTAGS}/search", params={"q": "#SUN"})

    assert [(each["name"], each["photo_count"]) for each in found.json()["items"]] == [("sunset", 2), ("sunday", 0)]
    assert found.json()["next_cursor"] is None


@pytest.mark.parametrize("query", ["", "q=", "q=%F0%9F%8C%8A", "q=a&q=b", f"q={'x' * 201}", "q=a%00"])
async def test_an_odd_search_is_empty_or_refused(http: httpx.AsyncClient, query: str) -> None:
    answer = await http.get(f"{HASHTAGS}/search?{query}")

    if answer.is_success:
        assert answer.json() == {"items": [], "next_cursor": None}
    else:
        assert problem(answer) == (400, "bad-parameter")
        assert [each["field"] for each in answer.json()["errors"]] == ["q"]


@pytest.mark.parametrize("path", [HASHTAGS, f"{HASHTAGS}/search?q=s"])
async def test_private_ones_are_for_those_who_may_read_photos(private: World, path: str) -> None:
    user = await private.user()

    answers = [
        await private.http.get(path),
        await (await private.with_key(user.id, Scope.PHOTOS_WRITE)).get(path),
        await (await private.with_key(user.id, Scope.PHOTOS_READ)).get(path),
        await (await private.as_user(user)).get(path),
    ]

    assert [answer.status_code for answer in answers] == [401, 403, 200, 200]


async def test_private_ones_count_the_reader_s_photos_alone(private: World) -> None:
    user: User = await private.user()
    await stored(private.container, a_photo(owner_id=user.id, hashtags=["sunset"]))
    await stored(private.container, a_photo(hashtags=["sunset", "secret"]))

    listed = await (await private.as_user(user)).get(HASHTAGS)

    assert [(each["name"], each["photo_count"]) for each in listed.json()["items"]] == [("sunset", 1)]
