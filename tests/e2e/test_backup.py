"""Backup and restore as docs/operations/backup.md tells it: the database first, then the store."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import asyncpg

from photostore_adapters.embedded_postgres.programs import find_programs
from tests.e2e.behind import behind
from tests.e2e.people import API, somebody
from tests.e2e.photographs import a_scene, saved
from tests.e2e.programs import run
from tests.e2e.servers import ServerProcess
from tests.fixtures.postgres import url_of
from tests.waiting import eventually


async def test_a_dump_and_a_later_copy_of_the_store_are_a_whole_library(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        live = behind(server).database_url()
        restored = url_of(live, "restored")
        async with somebody(server.url) as person:
            await person.uploaded(saved(a_scene(60, 40), "PNG"), "before.png")
            client("pg_dump", "--format=custom", f"--file={tmp_path / 'photos.dump'}", live)
            await person.uploaded(saved(a_scene(80, 60), "PNG"), "meanwhile.png")
            shutil.copytree(server.data_dir / "blobs", tmp_path / "copy")

        client("psql", f"--dbname={live}", "--command=CREATE DATABASE restored")
        client("pg_restore", f"--dbname={restored}", "--no-owner", "--exit-on-error", tmp_path / "photos.dump")
        checked = run(
            tmp_path,
            *("fsck", "--checksums", "--json"),
            DATABASE_URL=restored,
            STORAGE__FOLDER=str(tmp_path / "copy"),
            JWT__SECRET_KEY="the-restored-library-needs-a-key-of-its-own",
        )

    [summary] = [json.loads(line) for line in checked.stdout.splitlines()]
    assert checked.returncode == 0, checked
    assert (summary["summary"]["photos"], summary["summary"]["found"]) == (1, 0)


SWEEPING = {"JOBS__SWEEP_SCHEDULE": "* * * * * *", "JOBS__SWEEP_GRACE_SECONDS": "0"}


async def test_a_restored_database_that_is_started_on_the_store_in_use_sweeps_nothing_from_it(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, SWEEPING, single=True) as server:
        live = behind(server).database_url()
        async with somebody(server.url) as person:
            client("pg_dump", "--format=custom", f"--file={tmp_path / 'photos.dump'}", live)
            dumped = await value(live, "SELECT count(*) FROM sweep_tokens")
            photo = await person.uploaded(saved(a_scene(80, 60), "PNG"), "after the dump.png")
            await eventually(lambda: was_swept(live, since=dumped + 1), within=60)
            restored = {
                **SWEEPING,
                "DATABASE_URL": url_of(live, "restored"),
                "STORAGE__FOLDER": str(server.data_dir / "blobs"),
                "JWT__SECRET_KEY": "the-restored-library-needs-a-key-of-its-own",
            }
            client("psql", f"--dbname={live}", "--command=CREATE DATABASE restored")
            client(
                "pg_restore",
                f"--dbname={restored['DATABASE_URL']}",
                "--no-owner",
                "--exit-on-error",
                tmp_path / "photos.dump",
            )
            (tmp_path / "other").mkdir()
            with ServerProcess(tmp_path / "other", restored, single=True) as other:
                await eventually(lambda: was_refused(restored["DATABASE_URL"]), within=60)
                assert "photostore claim-store" in other.log
            await eventually(lambda: was_refused(live), within=60, what="the live one to notice")

            claimed = run(tmp_path, "claim-store", "--yes", **server.environment)
            await eventually(lambda: was_swept(live, since=dumped + 2), within=60)
            await eventually(lambda: is_content(live), within=60)
            file = await person.http.get(f"{API}/photos/{photo['id']}/file")

    assert (claimed.returncode, claimed.stdout) == (0, "primary: claimed.\n")
    assert file.status_code == 200


async def value(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def was_swept(url: str, *, since: int) -> bool:
    return bool(await value(url, "SELECT count(*) FROM sweep_tokens") > since)


async def was_refused(url: str) -> bool:
    return await value(url, "SELECT refusal FROM last_sweep") is not None


async def is_content(url: str) -> bool:
    return not await was_refused(url)


def client(name: str, *arguments: str | Path) -> None:
    subprocess.run([find_programs().folder / name, *arguments], check=True, capture_output=True, timeout=60)
