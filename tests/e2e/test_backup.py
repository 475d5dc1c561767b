"""Backup and restore as docs/operations/backup.md tells it: the database first, then the store."""

import json
import shutil
import subprocess
from pathlib import Path

from photostore_adapters.embedded_postgres.programs import find_programs
from tests.e2e.behind import behind
from tests.e2e.people import somebody
from tests.e2e.photographs import a_scene, saved
from tests.e2e.programs import run
from tests.e2e.servers import ServerProcess
from tests.fixtures.postgres import url_of


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


def client(name: str, *arguments: str | Path) -> None:
    subprocess.run([find_programs().folder / name, *arguments], check=True, capture_output=True, timeout=60)
