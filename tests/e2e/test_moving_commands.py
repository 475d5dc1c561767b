"""`photostore export` and `photostore import`, as an operator types them beside a server that runs."""

import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from photostore_http.cli import main
from tests.e2e.people import somebody
from tests.e2e.photographs import a_phone_photo, a_scene, saved
from tests.e2e.programs import PHOTOSTORE, clean_environment
from tests.e2e.servers import ServerProcess


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [PHOTOSTORE, *arguments],
        cwd=folder,
        env=clean_environment(LOG__LEVEL="warning", **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=120,
    )


async def test_a_library_moves_to_another_account_by_a_pipe_and_a_damaged_photo_is_told(
    embedded_server: ServerProcess, tmp_path: Path
) -> None:
    given = embedded_server.environment
    async with somebody(embedded_server.url) as anna, somebody(embedded_server.url) as bo:
        await anna.uploaded(a_phone_photo(60, 40), "kept.jpg")
        await anna.uploaded(saved(a_scene(90, 60), "PNG"), "damaged.png")

        exported = run(tmp_path, "export", "--tar", "-", "--owner", anna.id, "--json", **given)
        with tarfile.open(fileobj=io.BytesIO(exported.stdout)) as archive:
            archive.extractall(tmp_path, filter="data")
        damaged = next(iter(tmp_path.rglob("damaged.png")))  # noqa: ASYNC240 - nothing else runs
        damaged.write_bytes(saved(a_scene(80, 60), "PNG"))
        imported = run(tmp_path, "import", "photostore-export", "--owner", bo.id, "--json", **given)

        photos = await bo.photos()
    assert (exported.returncode, imported.returncode) == (0, 1), (exported.stderr, imported.stderr)
    assert b'"photos":2' in exported.stderr
    report = json.loads(imported.stdout)
    assert (report["imported"], [each["name"] for each in report["failed"]]) == (
        1,
        [str(damaged.relative_to(tmp_path / "photostore-export"))],
    )
    assert [photo["filename"] for photo in photos] == ["kept.jpg"]


@pytest.mark.parametrize("arguments", [["export"], ["export", "a", "--tar", "b"], ["import", "none"], ["import"]])
def test_a_wrong_call_says_what_is_wrong(arguments: list[str]) -> None:
    done = CliRunner().invoke(main, arguments)

    assert done.exit_code == 2
    assert "Usage" in done.output
