"""Checking a library of a million photos, with four renditions each, without checksums: how long, and in how much memory.

Rows are in Postgres; the store's listing is read from a file, as five million files or objects are more than a benchmark
can make. What a store itself takes to list comes on top.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil

from bench.figures import Figure
from bench.library import load
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_USER = """
    INSERT INTO users (id, email, is_admin, password_hash, created_at, version)
    VALUES (gen_random_uuid(), 'owner@example.org', false, 'none', now(), 1)
"""
_MADE = """
    UPDATE quotas SET renditions_bytes = made.bytes FROM (
        SELECT owner_id, sum((each->>'byte_size')::bigint) AS bytes
        FROM photos, jsonb_array_elements(renditions) AS each GROUP BY owner_id
    ) AS made WHERE made.owner_id = quotas.owner_id
"""
_LISTINGS = {
    "originals/": "SELECT blob_key, byte_size FROM photos ORDER BY blob_key",
    "renditions/": """
        SELECT each->>'blob_key', each->>'byte_size' FROM photos, jsonb_array_elements(renditions) AS each
        ORDER BY each->>'blob_key' COLLATE "C"
    """,
}
# Of four million lines the listing lacks one in so many: those renditions are found to be missing.
_EACH, _LOST = 40_000, 100


def fsck(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    asyncio.run(_prepare(postgres.url, folder))
    before = _of_ended_backends(postgres)
    measured = subprocess.run(
        [sys.executable, "-m", "bench.fsck_run", postgres.url, str(folder)], stdout=subprocess.PIPE, check=True
    ).stdout
    of_postgres = _of_ended_backends(postgres) - before
    told = json.loads(measured)
    if (told["photos"], told["findings"]) != (1_000_000, {"rendition_missing": _LOST}):
        raise RuntimeError(f"something else was found, and so measured: {told}")
    return [
        Figure(name="fsck: a million photos", measured=told["seconds"], unit="s", target=120),
        Figure(name="fsck: its processor time", measured=told["cpu_seconds"], unit="s"),
        Figure(name="fsck: Postgres' processor time for it", measured=of_postgres, unit="s"),
        Figure(name="fsck: its memory", measured=told["megabytes"], unit="MB", target=256),
    ]


def _of_ended_backends(postgres: EmbeddedPostgres) -> float:
    """Those that served the check have ended with it."""
    times = psutil.Process(postgres.pid).cpu_times()
    return float(times.children_user + times.children_system)


async def _prepare(database_url: str, folder: Path) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_USER)
        await load(database_url, _MADE)
        for name, statement in _LISTINGS.items():
            listing = folder / name.rstrip("/")
            await connection.copy_from_query(statement, output=str(listing), format="text")
    finally:
        await connection.close()
    whole = (folder / "renditions").replace(folder / "whole")
    with whole.open() as lines, (folder / "renditions").open("w") as kept, (folder / "lost").open("w") as lost:
        for number, line in enumerate(lines):
            (kept if number % _EACH else lost).write(line)
