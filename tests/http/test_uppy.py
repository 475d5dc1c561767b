"""Uploads as Uppy's aws-s3 plugin makes them: announced by its page, then as if it asked S3."""

from hashlib import sha256
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from photostore.user.user import User
from tests.builders import a_picture, upload_limits
from tests.fakes.store import FakeQuota, FakeStore
from tests.http.world import API, World

MIB = 1 << 20
PICTURE = a_picture("uppy", byte_size=11 * MIB)
SMALL = a_picture("small", byte_size=2000)


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore(limits=upload_limits(max_bytes=1 << 40))
    store.blobs.lead_to("http://photos.test")
    return store


async def announce(http: httpx.AsyncClient, content: bytes = PICTURE, *, part_bytes: int = 5 * MIB) -> httpx.Response:
    file = {"filename": "sea.jpg", "content_type": "image/jpeg", "byte_size": len(content), "part_bytes": part_bytes}
    return await http.post(f"{API}/uploads", json=file)


async def begun(http: httpx.AsyncClient, content: bytes = PICTURE) -> str:
    """The URL of the upload, as Uppy is told it."""
    upload = (await announce(http, content)).json()
    answer = await http.post(f"{API}/uploads/uppy/{upload['id']}/begin")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "application/xml")
    return f"{API}/uploads/uppy/{ET.fromstring(answer.text).findtext('UploadId')}"


async def send(http: httpx.AsyncClient, url: str, number: int, content: bytes = PICTURE) -> str:
    """The ETag that the store gives one part."""
    signed: dict[str, Any] = (await http.get(f"{url}/parts/{number}")).json()
    piece = content[(number - 1) * 5 * MIB : number * 5 * MIB]
    answer = await http.put(signed["url"], content=piece, headers={"authorization": ""})
    assert answer.status_code == 200, answer.text
    return answer.headers["etag"].strip('"')


def listed(answer: httpx.Response) -> list[tuple[str | None, str | None]]:
    return [(each.findtext("PartNumber"), each.findtext("ETag")) for each in ET.fromstring(answer.text).iter("Part")]


async def test_parts_of_the_senders_own_size_become_a_photo(
    as_ada: httpx.AsyncClient, world: World, store: FakeStore, ada: User
) -> None:
    url = await begun(as_ada)
    for number in (1, 2, 3):
        await send(as_ada, url, number)

    first, again = [await as_ada.post(url, content=b"<CompleteMultipartUpload/>") for _ in range(2)]

    location = ET.fromstring(first.text).findtext("Location")
    assert location is not None
    photo = (await as_ada.get(location.removeprefix("http://photos.test"))).json()
    assert (first.status_code, again.status_code, again.text) == (201, 201, first.text)
    assert (photo["filename"], photo["sha256"]) == ("sea.jpg", sha256(PICTURE).hexdigest())
    assert store.quotas.rows[ada.id] == FakeQuota(None, used=len(PICTURE), photos=1)
    assert world.requests.uploads == [("direct", "created", len(PICTURE)), ("direct", "repeated", 0)]


async def test_a_small_file_is_one_part(as_ada: httpx.AsyncClient) -> None:
    url = await begun(as_ada, SMALL)
    await send(as_ada, url, 1, SMALL)

    answer = await as_ada.post(url)

    assert answer.status_code == 201
    assert (await as_ada.get(f"{API}/photos")).json()["items"][0]["sha256"] == sha256(SMALL).hexdigest()


async def test_what_has_arrived_is_listed_as_the_store_names_it(as_ada: httpx.AsyncClient) -> None:
    url = await begun(as_ada)
    before = await as_ada.get(url)
    etag = await send(as_ada, url, 2)

    answer = await as_ada.get(url)

    assert (listed(before), listed(answer)) == ([], [("2", etag)])
    assert answer.headers["content-type"].startswith("application/xml")


async def test_bytes_that_turn_out_to_be_known_are_the_photo_that_is_there(as_ada: httpx.AsyncClient) -> None:
    urls = [await begun(as_ada, SMALL), await begun(as_ada, SMALL)]
    for url in urls:
        await send(as_ada, url, 1, SMALL)

    first, second = [await as_ada.post(url) for url in urls]

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.headers["location"] == first.headers["location"]


async def test_missing_parts_are_told_and_can_still_come(as_ada: httpx.AsyncClient) -> None:
    url = await begun(as_ada, SMALL)

    early = await as_ada.post(url)
    await send(as_ada, url, 1, SMALL)

    assert (early.status_code, early.json()["type"]) == (409, "/problems/upload-incomplete")
    assert (await as_ada.post(url)).status_code == 201


async def test_one_that_is_taken_back_takes_no_more_parts(as_ada: httpx.AsyncClient) -> None:
    url = await begun(as_ada)

    gone = await as_ada.delete(url)
    refused = [await as_ada.get(f"{url}/parts/1"), await as_ada.get(url), await as_ada.post(f"{url}/begin")]

    assert gone.status_code == 204
    assert {(answer.status_code, answer.json()["type"]) for answer in refused} == {(409, "/problems/upload-ended")}


@pytest.mark.parametrize("number", ["0", "4", "x"])
async def test_a_part_that_the_file_has_not_is_not_found(as_ada: httpx.AsyncClient, number: str) -> None:
    url = await begun(as_ada)

    assert (await as_ada.get(f"{url}/parts/{number}")).status_code == 404


async def test_a_file_that_goes_whole_is_none_of_uppys(as_ada: httpx.AsyncClient) -> None:
    file = {"filename": "sea.jpg", "content_type": "image/jpeg", "byte_size": 1000}
    upload = (await as_ada.post(f"{API}/uploads", json=file)).json()

    answer = await as_ada.post(f"{API}/uploads/uppy/{upload['id']}/begin")

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/upload-invalid")


@pytest.mark.parametrize(
    ("part_bytes", "byte_size"), [(5 * MIB - 1, 1000), (64 * MIB + 1, 1000), (5 * MIB, 50_001 * MIB)]
)
async def test_parts_that_stores_do_not_take_are_refused(
    as_ada: httpx.AsyncClient, store: FakeStore, part_bytes: int, byte_size: int
) -> None:
    file = {"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": byte_size, "part_bytes": part_bytes}

    answer = await as_ada.post(f"{API}/uploads", json=file)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["part_bytes"]
    assert not store.uploads.rows
    assert not store.blobs.multiparts
