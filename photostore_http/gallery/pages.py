"""The page in its states, rendered."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Struct

from photostore_http.gallery.texts import Texts
from photostore_http.gallery.tiles import Tile
from photostore_http.static_files import StaticFiles

ASSETS_PATH = "/gallery/assets"
_SCRIPTS = (
    "main.js",
    "network.js",
    "thumbhash.js",
    "grid.js",
    "viewer.js",
    "stage.js",
    "choosing.js",
    "favorites.js",
    "uploads.js",
    "transfer.js",
)
STATIC = StaticFiles(
    files(__package__) / "static",
    {"gallery.css": "text/css", **dict.fromkeys(_SCRIPTS, "text/javascript")},
)


class Gallery(Struct, frozen=True, kw_only=True):
    """A share, as far as a visitor may know of it. `path` is where the page is; not every share knows its `photo_count`."""

    path: str
    name: str | None
    owner_name: str | None
    photo_count: int | None
    has_password: bool
    allow_download: bool
    allow_upload: bool
    allow_selection: bool
    review: bool


class Notice(Struct, frozen=True, kw_only=True):
    """A page that says why there are no photos: `name` is the first part of its texts' keys."""

    name: str
    path: str | None = None


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("photostore_http.gallery"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["assets"] = f"{ASSETS_PATH}/{STATIC.version}"
    environment.globals["scripts"] = _SCRIPTS
    return environment


def _render(template: str, texts: Texts, **values: Any) -> bytes:
    context: Mapping[str, Any] = {"texts": texts, "say": texts.say, "count": texts.count, **values}
    return _environment().get_template(template).render(context).encode()


def gallery_page(
    texts: Texts,
    gallery: Gallery,
    tiles: Sequence[Tile],
    *,
    next_cursor: str | None,
    is_first: bool,
) -> bytes:
    """The photos of one page of the list, and what can be done with them."""
    return _render(
        "gallery.html",
        texts,
        gallery=gallery,
        tiles=tiles,
        next_cursor=next_cursor,
        is_first=is_first,
    )


def more_photos(texts: Texts, gallery: Gallery, tiles: Sequence[Tile], *, next_cursor: str | None) -> bytes:
    """Further photos alone, for the page to put behind those that it has."""
    return _render("tiles.html", texts, gallery=gallery, tiles=tiles, next_cursor=next_cursor)


def photo_page(texts: Texts, gallery: Gallery, tile: Tile) -> bytes:
    """One photo by itself, for browsers without scripts."""
    return _render("photo.html", texts, gallery=gallery, tile=tile)


def password_page(texts: Texts, path: str, *, wrong: str | None = None, look_again: bool = False) -> bytes:
    """`wrong` says what was the matter with the try before. `look_again`: what the browser has of the unlock it may have
    kept back, as it came from elsewhere."""
    return _render("password.html", texts, path=path, wrong=wrong, look_again=look_again)


def notice_page(texts: Texts, notice: Notice) -> bytes:
    return _render("notice.html", texts, notice=notice)
