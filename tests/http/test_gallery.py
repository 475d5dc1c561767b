"""`/s/{token}`: a share as a page for people, looked at."""

from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from photostore.user.user import User
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.http.galleries import at, enter, page_of
from tests.http.pages import Page
from tests.http.shares import LINKS, PASSWORD, share, shown
from tests.http.world import World


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


async def test_what_others_write_behind_its_address_changes_nothing(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photo = await shown(world, ada.id)
    link = await share(as_ada, photo, password=PASSWORD)
    locked = await page_of(world.http, link, "?fbclid=abc")
    await enter(world.http, link)

    opened = [
        await page_of(world.http, link, f"{rest}?fbclid=abc&utm_source=x") for rest in ("", f"/photos/{photo.id}")
    ]

    assert locked.status == 401
    assert [page.status for page in opened] == [200, 200]


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
    await world.http.head(at(link))
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

    for rest in ("?cursor=nonsense", "/photos?page=2", "/photos?cursor=nonsense"):
        page = await page_of(world.http, link, rest)
        assert (page.status, page.text_of("h1")) == (400, "That did not work")
