"""Stock Uppy in a real browser, as docs/uppy.md tells: from a page of another origin to the bytes in the store."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.people import API, somebody
from tests.e2e.servers import ServerProcess
from tests.e2e.uppy_page import served, write_page
from tests.e2e.wire import a_photo_of

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("chromium is not on the PATH", allow_module_level=True)

# Three parts of 8 MiB.
LARGE = (17 << 20) + 123
_PATIENCE_MS = 60_000
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=_FLAGS)
        yield await browser.new_page()
        await browser.close()


@pytest.mark.parametrize("plugin", ["aws-s3", "tus"])
async def test_a_page_of_another_origin_uploads_photos(
    page: Page, embedded_server: ServerProcess, example_photo: bytes, tmp_path: Path, plugin: str
) -> None:
    files = {"example.jpg": example_photo, "large.jpg": a_photo_of(LARGE, seed=3), "text.jpg": b"no picture" * 100}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    async with somebody(embedded_server.url) as person:
        token = person.http.headers["Authorization"].removeprefix("Bearer ")
        write_page(tmp_path, server=embedded_server.url, token=token, plugin=plugin)

        with served(tmp_path) as url:
            await page.goto(url)
            await page.set_input_files("#files", [tmp_path / name for name in files])
            await expect(page.locator("#photos li")).to_have_count(len(files), timeout=_PATIENCE_MS)
            told = dict(line.split(": ", 1) for line in await page.locator("#photos li").all_inner_texts())

        photos = {photo["filename"]: photo for photo in await person.photos()}
        kept = {name: (await person.http.get(f"{API}/photos/{photo['id']}/file")) for name, photo in photos.items()}
        pending = await person.http.get(f"{API}/uploads", params={"state": "pending"})

    refused = told.pop("text.jpg")
    assert {name: answer.content for name, answer in kept.items()} == {
        name: content for name, content in files.items() if name != "text.jpg"
    }
    assert "accepted are JPEG" in refused
    assert pending.json()["items"] == []
    if plugin == "aws-s3":
        assert told == {name: f"{embedded_server.url}{API}/photos/{photo['id']}" for name, photo in photos.items()}
