"""`/s/{token}`: a share as a page for people."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile

import httpx
import pytest

from photostore.user.user import User
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.http.pages import Page
from tests.http.shares import LINKS, PASSWORD, share, shown
from tests.http.world import World, world_of
from tests.http_settings import http_settings

FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


def at(link: dict[str, Any], rest: str = "") -> str:
    return f"/s/{link['token']}{rest}"


async def page_of(http: httpx.AsyncClient, link: dict[str, Any], rest: str = "", **headers: str) -> Page:
    return Page(
        await http.get(at(link, rest), headers={name.replace("_", "-"): told for name, told in headers.items()})
    )


async def enter(http: httpx.AsyncClient, link: dict[str, Any], password: str = PASSWORD) -> httpx.Response:
    """Send the password form, as the page does."""
    return await http.post(at(link, "/unlock"), content=urlencode({"password": password}), headers=FORM)


def names_in(answer: httpx.Response) -> list[str]:
    """Of the files in a ZIP."""
    assert answer.status_code == 200, answer.text
    with ZipFile(BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


async def test_a_visitor_sees_the_photos_and_who_shares_them(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photos = [await shown(world, ada.id, title=title) for title in ("Dawn", "Dusk")]
    link = await share(as_ada, *photos, name="A day", allow_download=True)

    page = await page_of(world.http, link)

    assert page.status == 200
    assert page.text_of("h1") == "A day"
    assert "Shared by Ada" in page.text
    assert "2 photos" in page.text
    assert [each["data-id"] for each in page.tags("li") if "data-id" in each] == [str(photo.id) for photo in photos]
    assert [each["alt"] for each in page.tags("img")] == ["Dawn", "Dusk"]


async def test_what_it_links_to_is_there(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), allow_download=True)
    page = await page_of(world.http, link)

    urls = [each["src"] for each in page.tags("img")] + [
        each["data-file"] for each in page.tags("a") if each.get("data-file")
    ]
    urls += [each["href"] for each in page.tags("a") if "/photos/" in each.get("href", "")]
    answers = [await world.http.get(url) for url in urls]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "attachment" in answers[1].headers["content-disposition"]


async def test_without_downloads_it_offers_none(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), allow_download=False)

    page = await page_of(world.http, link)
    single = await page_of(world.http, link, "/photos/" + page.tag("li")["data-id"])

    for each in (page, single):
        assert "ownload" not in each.text
        assert "/file" not in each.html
        assert "/archive" not in "".join(told.get("href", "") for told in each.tags("a"))


async def test_nothing_is_inline_and_no_other_host_is_asked(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), allow_download=True, password=PASSWORD)
    locked = await page_of(world.http, link)
    await enter(world.http, link)
    opened = await page_of(world.http, link)
    unknown = Page(await world.http.get("/s/nothing"))

    for page in (locked, opened, unknown):
        policy = page.headers["content-security-policy"]
        assert not page.inline
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert all(url.startswith(("/", "#", "data:,", "http://photos.test/")) for url in page.urls)
    assert "img-src 'self' data: http://photos.test;" in opened.headers["content-security-policy"]


async def test_it_is_kept_by_nobody_and_found_by_no_search(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id))

    for page in (await page_of(world.http, link), Page(await world.http.get("/s/nothing"))):
        assert page.headers["cache-control"] == "private, no-store"
        assert "noindex" in page.headers["x-robots-tag"]
        assert page.headers["referrer-policy"] == "no-referrer"
        assert {"Accept-Language", "Cookie"} <= {each.strip() for each in page.headers["vary"].split(",")}


async def test_further_photos_are_pages_without_a_script_and_parts_of_one_with_it(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photos = [await shown(world, ada.id) for _ in range(65)]
    link = await share(as_ada, *photos)
    first = await page_of(world.http, link)
    more = next(each for each in first.tags("a") if "data-more" in each)

    second = Page(await world.http.get(more["href"]))
    part = await page_of(world.http, link, "/photos?" + urlencode({"cursor": more["data-more"]}))

    assert [len(page.ids) for page in (first, second, part)] == [60, 5, 5]
    assert first.ids + second.ids == [str(photo.id) for photo in photos]
    assert part.ids == second.ids
    assert "<html" not in part.html
    assert not any("data-more" in each for each in second.tags("a"))


async def test_only_coming_is_a_view(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photos = [await shown(world, ada.id) for _ in range(61)]
    link = await share(as_ada, *photos, max_views=1)
    first = await page_of(world.http, link)
    more = next(each for each in first.tags("a") if "data-more" in each)

    second = Page(await world.http.get(more["href"]))
    single = await page_of(world.http, link, f"/photos/{photos[0].id}")
    again = await page_of(world.http, link)

    assert [page.status for page in (first, second, single, again)] == [200, 200, 200, 410]
    assert again.text_of("h1") == "This link has been used up"


async def test_an_empty_share_says_so(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo = await shown(world, ada.id)
    link = await share(as_ada, photo, allow_download=True)
    await as_ada.delete(f"/api/v1/photos/{photo.id}")

    page = await page_of(world.http, link)

    assert page.status == 200
    assert "There are no photos here yet" in page.text
    assert not any("archive" in each.get("href", "") for each in page.tags("a"))


@pytest.mark.parametrize("rest", ["", "/photos", "/photos/00000000-0000-7000-8000-000000000001"])
async def test_a_link_that_is_not_there_is_a_page_that_says_so(world: World, rest: str) -> None:
    page = Page(await world.http.get(f"/s/nothing{rest}"))

    assert (page.status, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert page.text_of("h1") in ("There is nothing here", "This photo is not here")


async def test_disabled_expired_and_back(world: World, ada: User, as_ada: httpx.AsyncClient, store: FakeStore) -> None:
    link = await share(as_ada, await shown(world, ada.id), expires_at=(NOW + timedelta(hours=1)).isoformat())

    await as_ada.patch(f"{LINKS}/{link['id']}", json={"disabled": True})
    disabled = await page_of(world.http, link)
    await as_ada.patch(f"{LINKS}/{link['id']}", json={"disabled": False})
    enabled = await page_of(world.http, link)
    store.clock.advance(hours=2)
    expired = await page_of(world.http, link)

    assert [page.status for page in (disabled, enabled, expired)] == [404, 200, 410]
    assert expired.text_of("h1") == "This link has ended"


async def test_a_bad_cursor_is_told_to_people_too(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id))

    for rest in ("?cursor=nonsense", "?page=2", "/photos?cursor=nonsense"):
        page = await page_of(world.http, link, rest)
        assert (page.status, page.text_of("h1")) == (400, "That did not work")


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


class TestArchive:
    async def test_all_photos_and_chosen_ones_come_as_one_file(
        self, world: World, ada: User, as_ada: httpx.AsyncClient
    ) -> None:
        photos = [await shown(world, ada.id, filename=f"{name}.jpg") for name in "abc"]
        link = await share(as_ada, *photos, name="A day", allow_download=True, password=PASSWORD)
        await enter(world.http, link)
        chosen = urlencode({"photo_ids": [photos[2].id, photos[0].id]}, doseq=True)

        every = await world.http.get(at(link, "/archive"))
        some = await world.http.post(at(link, "/archive"), content=chosen, headers=FORM)

        assert names_in(every) == ["a.jpg", "b.jpg", "c.jpg"]
        assert names_in(some) == ["a.jpg", "c.jpg"]
        assert 'filename="A day.zip"' in some.headers["content-disposition"]

    @pytest.mark.parametrize("content", ["", "photo_ids=nonsense", "photo_ids=00000000-0000-7000-8000-000000000001"])
    async def test_nothing_chosen_is_told(
        self, world: World, ada: User, as_ada: httpx.AsyncClient, content: str
    ) -> None:
        link = await share(as_ada, await shown(world, ada.id), allow_download=True)

        page = Page(await world.http.post(at(link, "/archive"), content=content, headers=FORM))

        assert (page.status, page.text_of("h1")) == (400, "That did not work")

    async def test_it_stands_behind_the_gate(self, world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
        photo = await shown(world, ada.id)
        locked = await share(as_ada, photo, allow_download=True, password=PASSWORD)
        shut = await share(as_ada, photo, allow_download=False)
        chosen = urlencode({"photo_ids": photo.id})

        for link, status in ((locked, 401), (shut, 403)):
            answers = [
                await world.http.get(at(link, "/archive")),
                await world.http.post(at(link, "/archive"), content=chosen, headers=FORM),
            ]
            assert [answer.status_code for answer in answers] == [status, status]
            assert all(answer.headers["content-type"].startswith("text/html") for answer in answers)


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
