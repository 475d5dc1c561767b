"""`python -m docs_site.checking site`: every link leads somewhere, and nothing comes from another host."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

# What a browser fetches by itself. A link that people may follow is `href` of `a`.
_FETCHED = {"src", "srcset", "data", "poster", "background"}
_FETCHING_LINKS = {
    "stylesheet",
    "icon",
    "preload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "modulepreload",
    "manifest",
}
_IN_STYLES = re.compile(r"""(?:url\(|@import)\s*['"]?\s*([^'")\s;]+)""")
_IN_SCRIPTS = re.compile(r"""(?:fetch|import|importScripts)\(\s*['"`]([^'"`]+)""")


class Page(HTMLParser):
    """What one page fetches, links to, and can be linked at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = {"", "__top"}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self._inside = tag if tag in {"script", "style"} else ""
        self.anchors |= {told[name] for name in ("id", "name") if name in told}
        self.fetched += _IN_STYLES.findall(told.get("style", ""))
        for name in _FETCHED & told.keys():
            self.fetched += [each.split()[0] for each in told[name].split(", ") if each.strip()]
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        elif tag in {"use", "image"} or (tag == "link" and _FETCHING_LINKS & set(told.get("rel", "").split())):
            self.fetched += [told[name] for name in ("href", "xlink:href") if name in told]

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.fetched += _IN_STYLES.findall(data)
        elif self._inside == "script":
            self.fetched += _IN_SCRIPTS.findall(data)


def mistakes(site: Path) -> Iterator[str]:
    """One line for each asset of another host, and for each link that leads nowhere."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        shown = path.relative_to(site)
        yield from (f"{shown} fetches {url}" for url in page.fetched if _is_elsewhere(url))
        # The page of what is not found stands at no address of its own.
        if shown.name != "404.html":
            yield from (f"{shown} links to {url}" for url in page.links if not _leads_somewhere(path, url, pages))
    for path in sorted(site.rglob("*.css")):
        urls = _IN_STYLES.findall(path.read_text(encoding="utf-8"))
        yield from (f"{path.relative_to(site)} fetches {url}" for url in urls if _is_elsewhere(url))


def _is_elsewhere(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in {"", "data"} or bool(parts.netloc)


def _leads_somewhere(path: Path, url: str, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(url)
    if parts.scheme in {"http", "https", "mailto"}:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
    target = target / "index.html" if target.is_dir() else target
    page = next((page for each, page in pages.items() if each.resolve() == target), None)
    return unquote(parts.fragment) in page.anchors if page else target.is_file()


if __name__ == "__main__":
    found = list(mistakes(Path(sys.argv[1])))
    click.echo("\n".join(found) or "Every link leads somewhere, and nothing comes from another host.")
    sys.exit(bool(found))
