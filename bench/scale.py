"""One process and two of each kind on one Postgres, in turns: how much more two do, and what each piece of work costs."""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

import asyncpg
import msgspec
import psutil

from bench.client import Client
from bench.figures import Figure, compared
from bench.library import load
from bench.pictures import CONTENT_TYPE, Forms, photograph
from bench.processes import cpu_seconds, running, server, worker
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_TURNS, _REQUESTS, _CONNECTIONS = 7, 1500, 8
_PAGE = "/api/v1/photos?limit=50"
_ROUNDS, _PHOTOS = 3, 12
_DECODED_WITHIN = 300
# Two servers, Postgres and whoever asks want a core each; with fewer they take it from each other, and more servers
# cannot do more. What two do for the same processor time is told, and held, on any machine.
_ENOUGH_CORES = 4
_MORE, _NO_DEARER = 1.7, 1.15
_UNDECODED = "SELECT count(*) FROM photos WHERE status = 'processing'"
_ROW_BYTES = """
    SELECT sum(pg_total_relation_size(relation::regclass)) / (SELECT count(*) FROM photos)
    FROM unnest(ARRAY['photos', 'photo_hashtags']) AS relation
"""
_RENDITIONS = """
    SELECT 100 * sum(made.bytes) / sum(byte_size)
    FROM photos JOIN users ON users.id = owner_id AND users.email = 'jobs@example.org'
    CROSS JOIN LATERAL (
        SELECT sum((each->>'byte_size')::bigint) AS bytes FROM jsonb_array_elements(renditions) AS each
    ) AS made
"""
_DONE_TWICE = """
    SELECT count(*) FROM (
        SELECT job_id FROM pgqueuer_log WHERE entrypoint = 'decode_photo' AND status = 'successful'
        GROUP BY job_id HAVING count(*) > 1
    ) AS twice
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """What each of `things` took of the clock, of our own processes' processors and of Postgres', in ms."""

    took: float
    ours: float
    postgres: float


def scale(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    return _pages(postgres, folder) + _jobs(postgres, folder)


def _pages(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    given = {"JWT__SECRET_KEY": secrets.token_hex(32), "STORAGE__FOLDER": str(folder / "blobs")}
    with ExitStack() as stack:
        servers = [stack.enter_context(server(postgres.url, _made(folder / name), given)) for name in ("a", "b")]
        processes, ports = [process for process, _ in servers], [port for _, port in servers]
        client = stack.enter_context(Client(ports[0]))
        client.sign_up()
        asyncio.run(load(postgres.url))
        with client.again() as reading:
            photo = msgspec.json.decode(reading.get(_PAGE))["items"][0]["id"]
        asking = stack.enter_context(running("bench.reader"))
        socket_ = stack.enter_context(socket.create_connection(("127.0.0.1", int(asking.said))))

        def read(path: str, number: int) -> Turn:
            asked: dict[str, object] = {"ports": ports[:number], "path": path, "token": client.token()}
            asked |= {"connections": _CONNECTIONS, "requests": _REQUESTS}
            before = _used(processes, postgres)
            socket_.sendall(msgspec.json.encode(asked) + b"\n")
            took = float(socket_.makefile().readline())
            return _turn(took, before, _used(processes, postgres), _REQUESTS)

        figures = []
        # One photo costs so little that much of it is being woken up: the fewer requests wait, the more for each. Told alone.
        for what, path, held in (("pages of 50", _PAGE, True), ("a photo", f"/api/v1/photos/{photo}", False)):
            one, two = _in_turns(partial(read, path), _TURNS)
            figures += _compared(f"scale: {what}, two servers beside one", one, two, held=held)
        rows = asyncio.run(_value(postgres.url, _ROW_BYTES))
        return [
            *figures,
            Figure(name="scale: Postgres for each photo", measured=rows, unit="bytes"),
            Figure(name="scale: memory of a server", measured=_memory(processes[0]), unit="MiB"),
        ]


def _jobs(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    given = {
        "JWT__SECRET_KEY": secrets.token_hex(32),
        "STORAGE__FOLDER": str(folder / "blobs"),
        "DECODING__PROCESSES": "1",
        "DECODING__RECYCLE_AFTER": "1000000",
    }
    with ExitStack() as stack:
        _, port = stack.enter_context(server(postgres.url, _made(folder / "c"), given))
        workers = [stack.enter_context(worker(postgres.url, _made(folder / name), given)) for name in ("d", "e")]
        client = stack.enter_context(Client(port))
        client.sign_up("jobs@example.org")
        forms = Forms(photograph(4032, 3024))

        def decode(number: int) -> Turn:
            """The workers are held until all photos are there, and those that have no part in it until the end."""
            with _held(workers[number:]):
                with _held(workers[:number]), client.again() as sending:
                    for _ in range(_PHOTOS):
                        sending.upload("/api/v1/photos", forms.one(), CONTENT_TYPE)
                    before, began = _used(workers, postgres), time.perf_counter()
                asyncio.run(_decoded(postgres.url))
                took = time.perf_counter() - began
                return _turn(took, before, _used(workers, postgres), _PHOTOS)

        one, two = _in_turns(decode, _ROUNDS)
        alone = 1000 / median(turn.took for turn in one)
        overhead = asyncio.run(_value(postgres.url, _RENDITIONS))
        return [
            Figure(name="scale: memory of a worker with one decoder", measured=_memory(workers[0]), unit="MiB"),
            Figure(name="scale: renditions for each original of 12 MP", measured=overhead, unit="% of its bytes"),
            *_compared("scale: photos of 12 MP decoded, two workers beside one", one, two, held=True),
            Figure(name="scale: photos that one decoder does", measured=alone, unit="a second"),
            Figure(
                name="scale: jobs done twice",
                measured=asyncio.run(_value(postgres.url, _DONE_TWICE)),
                unit="jobs",
                target=0,
            ),
        ]


@contextmanager
def _held(workers: Sequence[psutil.Process]) -> Iterator[None]:
    family = [process for each in workers for process in (each, *each.children(recursive=True))]
    for process in family:
        process.suspend()
    try:
        yield
    finally:
        for process in family:
            process.resume()


async def _decoded(url: str) -> None:
    until = time.perf_counter() + _DECODED_WITHIN
    while await _value(url, _UNDECODED):
        if time.perf_counter() > until:
            raise RuntimeError("the photos are not decoded")
        await asyncio.sleep(0.1)


async def _value(url: str, statement: str) -> float:
    connection = await asyncpg.connect(url)
    try:
        return float(await connection.fetchval(statement))
    finally:
        await connection.close()


def _in_turns(go: Callable[[int], Turn], turns: int) -> tuple[list[Turn], list[Turn]]:
    """With one, and with two. One turn more than told comes first, for everything to get warm."""
    one, two = list[Turn](), list[Turn]()
    for _ in range(turns + 1):
        one.append(go(1))
        two.append(go(2))
    return one[1:], two[1:]


def _compared(name: str, one: Sequence[Turn], two: Sequence[Turn], *, held: bool) -> list[Figure]:
    cores = os.cpu_count() or 1
    enough = cores >= _ENOUGH_CORES
    rates = [[1000 / turn.took for turn in turns] for turns in (two, one)]
    ours = [[turn.ours for turn in turns] for turns in (two, one)]
    theirs = [[turn.postgres for turn in turns] for turns in (two, one)]
    # What two can do, each with a core, for what one can do with one.
    by_cpu = 2 * median(before / after for after, before in zip(*ours, strict=True))
    more = f"{name}, of {cores} cores"
    return [
        replace(compared(more, *rates, unit="/s", target=_MORE if enough and held else None), at_least=True),
        Figure(
            name=f"{name}, by processor time",
            measured=by_cpu,
            unit="times",
            target=_MORE if held else None,
            at_least=True,
        ),
        compared(f"{name}: CPU of ours for each", *ours, unit="ms", target=_NO_DEARER if held else None),
        compared(f"{name}: CPU of Postgres for each", *theirs, unit="ms"),
    ]


def _memory(process: psutil.Process) -> float:
    """What it has to itself, with what it started, in MiB."""
    return sum(each.memory_full_info().uss for each in (process, *process.children(recursive=True))) / 2**20


def _used(processes: Sequence[psutil.Process], postgres: EmbeddedPostgres) -> tuple[float, float]:
    return cpu_seconds(*processes), cpu_seconds(psutil.Process(postgres.pid))


def _turn(took: float, before: tuple[float, float], after: tuple[float, float], things: int) -> Turn:
    ours, theirs = (1000 * (end - start) / things for start, end in zip(before, after, strict=True))
    return Turn(1000 * took / things, ours, theirs)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
