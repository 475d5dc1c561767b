"""A release replaces another while people use the service: nobody notices."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from PIL import Image

from tests.e2e.balancer import balancing
from tests.e2e.databases import strong_secret
from tests.e2e.following import Follower, following
from tests.e2e.people import API, Person, somebody
from tests.e2e.programs import run
from tests.e2e.servers import ServerProcess
from tests.e2e.wire import a_photo_of
from tests.e2e.workers import WorkerProcess
from tests.fixtures.postgres import CreateDatabase
from tests.newer_releases import REVISION, migrate_to_newer_release
from tests.waiting import eventually

# Nothing that a worker leaves behind is found by another within the test but by being given back.
HEARTBEAT_SECONDS = "60"
PAUSE_SECONDS = 0.1


def variables(database_url: str, folder: Path) -> Mapping[str, str]:
    return {
        "DATABASE_URL": database_url,
        "JWT__SECRET_KEY": strong_secret(),
        "AUTH__LOCAL_ACCOUNTS": "true",
        "STORAGE__FOLDER": str(folder / "photos"),
        "JOBS__IN_SERVER": "false",
        "JOBS__HEARTBEAT_SECONDS": HEARTBEAT_SECONDS,
        "DATABASE__MIGRATE_ON_START": "false",
        "SERVER__DRAIN_SECONDS": "4",
        "SERVER__SHUTDOWN_SECONDS": "20",
    }


@dataclass
class Use:
    """Uploads and reads all the time; whatever was not as it should be."""

    person: Person
    uploaded: int = 0
    read: int = 0
    wrong: list[str] = field(default_factory=list)
    over: bool = False

    async def uploads(self) -> None:
        for seed in count():
            if self.over:
                return
            if await self._is_right(lambda seed=seed: self.person.upload(a_photo_of(60_000, seed=seed)), 201):  # type: ignore[misc]
                self.uploaded += 1

    async def reads(self) -> None:
        while not self.over:
            if await self._is_right(lambda: self.person.http.get(f"{API}/photos", params={"limit": "5"}), 200):
                self.read += 1

    async def _is_right(self, ask: Callable[[], Awaitable[httpx2.Response]], status: int) -> bool:
        # As people do, so that the machine has time for the rest.
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), PAUSE_SECONDS)
        try:
            answer = await ask()
        except httpx2.TransportError as error:
            self.wrong.append(repr(error))
            return False
        if answer.status_code != status:
            self.wrong.append(f"{answer.status_code} {answer.text}")
        return answer.status_code == status

    async def goes_on(self) -> None:
        """Some more of both."""
        uploaded, read = self.uploaded + 3, self.read + 3
        await eventually(lambda: self.wrong or (self.uploaded >= uploaded and self.read >= read), within=60)


@asynccontextmanager
async def using(person: Person) -> AsyncIterator[Use]:
    use = Use(person)
    tasks = [asyncio.create_task(work()) for work in (use.uploads, use.reads, use.reads)]
    try:
        yield use
    finally:
        use.over = True
        await asyncio.gather(*tasks)


def a_large_picture() -> bytes:
    """That takes a decoder so long that one can be told to stop meanwhile."""
    noise = Image.effect_noise((1000, 750), 40).resize((4000, 3000))
    file = BytesIO()
    Image.merge("RGB", (noise, noise, noise)).save(file, "JPEG", quality=85)
    return file.getvalue()


async def test_servers_are_replaced_one_by_one_on_tables_that_are_migrated_meanwhile(
    tmp_path: Path, new_database: CreateDatabase
) -> None:
    given = variables(url := await new_database(), tmp_path)
    assert run(tmp_path, "migrate", **given).returncode == 0
    old, new = ([ServerProcess(tmp_path, given) for _ in range(2)] for _ in range(2))
    async with AsyncExitStack() as stack:
        for server in old:
            stack.enter_context(server)
        balancer = await stack.enter_async_context(balancing(*old))
        person = await stack.enter_async_context(somebody(balancer.url))
        follower = Follower(person)
        async with following(follower), using(person) as use:
            await use.goes_on()

            await migrate_to_newer_release(url)
            await use.goes_on()
            for before, after in zip(old, new, strict=True):
                await asyncio.to_thread(after.start)
                stack.push(after)
                balancer.servers.append(after)
                await eventually(lambda after=after: after in balancer.ready, within=60)  # type: ignore[misc]
                before.signal(signal.SIGTERM)
                await eventually(lambda before=before: before not in balancer.ready, within=60)  # type: ignore[misc]
                await use.goes_on()
                assert await asyncio.to_thread(before.wait) == 0
                balancer.servers.remove(before)
            await use.goes_on()

            await eventually(lambda: len(follower.told) >= use.uploaded, within=30)
        again = run(tmp_path, "migrate", **given)
    assert use.wrong == []
    assert follower.ends
    assert set(follower.ends) == {"shutdown"}
    assert follower.seqs == list(range(follower.seqs[0], follower.seqs[-1] + 1))
    assert (again.returncode, f"revision {REVISION}" in again.stdout) == (0, True)


async def test_a_job_that_a_worker_leaves_is_done_by_the_next_one_at_once(
    tmp_path: Path, new_database: CreateDatabase
) -> None:
    given = {**variables(url := await new_database(), tmp_path), "SERVER__SHUTDOWN_SECONDS": "0"}
    assert run(tmp_path, "migrate", **given).returncode == 0
    async with connected(url) as database:

        async def jobs() -> list[str]:
            return [
                row[0]
                for row in await database.fetch("SELECT status::text FROM pgqueuer WHERE entrypoint = 'decode_photo'")
            ]

        async def begun() -> bool:
            return "picked" in await jobs()

        with ServerProcess(tmp_path, given) as server, WorkerProcess(tmp_path, server.environment) as worker:
            async with somebody(server.url) as person:
                photo = await person.uploaded(a_large_picture())
                await eventually(begun, within=60)

                code = await asyncio.to_thread(worker.stop)

                assert (code, await jobs()) == (0, ["queued"])
                worker.start()

                async def ready() -> bool:
                    told = (await person.http.get(f"{API}/photos/{photo['id']}")).json()
                    return bool(told["status"] == "ready")

                await eventually(ready, within=int(HEARTBEAT_SECONDS) - 10)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
