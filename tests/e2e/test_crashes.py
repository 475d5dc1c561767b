"""kill -9 at the worst moment: what was acknowledged is there, and what was not leaves nothing behind."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sized
from contextlib import AsyncExitStack, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import httpx2
import psutil
import pytest

from photostore_adapters.s3.settings import S3Settings
from tests.e2e.behind import behind, bucket_environment
from tests.e2e.databases import strong_secret
from tests.e2e.people import API, Person, somebody
from tests.e2e.servers import PHOTOSTORE, ServerProcess, alive, clean_environment, free_port
from tests.e2e.wire import a_photo_of, half_an_upload
from tests.fixtures.postgres import CreateDatabase
from tests.waiting import eventually, wait_until

# What a crash leaves is swept at once, not after a day.
SWEPT = {
    "JOBS__SWEEP_SCHEDULE": "* * * * * *",
    "JOBS__SWEEP_GRACE_SECONDS": "0",
    "JOBS__HEARTBEAT_SECONDS": "2",
    "UPLOADS__FORM_EXPIRE_SECONDS": "5",
}
# Expired uploads are looked for three times a minute.
SWEPT_WITHIN = 60
UPLOADS, PHOTO_BYTES, KILLED_AFTER = 20, 400_000, (2, 14)


@pytest.fixture
async def fragile(
    tmp_path: Path, new_database: CreateDatabase, new_bucket: Callable[[], S3Settings]
) -> AsyncIterator[list[ServerProcess]]:
    """One with its own Postgres and files, and one with both elsewhere."""
    elsewhere = bucket_environment(new_bucket()) | {
        "JWT__SECRET_KEY": strong_secret(),
        "DATABASE_URL": await new_database(),
    }
    with ServerProcess(tmp_path, SWEPT) as one, ServerProcess(tmp_path, SWEPT | elsewhere) as other:
        yield [one, other]


async def test_uploads_survive_kills_once_acknowledged_and_leave_nothing_otherwise(
    fragile: list[ServerProcess],
) -> None:
    async with AsyncExitStack() as stack:
        for server in fragile:
            idle = await stack.enter_async_context(somebody(server.url))
            busy = await stack.enter_async_context(somebody(server.url))
            async with half_an_upload(idle, a_photo_of(12 << 20)):
                await eventually(partial(has_reserved, server, idle), what="the upload to begin")
                acknowledged = await acknowledged_through_kills(server, busy)

            assert await idle.photos() == []
            photos = {photo["sha256"]: photo["id"] for photo in await busy.photos()}
            assert photos == acknowledged
            assert [await digest(busy, photo_id) for photo_id in photos.values()] == list(photos)
            # What a kill between the last byte and the commit leaves.
            orphan = f"originals/00/{uuid4()}"
            behind(server).put_blob(orphan, b"nobody's")
            stack.push_async_callback(is_swept, server, orphan)
            stack.push_async_callback(nothing_is_left, server, idle, photos=0)
            stack.push_async_callback(nothing_is_left, server, busy, photos=UPLOADS)


async def acknowledged_through_kills(server: ServerProcess, person: Person) -> dict[str, str]:
    """Twenty clients insist until each photo is acknowledged; the server is killed meanwhile."""
    acknowledged: dict[str, str] = {}

    async def insist(content: bytes) -> None:
        name = sha256(content).hexdigest()
        while name not in acknowledged:
            with suppress(httpx2.TransportError):
                answer = await person.upload(content)
                assert answer.status_code in (200, 201, 408, 503), answer.text
                if answer.status_code in (200, 201):
                    acknowledged[name] = answer.json()["id"]

    clients = [asyncio.create_task(insist(a_photo_of(PHOTO_BYTES, seed=number))) for number in range(UPLOADS)]
    for enough in KILLED_AFTER:
        await eventually(partial(has, acknowledged, enough), within=60, what=f"{enough} answers")
        server.kill()
        server.start()
    await asyncio.gather(*clients)
    return acknowledged


async def has_reserved(server: ServerProcess, person: Person) -> bool:
    return (await behind(server).quota(person.id))["reserved_bytes"] > 0


def has(things: Sized, number: int) -> bool:
    return len(things) >= number


async def digest(person: Person, photo_id: str) -> str:
    answer = await person.http.get(f"{API}/photos/{photo_id}/file")
    return sha256(answer.content).hexdigest()


async def nothing_is_left(server: ServerProcess, person: Person, *, photos: int) -> None:
    await behind(server).settled(person.id, within=SWEPT_WITHIN)
    quota = await behind(server).quota(person.id)
    assert quota == {"used_bytes": photos * PHOTO_BYTES, "reserved_bytes": 0, "photo_count": photos}


async def is_swept(server: ServerProcess, key: str) -> None:
    await eventually(lambda: not behind(server).has_any([key]), within=SWEPT_WITHIN, what="the orphan to be swept")


def test_the_server_ends_with_whoever_started_it(tmp_path: Path) -> None:
    port = free_port()
    start = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    command = [sys.executable, "-c", start, str(PHOTOSTORE), "serve", "--stop-with-parent"]
    environment = clean_environment(PORT=str(port), DATA_DIR=str(tmp_path / "data"))
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as starter:
        try:
            wait_until(lambda: answers(port), within=60, what="the server to answer")
            family = psutil.Process(starter.pid).children(recursive=True)
        finally:
            starter.kill()

    assert len(family) > 1, "the server, and its Postgres"
    wait_until(lambda: not alive(family), within=20, what="the server and its Postgres to end")


def answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False
