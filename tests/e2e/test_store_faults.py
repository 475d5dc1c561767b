"""The blob store fails at each step of an upload and of a download: nothing half done is ever taken for done."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import httpx2
import pytest

from photostore_adapters.s3.settings import S3Settings
from tests.e2e.behind import Behind, bucket_environment
from tests.e2e.behind import behind as behind_of
from tests.e2e.databases import strong_secret
from tests.e2e.faulty_proxy import Fault, FaultyProxy
from tests.e2e.people import API, Person, somebody
from tests.e2e.ports import free_port
from tests.e2e.servers import ServerProcess
from tests.e2e.wire import FORM_TYPE, a_photo_of, form, pieces
from tests.fixtures.postgres import CreateDatabase
from tests.pictures import a_tiff

GIVEN = {
    "LOG__LEVEL": "debug",
    "S3__STALL_SECONDS": "1",
    "JOBS__SWEEP_SCHEDULE": "* * * * * *",
    "JOBS__SWEEP_GRACE_SECONDS": "0",
}
# An idle job is tried again after 1, 2, 4 ... seconds.
SWEPT_WITHIN = 60


@pytest.fixture(scope="module")
async def proxy(s3_settings: S3Settings) -> AsyncIterator[FaultyProxy]:
    store = urlsplit(s3_settings.endpoint)
    assert store.hostname is not None
    async with FaultyProxy(store.hostname, store.port or 80, free_port()) as proxy:
        yield proxy


@pytest.fixture(scope="module")
async def server(
    proxy: FaultyProxy,
    new_bucket: Callable[[], S3Settings],
    new_database: CreateDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[ServerProcess]:
    given = GIVEN | bucket_environment(new_bucket()) | {"S3__ENDPOINT_URL": proxy.url}
    given |= {"DATABASE_URL": await new_database(), "JWT__SECRET_KEY": strong_secret()}
    with ServerProcess(tmp_path_factory.mktemp("faulty"), given) as server:
        yield server


@pytest.fixture
async def person(server: ServerProcess, proxy: FaultyProxy) -> AsyncIterator[Person]:
    async with somebody(server.url) as person:
        yield person
        await proxy.mend()


@pytest.fixture
def behind(server: ServerProcess, s3_settings: S3Settings) -> Behind:
    return behind_of(server, S3__ENDPOINT_URL=s3_settings.endpoint)


Send = Callable[[Person, int], Awaitable[httpx2.Response]]


async def send_small(person: Person, number: int) -> httpx2.Response:
    """One PUT."""
    return await person.upload(a_photo_of(100_000 + number))


async def send_with_a_late_field(person: Person, number: int) -> httpx2.Response:
    """A PUT of more than the file, which is then read back and written again as long as it is."""
    body = form(a_photo_of(1_500_000 + number), title="Told late")
    return await person.http.post(f"{API}/photos", content=body, headers={"Content-Type": FORM_TYPE})


async def send_of_unknown_length(person: Person, number: int) -> httpx2.Response:
    """An upload in parts."""
    body = pieces(form(a_photo_of((11 << 20) + number)))
    return await person.http.post(f"{API}/photos", content=body, headers={"Content-Type": FORM_TYPE})


async def send_with_a_header_at_its_end(person: Person, number: int) -> httpx2.Response:
    """A PUT, and a look at what lies in the store: the directory of a TIFF may stand anywhere."""
    return await person.upload(a_late_tiff(200_000 + number), "late.tif")


WHOLE = (Fault.CUT_REQUEST, Fault.LOSE_ANSWER, Fault.ANSWER_500, Fault.ANSWER_503, Fault.HANG)
BARE = (Fault.LOSE_ANSWER, Fault.ANSWER_503)
READ = (Fault.CUT_ANSWER, Fault.ANSWER_500)
STEPS = [
    pytest.param(send_small, "PUT", "", WHOLE, id="put"),
    pytest.param(send_with_a_late_field, "GET", "", READ, id="reading back"),
    pytest.param(send_with_a_late_field, "HEAD", "", (Fault.ANSWER_503,), id="looking"),
    pytest.param(send_of_unknown_length, "POST", "uploads", (Fault.ANSWER_500,), id="beginning parts"),
    pytest.param(send_of_unknown_length, "PUT", "partNumber=2", (Fault.CUT_REQUEST, Fault.HANG), id="the second part"),
    pytest.param(send_of_unknown_length, "POST", "uploadId=", BARE, id="joining parts"),
    pytest.param(send_with_a_header_at_its_end, "GET", "", READ, id="inspecting"),
]


@pytest.mark.parametrize(("send", "method", "part", "faults"), STEPS)
async def test_an_upload_that_the_store_fails_leaves_nothing(
    behind: Behind,
    proxy: FaultyProxy,
    person: Person,
    send: Send,
    method: str,
    part: str,
    faults: Sequence[Fault],
) -> None:
    for number, fault in enumerate(faults):
        proxy.break_(fault, lambda asked, target: asked == method and part in target)
        await demand_refused(await send(person, number), behind, person, fault.name)
        assert proxy.met, fault.name
        await proxy.mend()

    assert (await send(person, 0)).status_code == 201
    await behind.settled(person.id, within=SWEPT_WITHIN)
    assert len(await person.photos()) == 1


async def test_a_store_that_is_away(behind: Behind, proxy: FaultyProxy, person: Person) -> None:
    photo = await person.uploaded(a_photo_of(300_000))
    await proxy.refuse()

    await demand_refused(await send_small(person, 0), behind, person, "refused", photos=1)
    file = await person.http.get(f"{API}/photos/{photo['id']}/file")
    media = await person.http.get(photo["file_url"])
    readiness = await person.http.get("/healthz")
    deleted = await person.http.delete(f"{API}/photos/{photo['id']}")
    await proxy.mend()

    assert [file.status_code, media.status_code, readiness.status_code, deleted.status_code] == [503, 503, 503, 204]
    assert file.headers["Retry-After"] == media.headers["Retry-After"] == "5"
    assert readiness.json()["services"]["storage"]["status"] == "unavailable"
    assert readiness.json()["services"]["database"]["status"] == "ok"
    await behind.settled(person.id, within=SWEPT_WITHIN)
    assert await behind.blobs(person.id) == set()


@pytest.mark.parametrize("fault", [Fault.CUT_ANSWER, Fault.HANG])
async def test_a_download_that_the_store_breaks_off_is_not_taken_for_whole(
    proxy: FaultyProxy, person: Person, fault: Fault
) -> None:
    photo = await person.uploaded(a_photo_of(3_000_000))
    proxy.break_(fault, lambda method, _: method == "GET")

    if fault is Fault.CUT_ANSWER:
        for path in (f"{API}/photos/{photo['id']}/file", photo["file_url"]):
            with pytest.raises(httpx2.RemoteProtocolError, match="peer closed connection"):
                await person.http.get(path)
    else:
        assert (await person.http.get(photo["file_url"])).status_code == 503


async def demand_refused(
    answer: httpx2.Response, behind: Behind, person: Person, fault: str, *, photos: int = 0
) -> None:
    assert answer.status_code == 503, f"{fault}: {answer.text}"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/blob-store-unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert "127.0.0.1" not in answer.text
    assert "Signature" not in answer.text
    assert len(await person.photos()) == photos, fault
    assert (await behind.quota(person.id))["reserved_bytes"] == 0, fault


def a_late_tiff(padding: int) -> bytes:
    """Its directory stands behind the pixels and much noise."""
    tiff = a_tiff(20, 10)
    assert tiff[:4] == b"II*\0"
    directory = int.from_bytes(tiff[4:8], "little")
    entries = int.from_bytes(tiff[directory : directory + 2], "little")
    moved = tiff[directory : directory + 2 + entries * 12 + 4]
    body = tiff + bytes(padding - padding % 2)
    return body[:4] + len(body).to_bytes(4, "little") + body[8:] + moved
