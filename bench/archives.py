"""ZIP files of many photos: how fast beside copying the same bytes, how soon they begin, and what they hold meanwhile."""

import asyncio
import os
import socket
import time
from pathlib import Path
from statistics import median

import asyncpg

from bench.client import Client
from bench.figures import Figure
from bench.processes import MemoryWatch, running, server
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_PHOTOS = 10_000
_PHOTO_BYTES = 5_000_000
_AT_ONCE = 200
_TURNS = 5
_BUFFER = bytearray(1 << 20)
_INSERT = """
    INSERT INTO photos (owner_id, id, blob_key, filename, content_type, byte_size, sha256, width, height, taken_at, hashtags,
        favorite, custom, status, created_at, updated_at, version, renditions)
    SELECT $1, id, 'originals/' || right(id::text, 2) || '/' || id, 'IMG_' || n % 5000 || '.jpg', 'image/jpeg', $2,
        sha256(int8send(n)), 4032, 3024, now(), '{}', false, '{}', 'ready', now(), now(), 1, '[]'
    FROM (SELECT n, uuidv7() AS id FROM generate_series(1, $3::bigint) AS n) AS made
    RETURNING blob_key
"""


def archives(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    with server(postgres.url, folder, {}) as (_, port), Client(port) as client:
        owner = client.sign_up()
    keys = asyncio.run(_load(postgres.url, owner))
    _fill(folder / "blobs", keys)
    with running("bench.limits.archives", postgres.url, str(folder), owner) as limit:
        port = int(limit.said)
        _taken(port, f"/archive?0-{_AT_ONCE}")
        began = [_taken(port, f"/archive?0-{_PHOTOS}", at_most=1 << 20)[0] * 1000 for _ in range(_TURNS)]
        # Each turn has photos that no archive has read before: their CRC-32 must be found out.
        turns = [f"{turn * _AT_ONCE}-{(turn + 1) * _AT_ONCE}" for turn in range(1, _TURNS + 1)]
        rates = [[_rate(port, f"/{way}?{turn}") for way in ("copy", "archive", "archive")] for turn in turns]
        with MemoryWatch(limit.process) as memory:
            _taken(port, f"/archive?0-{_PHOTOS}")
    return [
        _beside("archives: throughput beside copying the same bytes", rates, 1, target=0.6),
        _beside("archives: throughput of what was read before", rates, 2),
        Figure(name="archives: first byte of 10,000 photos", measured=median(began), unit="ms", target=300),
        Figure(name="archives: memory for 10,000 photos of 5 MB", measured=memory.growth_mib, unit="MiB", target=16),
    ]


def _beside(name: str, rates: list[list[float]], way: int, *, target: float | None = None) -> Figure:
    ratio = median(each[way] / each[0] for each in rates)
    measured, limit = (median(each[one] for each in rates) for one in (way, 0))
    return Figure(name=name, measured=measured, unit="MB/s", limit=limit, ratio=ratio, target=target, at_least=True)


async def _load(database_url: str, owner: str) -> list[str]:
    connection = await asyncpg.connect(database_url)
    try:
        return [row[0] for row in await connection.fetch(_INSERT, owner, _PHOTO_BYTES, _PHOTOS)]
    finally:
        await connection.close()


def _fill(store: Path, keys: list[str]) -> None:
    """The same bytes under every key, once on the disk."""
    store.mkdir(exist_ok=True)
    one = store / "one"
    one.write_bytes(os.urandom(_PHOTO_BYTES))
    for key in keys:
        path = store / "blobs" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.hardlink_to(one)


def _rate(port: int, path: str) -> float:
    _, took, taken = _taken(port, path)
    return taken / took / 1e6


def _taken(port: int, path: str, *, at_most: int | None = None) -> tuple[float, float, int]:
    """Seconds until the first byte and until the last, and how many came."""
    started, first, taken = time.perf_counter(), 0.0, 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
        while (at_most is None or taken < at_most) and (came := connection.recv_into(_BUFFER)):
            first = first or time.perf_counter() - started
            taken += came
    return first, time.perf_counter() - started, taken
