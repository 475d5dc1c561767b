"""`python -m docs_site.browsing site`: the site in Chromium asks no other host for anything, complains of nothing, and
fits a phone. What scripts do shows only here."""

import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, sync_playwright

WINDOWS = {"wide": (1440, 900), "narrow": (390, 844)}
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(site: Path) -> Iterator[str]:
    """The address of the site, on this machine alone."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def complaints(browser: Browser, site: Path, address: str) -> Iterator[str]:
    """One line for each thing that is wrong."""
    pages = sorted(each.parent.relative_to(site).as_posix() for each in site.rglob("index.html"))
    for name, (width, height) in WINDOWS.items():
        page = browser.new_page(viewport={"width": width, "height": height})
        said = _watched(page, address)
        for path in pages:
            page.goto(address + ("" if path == "." else f"{path}/"), wait_until="load")
            if page.evaluate(_TOO_WIDE):
                said.append("is wider than the window")
            yield from (f"{path}, {name}: {each}" for each in said)
            said.clear()
        yield from (f"search, {name}: {each}" for each in [*_search(page, address), *said])
        page.close()


def _watched(page: Page, address: str) -> list[str]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    # Going on to the next page breaks off what the last one still loads.
    page.on(
        "requestfailed",
        lambda request: None if request.failure == "net::ERR_ABORTED" else said.append(f"{request.url} failed"),
    )
    page.on(
        "request",
        lambda request: None if request.url.startswith((address, "data:", "blob:")) else said.append(request.url),
    )
    return said


def _search(page: Page, address: str) -> Iterator[str]:
    page.goto(f"{address}?q=stall_seconds", wait_until="load")
    found = page.locator(".md-search-result__item a").first
    try:
        found.wait_for(state="attached", timeout=20_000)
    except Exception as nothing:  # noqa: BLE001 - whatever it was, nothing was found
        yield f"found nothing: {nothing}"


if __name__ == "__main__":
    built = Path(sys.argv[1])
    with serving(built) as where, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)
        wrong = list(complaints(chromium, built, where))
        chromium.close()
    click.echo("\n".join(wrong) or "Nothing is asked of another host, and nothing complains.")
    sys.exit(bool(wrong))
