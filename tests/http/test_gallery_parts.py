"""What the page for people is made of: its texts, its files, its tiles."""

import gzip
import json
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from photostore_http.gallery.pages import ASSETS_PATH, STATIC, Gallery, Notice, gallery_page, notice_page, password_page
from photostore_http.gallery.texts import Languages
from photostore_http.gallery.tiles import Tile, tile_of
from photostore_http.photo_responses import Rendition
from tests.http.pages import Page

_PACKAGE = files("photostore_http") / "gallery"
_BUDGET = 60 * 1024
_ENGLISH = json.loads((_PACKAGE / "texts" / "en.json").read_text())
A_GALLERY = Gallery(
    path="/s/token",
    name="A <day> & a night",
    owner_name='Ada "the first"',
    photo_count=1,
    has_password=False,
    allow_download=True,
    allow_upload=True,
    allow_selection=True,
    review=True,
)


class APhoto:
    """A shared photo, as far as a tile looks at it."""

    id = UUID(int=7)
    filename = "a.jpg"
    title: str | None = None
    description: str | None = None
    width, height = 400, 300
    taken_at: datetime | None = None
    status = "ready"
    placeholder: str | None = None
    renditions: tuple[Rendition, ...] = ()
    file_url: str | None = None

    def __init__(self, **told: object) -> None:
        for name, value in told.items():
            setattr(self, name, value)


@pytest.fixture
def languages(tmp_path: Path) -> Languages:
    """Those of the service, and two that it does not speak."""
    arabic = {"language": "ar", "direction": "rtl", "shared_photos": "صور مشتركة"}
    (tmp_path / "ar.json").write_text(json.dumps(arabic))
    brazilian = {"language": "pt-BR", "direction": "ltr", "shared_photos": "Fotos compartilhadas"}
    (tmp_path / "pt-BR.json").write_text(json.dumps(brazilian))
    return Languages([_PACKAGE / "texts", tmp_path])


def page(content: bytes) -> Page:
    return Page(httpx.Response(200, content=content, headers={"content-type": "text/html; charset=utf-8"}))


def a_tile(**told: object) -> Tile:
    return tile_of(APhoto(**told))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("ar", "ar"),
        ("ar-EG,en;q=0.5", "ar"),
        ("en;q=0.3, ar;q=0.8", "ar"),
        ("fr-CH, fr;q=0.9, ar;q=0.2", "ar"),
        ("fr", "en"),
        ("pt-br", "pt-BR"),
        ("pt", "en"),
        ("ar;q=0", "en"),
        ("ar;q=x", "en"),
        (";,;;=,*", "en"),
    ],
)
def test_a_visitor_is_spoken_to_in_the_language_that_they_want_most(
    languages: Languages, accepted: str, language: str
) -> None:
    assert languages.best(accepted).language == language


def test_another_language_turns_the_page_where_it_is_written_from_right_to_left(languages: Languages) -> None:
    shown = page(notice_page(languages.best("ar"), Notice(name="expired")))

    assert (shown.tag("html")["lang"], shown.tag("html")["dir"]) == ("ar", "rtl")
    assert shown.text_of("title") == "صور مشتركة"


def test_what_a_language_lacks_is_told_in_english(languages: Languages) -> None:
    assert languages.best("ar").say("expired_title") == "This link has ended"


def test_every_text_is_used_and_every_text_that_is_used_is_there() -> None:
    sources = [*_PACKAGE.joinpath("templates").iterdir(), *_PACKAGE.joinpath("static").iterdir()]
    sources += [file for file in _PACKAGE.iterdir() if file.name.endswith(".py")]
    everything = "\n".join(file.read_text() for file in sources)
    unused = {
        key
        for key in _ENGLISH
        if not re.search(rf"""["']{re.sub("_(one|other|title|hint)$", "", key)}(_title|_hint)?["']""", everything)
    }
    said = set(re.findall(r"""say\(["'](\w+)["']""", everything))
    counted = set(re.findall(r"""count\(["'](\w+)["']""", everything))

    assert unused <= {"language", "direction"}
    assert said <= set(_ENGLISH)
    assert {f"{key}_{number}" for key in counted for number in ("one", "other")} <= set(_ENGLISH)


def test_its_own_style_and_scripts_are_light() -> None:
    own = [file for file in (_PACKAGE / "static").iterdir() if file.is_file()]

    assert {file.name for file in own} == set(STATIC.assets)
    assert sum(len(file.read_bytes()) for file in own) <= _BUDGET
    for file in own:
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", file.read_text()), file.name


async def test_its_files_can_be_kept_for_ever(http: httpx.AsyncClient) -> None:
    for name, asset in STATIC.assets.items():
        answer = await http.get(f"{ASSETS_PATH}/{STATIC.version}/{name}")

        assert answer.content == asset.content
        assert gzip.decompress(asset.compressed) == asset.content
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await http.get(f"{ASSETS_PATH}/old/gallery.css")).status_code == 404
    assert (await http.get(f"{ASSETS_PATH}/{STATIC.version}/../texts/en.json")).status_code == 404


def test_whatever_people_write_is_text_and_no_markup(languages: Languages) -> None:
    hostile = '"><script>alert(1)</script>'
    tile = a_tile(title=hostile, description=hostile, placeholder=hostile, file_url=hostile, filename=hostile)

    shown = page(gallery_page(languages.best(""), A_GALLERY, [tile], next_cursor=hostile, is_first=True))

    assert all("src" in each for each in shown.tags("script"))
    assert "<script>alert" not in shown.html
    assert shown.text_of("h1") == A_GALLERY.name
    assert not shown.inline


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"title": "Dawn", "description": "Over the lake"}, "Dawn"),
        ({"description": "Over the lake"}, "Over the lake"),
        ({"taken_at": datetime(2026, 5, 1, tzinfo=UTC)}, "Photo of 2026-05-01"),
        ({}, "Photo"),
        ({"title": "x" * 400}, "x" * 150 + " …"),
    ],
)
def test_a_photo_is_told_to_those_who_do_not_see_it(languages: Languages, told: dict[str, object], words: str) -> None:
    rendition = Rendition("thumb", 320, 240, 100, "image/webp", "/media/a")

    shown = page(
        gallery_page(
            languages.best(""), A_GALLERY, [a_tile(**told, renditions=(rendition,))], next_cursor=None, is_first=True
        )
    )

    assert shown.tag("img")["alt"] == words


def test_a_tile_names_each_size_of_the_best_formats_first() -> None:
    renditions = (
        Rendition("preview", 1600, 1200, 100, "image/webp", "/w1600"),
        Rendition("thumb", 320, 240, 100, "image/webp", "/w320"),
        Rendition("thumb", 320, 240, 100, "image/avif", "/a320"),
        Rendition("preview", 1600, 1200, 100, "image/avif", None),
    )

    tile = a_tile(renditions=renditions)

    assert [(each.content_type, each.srcset, each.url) for each in tile.sources] == [
        ("image/avif", "/a320 320w", "/a320"),
        ("image/webp", "/w320 320w, /w1600 1600w", "/w1600"),
    ]


@pytest.mark.parametrize(("width", "height", "ratio"), [(400, 300, 1.333), (30_000, 100, 3.0), (100, 30_000, 0.45)])
def test_strips_do_not_tear_the_grid(width: int, height: int, ratio: float) -> None:
    assert a_tile(width=width, height=height).ratio == ratio


@pytest.mark.parametrize(("status", "words"), [("processing", "Being prepared …"), ("failed", "Cannot be shown")])
def test_a_photo_without_renditions_says_why(languages: Languages, status: str, words: str) -> None:
    shown = page(gallery_page(languages.best(""), A_GALLERY, [a_tile(status=status)], next_cursor=None, is_first=True))

    assert words in shown.text
    assert not shown.tags("img")


def test_what_guests_may_do_shows_where_they_may(languages: Languages) -> None:
    plain = Gallery(
        path="/s/token",
        name=None,
        owner_name=None,
        photo_count=1,
        has_password=False,
        allow_download=False,
        allow_upload=False,
        allow_selection=False,
        review=False,
    )

    full, bare = (
        gallery_page(languages.best(""), gallery, [a_tile(file_url="/f?e=1")], next_cursor=None, is_first=True).decode()
        for gallery in (A_GALLERY, plain)
    )

    for mark in ('id="uploads"', "data-favorite", 'id="submit"', "/archive", 'type="checkbox"'):
        assert mark in full
        assert mark not in bare


def test_a_password_form_tells_what_was_wrong_with_the_try_before(languages: Languages) -> None:
    shown = page(password_page(languages.best(""), "/s/token", wrong="Too bad"))

    field = next(each for each in shown.tags("input") if each["name"] == "password")
    assert "Too bad" in shown.text
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "wrong")
