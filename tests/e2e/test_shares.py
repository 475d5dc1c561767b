"""A share, by real processes: what its visitors get, and that it ends everywhere."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest

from tests.callers import caller
from tests.e2e.databases import strong_secret
from tests.e2e.people import API, Person, somebody
from tests.e2e.photographs import a_phone_photo
from tests.e2e.servers import ServerProcess
from tests.e2e.showing import metadata_in, opened, shown
from tests.fixtures.postgres import CreateDatabase
from tests.waiting import eventually

JPEG = a_phone_photo()
HEIC = (Path(__file__).parents[1] / "real_pictures" / "orientation-8.heic").read_bytes()
PASSWORD = "open sesame"
# The promise.
REVOKED_WITHIN = 60


@pytest.fixture
async def anyone() -> AsyncIterator[httpx2.AsyncClient]:
    async with caller() as http:
        yield http


async def share(person: Person, *photo_ids: str, **told: object) -> dict[str, str]:
    made = await person.http.post(f"{API}/share-links", json={"photo_ids": photo_ids, "allow_download": True, **told})
    assert made.status_code == 201, made.text
    link: dict[str, str] = made.json()
    return link


async def test_hidden_metadata_are_in_no_byte(server: ServerProcess, anyone: httpx2.AsyncClient) -> None:
    async with somebody(server.url) as person:
        photos = [await shown(person, JPEG, "Ada at home.jpg"), await shown(person, HEIC, "Ada at home.heic")]
        link = await share(person, *(photo["id"] for photo in photos), hide_metadata=True)

        answer = await anyone.get(f"{server.url}{API}/public/{link['token']}/photos")
        jpeg, heic = answer.json()["items"]
        files = [await anyone.get(each["file_url"]) for each in (jpeg, heic)]
        thumbs = [await anyone.get(each["renditions"][0]["url"]) for each in (jpeg, heic)]

    assert opened(files[0].content).tobytes() == opened(JPEG).tobytes()
    assert dict(opened(files[0].content).getexif().get_ifd(0x8825)) == {}
    assert files[1].headers["Content-Type"] == "image/webp"
    for each in (*files, *thumbs):
        assert each.status_code == 200
        assert b"Testco" not in each.content
        assert "Ada" not in str(each.headers)
    assert all(metadata_in(each.content) == set() for each in (files[1], *thumbs))
    assert "Ada at home" not in answer.text
    assert "Testco" not in answer.text


async def test_a_share_that_is_taken_back_ends_on_every_server(
    new_database: CreateDatabase, tmp_path: Path, anyone: httpx2.AsyncClient
) -> None:
    folder = str(tmp_path / "blobs")
    given = {"DATABASE_URL": await new_database(), "STORAGE__FOLDER": folder, "JWT__SECRET_KEY": strong_secret()}
    with ServerProcess(tmp_path, given) as one, ServerProcess(tmp_path, given) as other:
        async with AsyncExitStack() as stack:
            person = await stack.enter_async_context(somebody(one.url))
            link = await share(person, (await shown(person, JPEG))["id"], password=PASSWORD)
            at = f"{one.url}{API}/public/{link['token']}"
            locked = await anyone.get(f"{at}/photos")
            unlocked = await anyone.post(f"{at}/unlock", json={"password": PASSWORD})
            headers = {"Authorization": f"Bearer {unlocked.json()['access_token']}"}
            [item] = (await anyone.get(f"{at}/photos", headers=headers)).json()["items"]
            here = [item["file_url"], *(each["url"] for each in item["renditions"])]
            urls = [*here, *(url.replace(one.url, other.url) for url in here)]
            served = await statuses(anyone, urls)

            await person.http.patch(f"{API}/share-links/{link['id']}", json={"disabled": True})
            at_once = [
                (await anyone.get(url, headers=headers)).status_code
                for url in (at, f"{other.url}{API}/public/{link['token']}/photos", here[0])
            ]

            async def have_ended() -> bool:
                return await statuses(anyone, urls) == {404}

            await eventually(have_ended, within=REVOKED_WITHIN, what="every URL to end")

            assert (locked.status_code, served, at_once) == (401, {200}, [404, 404, 404])
            for each in (one, other):
                assert link["token"] not in each.log


async def statuses(http: httpx2.AsyncClient, urls: Sequence[str]) -> set[int]:
    return {(await http.get(url)).status_code for url in urls}
