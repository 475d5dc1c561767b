"""Uploads of 100 KB, 200 offered each second, while the worker is killed each second: none may be lost, or there twice."""

import os
import secrets
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.client import Client
from bench.figures import Figure
from bench.pictures import CONTENT_TYPE, Forms, noise
from bench.processes import server
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_RATE, _SECONDS, _AT_ONCE = 200, 10, 16
# Of 100 KB.
_SIZE = (520, 390)
_PATH = "/api/v1/photos"


def kills(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    settings = {"STORAGE__FOLDER": str(folder / "blobs"), "JWT__SECRET_KEY": secrets.token_hex(32)}
    with server(postgres.url, folder, settings) as (_, port), Client(port) as client:
        client.sign_up()
        with _worker_killed_each_second({**os.environ, **settings, "DATABASE_URL": postgres.url}, folder):
            started = time.perf_counter()
            acknowledged = _uploaded(client)
            took = time.perf_counter() - started
        there = Counter(_listed(client.again()))
    lost = len(set(acknowledged) - there.keys())
    doubled = sum(there.values()) - len(there)
    return [
        Figure(name="kills: uploads acknowledged in a second", measured=len(acknowledged) / took, unit="a second"),
        Figure(name=f"kills: of {len(acknowledged)} photos lost", measured=lost, unit="photos", target=0),
        Figure(name=f"kills: of {len(acknowledged)} photos doubled", measured=doubled, unit="photos", target=0),
    ]


def _uploaded(client: Client) -> list[str]:
    """The digests of what was acknowledged. Each is sent when its time has come, or when a client is free after that."""
    forms, begun = Forms(noise(_SIZE)), time.perf_counter()
    own = threading.local()

    def upload(number: int) -> str:
        wait = begun + number / _RATE - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        connection = own.__dict__.setdefault("client", client.again())
        photo = msgspec.json.decode(connection.upload(_PATH, forms.one(), CONTENT_TYPE))
        return str(photo["sha256"])

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(upload, range(_RATE * _SECONDS)))


def _listed(client: Client) -> Iterator[str]:
    path = f"{_PATH}?limit=200"
    while True:
        page = msgspec.json.decode(client.get(path))
        for photo in page["items"]:
            yield photo["sha256"]
        if page["next_cursor"] is None:
            return
        path = f"{_PATH}?limit=200&cursor={page['next_cursor']}"


@contextmanager
def _worker_killed_each_second(environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            command = [str(Path(sys.executable).with_name("photostore")), "worker", "--stop-with-parent"]
            with (folder / "worker.log").open("ab") as log:
                worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            over.wait(1)
            worker.kill()
            worker.wait()

    killing = threading.Thread(target=go_on)
    killing.start()
    try:
        yield
    finally:
        over.set()
        killing.join()
