"""The database goes away, or goes silent: everyone is told so, and it is used again as soon as it is back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial

import httpx2
import pytest

from tests.callers import caller
from tests.e2e.behind import behind
from tests.e2e.databases import SteadyPostgres, strong_secret
from tests.e2e.people import API, PASSWORD, Person, somebody
from tests.e2e.servers import ServerProcess
from tests.e2e.wire import a_photo_of, half_an_upload
from tests.pictures import a_jpeg
from tests.waiting import eventually

# Each waits for a connection, then for an answer, perhaps twice; then it gives up.
IMPATIENT = {"DATABASE__STATEMENT_TIMEOUT_SECONDS": "2", "DATABASE__CONNECT_TIMEOUT_SECONDS": "1"}
ANSWERED_WITHIN = 30


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SteadyPostgres]:
    with SteadyPostgres(tmp_path_factory.mktemp("mortal") / "postgres") as postgres:
        yield postgres


@pytest.fixture(scope="module")
def server(postgres: SteadyPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    given = IMPATIENT | {"DATABASE_URL": postgres.url, "JWT__SECRET_KEY": strong_secret()}
    with ServerProcess(tmp_path_factory.mktemp("bereft"), given) as server:
        yield server


@pytest.fixture
async def person(server: ServerProcess) -> AsyncIterator[Person]:
    async with somebody(server.url) as person:
        yield person


async def test_a_database_that_is_killed(server: ServerProcess, postgres: SteadyPostgres, person: Person) -> None:
    photo = await person.uploaded(a_photo_of(100_000))
    async with half_an_upload(person, a_photo_of(5 << 20, seed=1)) as upload:
        await eventually(partial(behind(server).has_reserved, person.id), what="the upload to begin")
        postgres.kill()
        assert (await upload.finish()).startswith(b"HTTP/1.1 503 ")
    await demand_everything_is_refused(person)

    postgres.start()

    await demand_recovery(server, person, photo["id"])


async def test_a_database_that_freezes(server: ServerProcess, postgres: SteadyPostgres, person: Person) -> None:
    photo = await person.uploaded(a_photo_of(100_000))
    postgres.freeze()
    try:
        await demand_everything_is_refused(person)
    finally:
        postgres.thaw()

    await demand_recovery(server, person, photo["id"])


async def demand_everything_is_refused(person: Person) -> None:
    """More requests at once than there are connections; none hangs, none is a fault of ours."""
    readiness = asyncio.create_task(unready(person))
    requests = [person.http.get(f"{API}/photos") for _ in range(100)]
    requests += [person.upload(a_jpeg(21, side)) for side in range(1, 16)]
    requests += [person.http.post(f"{API}/hashtags", json={"name": f"tag{number}"}) for number in range(5)]
    async with asyncio.timeout(ANSWERED_WITHIN), caller(str(person.http.base_url)) as anyone:
        requests.append(anyone.post(f"{API}/auth/login", json={"email": person.email, "password": PASSWORD}))
        requests.append(anyone.get(f"{API}/hashtags"))
        answers = await asyncio.gather(*requests)

    for answer in answers:
        assert answer.status_code == 503, answer.text
        assert answer.json()["type"] == "/problems/database-unavailable"
        assert int(answer.headers["Retry-After"]) > 0
        assert "postgres" not in answer.text.lower()
    told = await readiness
    assert told.status_code == 503
    assert told.elapsed.total_seconds() < 3 + 2, "three, and some for a machine that does other things too"
    services = {name: service["status"] for name, service in told.json()["services"].items()}
    services.pop("redis", None)  # where there is one
    assert services == {"database": "unavailable", "jobs": "unavailable", "storage": "ok"}


async def unready(person: Person) -> httpx2.Response:
    assert (await person.http.get("/health")).status_code == 200
    return await person.http.get("/healthz")


async def demand_recovery(server: ServerProcess, person: Person, photo_id: str) -> None:
    """The server, and its worker, which deletes the bytes."""
    await eventually(partial(is_ready, person), within=30, what="readiness")
    assert [photo["id"] for photo in await person.photos()] == [photo_id]
    await person.uploaded(a_jpeg(22, 1))
    key = await behind(server).value("SELECT blob_key FROM photos WHERE id = $1", photo_id)
    assert (await person.http.delete(f"{API}/photos/{photo_id}")).status_code == 204
    await eventually(lambda: not behind(server).has_any([key]), within=30, what="the worker to delete a blob")


async def is_ready(person: Person) -> bool:
    return (await person.http.get("/healthz")).status_code == 200
