"""The page for people in a real browser: by hand, by keyboard, by finger, with and without scripts."""

from collections.abc import AsyncIterator, Awaitable, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.people import API, Person, somebody
from tests.e2e.photographs import a_scene, saved
from tests.e2e.servers import ServerProcess
from tests.e2e.showing import decoded
from tests.e2e.visiting import CHROMIUM, DESKTOP, PHONE, Fingers, a_browser, a_visit
from tests.waiting import eventually

if CHROMIUM is None:
    pytest.skip("chromium is not on the PATH", allow_module_level=True)

PASSWORD = "open sesame"
_SIZES = [(900, 600), (600, 900), (800, 600), (1200, 500), (600, 600), (900, 600)]
Link = Mapping[str, Any]
_ALL_COME = """[...document.querySelectorAll('.tile')].length > 0 &&
  [...document.querySelectorAll('.tile img')].every((each) => each.complete && each.naturalWidth)"""
_IN_A_ROW = """tiles => {
  const rows = new Map()
  for (const tile of tiles) {
    const { top, height, right } = tile.getBoundingClientRect()
    const row = rows.get(Math.round(top)) || { heights: [], right: 0 }
    row.heights.push(height)
    row.right = Math.max(row.right, right)
    rows.set(Math.round(top), row)
  }
  return [...rows.values()]
}"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
async def owner(embedded_server: ServerProcess) -> AsyncIterator[Person]:
    """Has some photos, of different shapes."""
    async with somebody(embedded_server.url) as person:
        for number, (width, height) in enumerate(_SIZES):
            content = saved(a_scene(width, height, seed=number), "JPEG", quality=85)
            await person.uploaded(content, f"{number}.jpg", title=f"Picture {number + 1}")
        await decoded(person)
        yield person


async def shared(owner: Person, **told: Any) -> Link:
    photo_ids = [photo["id"] for photo in await owner.photos(sort="created_at")]
    answer = await owner.http.post(f"{API}/share-links", json={"photo_ids": photo_ids, "name": "A day out", **told})
    assert answer.status_code == 201, answer.text
    link: Link = answer.json()
    return link


async def all_shown(page: Page) -> None:
    """Every picture of the grid has come. The page's policy forbids Playwright's own way of waiting for that."""

    async def have_come() -> bool:
        return bool(await page.evaluate(_ALL_COME))

    await expect(page.locator(".tile").first).to_be_visible()
    await eventually(have_come, within=30, what="every picture of the grid")


async def viewed(page: Page) -> str:
    """What the viewer shows."""
    return await page.locator("#viewer .stage img").get_attribute("alt") or ""


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_everybody_can_look_at_the_photos(
    browser: Browser, owner: Person, embedded_server: ServerProcess, tmp_path: Path, device: Mapping[str, Any]
) -> None:
    link = await shared(owner, allow_download=True)

    async with a_visit(browser, **device) as visit:
        await visit.page.goto(link["url"])
        await all_shown(visit.page)
        await visit.picture(tmp_path, "gallery")
        rows = await visit.page.eval_on_selector_all(".tile", _IN_A_ROW)
        wide = await visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults = await visit.faults()

    assert all(max(row["heights"]) - min(row["heights"]) < 1.5 for row in rows)
    assert max(row["right"] for row in rows[:-1]) - min(row["right"] for row in rows[:-1]) < 1.5
    assert wide <= 0
    assert faults == []
    assert visit.said() == []
    assert visit.strangers(embedded_server.url) == set()


async def test_the_viewer_is_led_by_the_keyboard_and_gives_the_focus_back(browser: Browser, owner: Person) -> None:
    link = await shared(owner, allow_download=True)

    async with a_visit(browser, **DESKTOP) as visit:
        page = visit.page
        await page.goto(link["url"])
        await page.locator(".tile a").first.focus()
        await page.keyboard.press("Enter")
        shown = [await viewed(page)]
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
            await page.keyboard.press(key)
            shown.append(await viewed(page))
        address = await page.evaluate("location.hash")
        await page.keyboard.press("+")
        zoomed = await page.locator("#viewer .stage img").evaluate("(each) => each.style.transform")
        faults = await visit.faults()
        await page.keyboard.press("Escape")
        await expect(page.locator("#viewer")).not_to_be_visible()
        await expect(page).to_have_url(link["url"])
        focused = await page.evaluate("document.activeElement.closest('.tile').id")

    assert shown == ["Picture 1", "Picture 2", "Picture 3", "Picture 2"]
    assert address == f"#{focused}"
    assert "scale(1.6)" in zoomed
    assert faults == []
    assert visit.said() == []


async def test_the_viewer_is_led_by_fingers(browser: Browser, owner: Person, tmp_path: Path) -> None:
    link = await shared(owner)

    async with a_visit(browser, **PHONE) as visit:
        page = visit.page
        await page.goto(link["url"])
        fingers = await Fingers.on(page)
        await page.locator(".tile a").nth(1).tap()
        await fingers.swipe((300, 400), (60, 410))
        after_left = await viewed(page)
        await fingers.swipe((60, 400), (300, 410))
        after_right = await viewed(page)
        await fingers.spread((195, 400), before=80, after=240)
        pinched = await page.locator("#viewer .stage").get_attribute("class")
        await fingers.tap_twice((195, 400))
        tapped = await page.locator("#viewer .stage").get_attribute("class")
        await visit.picture(tmp_path, "viewer")
        await fingers.swipe((195, 300), (195, 700))
        await expect(page.locator("#viewer")).not_to_be_visible()

    assert (after_left, after_right) == ("Picture 3", "Picture 2")
    assert "zoomed" in str(pinched)
    assert "zoomed" not in str(tapped)
    assert visit.said() == []


async def test_an_address_leads_to_its_photo_and_back_leads_out_of_it(browser: Browser, owner: Person) -> None:
    link = await shared(owner)

    async with a_visit(browser, **DESKTOP) as visit:
        page = visit.page
        await page.goto(link["url"])
        fourth = await page.locator(".tile").nth(3).get_attribute("id")
        await page.goto(f"{link['url']}?#{fourth}")
        by_address = await viewed(page)
        await page.goto(link["url"])
        await page.locator(".tile a").nth(2).click()
        by_hand = await viewed(page)
        await page.go_back()
        await expect(page.locator("#viewer")).not_to_be_visible()
        left = page.url

    assert (by_address, by_hand) == ("Picture 4", "Picture 3")
    assert left == link["url"]


async def test_a_password_opens_the_photos(browser: Browser, owner: Person, tmp_path: Path) -> None:
    link = await shared(owner, password=PASSWORD)

    async with a_visit(browser, **PHONE) as visit:
        page = visit.page
        await page.goto(link["url"])
        before = await visit.faults()
        await page.fill("#password", "wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("This password is not right. Try again.")
        wrong = await visit.faults()
        await visit.picture(tmp_path, "wrong")
        await page.fill("#password", PASSWORD)
        await page.get_by_role("button", name="Open").click()
        await all_shown(page)
        cookies = await page.evaluate("document.cookie")

    assert (before, wrong) == ([], [])
    assert cookies == ""
    assert visit.said() == []


async def test_who_unlocked_it_comes_back_from_another_site_unasked(
    browser: Browser, owner: Person, embedded_server: ServerProcess
) -> None:
    link = await shared(owner, password=PASSWORD)

    async with a_visit(browser) as visit:
        page = visit.page
        await page.goto(link["url"])
        await page.fill("#password", PASSWORD)
        await page.get_by_role("button", name="Open").click()
        await expect(page.locator(".tile")).to_have_count(len(_SIZES))
        # The same machine by another name is another site.
        await page.goto(embedded_server.url.replace("127.0.0.1", "localhost") + "/docs")
        await page.evaluate("(url) => { location.href = url }", link["url"])
        await expect(page.locator(".tile")).to_have_count(len(_SIZES))


async def test_photos_are_looked_at_and_downloaded_without_scripts(
    browser: Browser, owner: Person, tmp_path: Path
) -> None:
    link = await shared(owner, allow_download=True, password=PASSWORD)

    async with a_visit(browser, **DESKTOP, java_script_enabled=False) as visit:
        page = visit.page
        await page.goto(link["url"])
        await page.fill("#password", PASSWORD)
        await page.get_by_role("button", name="Open").click()
        await expect(page.locator(".tile img")).to_have_count(len(_SIZES))
        await visit.picture(tmp_path, "plain")
        choose = page.get_by_role("button", name="Choose", exact=True)
        await expect(choose).not_to_be_visible()
        await page.locator(".tile a").nth(1).click()
        await expect(page.get_by_role("heading")).to_have_text("Picture 2")
        await visit.picture(tmp_path, "plain-photo")
        async with page.expect_download() as coming:
            await page.get_by_role("link", name="Download").click()
        saved_as = (await coming.value).suggested_filename
        await page.get_by_role("link", name="All photos").click()
        await expect(page.locator(".tile")).to_have_count(len(_SIZES))

    assert saved_as == "1.jpg"
    assert visit.said() == []


async def downloaded(page: Page, action: Awaitable[None], folder: Path) -> list[str]:
    """What is in the ZIP that comes of it."""
    async with page.expect_download() as coming:
        await action
    file = folder / "came.zip"
    await (await coming.value).save_as(file)
    with ZipFile(file) as archive:
        assert archive.testzip() is None
        return archive.namelist()


async def test_all_photos_and_chosen_ones_are_downloaded_as_one_file(
    browser: Browser, owner: Person, tmp_path: Path
) -> None:
    link = await shared(owner, allow_download=True, password=PASSWORD)

    async with a_visit(browser, **PHONE) as visit:
        page = visit.page
        await page.goto(link["url"])
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await all_shown(page)
        every = await downloaded(page, page.get_by_role("link", name="Download all").click(), tmp_path)
        await page.get_by_role("button", name="Choose").click()
        for number in (1, 3):
            await page.locator(".tile a").nth(number).tap()
        await expect(page.get_by_text("2 chosen")).to_be_visible()
        await visit.picture(tmp_path, "choosing")
        faults = await visit.faults()
        some = await downloaded(page, page.get_by_role("button", name="Download chosen").click(), tmp_path)

    assert every == [f"{number}.jpg" for number in range(len(_SIZES))]
    assert some == ["1.jpg", "3.jpg"]
    assert faults == []
    assert visit.said() == []


async def test_what_is_taken_back_meanwhile_is_gone(browser: Browser, owner: Person, tmp_path: Path) -> None:
    link = await shared(owner)

    async with a_visit(browser, **DESKTOP) as visit:
        page = visit.page
        await page.goto(link["url"])
        await owner.http.patch(f"{API}/share-links/{link['id']}", json={"disabled": True})
        answer = await page.reload()
        await expect(page.get_by_role("heading")).to_have_text("There is nothing here")
        faults = await visit.faults()
        await visit.picture(tmp_path, "gone")

    assert answer is not None
    assert answer.status == 404
    assert faults == []
    assert visit.said() == []
