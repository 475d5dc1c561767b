"""The gate: every state of a link, for every route of a share, with and without its password."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar.routes import HTTPRoute

from photostore.shared.ids import ShareLinkId
from photostore.user.user import User
from tests.fakes.system import NOW
from tests.http.shares import LINKS, PASSWORD, public, share, shown, unlock
from tests.http.test_problems import problem
from tests.http.world import World

# Every route of a share that the gate guards, and what it answers to whoever is let in.
ROUTES = {
    "GET /api/v1/public/{token}": 200,
    "GET /api/v1/public/{token}/photos": 200,
    "GET /api/v1/public/{token}/archive": 200,
    "GET /api/v1/public/{token}/photos/{photo_id}": 200,
    "GET /api/v1/public/{token}/photos/{photo_id}/file": 200,
    "GET /api/v1/public/{token}/photos/{photo_id}/renditions/{name}": 200,
    # What guests send and choose; a link to photos takes no uploads.
    "POST /api/v1/public/{token}/photos": 403,
    "POST /api/v1/public/{token}/uploads": 403,
    "GET /api/v1/public/{token}/uploads/{upload_id}": 404,
    "POST /api/v1/public/{token}/uploads/{upload_id}/complete": 404,
    "DELETE /api/v1/public/{token}/uploads/{upload_id}": 404,
    "GET /api/v1/public/{token}/selection": 200,
    "PUT /api/v1/public/{token}/selection/{photo_id}": 200,
    "DELETE /api/v1/public/{token}/selection/{photo_id}": 204,
    "POST /api/v1/public/{token}/selection/submit": 200,
}
# What they are sent with.
SENT: dict[str, dict[str, Any]] = {
    "POST /api/v1/public/{token}/photos": {"files": {"file": ("a.jpg", b"a picture")}},
    "POST /api/v1/public/{token}/uploads": {
        "json": {"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": 1000}
    },
    "PUT /api/v1/public/{token}/selection/{photo_id}": {"json": {"favorite": True}},
    "POST /api/v1/public/{token}/selection/submit": {"json": {}},
}
# What has a gate of its own: tested where it is.
UNLOCK = "POST /api/v1/public/{token}/unlock"
ALL_ALLOWED = {"allow_download": True}

Change = Callable[[World, httpx.AsyncClient, dict[str, Any]], Awaitable[Any]]


async def _nothing(world: World, owner: httpx.AsyncClient, link: dict[str, Any]) -> None:
    """It is as it was made."""


async def _disable(world: World, owner: httpx.AsyncClient, link: dict[str, Any]) -> None:
    await owner.patch(f"{LINKS}/{link['id']}", json={"disabled": True})


async def _delete(world: World, owner: httpx.AsyncClient, link: dict[str, Any]) -> None:
    await owner.delete(f"{LINKS}/{link['id']}")


async def _expire(world: World, owner: httpx.AsyncClient, link: dict[str, Any]) -> None:
    world.store.clock.advance(hours=2)


async def _use_up(world: World, owner: httpx.AsyncClient, link: dict[str, Any]) -> None:
    world.store.share_links.rows[ShareLinkId(UUID(link["id"]))].use_up(now=world.store.clock.now())


async def _close_account(world: World, owner: httpx.AsyncClient, link: dict[str, Any]) -> None:
    await owner.delete("/api/v1/auth/me")


async def _change_password(world: World, owner: httpx.AsyncClient, link: dict[str, Any]) -> None:
    await owner.patch(f"{LINKS}/{link['id']}", json={"password": "another one"})


STATES: dict[str, tuple[Change, tuple[int, str] | None]] = {
    "open": (_nothing, None),
    "disabled": (_disable, (404, "share-not-found")),
    "deleted": (_delete, (404, "share-not-found")),
    "expired": (_expire, (410, "share-expired")),
    "used up": (_use_up, (410, "share-views-used-up")),
    "its owner gone": (_close_account, (404, "share-not-found")),
}
LOCKED = (401, "password-required")


async def follow(http: httpx.AsyncClient, route: str, link: dict[str, Any], headers: Any = None) -> httpx.Response:
    """Ask for it as a browser does that knows WebP."""
    method, _, path = route.partition(" ")
    names = {"token": link["token"], "photo_id": link["photo_ids"][0], "name": "thumb", "upload_id": UUID(int=9)}
    sent = {"headers": {"accept": "image/webp", **(headers or {})}, **SENT.get(route, {})}
    return await http.request(method, path.format(**names), **sent)


async def a_link(world: World, owner: httpx.AsyncClient, ada: User, **told: Any) -> dict[str, Any]:
    photo = await shown(world, ada.id)
    ends = (NOW.replace(hour=13)).isoformat()
    return await share(owner, photo, **{"expires_at": ends, **ALL_ALLOWED, **told})


def test_every_route_of_a_share_is_tested_here(world: World) -> None:
    routes = {
        f"{method} {route.path_format}"
        for route in world.litestar.routes
        if isinstance(route, HTTPRoute) and route.path_format.startswith("/api/v1/public/")
        for method in route.methods
        if method != "OPTIONS"
    }

    assert routes == {*ROUTES, UNLOCK}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("password", ["none", "not given", "given", "of before"])
async def test_the_gate(
    world: World, ada: User, as_ada: httpx.AsyncClient, route: str, state: str, password: str
) -> None:
    protected = {} if password == "none" else {"password": PASSWORD}
    link = await a_link(world, as_ada, ada, **protected)
    headers = await unlock(world.http, link) if password in ("given", "of before") else None
    if password == "of before":
        await _change_password(world, as_ada, link)
    change, refused = STATES[state]
    await change(world, as_ada, link)

    answer = await follow(world.http, route, link, headers)

    if refused is None and password in ("not given", "of before"):
        refused = LOCKED
        assert answer.headers["www-authenticate"] == "Bearer"
    if refused is None:
        assert answer.status_code == ROUTES[route], answer.text
    else:
        assert problem(answer) == refused


@pytest.mark.parametrize("route", [*ROUTES, UNLOCK])
async def test_what_was_never_there_answers_as_what_was_taken_back(
    world: World, ada: User, as_ada: httpx.AsyncClient, route: str
) -> None:
    link = await a_link(world, as_ada, ada)
    await _disable(world, as_ada, link)
    method, _, path = route.partition(" ")
    asked = {"photo_id": link["photo_ids"][0], "name": "thumb", "upload_id": UUID(int=9)}
    sent = {"json": {"password": PASSWORD}} if route == UNLOCK else SENT.get(route, {})

    answers = [
        await world.http.request(method, path.format(token=token, **asked), **sent)
        for token in (link["token"], "x" * 32, "%00", "%F0%9F%99%88")
    ]

    told = [{**answer.json(), "instance": None, "request_id": None} for answer in answers]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert all(each == told[0] for each in told)


@pytest.mark.parametrize("route", ROUTES)
async def test_a_token_of_a_user_unlocks_nothing(
    world: World, ada: User, as_ada: httpx.AsyncClient, route: str
) -> None:
    link = await a_link(world, as_ada, ada, password=PASSWORD)

    answer = await follow(as_ada, route, link)

    assert problem(answer) == LOCKED


@pytest.mark.parametrize("route", ROUTES)
async def test_the_unlock_of_another_link_opens_nothing(
    world: World, ada: User, as_ada: httpx.AsyncClient, route: str
) -> None:
    link = await a_link(world, as_ada, ada, password=PASSWORD)
    other = await a_link(world, as_ada, ada, password=PASSWORD)

    answer = await follow(world.http, route, link, await unlock(world.http, other))

    assert problem(answer) == LOCKED


@pytest.mark.parametrize("route", ROUTES)
async def test_nothing_of_a_share_is_cached_or_found(
    world: World, ada: User, as_ada: httpx.AsyncClient, route: str
) -> None:
    link, locked = await a_link(world, as_ada, ada), await a_link(world, as_ada, ada, password=PASSWORD)

    for answer in (await follow(world.http, route, link), await follow(world.http, route, locked)):
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] in ("private, no-store", "private, no-cache")
        if "json" in answer.headers.get("content-type", ""):
            assert answer.headers["cache-control"] == "private, no-store"


async def test_who_is_not_let_download_sees_pictures_alone(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await a_link(world, as_ada, ada, allow_download=False)
    at = public(link, f"/photos/{link['photo_ids'][0]}")

    told = (await world.http.get(at)).json()
    file = await world.http.get(f"{at}/file")
    rendition = await world.http.get(f"{at}/renditions/thumb", headers={"accept": "image/webp"})

    assert told["file_url"] is None
    assert problem(file) == (403, "forbidden")
    assert rendition.status_code == 200
