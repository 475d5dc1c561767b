"""`photostore fsck`, as an operator types it beside a server of the embedded default."""

import json
import subprocess

from tests.e2e.behind import behind
from tests.e2e.people import somebody
from tests.e2e.photographs import a_phone_photo
from tests.e2e.programs import run
from tests.e2e.servers import ServerProcess
from tests.e2e.showing import outcome, photo_of, shown
from tests.waiting import eventually


def fsck(server: ServerProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(server.data_dir.parent, "fsck", "--json", *arguments, **server.environment)


async def test_a_lost_rendition_is_found_and_made_again_by_the_server_that_runs(embedded_server: ServerProcess) -> None:
    async with somebody(embedded_server.url) as person:
        photo = await shown(person, a_phone_photo(600, 400, seed=77))
        [[made]] = await behind(embedded_server).rows("SELECT renditions FROM photos WHERE id = $1", photo["id"])
        key = json.loads(made)[0]["blob_key"]
        lost = embedded_server.data_dir / "blobs" / "blobs" / key
        lost.unlink()

        found = fsck(embedded_server, "--owner", person.id, "--checksums")
        mended = fsck(embedded_server, "--owner", person.id, "--checksums", "--repair", "--yes")

        *findings, last = [json.loads(line) for line in found.stdout.splitlines()]
        assert found.returncode == 1, found
        assert [(each["kind"], each["id"], each["key"]) for each in findings] == [
            ("rendition_missing", photo["id"], key)
        ]
        assert (last["summary"]["photos"], last["summary"]["bytes_read"]) == (1, photo["byte_size"])
        assert mended.returncode == 0, mended

        async def made_again() -> bool:
            return outcome(await photo_of(person, photo["id"])) == outcome(photo)

        await eventually(made_again, what="the rendition to be made again")
        assert lost.is_file()
