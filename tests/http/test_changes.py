"""The change feed, over HTTP."""

import asyncio
from typing import Any

import httpx
import pytest

from photostore.event.commands.compact_changes import CompactChanges
from photostore.photo.photo import Photo, PhotoStatus
from photostore.user.commands.revoke_session import RevokeSession
from photostore.user.scopes import Scope
from photostore.user.user import User
from photostore_http.requests import BodyInterrupted, while_connected
from tests.builders import a_photo
from tests.http.test_photos import PHOTOS
from tests.http.test_problems import problem
from tests.http.world import API, World
from tests.using import stored, use
from tests.waiting import eventually

CHANGES, UPLOADS = f"{API}/changes", f"{API}/uploads"


@pytest.fixture
async def photo(world: World, ada: User) -> Photo:
    return await stored(world.container, a_photo(owner_id=ada.id, status=PhotoStatus.PROCESSING))


async def changes(http: httpx.AsyncClient, **query: Any) -> Any:
    answer = await http.get(CHANGES, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["link"].startswith(f"<{CHANGES}?")
    return answer.json()


async def at_the_end(http: httpx.AsyncClient) -> str:
    return str((await changes(http, limit=500))["next_cursor"])


async def test_a_change_tells_the_photo_as_it_is_now_without_urls(as_ada: httpx.AsyncClient, photo: Photo) -> None:
    await as_ada.patch(f"{PHOTOS}/{photo.id}", json={"title": "Sea"})

    first, second = (await changes(as_ada))["items"]

    now = (await as_ada.get(f"{PHOTOS}/{photo.id}")).json()
    assert (first["seq"], first["event"], first["entity"], first["id"]) == (1, "photo.created", "photo", str(photo.id))
    assert set(first) == {"event_id", "seq", "event", "entity", "id", "occurred_at", "data"}
    assert first["occurred_at"] == "2026-06-01T12:00:00Z"
    assert first["data"] == second["data"] == {**now, "file_url": None, "urls_expire_at": None}
    assert (second["seq"], second["event"], second["data"]["title"]) == (2, "photo.updated", "Sea")


async def test_what_is_gone_is_told_without_anything_of_it(as_ada: httpx.AsyncClient, photo: Photo) -> None:
    await as_ada.delete(f"{PHOTOS}/{photo.id}")

    told = (await changes(as_ada))["items"]

    assert [(each["event"], each["data"]) for each in told] == [("photo.created", None), ("photo.deleted", None)]


async def test_hashtags_and_uploads_are_told_as_their_own_calls_tell_them(as_ada: httpx.AsyncClient) -> None:
    hashtag = (await as_ada.post(f"{API}/hashtags", json={"name": "sea"})).json()
    announced = {"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": 1000}
    upload = (await as_ada.post(UPLOADS, json=announced)).json()

    told = (await changes(as_ada))["items"]

    assert [(each["event"], each["data"]) for each in told] == [
        ("hashtag.created", hashtag),
        ("upload.created", {**upload, "parts": [], "photo": None}),
    ]


async def test_the_cursor_comes_back_with_an_empty_page_too(as_ada: httpx.AsyncClient, photo: Photo) -> None:
    cursor = await at_the_end(as_ada)

    empty = await changes(as_ada, cursor=cursor)
    await as_ada.post(f"{PHOTOS}/trash", json={"photo_ids": [str(photo.id)]})
    late = await changes(as_ada, cursor=empty["next_cursor"])

    assert empty["items"] == []
    assert [each["event"] for each in late["items"]] == ["photo.trashed"]


async def test_following_the_link_leads_through_the_whole_feed(
    world: World, as_ada: httpx.AsyncClient, ada: User
) -> None:
    for _ in range(5):
        await stored(world.container, a_photo(owner_id=ada.id, status=PhotoStatus.PROCESSING))
    seen, url = list[int](), f"{CHANGES}?limit=2"

    while (answer := await as_ada.get(url)).json()["items"]:
        seen += [each["seq"] for each in answer.json()["items"]]
        url = answer.headers["link"].partition("<")[2].partition(">")[0]

    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "wait=31", "wait=-1", "wait=x", "cursor=x", "cursor=W10"])
async def test_a_bad_query_is_refused(as_ada: httpx.AsyncClient, query: str) -> None:
    answer = await as_ada.get(f"{CHANGES}?{query}")

    assert problem(answer) == (400, "bad-cursor" if "cursor" in query else "bad-parameter")


async def test_someone_else_s_cursor_is_none(world: World, as_ada: httpx.AsyncClient, photo: Photo) -> None:
    cursor = await at_the_end(as_ada)

    answer = await (await world.as_user(await world.user())).get(CHANGES, params={"cursor": cursor})

    assert problem(answer) == (400, "bad-cursor")


async def test_a_cursor_older_than_what_is_kept_has_expired(world: World, ada: User, photo: Photo) -> None:
    reader = await world.with_key(ada.id, Scope.PHOTOS_READ)
    writer = await world.with_key(ada.id, Scope.PHOTOS_WRITE)
    cursor = await at_the_end(reader)
    await writer.delete(f"{PHOTOS}/{photo.id}")
    world.store.clock.advance(days=31)
    await use(world.container, CompactChanges)()

    answer = await reader.get(CHANGES, params={"cursor": cursor})
    anew = await changes(reader)

    assert problem(answer) == (410, "cursor-expired")
    assert "without a cursor" in answer.json()["detail"]
    assert anew["items"] == []


async def test_who_waits_is_answered_by_the_change(world: World, as_ada: httpx.AsyncClient, photo: Photo) -> None:
    cursor = await at_the_end(as_ada)
    waiting = asyncio.ensure_future(changes(as_ada, cursor=cursor, wait=30))
    await eventually(lambda: world.store.listeners.waiting)

    await as_ada.patch(f"{PHOTOS}/{photo.id}", json={"title": "Sea"})

    assert [each["data"]["title"] for each in (await waiting)["items"]] == ["Sea"]


async def test_who_lost_access_while_waiting_is_told_nothing(world: World, ada: User, photo: Photo) -> None:
    one, other = await world.as_user(ada), await world.as_user(ada)
    cursor = await at_the_end(one)
    session = next(iter(world.store.sessions.rows))
    waiting = asyncio.ensure_future(one.get(CHANGES, params={"cursor": cursor, "wait": 30}))
    await eventually(lambda: world.store.listeners.waiting)
    await use(world.container, RevokeSession)(actor=ada.id, session_id=session)

    await other.patch(f"{PHOTOS}/{photo.id}", json={"title": "Sea"})

    assert problem(await waiting) == (401, "invalid-token")


async def test_a_wait_ends_when_the_client_goes_away() -> None:
    begun, left, broken_off = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Leaving:
        async def receive(self) -> dict[str, str]:
            await left.wait()
            return {"type": "http.disconnect"}

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            broken_off.set()

    request: Any = Leaving()
    waiting = asyncio.ensure_future(while_connected(request, work()))
    await begun.wait()

    left.set()

    with pytest.raises(BodyInterrupted):
        await waiting
    assert broken_off.is_set()
