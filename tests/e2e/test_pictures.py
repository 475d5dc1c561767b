"""From an upload to pictures that a browser shows, on a server with nothing set and on one with all."""

import asyncio
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx2
import pytest
from PIL.PngImagePlugin import PngInfo

from tests.e2e.behind import Behind
from tests.e2e.people import API, Person, somebody
from tests.e2e.photographs import (
    CAMERA,
    LOCATION,
    OFFSET_MINUTES,
    TAKEN_AT,
    a_deep_tiff,
    a_phone_photo,
    a_scene,
    saved,
)
from tests.e2e.servers import ServerProcess
from tests.e2e.showing import (
    Photo,
    decoded,
    demand_nothing_left_over,
    metadata_in,
    metric,
    opened,
    photo_of,
    shown,
)

JPEG = a_phone_photo()
HEIC = (Path(__file__).parents[1] / "real_pictures" / "orientation-8.heic").read_bytes()
SCENE = a_scene(700, 500, seed=7)
CONTENTS = {
    "phone.jpg": JPEG,
    "phone.heic": HEIC,
    "glass.png": saved(a_scene(640, 480, seed=2).convert("RGBA"), "PNG"),
    "small.avif": saved(a_scene(200, 100, seed=3), "AVIF", speed=10),
    "deep.tif": a_deep_tiff(),
    "part.jpg": a_phone_photo(1000, 800, seed=4)[:-9000],
}
SIZES = {
    "phone.jpg": (1500, 2000),
    "phone.heic": (320, 200),
    "glass.png": (640, 480),
    "small.avif": (200, 100),
    "deep.tif": (640, 400),
    "part.jpg": (800, 1000),
}
PROMISED = {"thumb": 320, "preview": 1600}


@pytest.fixture
async def person(server: ServerProcess) -> AsyncIterator[Person]:
    async with somebody(server.url) as person:
        yield person


async def all_uploaded(person: Person) -> dict[str, Photo]:
    """By filename, decoded."""
    answers = await asyncio.gather(
        *(person.uploaded(content, name, keywords_as_hashtags="true") for name, content in CONTENTS.items())
    )
    assert {answer["status"] for answer in answers} <= {"processing", "ready", "failed"}
    return {photo["filename"]: photo for photo in (await decoded(person)).values()}


async def test_every_picture_becomes_what_it_shows_and_says(person: Person, server: ServerProcess) -> None:
    before = {
        kind: await metric(server.url, "photostore_decoded_photos_total", outcome=kind) for kind in ("ready", "failed")
    }

    photos = await all_uploaded(person)

    assert {name: photo["status"] for name, photo in photos.items()} == dict.fromkeys(CONTENTS, "ready") | {
        "part.jpg": "failed"
    }
    assert {name: (photo["width"], photo["height"]) for name, photo in photos.items()} == SIZES
    for name in ("phone.jpg", "phone.heic"):
        assert (photos[name]["taken_at"], photos[name]["taken_at_offset_minutes"]) == (TAKEN_AT, OFFSET_MINUTES)
        assert photos[name]["location"] == pytest.approx(LOCATION, abs=1e-6)
    assert photos["phone.jpg"]["camera"] == pytest.approx(CAMERA)
    assert photos["phone.jpg"]["hashtags"] == ["opera_house", "évening"]
    assert photos["glass.png"]["camera"] is photos["glass.png"]["location"] is photos["glass.png"]["taken_at"] is None
    ready = [photo for photo in photos.values() if photo["status"] == "ready"]
    assert all(5 <= len(b64decode(photo["placeholder"], validate=True)) <= 25 for photo in ready)
    assert len({photo["placeholder"] for photo in ready}) == len(ready)
    await demand_true_renditions(ready)
    now = {kind: await metric(server.url, "photostore_decoded_photos_total", outcome=kind) for kind in before}
    assert now["ready"] - before["ready"] >= len(ready)
    assert now["failed"] - before["failed"] >= 1


async def demand_true_renditions(photos: list[Photo]) -> None:
    """What the photos tell of their renditions is what anyone gets under their URLs."""
    async with httpx2.AsyncClient(timeout=60) as anyone:
        for photo in photos:
            told = [(each["name"], each["content_type"]) for each in photo["renditions"]]
            assert told == [(name, kind) for name in PROMISED for kind in ("image/webp", "image/avif")]
            for each in photo["renditions"]:
                answer = await anyone.get(each["url"])
                assert answer.status_code == 200
                assert answer.headers["Content-Type"] == each["content_type"]
                assert "immutable" in answer.headers["Cache-Control"]
                assert len(answer.content) == each["byte_size"]
                demand_fits(answer.content, photo, each)


def demand_fits(content: bytes, photo: Photo, rendition: Mapping[str, int | str]) -> None:
    picture, longest = opened(content), max(photo["width"], photo["height"])
    assert picture.size == (rendition["width"], rendition["height"])
    assert max(picture.size) == min(PROMISED[str(rendition["name"])], longest)
    assert picture.width / picture.height == pytest.approx(photo["width"] / photo["height"], rel=0.02)
    assert metadata_in(content) == set()


async def test_a_rendition_comes_in_the_format_that_the_client_likes(person: Person) -> None:
    photo = await shown(person, JPEG)
    at = f"{API}/photos/{photo['id']}/renditions/thumb"
    wishes = {
        "image/avif,image/webp,*/*;q=0.8": "AVIF",
        "image/webp,image/png": "WEBP",
        "image/png,image/jpeg": "JPEG",
        "text/html": "JPEG",
    }

    for accept, kind in wishes.items():
        answer = await person.http.get(at, headers={"Accept": accept})
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == f"image/{kind.lower()}"
        assert "accept" in answer.headers["Vary"].lower()
        picture = opened(answer.content)
        assert (picture.format, picture.size) == (kind, (240, 320))
        assert metadata_in(answer.content) == set()
        again = await person.http.get(at, headers={"Accept": accept, "If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]
    unknown = await person.http.get(f"{API}/photos/{photo['id']}/renditions/poster")
    assert unknown.status_code == 404


async def test_fifty_who_ask_for_the_same_image_share_the_work(person: Person, server: ServerProcess) -> None:
    photo = await shown(person, JPEG)
    at = f"{API}/photos/{photo['id']}/image"
    before = await metric(server.url, "photostore_images_made_total")

    answers = await asyncio.gather(*(person.http.get(at, params={"width": "600", "format": "webp"}) for _ in range(50)))

    assert Counter(answer.status_code for answer in answers) == {200: 50}
    assert len({answer.content for answer in answers}) == len({answer.headers["ETag"] for answer in answers}) == 1
    assert opened(answers[0].content).size == (640, 853)
    assert await metric(server.url, "photostore_images_made_total") == before + 1


async def test_an_image_of_any_size_fits_its_box_and_is_never_enlarged(person: Person) -> None:
    photo = await shown(person, JPEG)
    at = f"{API}/photos/{photo['id']}/image"
    boxes = {
        "width=150": (160, 213),
        "height=300&format=jpeg": (240, 320),
        "width=320&height=320&fit=cover&format=avif": (320, 320),
        "width=2560&format=webp": (1500, 2000),
    }

    for query, size in boxes.items():
        answer = await person.http.get(f"{at}?{query}")
        assert answer.status_code == 200, answer.text
        assert opened(answer.content).size == size, query
        assert metadata_in(answer.content) == set()
    for query in ("width=0", "width=2561", "height=-1", "width=x", "", "width=100&fit=cover", "width=100&format=gif"):
        answer = await person.http.get(f"{at}?{query}")
        assert answer.status_code == 400, query
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_an_original_is_given_without_its_metadata_or_its_place(person: Person) -> None:
    jpeg, heic = await shown(person, JPEG), await shown(person, HEIC, "phone.heic")

    for policy, has_camera in (("none", False), ("no_location", True)):
        answer = await person.http.get(f"{API}/photos/{jpeg['id']}/file", params={"metadata": policy})
        assert answer.status_code == 200, answer.text
        clean, original = opened(answer.content), opened(JPEG)
        assert clean.tobytes() == original.tobytes()
        assert clean.getexif().get(0x112) == 6, "it must still be turned"
        assert dict(clean.getexif().get_ifd(0x8825)) == {}
        assert (b"Testco" in answer.content) is has_camera
        instead = await person.http.get(f"{API}/photos/{heic['id']}/file", params={"metadata": policy})
        assert instead.headers["Content-Type"] == "image/webp"
        assert opened(instead.content).size == (320, 200)
        assert metadata_in(instead.content) == set()
    kept = await person.http.get(f"{API}/photos/{heic['id']}/file", params={"metadata": "keep"})
    assert kept.content == HEIC


async def test_a_picture_that_broke_off_is_kept_and_its_owner_told(person: Person) -> None:
    photo = await person.uploaded(CONTENTS["part.jpg"], "part.jpg")

    told = (await decoded(person))[photo["id"]]

    assert (told["status"], told["failure"], told["renditions"]) == ("failed", "truncated", [])
    assert (await person.http.get(f"{API}/photos/{photo['id']}/file")).content == CONTENTS["part.jpg"]
    async with httpx2.AsyncClient(timeout=60) as anyone:
        assert (await anyone.get(told["file_url"])).content == CONTENTS["part.jpg"]
    for path in ("renditions/thumb", "image?width=100"):
        answer = await person.http.get(f"{API}/photos/{photo['id']}/{path}")
        assert answer.status_code == 404, path
        assert "truncated" in answer.json()["detail"]


async def test_the_same_picture_in_other_files_is_found(person: Person) -> None:
    words = PngInfo()
    words.add_text("Comment", "saved again")
    first = await shown(person, saved(SCENE, "PNG"), "first.png")
    same = await shown(person, saved(SCENE, "PNG", pnginfo=words), "same.png")
    near = await shown(person, saved(SCENE.resize((350, 250)), "JPEG", quality=60), "near.jpg")
    await shown(person, saved(a_scene(700, 500, seed=8), "PNG"), "other.png")

    groups = (await person.http.get(f"{API}/photos/duplicates")).json()["items"]
    exact = (await person.http.get(f"{API}/photos/duplicates", params={"distance": "0"})).json()["items"]
    beside = (await person.http.get(f"{API}/photos/{first['id']}/duplicates")).json()["items"]

    assert [(group["kind"], group["photo_count"]) for group in groups] == [("near", 3)]
    assert [photo["id"] for photo in groups[0]["photos"]] == [first["id"], same["id"], near["id"]]
    assert same["id"] in [photo["id"] for photo in exact[0]["photos"]]
    assert {photo["id"]: photo["same_pixels"] for photo in beside} == {same["id"]: True, near["id"]: False}


async def test_decoding_makes_nobodys_edit_stale(person: Person) -> None:
    answer = await person.upload(JPEG, "phone.jpg")
    await decoded(person)

    edited = await person.http.patch(
        f"{API}/photos/{answer.json()['id']}", json={"title": "Edited"}, headers={"If-Match": answer.headers["ETag"]}
    )
    stale = await person.http.patch(
        f"{API}/photos/{answer.json()['id']}", json={"title": "Again"}, headers={"If-Match": answer.headers["ETag"]}
    )

    assert edited.status_code == 200, edited.text
    assert (await photo_of(person, answer.json()["id"]))["renditions"]
    assert stale.status_code == 412


async def test_deleting_a_photo_takes_every_rendition_and_image_along(person: Person, behind: Behind) -> None:
    photo = await shown(person, JPEG)
    assert (await person.http.get(f"{API}/photos/{photo['id']}/image?width=640")).status_code == 200

    assert (await person.http.delete(f"{API}/photos/{photo['id']}")).status_code == 204

    await demand_nothing_left_over(behind, person.id)
    async with httpx2.AsyncClient(timeout=60) as anyone:
        urls = [photo["file_url"], *(each["url"] for each in photo["renditions"])]
        assert {(await anyone.get(url)).status_code for url in urls} == {404}
