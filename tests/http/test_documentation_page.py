"""The page that shows the OpenAPI document, and its files."""

import gzip
from html.parser import HTMLParser
from importlib.resources import files

import httpx
import pytest

_RAW = {"accept-encoding": "identity"}


class Links(HTMLParser):
    """What a page asks for, and whether it runs or styles anything by itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.inline = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.asked += [url for name, url in told.items() if name in ("src", "href") and url]
        self.inline |= (tag == "script" and "src" not in told) or tag == "style"
        self.inline |= any(name.startswith("on") or name == "style" for name in told)


async def test_the_page_asks_no_other_host_for_anything(http: httpx.AsyncClient) -> None:
    page = await http.get("/docs")

    links = Links(page.text)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert not links.inline
    assert all(url.startswith(("/docs/assets/", "/openapi.json", "data:,")) for url in links.asked)
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_its_files_can_be_kept_for_ever(http: httpx.AsyncClient) -> None:
    urls = [url for url in Links((await http.get("/docs")).text).asked if url.startswith("/docs/assets/")]
    kinds = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}

    for url in urls:
        plain = await http.get(url, headers=_RAW)
        async with http.stream("GET", url, headers={"accept-encoding": "gzip"}) as answer:
            packed = b"".join([piece async for piece in answer.aiter_raw()])
        same = await http.get(url, headers={**_RAW, "if-none-match": plain.headers["etag"]})

        assert plain.headers["content-type"] == kinds[url.rpartition(".")[2]]
        assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert plain.headers["vary"] == "Accept-Encoding"
        assert (answer.headers["content-encoding"], gzip.decompress(packed)) == ("gzip", plain.content)
        assert answer.headers["etag"] != plain.headers["etag"]
        assert (same.status_code, same.content) == (304, b"")
    assert len(urls) == 4


@pytest.mark.parametrize(
    "path", ["old/docs.js", "{version}/docs.html", "{version}/../documentation.py", "{version}/x.js"]
)
async def test_nothing_else_is_served_from_there(http: httpx.AsyncClient, path: str) -> None:
    version = Links((await http.get("/docs")).text).asked[1].split("/")[3]

    assert (await http.get(f"/docs/assets/{path.format(version=version)}")).status_code == 404


def test_the_licence_of_what_is_not_ours_comes_with_it() -> None:
    folder = files("photostore_http") / "assets" / "swagger-ui"

    assert "Apache License" in (folder / "LICENSE").read_text()
    assert "SmartBear" in (folder / "NOTICE").read_text()
