"""The bytes of pictures: renditions, images of any size, originals without their metadata; and that they end with the photo."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.callers import caller
from tests.e2e.behind import Behind
from tests.e2e.behind import behind as behind_of
from tests.e2e.databases import strong_secret
from tests.e2e.people import API, Person, somebody
from tests.e2e.photographs import a_phone_photo
from tests.e2e.servers import ServerProcess
from tests.e2e.showing import demand_nothing_left_over, metadata_in, metric, opened, shown
from tests.fixtures.postgres import CreateDatabase
from tests.waiting import eventually

JPEG = a_phone_photo()
HEIC = (Path(__file__).parents[1] / "real_pictures" / "orientation-8.heic").read_bytes()
# The promise.
REVOKED_WITHIN = 60


@pytest.fixture
async def person(server: ServerProcess) -> AsyncIterator[Person]:
    async with somebody(server.url) as person:
        yield person


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
    before = await metric(server, "photostore_images_made_total", outcome="made")

    answers = await asyncio.gather(*(person.http.get(at, params={"width": "600", "format": "webp"}) for _ in range(50)))

    assert Counter(answer.status_code for answer in answers) == {200: 50}
    assert len({answer.content for answer in answers}) == len({answer.headers["ETag"] for answer in answers}) == 1
    assert opened(answers[0].content).size == (640, 853)
    assert await metric(server, "photostore_images_made_total", outcome="made") == before + 1


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


async def test_deleting_a_photo_takes_every_rendition_and_image_along(person: Person, behind: Behind) -> None:
    photo = await shown(person, JPEG)
    assert (await person.http.get(f"{API}/photos/{photo['id']}/image?width=640")).status_code == 200

    assert (await person.http.delete(f"{API}/photos/{photo['id']}")).status_code == 204

    await demand_nothing_left_over(behind, person.id)
    async with caller() as anyone:
        urls = [photo["file_url"], *(each["url"] for each in photo["renditions"])]
        assert {(await anyone.get(url)).status_code for url in urls} == {404}


async def test_media_urls_end_on_every_server_even_where_the_bytes_are_still_there(
    new_database: CreateDatabase, tmp_path: Path
) -> None:
    folder = str(tmp_path / "blobs")
    given = {"DATABASE_URL": await new_database(), "STORAGE__FOLDER": folder, "JWT__SECRET_KEY": strong_secret()}
    with ServerProcess(tmp_path, given) as one, ServerProcess(tmp_path, given) as other:
        async with AsyncExitStack() as stack:
            person = await stack.enter_async_context(somebody(one.url))
            anyone = await stack.enter_async_context(caller())
            photo = await shown(person, JPEG)
            here = [photo["file_url"], *(each["url"] for each in photo["renditions"])]
            urls = [*here, *(url.replace(one.url, other.url) for url in here)]
            contents = [(await anyone.get(url)).content for url in urls]
            keys = sorted(behind_of(one).all_blobs())
            assert len(set(contents)) == len(keys) == len(here)

            await person.http.delete(f"{API}/photos/{photo['id']}")
            await eventually(lambda: not behind_of(one).has_any(keys), what="the blobs to be deleted")
            # As if a backup had brought them back.
            for key in keys:
                behind_of(one).put_blob(key, JPEG)

            async def are_gone() -> bool:
                return {(await anyone.get(url)).status_code for url in urls} == {404}

            await eventually(are_gone, within=REVOKED_WITHIN, what="every URL to end")
