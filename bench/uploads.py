"""Uploads of a picture of 6 MB into an S3 store."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from bench.client import Client
from bench.figures import Figure, compared
from bench.pictures import CONTENT_TYPE, Forms
from bench.processes import MemoryWatch, running, server
from bench.turns import Way, in_turns
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_TURNS = 9
_UPLOADS = 25
_AT_ONCE = 16
_PATH = "/api/v1/photos"


def uploads(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    forms = Forms()
    with running("bench.sink") as sink:
        settings = {
            "S3__BUCKET_NAME": "bench",
            "S3__AWS_ACCESS_KEY_ID": "bench",
            "S3__AWS_SECRET_ACCESS_KEY": "bench-secret",
            "S3__ENDPOINT_URL": f"http://127.0.0.1:{sink.said}",
        }
        with (
            server(postgres.url, folder, settings) as (process, port),
            running("bench.limits.uploads", sink.said) as limit,
            Client(port) as client,
            Client(int(limit.said)) as bare,
        ):
            client.sign_up()
            ways = {
                "server": Way(process=process, go=lambda: _upload(client, forms)),
                "limit": Way(process=limit.process, go=lambda: _upload(bare, forms)),
            }
            measured = in_turns(ways, turns=_TURNS, times=_UPLOADS)
            cpu = measured["server"].cpu, measured["limit"].cpu
            return [
                compared("uploads: CPU of the server beside its limit", *cpu, unit="ms", target=1.5),
                _memory("uploads: memory for 16 at once", forms, process, client, target=64),
                _memory("uploads: memory of the limit for 16 at once", forms, limit.process, bare),
            ]


def _memory(name: str, forms: Forms, process: psutil.Process, client: Client, *, target: float | None = None) -> Figure:
    """After the turns, so that what a process keeps for good is not counted."""
    clients = [client.again() for _ in range(_AT_ONCE)]
    with MemoryWatch(process) as memory, ThreadPoolExecutor(_AT_ONCE) as threads:
        for _ in threads.map(lambda each: _upload(each, forms), clients):
            pass
    return Figure(name=name, measured=memory.growth_mib, unit="MiB", target=target)


def _upload(client: Client, forms: Forms) -> None:
    client.upload(_PATH, forms.one(), CONTENT_TYPE)
