"""`photostore renditions rebuild` and `photostore doctor`, as an operator types them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.behind import behind
from tests.e2e.databases import strong_secret
from tests.e2e.people import Person, somebody
from tests.e2e.photographs import a_phone_photo, a_scene, saved
from tests.e2e.programs import run
from tests.e2e.servers import ServerProcess
from tests.e2e.showing import Photo, decoded, demand_nothing_left_over, outcome
from tests.fixtures.postgres import CreateDatabase

GOOD, SMALL = a_phone_photo(600, 400), saved(a_scene(90, 60), "PNG")
BROKEN = a_phone_photo(600, 400, seed=2)[:-4000]
DECODERS = {"JPEG", "PNG", "WebP", "GIF", "TIFF", "AVIF", "HEIC", "RAW"}


@pytest.fixture(scope="module")
async def beside(
    tmp_path_factory: pytest.TempPathFactory, new_database: CreateDatabase
) -> AsyncIterator[ServerProcess]:
    """A server whose database others may use, too."""
    folder = tmp_path_factory.mktemp("beside")
    given = {
        "DATABASE_URL": await new_database(),
        "STORAGE__FOLDER": str(folder / "blobs"),
        "JWT__SECRET_KEY": strong_secret(),
    }
    with ServerProcess(folder, given) as server:
        yield server


async def three_photos(person: Person) -> dict[str, Photo]:
    """By filename: two that are ready, and one that has failed."""
    for name, content in {"good.jpg": GOOD, "small.png": SMALL, "broken.jpg": BROKEN}.items():
        await person.uploaded(content, name)
    photos = {photo["filename"]: photo for photo in (await decoded(person)).values()}
    assert [photos[name]["status"] for name in ("good.jpg", "small.png", "broken.jpg")] == ["ready", "ready", "failed"]
    return photos


@pytest.mark.one_process("the embedded default, whose Postgres a command starts itself")
async def test_lost_renditions_come_back_beside_an_embedded_server_and_without_it(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        async with somebody(server.url) as person:
            before = await three_photos(person)
            lose = "UPDATE photos SET renditions = '[]' WHERE filename = 'good.jpg'"
            await behind(server).rows(lose)
            beside = run(tmp_path, "renditions", "rebuild", "--missing", **server.environment)
            await behind(server).rows(lose)
            server.stop()

            done = run(tmp_path, "renditions", "rebuild", "--missing", **server.environment)
            again = run(tmp_path, "renditions", "rebuild", "--missing", **server.environment)

            server.start()
            after = {photo["filename"]: photo for photo in await person.photos()}
            await demand_nothing_left_over(behind(server), person.id)

    assert (beside.returncode, beside.stdout) == (0, "3 photos looked at, 1 decoded again.\n"), beside.stderr
    assert (done.returncode, done.stdout) == (0, "3 photos looked at, 1 decoded again.\n"), done.stderr
    assert (again.returncode, again.stdout) == (0, "3 photos looked at, 0 decoded again.\n"), again.stderr
    assert {name: outcome(photo) for name, photo in after.items()} == {
        name: outcome(photo) for name, photo in before.items()
    }
    assert after["small.png"]["version"] == before["small.png"]["version"]
    assert after["broken.jpg"]["status"] == "failed"


async def test_lost_renditions_come_back_beside_a_server_that_runs(beside: ServerProcess, tmp_path: Path) -> None:
    given = {name: beside.environment[name] for name in ("DATABASE_URL", "STORAGE__FOLDER", "JWT__SECRET_KEY")}
    async with somebody(beside.url) as person, somebody(beside.url) as other:
        before = await three_photos(person)
        await three_photos(other)
        await behind(beside).rows("UPDATE photos SET renditions = '[]' WHERE status = 'ready'")

        done = run(tmp_path, "renditions", "rebuild", "--missing", "--owner", person.id, **given)
        failed = run(tmp_path, "renditions", "rebuild", "--failed", "--owner", person.id, **given)

        after = {photo["filename"]: photo for photo in await person.photos()}
        others = {photo["filename"]: photo for photo in await other.photos()}
    assert (done.returncode, done.stdout) == (0, "3 photos looked at, 2 decoded again.\n"), done.stderr
    assert (failed.returncode, failed.stdout) == (0, "3 photos looked at, 1 decoded again.\n"), failed.stderr
    assert {name: outcome(photo) for name, photo in after.items()} == {
        name: outcome(photo) for name, photo in before.items()
    }
    assert (after["broken.jpg"]["status"], after["broken.jpg"]["failure"]) == ("failed", "truncated")
    assert others["good.jpg"]["renditions"] == []


def test_a_wrong_call_says_what_is_wrong(tmp_path: Path) -> None:
    both = run(tmp_path, "renditions", "rebuild", "--missing", "--failed")
    nobody = run(tmp_path, "renditions", "rebuild", "--owner", "nobody")

    assert (both.returncode, nobody.returncode) == (2, 2)
    assert "--missing" in both.stderr
    assert "nobody" in nobody.stderr
    assert "Traceback" not in both.stderr + nobody.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_tries_every_decoder(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", "--json")

    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)["findings"]
    told = {each["check"]: each["state"] for each in found if each["part"] == "decoders"}
    assert told == dict.fromkeys(told, "ok")
    assert {name.lower() for name in told} >= {name.lower() for name in DECODERS}
    assert {each["part"] for each in found} == {"settings", "database", "storage", "disk", "decoders"}
    assert list(tmp_path.iterdir()) == []
