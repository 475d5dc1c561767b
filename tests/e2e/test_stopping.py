"""SIGTERM and Ctrl-C end everything soon, whatever is under way."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx2
import pytest

from tests.e2e.behind import behind
from tests.e2e.following import Follower, following
from tests.e2e.people import API, Person, somebody
from tests.e2e.servers import ServerProcess, alive
from tests.e2e.wire import a_download, a_photo_of, half_an_upload
from tests.waiting import eventually, wait_until

# More than the kernel buffers between two processes, so that a download stands still when nobody reads.
LARGE = 24 << 20
# It promises five; a machine that does other things too may need more.
SOON = 10


@pytest.mark.parametrize(
    ("number", "variables"), [(signal.SIGTERM, {}), (signal.SIGINT, {"SERVER__SHUTDOWN_SECONDS": "1"})]
)
async def test_a_stalled_upload_and_a_slow_download_do_not_keep_it(
    tmp_path: Path, number: signal.Signals, variables: Mapping[str, str]
) -> None:
    with ServerProcess(tmp_path, variables) as server:
        async with somebody(server.url) as person:
            photo = await person.uploaded(a_photo_of(LARGE))
            family = server.family()
            stalled = half_an_upload(person, a_photo_of(LARGE, seed=1))
            follower = Follower(person)
            download, stream = a_download(person, f"{API}/photos/{photo['id']}/file"), following(follower)
            async with stalled, download, stream, a_wait(person) as waiting:
                await eventually(lambda: follower.came, within=60)
                server.signal(number)
                code = server.wait(within=SOON)
                answer = await waiting
                await eventually(lambda: follower.ends, within=60)

        assert code == 0
        assert follower.ends == ["shutdown"]
        assert (answer.status_code, answer.json()["items"]) == (200, [])
        wait_until(lambda: not alive(family), within=SOON, what="every process of it to end")
        server.start()
        assert await behind(server).quota(person.id) == {
            "used_bytes": LARGE,
            "reserved_bytes": 0,
            "photo_count": 1,
        }


@asynccontextmanager
async def a_wait(person: Person) -> AsyncIterator[asyncio.Future[httpx2.Response]]:
    """Someone else, with nothing that could change, waits for changes."""
    async with somebody(str(person.http.base_url)) as other:
        waiting = asyncio.ensure_future(other.http.get(f"{API}/changes", params={"wait": "30"}))

        async def waits() -> bool:
            return "\nphotostore_waiting_clients 1.0" in (await person.http.get("/metrics")).text

        await eventually(waits)
        yield waiting


async def test_an_upload_under_way_may_end(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, {"SERVER__SHUTDOWN_SECONDS": "60"}) as server:
        async with somebody(server.url) as person:
            content = a_photo_of(4 << 20)
            async with half_an_upload(person, content) as upload:
                await eventually(partial(behind(server).has_reserved, person.id), what="the upload to begin")
                server.signal(signal.SIGTERM)
                wait_until(lambda: "Shutting down" in server.log)
                status = await upload.finish()
            code = server.wait()
            server.start()
            photos = await person.photos()

    assert status.startswith(b"HTTP/1.1 201 ")
    assert code == 0
    assert [photo["byte_size"] for photo in photos] == [len(content)]


async def test_told_to_stop_it_says_so_goes_on_for_a_while_and_told_again_stops_at_once(tmp_path: Path) -> None:
    patient = {"SERVER__DRAIN_SECONDS": "600", "SERVER__SHUTDOWN_SECONDS": "600"}
    with ServerProcess(tmp_path, patient) as server:
        async with somebody(server.url) as person:
            family = server.family()
            async with half_an_upload(person, a_photo_of(1 << 20)):
                server.signal(signal.SIGTERM)

                async def is_stopping() -> bool:
                    return (await person.http.get("/healthz")).status_code == 503

                await eventually(is_stopping)
                readiness, health = await person.http.get("/healthz"), await person.http.get("/health")
                photo = await person.upload(a_photo_of(5000))

                def ends() -> bool:
                    server.signal(signal.SIGTERM)
                    return not alive(family)

                wait_until(ends, within=SOON)
        code = server.wait()

    assert readiness.json() == {"status": "stopping", "services": {}}
    assert [answer.headers["connection"] for answer in (readiness, health, photo)] == ["close"] * 3
    assert (health.status_code, photo.status_code, code) == (200, 201, 0)
