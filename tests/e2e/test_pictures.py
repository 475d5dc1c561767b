"""From an upload to pictures that a browser shows, on a server with nothing set and on one with all."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from PIL.PngImagePlugin import PngInfo

from tests.callers import caller
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


async def test_every_picture_becomes_what_it_shows_and_says(person: Person) -> None:
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


async def test_what_became_of_a_picture_is_counted(person: Person, server: ServerProcess) -> None:
    kinds = ("ready", "truncated")
    before = [await metric(server, "photostore_decoded_photos_total", outcome=kind) for kind in kinds]

    await person.uploaded(CONTENTS["phone.jpg"])
    await person.uploaded(CONTENTS["part.jpg"])
    await decoded(person)

    now = [await metric(server, "photostore_decoded_photos_total", outcome=kind) for kind in kinds]
    assert [after - earlier >= 1 for after, earlier in zip(now, before, strict=True)] == [True, True]


async def demand_true_renditions(photos: list[Photo]) -> None:
    """What the photos tell of their renditions is what anyone gets under their URLs."""
    async with caller() as anyone:
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


async def test_a_picture_that_broke_off_is_kept_and_its_owner_told(person: Person) -> None:
    photo = await person.uploaded(CONTENTS["part.jpg"], "part.jpg")

    told = (await decoded(person))[photo["id"]]

    assert (told["status"], told["failure"], told["renditions"]) == ("failed", "truncated", [])
    assert (await person.http.get(f"{API}/photos/{photo['id']}/file")).content == CONTENTS["part.jpg"]
    async with caller() as anyone:
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
