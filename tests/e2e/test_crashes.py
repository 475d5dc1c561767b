"""kill -9 at the worst moment: what was acknowledged is there, and what was not leaves nothing behind."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sized
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random

import psutil
import pytest

from tests.callers import answers
from tests.e2e.behind import Behind, behind
from tests.e2e.databases import SteadyPostgres, strong_secret
from tests.e2e.doors import DOORS, insist
from tests.e2e.feeds import changes, listed, replay
from tests.e2e.following import Follower, following
from tests.e2e.people import API, Person, somebody
from tests.e2e.ports import free_port
from tests.e2e.programs import PHOTOSTORE, clean_environment, run
from tests.e2e.servers import ServerProcess, alive
from tests.e2e.showing import decoded, demand_nothing_left_over
from tests.e2e.wire import a_photo_of
from tests.e2e.workers import WorkerProcess
from tests.waiting import eventually, wait_until

GIVEN = {
    "JOBS__SWEEP_SCHEDULE": "* * * * * *",
    # Longer than a tail lies there before the row that names it, also where others use the machine.
    "JOBS__SWEEP_GRACE_SECONDS": "10",
    "JOBS__HEARTBEAT_SECONDS": "2",
    "JOBS__IN_SERVER": "false",
    "DATABASE__STATEMENT_TIMEOUT_SECONDS": "5",
    "DATABASE__CONNECT_TIMEOUT_SECONDS": "2",
}
# Of 500 uploads a few are in parts, and larger for that; they wait for their turn, as clients do.
UPLOADS, IN_PARTS, AT_ONCE = 500, 5, 12
BYTES, PART_BYTES = 30_000, (5 << 20) + 100_000
# So many are acknowledged when the next thing is killed.
BETWEEN_KILLS = (50, 140)


@dataclass(frozen=True, slots=True)
class Fragile:
    """Everything that can be killed."""

    server: ServerProcess
    worker: WorkerProcess
    postgres: SteadyPostgres
    behind: Behind

    def kill(self, random: Random) -> None:
        """One of them, or two at once; and start it again."""
        for name in random.sample(("server", "worker", "postgres"), random.choice((1, 1, 2))):
            if name == "postgres":
                self.postgres.kill()
                self.postgres.start()
            elif name == "worker":
                self.worker.restart()
            else:
                self.server.kill()
                self.server.start()


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Fragile]:
    with SteadyPostgres(tmp_path / "postgres") as postgres:
        given = {
            **GIVEN,
            "DATABASE_URL": postgres.url,
            "STORAGE__FOLDER": str(tmp_path / "blobs"),
            "JWT__SECRET_KEY": strong_secret(),
        }
        with ServerProcess(tmp_path, given) as server, WorkerProcess(tmp_path, given) as worker:
            yield Fragile(server, worker, postgres, behind(server))


async def test_each_acknowledged_upload_is_there_once_through_whatever_door_and_whoever_was_killed(
    fragile: Fragile, tmp_path: Path
) -> None:
    async with somebody(fragile.server.url) as person, a_follower(person) as follower:
        acknowledged = await acknowledged_through_kills(fragile, person)

        photos = {photo["sha256"]: photo async for photo in listed(person, "photos")}
        assert {digest: photo["id"] for digest, photo in photos.items()} == acknowledged
        assert [await digest(person, photo["id"]) for photo in photos.values()] == list(photos)
        await end_what_is_open(fragile, tmp_path)
        storage = (await person.http.get(f"{API}/storage")).json()
        size = sum(photo["byte_size"] for photo in photos.values())
        assert (storage["originals_bytes"], storage["used_bytes"], storage["reserved_bytes"]) == (size, size, 0)
        await decoded(person)
        await demand_nothing_left_over(fragile.behind, person.id, within=60)
        tails = [key for key in fragile.behind.all_blobs() if key.startswith("tails/")]
        counted = operate(fragile, tmp_path, "quota", "reconcile")
        told, library = await replay(person)
        assert told == list(range(1, len(told) + 1))
        assert library == {photo["id"]: photo["sha256"] for photo in photos.values()}
        await demand_all_told(follower, person)

    assert tails == []
    assert counted.returncode == 0, counted.stdout + counted.stderr


async def acknowledged_through_kills(fragile: Fragile, person: Person) -> dict[str, str]:
    """The photos by their digests."""
    random, acknowledged = Random(4), dict[str, str]()
    turns = asyncio.Semaphore(AT_ONCE)

    async def upload(number: int) -> None:
        names = ("form", "direct", "tus")
        name = "parts" if number < IN_PARTS else names[number % len(names)]
        content = a_photo_of(PART_BYTES if name == "parts" else BYTES, seed=number)
        async with turns:
            acknowledged[sha256(content).hexdigest()] = await insist(DOORS[name], person, content)

    order = random.sample(range(UPLOADS), UPLOADS)
    uploads = asyncio.gather(*map(upload, order))
    while not uploads.done():
        enough = min(len(acknowledged) + random.randint(*BETWEEN_KILLS), UPLOADS)
        await eventually(partial(has, acknowledged, enough), within=120, what=f"{enough} answers")
        if enough < UPLOADS:
            fragile.kill(random)
    await uploads
    return acknowledged


@asynccontextmanager
async def a_follower(person: Person) -> AsyncIterator[Follower]:
    """It is there all the time, comes again after each kill, and goes on after what it was told last."""
    follower = Follower(person)
    async with following(follower):
        await eventually(lambda: follower.came, within=60)
        yield follower


async def demand_all_told(follower: Follower, person: Person) -> None:
    """Once, in order, and nothing that is not in the feed."""
    feed = [change async for change in changes(person)]
    await eventually(lambda: len(follower.told) >= len(feed), within=60, what=f"{len(feed)} events")
    assert [each["event_id"] for each in follower.told] == [each["event_id"] for each in feed]
    assert follower.came > 1


async def end_what_is_open(fragile: Fragile, folder: Path) -> None:
    """As if their time was over: what clients began and forgot, since the answer was lost."""
    await fragile.behind.rows("UPDATE uploads SET expires_at = now() - interval '1 hour' WHERE state = 'pending'")
    await fragile.behind.rows("UPDATE uploads SET completing_until = NULL, held_until = NULL WHERE photo_id IS NULL")
    swept = operate(fragile, folder, "uploads", "sweep")
    assert swept.returncode == 0, swept.stderr


def operate(fragile: Fragile, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of photostore's beside the server."""
    return run(folder, *arguments, **fragile.server.environment)


def has(things: Sized, number: int) -> bool:
    return len(things) >= number


async def digest(person: Person, photo_id: str) -> str:
    answer = await person.http.get(f"{API}/photos/{photo_id}/file")
    return sha256(answer.content).hexdigest()


@pytest.mark.one_process("starts its server itself, as the embedded default")
def test_the_server_ends_with_whoever_started_it(tmp_path: Path) -> None:
    port = free_port()
    start = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    command = [sys.executable, "-c", start, str(PHOTOSTORE), "serve", "--stop-with-parent"]
    environment = clean_environment(PORT=str(port), DATA_DIR=str(tmp_path / "data"))
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as starter:
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), within=60, what="the server to answer")
            family = psutil.Process(starter.pid).children(recursive=True)
        finally:
            starter.kill()

    assert len(family) > 1, "the server, and its Postgres"
    wait_until(lambda: not alive(family), within=20, what="the server and its Postgres to end")
