"""What stands before the page for people: the gate, its password, and whose requests it takes."""

import re
from urllib.parse import urlencode

import httpx
import pytest
from litestar.routes import HTTPRoute

from photostore.user.user import User
from tests.fakes.store import FakeStore
from tests.http.galleries import FORM, at, enter, page_of
from tests.http.pages import Page
from tests.http.shares import LINKS, PASSWORD, share, shown
from tests.http.test_share_gate import STATES, a_link
from tests.http.world import World, world_of
from tests.http_settings import http_settings

ROUTES = ["GET ", "GET /photos", "GET /photos/{photo_id}", "GET /archive", "POST /archive"]
WORDS = {
    401: {"These photos are protected"},
    404: {"There is nothing here"},
    410: {"This link has ended", "This link has been used up"},
}


def test_every_route_of_the_page_is_tested_here(world: World) -> None:
    routes = {
        f"{method} {route.path_format.removeprefix('/s/{token}')}"
        for route in world.litestar.routes
        if isinstance(route, HTTPRoute) and route.path_format.startswith("/s/")
        for method in route.methods
        if method != "OPTIONS"
    }

    assert routes == {*ROUTES, "POST /unlock"}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("password", ["none", "not given", "given"])
async def test_the_page_stands_behind_the_same_gate_as_the_api(
    world: World, ada: User, as_ada: httpx.AsyncClient, route: str, state: str, password: str
) -> None:
    link = await a_link(world, as_ada, ada, **({} if password == "none" else {"password": PASSWORD}))
    if password == "given":
        await enter(world.http, link)
    change, refused = STATES[state]
    await change(world, as_ada, link)

    method, _, rest = route.partition(" ")
    photo_id = link["photo_ids"][0]
    content = urlencode({"photo_ids": photo_id})
    answer = await world.http.request(method, at(link, rest.format(photo_id=photo_id)), content=content, headers=FORM)

    status = refused[0] if refused else 401 if password == "not given" else 200
    assert answer.status_code == status
    if status != 200:
        assert Page(answer).text_of("h1") in WORDS[status]


class TestPassword:
    async def test_nothing_shows_before_it(self, world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
        photo = await shown(world, ada.id, title="Secret")
        link = await share(as_ada, photo, name="Wedding", password=PASSWORD)

        pages = [await page_of(world.http, link, rest) for rest in ("", "/photos", f"/photos/{photo.id}")]

        for page in pages:
            assert page.status == 401
            assert page.text_of("h1") == "These photos are protected"
            assert page.tag("form")["action"] == at(link, "/unlock")
            assert not re.search(r"Wedding|Ada|Secret|1 photo|/media/", page.html)
            assert page.meta("og:title") == "Shared photos"
            assert page.meta("og:description") is None

    async def test_it_opens_the_page_by_a_cookie_of_this_page_alone(
        self, world: World, ada: User, as_ada: httpx.AsyncClient
    ) -> None:
        link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)

        answer = await enter(world.http, link)
        page = await page_of(world.http, link)

        assert (answer.status_code, answer.headers["location"]) == (303, at(link))
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=strict", f"Path={at(link)}"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        assert page.status == 200
        assert page.meta("og:description") is None
        assert page.meta("og:image") is None

    async def test_behind_https_the_cookie_is_sent_nowhere_else(self, store: FakeStore) -> None:
        async with world_of(store, settings=http_settings(base_url="https://photos.test")) as world:
            ada = await world.user()
            link = await share(await world.as_user(ada), await shown(world, ada.id), password=PASSWORD)

            answer = await enter(world.http, link)

        assert "Secure" in answer.headers["set-cookie"].split("; ")

    async def test_a_wrong_one_is_told(self, world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
        link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)

        page = Page(await enter(world.http, link, "wrong"))

        assert page.status == 401
        assert "This password is not right" in page.text
        assert "set-cookie" not in page.headers

    async def test_guessing_ends(self, world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
        link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)
        for _ in range(12):
            await enter(world.http, link, "wrong")

        page = Page(await enter(world.http, link))

        assert page.status == 429
        assert re.search(r"Too many tries\. Wait \d+ minutes? and try again\.", page.text)
        assert int(page.headers["retry-after"]) > 0

    async def test_another_password_asks_again(self, world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
        link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)
        await enter(world.http, link)

        await as_ada.patch(f"{LINKS}/{link['id']}", json={"password": "another one"})

        assert (await page_of(world.http, link)).status == 401

    async def test_a_form_of_another_page_is_refused(self, world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
        link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)
        content = urlencode({"password": PASSWORD})
        foreign: list[dict[str, str]] = [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.test"}]

        for told in foreign:
            headers = {"content-type": FORM["content-type"], **told}
            answer = await world.http.post(at(link, "/unlock"), content=content, headers=headers)
            assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)

    @pytest.mark.parametrize("content", [b"password=%ff", b"\xff", b"", b"other=1"])
    async def test_whatever_a_form_says_is_answered(
        self, world: World, ada: User, as_ada: httpx.AsyncClient, content: bytes
    ) -> None:
        link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)

        answer = await world.http.post(at(link, "/unlock"), content=content, headers=FORM)

        assert answer.status_code in (400, 401)

    async def test_who_comes_from_elsewhere_looks_again_by_itself(
        self, world: World, ada: User, as_ada: httpx.AsyncClient
    ) -> None:
        link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)

        elsewhere = await page_of(world.http, link, sec_fetch_site="cross-site")
        here = await page_of(world.http, link, sec_fetch_site="same-origin")

        assert "data-look-again" in elsewhere.tag("body")
        assert "data-look-again" not in here.tag("body")


class TestTheApiBelowThePage:
    async def test_the_cookie_stands_for_the_token(self, world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
        link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)
        before = await world.http.get(at(link, "/api/photos"))

        await enter(world.http, link)
        after = await world.http.get(at(link, "/api/photos"))

        assert (before.status_code, before.json()["type"]) == (401, "/problems/password-required")
        assert (after.status_code, len(after.json()["items"])) == (200, 1)

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"sec-fetch-site": "same-origin"}, 401),
            ({"origin": "http://photos.test"}, 401),
            ({"sec-fetch-site": "cross-site"}, 404),
            ({"sec-fetch-site": "same-site"}, 404),
            ({"origin": "https://evil.test"}, 404),
            ({"origin": "null"}, 404),
            ({}, 404),
        ],
        ids=str,
    )
    async def test_only_the_page_itself_changes_something_through_it(
        self, world: World, ada: User, as_ada: httpx.AsyncClient, headers: dict[str, str], status: int
    ) -> None:
        link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)

        answer = await world.http.post(at(link, "/api/unlock"), json={"password": "wrong"}, headers=headers)

        assert answer.status_code == status

    async def test_it_leads_to_this_share_alone(self, world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
        await share(as_ada, await shown(world, ada.id))
        token = as_ada.headers["authorization"].removeprefix("Bearer ")

        for path in ("/s/x/api/../../photos", "/s//api/photos", "/s/x/y/api/photos", "/s/x/api"):
            answer = await world.http.get(path, headers={"cookie": f"photostore_share={token}"})
            assert answer.status_code == 404
