"""Two servers on one database and one store, and more clients than either expects."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.e2e.behind import behind
from tests.e2e.databases import strong_secret
from tests.e2e.people import API, Person, bearer, somebody
from tests.e2e.servers import ServerProcess
from tests.e2e.wire import a_photo_of
from tests.fixtures.postgres import CreateDatabase
from tests.waiting import eventually

pytestmark = pytest.mark.one_process("starts its two servers itself")

QUOTA, PHOTO = 1_000_000, 90_000
# Five are promised; a machine that does other things too may need more.
REVOKED_WITHIN = 10


@pytest.fixture(scope="module")
async def twins(
    new_database: CreateDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[ServerProcess, ServerProcess]]:
    folder = tmp_path_factory.mktemp("twins")
    given = {
        "DATABASE_URL": await new_database(),
        "STORAGE__FOLDER": str(folder / "blobs"),
        "JWT__SECRET_KEY": strong_secret(),
        "QUOTA__DEFAULT_BYTES": str(QUOTA),
    }
    with ServerProcess(folder, given) as one, ServerProcess(folder, given) as other:
        yield one, other


@pytest.fixture
async def both(twins: tuple[ServerProcess, ServerProcess]) -> AsyncIterator[tuple[Person, Person]]:
    """The same person, signed in at one, and using both."""
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(somebody(twins[0].url))
        token = here.http.headers["Authorization"].removeprefix("Bearer ")
        yield here, await stack.enter_async_context(bearer(twins[1].url, token))


async def test_a_session_revoked_here_is_refused_there(both: tuple[Person, Person]) -> None:
    here, there = both
    assert await there.photos() == []

    assert (await here.http.delete(f"{API}/auth/sessions/current")).status_code == 204

    assert (await here.http.get(f"{API}/photos")).status_code == 401

    async def is_refused() -> bool:
        return (await there.http.get(f"{API}/photos")).status_code == 401

    await eventually(is_refused, within=REVOKED_WITHIN, what="the other server to refuse the session")


async def test_the_same_bytes_at_once_become_one_photo(
    twins: tuple[ServerProcess, ServerProcess], both: tuple[Person, Person]
) -> None:
    content = a_photo_of(PHOTO)

    answers = await asyncio.gather(*(person.upload(content) for person in both * 6))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 11}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await both[0].photos()) == 1
    await behind(twins[0]).settled(both[0].id)
    assert len(await behind(twins[0]).blobs(both[0].id)) == 1
    assert await behind(twins[0]).quota(both[0].id) == quota(1)


async def test_a_quota_is_never_passed(twins: tuple[ServerProcess, ServerProcess], both: tuple[Person, Person]) -> None:
    contents = [a_photo_of(PHOTO, seed=number) for number in range(50)]
    seen = set[int]()

    async def watch() -> None:
        while True:
            seen.add((await behind(twins[0]).quota(both[0].id))["used_bytes"])

    watching = asyncio.create_task(watch())
    answers = await asyncio.gather(*(both[number % 2].upload(each) for number, each in enumerate(contents)))
    watching.cancel()

    assert Counter(answer.status_code for answer in answers) == {201: QUOTA // PHOTO, 507: 50 - QUOTA // PHOTO}
    assert max(seen) <= QUOTA
    refused = next(answer for answer in answers if answer.status_code == 507)
    assert refused.json()["type"] == "/problems/quota-exceeded"
    assert refused.json()["quota"] == QUOTA
    await behind(twins[0]).settled(both[0].id)
    assert await behind(twins[0]).quota(both[0].id) == quota(QUOTA // PHOTO)
    assert len(await both[0].photos()) == QUOTA // PHOTO


def quota(photos: int) -> dict[str, int]:
    return {"used_bytes": photos * PHOTO, "reserved_bytes": 0, "photo_count": photos}
