"""Uploads straight to the store over real HTTP: killed, resumed, and completed by many at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from photostore_adapters.s3.settings import S3Settings
from tests.callers import caller
from tests.e2e.behind import behind, bucket_environment
from tests.e2e.databases import strong_secret
from tests.e2e.people import API, Person, somebody
from tests.e2e.servers import ServerProcess
from tests.e2e.wire import a_photo_of
from tests.fixtures.postgres import CreateDatabase

# In parts of the service's choice, and of the client's.
LARGE, PARTED, PART_BYTES = (64 << 20) + 12_345, (10 << 20) + 12_345, 5 << 20


@pytest.fixture(params=["files", "bucket"])
async def server(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    new_database: CreateDatabase,
) -> AsyncIterator[ServerProcess]:
    """One that can be killed: with nothing set, and with a bucket."""
    given: dict[str, str] = {}
    if request.param == "bucket":
        new_bucket: Callable[[], S3Settings] = request.getfixturevalue("new_bucket")
        given = {
            **bucket_environment(new_bucket()),
            "DATABASE_URL": await new_database(),
            "JWT__SECRET_KEY": strong_secret(),
        }
        given["AUTH__LOCAL_ACCOUNTS"] = "true"
    with ServerProcess(tmp_path, given) as server:
        yield server


@pytest.fixture
def large(server: ServerProcess) -> tuple[bytes, dict[str, Any]]:
    """A file that goes in parts, and what has to be said for that."""
    if "S3__BUCKET_NAME" in server.environment:
        return a_photo_of(PARTED, seed=1), {"part_bytes": PART_BYTES}
    return a_photo_of(LARGE, seed=1), {}


async def start(person: Person, content: bytes, **told: Any) -> dict[str, Any]:
    file = {"filename": "sea.jpg", "content_type": "image/jpeg", "byte_size": len(content), **told}
    answer = await person.http.post(f"{API}/uploads", json=file)
    assert answer.status_code == 201, answer.text
    upload: dict[str, Any] = answer.json()
    return upload


async def send(part: dict[str, Any], content: bytes) -> None:
    piece = content[part["offset"] : part["offset"] + part["byte_size"]]
    # Without a token: the URL is all that it takes.
    async with caller() as http:
        answer = await http.request(part["method"], part["url"], headers=part["headers"], content=piece)
    assert answer.status_code == 200, answer.text


async def complete(person: Person, upload: dict[str, Any]) -> httpx2.Response:
    return await person.http.post(f"{API}/uploads/{upload['id']}/complete")


async def test_a_killed_upload_goes_on_and_is_one_photo(
    server: ServerProcess, large: tuple[bytes, dict[str, Any]]
) -> None:
    small, (whole, told) = a_photo_of(100_000), large
    async with somebody(server.url) as person:
        single = await start(person, small, sha256=sha256(small).hexdigest())
        await send(single["parts"][0], small)
        parted = await start(person, whole, sha256=sha256(whole).hexdigest(), title="Sea", **told)
        await send(parted["parts"][1], whole)

        server.kill()
        server.start()

        photo = (await complete(person, single)).json()
        resumed = (await person.http.get(f"{API}/uploads/{parted['id']}")).json()
        early = await complete(person, parted)
        for part in resumed["parts"]:
            if not part["received"]:
                await send(part, whole)
        answers = await asyncio.gather(*(complete(person, parted) for _ in range(50)))
        photos = await person.photos()
        file = await person.http.get(f"{API}/photos/{answers[0].json()['id']}/file")
        await behind(server).settled(person.id)
        quota = await behind(server).quota(person.id)

    assert photo["sha256"] == sha256(small).hexdigest()
    assert [part["received"] for part in resumed["parts"]] == [number == 1 for number in range(len(resumed["parts"]))]
    assert (early.status_code, early.json()["type"]) == (409, "/problems/upload-incomplete")
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert {each["title"] for each in photos} == {None, "Sea"}
    assert len(photos) == 2
    assert file.content == whole
    assert file.headers["repr-digest"].startswith("sha-256=:")
    assert quota == {"used_bytes": len(small) + len(whole), "reserved_bytes": 0, "photo_count": 2}


async def test_what_is_refused_and_taken_back_leaves_nothing(
    server: ServerProcess, large: tuple[bytes, dict[str, Any]]
) -> None:
    whole, told = large
    async with somebody(server.url) as person:
        junk = await start(person, bytes(1000))
        await send(junk["parts"][0], bytes(1000))
        parted = await start(person, whole, **told)
        await send(parted["parts"][-1], whole)

        refused = await complete(person, junk)
        gone = await person.http.delete(f"{API}/uploads/{parted['id']}")
        await behind(server).settled(person.id)

    assert (refused.status_code, gone.status_code) == (422, 204)
