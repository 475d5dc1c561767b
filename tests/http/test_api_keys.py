"""Credentials for programs."""

from typing import Any

import httpx
import pytest

from photostore.user.user import User
from tests.fakes.system import NOW
from tests.http.test_problems import problem
from tests.http.world import World, client_of

KEYS = "/api/v1/auth/api-keys"
BACKUP = {"name": "backup", "scopes": ["photos:write", "photos:read"]}


async def test_a_key_is_shown_once_and_works(world: World, as_ada: httpx.AsyncClient) -> None:
    made = await as_ada.post(KEYS, json=BACKUP)
    listed = await as_ada.get(KEYS)

    key = made.json().pop("key")
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert key.startswith("psk_")
    assert listed.json() == {
        "items": [{name: value for name, value in made.json().items() if name != "key"}],
        "next_cursor": None,
    }
    assert listed.json()["items"][0]["scopes"] == ["photos:read", "photos:write"]
    async with client_of(world.app, bearer=key) as http:
        assert (await http.get("/api/v1/photos")).status_code == 200


async def test_a_deleted_key_is_refused(world: World, as_ada: httpx.AsyncClient) -> None:
    made = (await as_ada.post(KEYS, json=BACKUP)).json()

    gone = await as_ada.delete(f"{KEYS}/{made['id']}")
    again = await as_ada.delete(f"{KEYS}/{made['id']}")

    assert gone.status_code == 204
    assert problem(again) == (404, "api-key-not-found")
    async with client_of(world.app, bearer=made["key"]) as http:
        assert problem(await http.get("/api/v1/photos")) == (401, "invalid-token")


async def test_a_key_ends_with_its_time(world: World, as_ada: httpx.AsyncClient) -> None:
    made = (await as_ada.post(KEYS, json={**BACKUP, "expires_at": "2026-06-01T14:30:00+02:00"})).json()

    assert made["expires_at"] == "2026-06-01T12:30:00Z"
    async with client_of(world.app, bearer=made["key"]) as http:
        assert (await http.get("/api/v1/photos")).status_code == 200
        world.store.clock.advance(minutes=30)
        assert (await http.get("/api/v1/photos")).status_code == 401


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["photos:admire"]}, "scopes"),
        ({"scopes": "photos:read"}, "scopes"),
        ({"expires_at": NOW.isoformat()}, "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at"),
        ({"expires_at": 1}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
    ],
)
async def test_a_key_has_a_name_scopes_and_a_future(as_ada: httpx.AsyncClient, told: Any, field: str) -> None:
    answer = await as_ada.post(KEYS, json={**BACKUP, **told})

    assert problem(answer)[0] == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_keys_are_listed_in_pages_newest_first(as_ada: httpx.AsyncClient) -> None:
    for name in ("a", "b", "c"):
        await as_ada.post(KEYS, json={**BACKUP, "name": name})

    first = await as_ada.get(KEYS, params={"limit": 2})
    rest = await as_ada.get(first.links["next"]["url"])

    assert [each["name"] for each in first.json()["items"] + rest.json()["items"]] == ["c", "b", "a"]


async def test_a_key_of_someone_who_left_is_refused(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    made = (await as_ada.post(KEYS, json=BACKUP)).json()
    await as_ada.delete("/api/v1/auth/me")

    async with client_of(world.app, bearer=made["key"]) as http:
        assert (await http.get("/api/v1/photos")).status_code == 401
