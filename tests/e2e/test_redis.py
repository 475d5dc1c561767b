"""Two servers and a Redis that is killed and started again, and what a program that listens is told meanwhile."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.databases import strong_secret
from tests.e2e.people import API, Person, bearer, somebody
from tests.e2e.programs import Program, clean_environment, run
from tests.e2e.servers import ServerProcess
from tests.fixtures.postgres import CreateDatabase
from tests.fixtures.redis import OwnRedis, own_redis
from tests.waiting import eventually, wait_until

pytestmark = pytest.mark.one_process("starts its two servers itself")

AWAY, BACK = "Redis is away", "Redis is back"


class Listening:
    """`photostore listen --json`, and what it prints."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._out = folder / "heard"
        self.errors = folder / "told"

    @contextmanager
    def running(self, environment: dict[str, str]) -> Iterator[Program]:
        with self._out.open("wb") as out, self.errors.open("wb") as errors:
            arguments = ["listen", "--json"]
            process = Program(arguments, folder=self._folder, environment=environment, stdout=out, stderr=errors)
        try:
            wait_until(lambda: "Listening" in self.errors.read_text(), within=60, what="it to listen")
            yield process
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0, self.errors.read_text()
        finally:
            process.kill()
            process.wait()

    def of(self, person: Person) -> list[dict[str, Any]]:
        whole = self._out.read_text().rpartition("\n")[0]
        return [each for each in map(json.loads, whole.splitlines()) if each["owner_id"] == person.id]


async def edit(person: Person, photo_id: str, title: str) -> int:
    headers = {"Idempotency-Key": str(uuid4())} if title.endswith("0") else {}
    answer = await person.http.patch(f"{API}/photos/{photo_id}", json={"title": title}, headers=headers)
    return answer.status_code


async def title_at(person: Person, photo_id: str) -> str | None:
    answer = await person.http.get(f"{API}/photos/{photo_id}")
    assert answer.status_code == 200, answer.text
    title: str | None = answer.json()["title"]
    return title


class Writer:
    """Edits a photo at both servers in turn, and looks at each whether it shows at the other."""

    def __init__(self, one: Person, other: Person, photo_id: str) -> None:
        self._both = (one, other)
        self._photo_id = photo_id
        self.written = 0
        self.wrong: list[object] = []
        self._task = asyncio.create_task(self._write())

    async def some_more(self, number: int = 5) -> None:
        enough = self.written + number
        await eventually(lambda: self.written >= enough or self._task.done(), within=60)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            here, there = self._both if self.written % 2 else self._both[::-1]
            title = f"edit {self.written}"
            if (status := await edit(here, self._photo_id, title)) != 200:
                self.wrong.append(status)
            if (shown := await title_at(there, self._photo_id)) != title:
                self.wrong.append((title, shown))
            self.written += 1


@asynccontextmanager
async def two_people(one: ServerProcess, other: ServerProcess) -> AsyncIterator[tuple[Person, Person]]:
    """One person, at each of the servers."""
    async with somebody(one.url) as person:
        token = person.http.headers["Authorization"].removeprefix("Bearer ")
        async with bearer(other.url, token) as there:
            yield person, there


async def reads_it_from_the_cache(person: Person, photo_id: str) -> bool:
    before = await hits(person)
    assert await title_at(person, photo_id) == "new"
    return await hits(person) > before


async def hits(person: Person) -> float:
    metrics = (await person.http.get("/metrics")).text.splitlines()
    [told] = [line for line in metrics if line.startswith('photostore_photo_cache_total{outcome="hit"}')]
    return float(told.split()[-1])


async def readiness(person: Person) -> tuple[int, str, str]:
    answer = await person.http.get("/healthz")
    told = answer.json()
    return answer.status_code, told["status"], told["services"]["redis"]["status"]


async def all_seqs(person: Person) -> list[int]:
    answer = await person.http.get(f"{API}/changes", params={"limit": 500})
    return [each["seq"] for each in answer.json()["items"]]


async def test_nothing_is_lost_nothing_fails_and_every_edit_shows_at_once_though_redis_and_a_server_are_killed(
    tmp_path: Path, create_database: CreateDatabase, example_photo: bytes
) -> None:
    listening = Listening(tmp_path)
    with own_redis() as redis:
        variables = {
            "DATABASE_URL": await create_database(),
            "JWT__SECRET_KEY": strong_secret(),
            "REDIS__URL": redis.url,
            "STORAGE__FOLDER": str(tmp_path / "blobs"),
            "JOBS__IN_SERVER": "false",
            # A slow machine makes nobody do without what is there.
            "REDIS__COMMAND_TIMEOUT_MS": "1000",
        }
        one, other = ServerProcess(tmp_path, variables), ServerProcess(tmp_path, variables)
        with one, other, listening.running(clean_environment(REDIS__URL=redis.url)):
            async with two_people(one, other) as (here, there):
                photo_id = (await here.uploaded(example_photo, title="new"))["id"]
                assert await title_at(there, photo_id) == "new"
                await eventually(lambda: reads_it_from_the_cache(here, photo_id))
                writer = Writer(here, there, photo_id)
                await writer.some_more()
                degraded = await _kill_and_start(redis, writer, (one, other), there)
                await writer.stop()
                # Whichever of the two relays, something of this one's was not published yet.
                await asyncio.gather(*(edit(here, photo_id, f"last {number}") for number in range(3)))
                one.kill()
                await edit(there, photo_id, "the other goes on")
                seqs = await all_seqs(there)
                await eventually(lambda: {each["seq"] for each in listening.of(there)} >= set(seqs), within=60)
                ready = await readiness(there)

    heard = listening.of(there)
    assert writer.wrong == []
    assert list(dict.fromkeys(each["seq"] for each in heard)) == seqs
    assert {each["event"] for each in heard} == {"photo.uploaded", "photo.updated"}
    assert (degraded, ready) == ((200, "degraded", "degraded"), (200, "ok", "ok"))
    assert [(server.log.count(AWAY), server.log.count(BACK)) for server in (one, other)] == [(1, 1), (1, 1)]


async def _kill_and_start(
    redis: OwnRedis, writer: Writer, servers: tuple[ServerProcess, ServerProcess], person: Person
) -> tuple[int, str, str]:
    """Answer what readiness said meanwhile."""
    redis.kill()
    await eventually(lambda: all(AWAY in each.log for each in servers), within=30, what="both to have noticed")
    await writer.some_more()
    degraded = await readiness(person)
    redis.start()
    await eventually(lambda: all(BACK in each.log for each in servers), within=30, what="both to be back")
    await writer.some_more()
    return degraded


def test_listening_without_redis_is_refused_in_a_line(tmp_path: Path) -> None:
    refused = run(tmp_path, "listen")

    assert refused.returncode == 2
    assert refused.stderr.startswith("photostore: redis.url (REDIS__URL) is missing")
