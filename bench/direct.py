"""Uploads of a picture of 6 MB straight to the store: what they cost the server, and what signing their URLs costs."""

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from struct import pack
from typing import Any
from urllib.parse import urlsplit

import psutil

from bench.client import Client
from bench.figures import Figure
from bench.pictures import noise
from bench.processes import cpu_seconds, running, server
from photostore.shared.blobs import BlobKey, MultipartId
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres
from photostore_adapters.s3.settings import S3Settings
from photostore_adapters.s3.signer import S3BlobSigner

_TURNS, _UPLOADS, _URLS = 9, 25, 1000
_PART_BYTES, _DAY_SECONDS = 16 << 20, 86_400
_SERIAL = 16
_PATH = "/api/v1/uploads"


def direct(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    with running("bench.sink") as sink:
        settings = {
            "S3__BUCKET_NAME": "bench",
            "S3__AWS_ACCESS_KEY_ID": "bench",
            "S3__AWS_SECRET_ACCESS_KEY": "bench-secret",
            "S3__ENDPOINT_URL": f"http://127.0.0.1:{sink.said}",
        }
        with server(postgres.url, folder, settings) as (process, port), Client(port) as client:
            client.sign_up()
            return [_beginning_and_completing(process, client), _signing(int(sink.said))]


def _beginning_and_completing(process: psutil.Process, client: Client) -> Figure:
    """Of pictures whose digest is announced, as clients do that can: the store has checked it."""
    picture = noise()
    turns = [[_one(process, client, picture) for _ in range(_UPLOADS)] for _ in range(_TURNS + 1)]
    # The first turn is for everything to get warm.
    took = [sum(turn) * 1000 / _UPLOADS for turn in turns[1:]]
    return Figure(
        name="direct: CPU of the server for a begun and completed upload", measured=median(took), unit="ms", target=3
    )


def _one(process: psutil.Process, client: Client, picture: bytes) -> float:
    """CPU seconds. The transfer to the store is between client and store."""
    content = picture[:2] + b"\xff\xfe" + pack(">H", 2 + _SERIAL) + os.urandom(_SERIAL) + picture[2:]
    announced = {
        "filename": "IMG_0001.jpg",
        "content_type": "image/jpeg",
        "byte_size": len(content),
        "sha256": sha256(content).hexdigest(),
    }
    upload, begun = _with_cpu(process, lambda: client.send(_PATH, announced))
    _put(upload["parts"][0], content)
    _, completed = _with_cpu(process, lambda: client.send(f"{_PATH}/{upload['id']}/complete", {}))
    return begun + completed


def _with_cpu(process: psutil.Process, go: Callable[[], Any]) -> tuple[Any, float]:
    before = cpu_seconds(process)
    answer = go()
    return answer, cpu_seconds(process) - before


def _put(part: Mapping[str, Any], content: bytes) -> None:
    where = urlsplit(part["url"])
    connection = HTTPConnection(where.netloc, timeout=60)
    connection.request("PUT", f"{where.path}?{where.query}", content, part["headers"])
    assert connection.getresponse().status == 200
    connection.close()


class _Now:
    """A moment that does not pass, so that each signature is of its own part alone."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)


def _signing(port: int) -> Figure:
    """The URLs of the parts of one large upload. The CPU of this thread, so that who else is at work does not count."""
    settings = S3Settings(
        bucket_name="bench",
        aws_access_key_id="bench",
        aws_secret_access_key="bench-secret",
        endpoint_url=f"http://127.0.0.1:{port}",
    )
    signer = S3BlobSigner(settings, _Now())
    key, multipart = BlobKey("originals/00/0190f7f2-7bd4-7c3e-9d53-6a3d9f0c1a00"), MultipartId("x" * 64)

    def sign_all() -> float:
        started = time.thread_time()
        for number in range(1, _URLS + 1):
            signer.sign_put_part(
                key, multipart, number=number, expires_in=_DAY_SECONDS, byte_size=_PART_BYTES, sha256=None
            )
        return (time.thread_time() - started) * 1000 / _URLS

    measured = median(sign_all() for _ in range(_TURNS))
    return Figure(name="direct: signing a URL", measured=measured, unit="ms", target=0.02)
