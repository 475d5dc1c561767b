"""Duplicates in a library of a hundred thousand photos, over HTTP: all groups, and the neighbours of one photo. Also the
groups of a library that was made to be the hardest to compare."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median
from uuid import UUID

import asyncpg
import msgspec

from bench.client import Client
from bench.figures import Figure
from bench.processes import server
from photostore.photo.duplicates import DEFAULT_DISTANCE, LARGEST_DISTANCE
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_TURNS = 15
_PHOTOS = 100_000
_BITS = 1 << 64
_SQL = """
    INSERT INTO photos (
        owner_id, id, blob_key, filename, content_type, byte_size, sha256, width, height, hashtags, favorite, custom,
        status, created_at, updated_at, version
    )
    SELECT $1, uuidv7(-ago), 'originals/' || n, 'IMG_' || n || '.jpg', 'image/jpeg', 3000000, sha256(int8send(n)),
        4032, 3024, '{}', false, '{}', 'ready', now() - ago, now() - ago, 1
    FROM generate_series(1, $2::bigint) AS n
    CROSS JOIN LATERAL (SELECT interval '100 seconds' * ($2 - n) AS ago) AS since
    RETURNING id
"""
_REWRITE = """
    UPDATE photo_fingerprints SET perceptual = perceptual
    WHERE owner_id = $1 AND photo_id = (SELECT max(id::text)::uuid FROM photos WHERE owner_id = $1)
"""


def duplicates(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    with server(postgres.url, folder, {}) as (_, port), Client(port) as newcomer:
        owner = UUID(newcomer.sign_up())
        photo_ids = asyncio.run(_load(postgres.url, owner))
        # Some photos to ask about: of every kind that there is.
        paths = cycle(f"/api/v1/photos/{photo_id}/duplicates" for photo_id in photo_ids[:: _PHOTOS // 97])
        groups = "/api/v1/photos/duplicates?limit=50"
        changing = _changing(postgres.url, owner, groups)
        with newcomer.again() as client:
            _demand_groups(client, groups)
            figures = [
                _figure(client, "groups, kept", cycle([groups]), DEFAULT_DISTANCE),
                _figure(client, "groups", changing, DEFAULT_DISTANCE, target=1000),
                _figure(client, "groups", changing, LARGEST_DISTANCE),
                _figure(client, "neighbours", paths, DEFAULT_DISTANCE, target=20),
                _figure(client, "neighbours", paths, LARGEST_DISTANCE, target=20),
            ]
            asyncio.run(_tell(postgres.url, owner, photo_ids, _crowded(Random(1))))
            hostile = [
                _figure(client, "hostile groups", changing, distance, target=2000)
                for distance in (DEFAULT_DISTANCE, LARGEST_DISTANCE)
            ]
            return [*figures, *hostile]


def _changing(database_url: str, owner: UUID, path: str) -> Iterator[str]:
    """The library is another each time, so that nothing that was kept is of use."""
    while True:
        asyncio.run(_rewrite_one(database_url, owner))
        yield path


def _figure(client: Client, name: str, paths: Iterator[str], distance: int, *, target: float | None = None) -> Figure:
    took = [_milliseconds(client, next(paths), distance) for _ in range(_TURNS + 1)][1:]
    return Figure(name=f"duplicates: {name} within {distance} bits", measured=median(took), unit="ms", target=target)


def _milliseconds(client: Client, path: str, distance: int) -> float:
    started = time.perf_counter()
    client.get(f"{path}{'&' if '?' in path else '?'}distance={distance}")
    return (time.perf_counter() - started) * 1000


def _demand_groups(client: Client, path: str) -> None:
    found = len(msgspec.json.decode(client.get(path))["items"])
    if found != 50:
        raise RuntimeError(f"{path} holds {found} groups: something else would be measured")


async def _rewrite_one(database_url: str, owner: UUID) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_REWRITE, owner)
    finally:
        await connection.close()


async def _load(database_url: str, owner: UUID) -> Sequence[UUID]:
    connection = await asyncpg.connect(database_url)
    try:
        photo_ids = [row[0] for row in await connection.fetch(_SQL, owner, _PHOTOS)]
    finally:
        await connection.close()
    await _tell(database_url, owner, photo_ids, _hashes(Random(1)))
    return photo_ids


async def _tell(database_url: str, owner: UUID, photo_ids: Sequence[UUID], hashes: Sequence[int]) -> None:
    """In place of what was told of them before."""
    rows = [
        (owner, photo_id, number.to_bytes(8) * 4, number - _BITS if number >> 63 else number)
        for photo_id, number in zip(photo_ids, hashes, strict=True)
    ]
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("DELETE FROM photo_fingerprints")
        columns = ["owner_id", "photo_id", "pixels", "perceptual"]
        await connection.copy_records_to_table("photo_fingerprints", records=rows, columns=columns)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def _hashes(random: Random) -> list[int]:
    """As of real libraries: most alone, one in twenty near another, some scenes taken hundreds of times, ten thousand equal
    frames, and as many pictures that share a quarter of their bits, as much that was scanned or drawn does."""
    hashes = [random.getrandbits(64) for _ in range(_PHOTOS - 36_000)]
    hashes += [_near(random, random.choice(hashes), random.randrange(6)) for _ in range(_PHOTOS // 20)]
    hashes += [_near(random, scene, random.randrange(4)) for scene in hashes[:20] for _ in range(550)]
    hashes += [0xF0F0_1234_5678_9ABC] * 10_000
    hashes += [random.getrandbits(48) << 16 | 0x5A5A for _ in range(10_000)]
    random.shuffle(hashes)
    return hashes


def _crowded(random: Random) -> list[int]:
    """Half of the bits are those of all others: the index has them in one bucket."""
    return [random.getrandbits(32) << 32 | 0x5A5A_5A5A for _ in range(_PHOTOS)]


def _near(random: Random, number: int, bits: int) -> int:
    return number ^ sum(1 << bit for bit in random.sample(range(64), bits))
