"""A browser that visits a share, and is watched while it does."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from tests.fixtures.oidc import NODE_FOLDER

CHROMIUM = shutil.which("chromium")
PHONE: Mapping[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: Mapping[str, Any] = {"viewport": {"width": 1440, "height": 900}}
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_AXE = NODE_FOLDER / "node_modules" / "axe-core" / "axe.min.js"
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_LOOK = """async (standards) => {
  const { violations } = await axe.run(document, { runOnly: standards })
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`))
}"""


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=_FLAGS)
        yield browser
        await browser.close()


@dataclass
class Visit:
    """One page of a visitor's. What it complains of, and which hosts it asks, is noted."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.urls.append(request.url))

    def strangers(self, server: str) -> set[str]:
        """What was asked of another host."""
        return {url for url in self.urls if not url.startswith((server, "data:"))}

    def said(self) -> list[str]:
        """Without what a browser says of every 4xx, and of passwords that have no user."""
        usual = ("Failed to load resource: the server responded with a status of 4", "[DOM] Password forms")
        return [text for text in self.complaints if not text.startswith(usual)]

    async def faults(self) -> list[str]:
        """What axe finds, in the light and in the dark."""
        found: list[str] = []
        for scheme in ("light", "dark"):
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if not await self.page.evaluate("'axe' in window"):
                await self.page.evaluate(_AXE.read_text())
            found += [f"{scheme}: {text}" for text in await self.page.evaluate(_LOOK, _STANDARDS)]
        return found

    async def picture(self, folder: Path, name: str) -> None:
        """For whoever wants to see it."""
        await self.page.screenshot(path=folder / f"{name}.png")


@asynccontextmanager
async def a_visit(browser: Browser, **options: Any) -> AsyncIterator[Visit]:
    context: BrowserContext = await browser.new_context(**options)
    visit = Visit(await context.new_page())
    visit.watch()
    yield visit
    await context.close()


class Fingers:
    """On a touch screen."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    @classmethod
    async def on(cls, page: Page) -> "Fingers":
        return cls(await page.context.new_cdp_session(page))

    async def _touch(self, kind: str, *points: tuple[float, float]) -> None:
        told = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        await self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    async def swipe(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        await self._touch("touchStart", start)
        for step in range(1, 5):
            await self._touch("touchMove", *[tuple(a + (b - a) * step / 4 for a, b in zip(start, end, strict=True))])  # type: ignore[arg-type]
        await self._touch("touchEnd")

    async def spread(self, centre: tuple[float, float], *, before: float, after: float) -> None:
        """Two of them, from so far apart to so far."""
        x, y = centre

        def apart(distance: float) -> list[tuple[float, float]]:
            return [(x - distance / 2, y), (x + distance / 2, y)]

        await self._touch("touchStart", *apart(before))
        for step in range(1, 5):
            await self._touch("touchMove", *apart(before + (after - before) * step / 4))
        await self._touch("touchEnd")

    async def tap_twice(self, at: tuple[float, float]) -> None:
        for _ in range(2):
            await self._touch("touchStart", at)
            await self._touch("touchEnd")
