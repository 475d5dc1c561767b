"""Guests who do more than look, in a real browser: they add photos, and choose those that they like."""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.people import API, Person, somebody
from tests.e2e.photographs import a_scene, saved
from tests.e2e.servers import ServerProcess
from tests.e2e.showing import decoded
from tests.e2e.visiting import CHROMIUM, DESKTOP, PHONE, Visit, a_browser, a_visit

if CHROMIUM is None:
    pytest.skip("chromium is not on the PATH", allow_module_level=True)


PASSWORD = "open sesame"
Link = Mapping[str, Any]
_DROP = """async ([name, content]) => {
  const data = new DataTransfer()
  data.items.add(new File([Uint8Array.from(atob(content), (each) => each.charCodeAt(0))], name, { type: 'image/jpeg' }))
  for (const kind of ['dragover', 'drop'])
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }))
}"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as browser:
        yield browser


@pytest.fixture
async def owner(embedded_server: ServerProcess) -> AsyncIterator[Person]:
    async with somebody(embedded_server.url) as person:
        yield person


async def album_link(owner: Person, photos: int = 0, **told: Any) -> Link:
    """To an album of so many photos, behind a password."""
    album = (await owner.http.post(f"{API}/albums", json={"name": "Wedding"})).json()
    for number in range(photos):
        content = saved(a_scene(600, 400, seed=number), "JPEG")
        await owner.uploaded(content, f"{number}.jpg", title=f"Picture {number + 1}", album_id=album["id"])
    await decoded(owner)
    wanted = {"album_id": album["id"], "password": PASSWORD, **told}
    answer = await owner.http.post(f"{API}/share-links", json=wanted)
    assert answer.status_code == 201, answer.text
    link: Link = answer.json()
    return link


async def enter(page: Page, link: Link) -> None:
    await page.goto(link["url"])
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="Open").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Wedding")


async def test_guests_add_photos_by_dropping_them(
    browser: Browser, owner: Person, example_photo: bytes, tmp_path: Path
) -> None:
    link = await album_link(owner, allow_upload=True)
    (tmp_path / "text.jpg").write_bytes(b"no picture" * 100)

    async with a_visit(browser, **DESKTOP) as visit:
        page = visit.page
        await enter(page, link)
        await page.evaluate(_DROP, ["dropped.jpg", b64encode(example_photo).decode()])
        await expect(page.locator(".transfers li", has_text="dropped.jpg")).to_contain_text("Added")
        await page.set_input_files("[data-files]", tmp_path / "text.jpg")
        await expect(page.locator(".transfers li", has_text="text.jpg")).to_contain_text("no picture that can be added")
        await visit.picture(tmp_path, "added")
        faults = await visit.faults()
        await page.get_by_role("link", name="Show what was added").click()
        await expect(page.locator(".tile")).to_have_count(1)
        await expect(page.locator(".tile img")).to_have_count(1, timeout=20_000)

    photos = await owner.photos()
    kept = await owner.http.get(f"{API}/photos/{photos[0]['id']}/file")
    assert [photo["filename"] for photo in photos] == ["dropped.jpg"]
    assert kept.content == example_photo
    assert faults == []
    assert visit.said() == []


async def test_an_upload_that_broke_off_goes_on(
    browser: Browser, owner: Person, example_photo: bytes, tmp_path: Path
) -> None:
    link = await album_link(owner, allow_upload=True)
    (tmp_path / "mine.jpg").write_bytes(example_photo)
    broken: list[str] = []

    async def break_off(route: Route) -> None:
        if route.request.method == "PUT" and len(broken) < 4:
            broken.append(route.request.url)
            await route.abort()
        else:
            await route.continue_()

    async with a_visit(browser, **PHONE) as visit:
        page = visit.page
        await enter(page, link)
        await page.route("**/*", break_off)
        await page.get_by_role("button", name="Add photos").tap()
        await page.set_input_files("[data-files]", tmp_path / "mine.jpg")
        await page.get_by_role("button", name="Try again").click(timeout=20_000)
        await expect(page.locator(".transfers li")).to_contain_text("Added")

    assert len(await owner.photos()) == 1
    assert len(broken) == 4


async def _marked(visit: Visit, link: Link, tmp_path: Path) -> None:
    """One by its heart in the grid, another with words in the viewer."""
    page = visit.page
    await enter(page, link)
    await page.get_by_role("button", name="Favourite: Picture 1").click()
    await expect(page.get_by_text("1 favourite", exact=True)).to_be_visible()
    await page.locator(".tile a").nth(2).click()
    await page.keyboard.press("f")
    await page.get_by_role("button", name="Comment").click()
    await page.get_by_role("textbox", name="Comment").fill("Crop this, please")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved")).to_be_visible()
    await visit.picture(tmp_path, "remark")
    await page.keyboard.press("Escape")


async def test_guests_choose_comment_and_send_once(browser: Browser, owner: Person, tmp_path: Path) -> None:
    link = await album_link(owner, 3, allow_selection=True)

    async with a_visit(browser, **DESKTOP) as visit:
        page = visit.page
        await _marked(visit, link, tmp_path)
        faults = await visit.faults()
        await page.get_by_role("button", name="Send selection").click()
        await page.get_by_label("Your name").fill("Grace")
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect(page.get_by_text("Your selection has been sent")).to_be_visible()
        await page.reload()
        await expect(page.get_by_text("Your selection has been sent")).to_be_visible()
        locked = await page.get_by_role("button", name="Favourite: Picture 1").is_disabled()

    chosen = (await owner.http.get(f"{API}/share-links/{link['id']}/selection")).json()
    assert chosen["guest_name"] == "Grace"
    assert {(each["filename"], each["favorite"], each["comment"]) for each in chosen["items"]} == {
        ("0.jpg", True, None),
        ("2.jpg", True, "Crop this, please"),
    }
    assert locked
    assert faults == []
    assert visit.said() == []
