"""`photostore doctor`: settings, disks, folders and the database, each with its faults."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from photostore_adapters.examining import told_within
from photostore_adapters.examining.database import examine_database
from photostore_adapters.examining.disk import examine_disk
from photostore_adapters.examining.finding import Finding, Part, State
from photostore_adapters.examining.folder import examine_folder
from photostore_adapters.examining.replicas import examine_replica
from photostore_adapters.examining.smells import examine_settings
from photostore_adapters.examining.waiting import in_a_thread
from photostore_adapters.settings import ReplicaItem, Secret, SecretUrl, Settings
from photostore_adapters.settings.sections import (
    CorsSection,
    DatabaseSection,
    DecodingSection,
    JwtSection,
    LimitsSection,
    S3Section,
    ServerSection,
    StorageSection,
)
from tests.adapters.examining import found_by, wrong
from tests.fakes.system import FakeClock
from tests.fixtures.postgres import url_of
from tests.fixtures.s3 import WallClock

SETTINGS = Settings(database=DatabaseSection(connect_timeout_seconds=2))
GIVEN = Settings(database_url=SecretUrl("postgresql://a:b@db/photos"), jwt=JwtSection(secret_key=Secret("x" * 48)))


@pytest.mark.parametrize(
    ("settings", "odd"),
    [
        (Settings(), {}),
        (GIVEN, {}),
        (replace(GIVEN, jwt=JwtSection()), {"secret key": State.FAILED}),
        (Settings(server=ServerSection(host="0.0.0.0")), {"public_url": State.WARNING}),
        (Settings(public_url="http://photos.example"), {"https": State.WARNING}),
        (Settings(public_url="https://photos.example"), {"proxies": State.WARNING}),
        (
            Settings(cors=CorsSection(allow_origins=("*",), allow_credentials=True)),
            {"cors": State.WARNING},
        ),
        (
            replace(
                GIVEN,
                public_url="https://photos.example",
                server=ServerSection(trusted_proxies=("10.0.0.0/8",)),
                s3=S3Section(bucket_name="photos", endpoint_url="http://127.0.0.1:9000"),
            ),
            {"public endpoint": State.WARNING, "store by https": State.WARNING},
        ),
    ],
)
async def test_settings_that_are_seldom_meant_are_told(settings: Settings, odd: dict[str, State]) -> None:
    assert wrong(await found_by(examine_settings(settings))) == odd


async def test_room_on_the_disks_is_told(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "not" / "yet", limits=LimitsSection(max_upload_bytes=1))

    assert set(await found_by(examine_disk(settings))) == {"scratch", "data", "photos"}
    assert [names for _, _, names in os.walk(tmp_path)] == [[]]


@pytest.mark.parametrize(
    ("scratch", "max_upload_bytes"), [(Path("/dev/null"), 1), (None, 1 << 60)], ids=["no folder", "no room"]
)
async def test_a_disk_that_will_not_do_is_found(tmp_path: Path, scratch: Path | None, max_upload_bytes: int) -> None:
    settings = Settings(
        data_dir=tmp_path,
        decoding=DecodingSection(scratch_folder=scratch),
        limits=LimitsSection(max_upload_bytes=max_upload_bytes),
    )

    found = await found_by(examine_disk(settings))

    assert wrong(found)["scratch"] is State.FAILED


async def test_room_is_looked_for_where_the_photos_are(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, storage=StorageSection(folder=Path("/proc/self")))

    found = await found_by(examine_disk(settings))

    assert found["photos"].state is State.FAILED
    assert "STORAGE__FOLDER" in (found["photos"].fix or "")


async def test_a_folder_that_keeps_blobs_is_fine_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()

    found = await found_by(examine_folder(tmp_path))

    assert {check: each.state for check, each in found.items()} == {"folder": State.OK, "file system": State.OK}
    assert [names for _, _, names in os.walk(tmp_path)] == [[], []]


async def test_a_folder_that_keeps_nothing_is_found() -> None:
    assert wrong(await found_by(examine_folder(Path("/proc/self"))))["folder"] is State.FAILED


async def test_a_folder_that_is_not_there_yet_is_no_fault(tmp_path: Path) -> None:
    assert (await found_by(examine_folder(tmp_path / "blobs")))["folder"].state is State.SKIPPED


async def test_a_replica_is_examined_as_a_store_under_its_own_name(tmp_path: Path) -> None:
    replica = ReplicaItem(name="far", folder=tmp_path)

    found = [finding async for finding in examine_replica(replica, WallClock())]

    assert {(each.part, each.state) for each in found} == {("replica far", State.OK)}


async def test_a_database_that_is_as_it_should_be(emptied_database_url: str) -> None:
    found = await found_by(examine_database(SETTINGS, emptied_database_url, WallClock()))

    assert {each.state for each in found.values()} == {State.OK}
    assert set(found) == {
        "connection",
        "version",
        "extension pg_trgm",
        "migrations",
        "clock",
        "writing",
        "connections",
        "notifications",
    }


async def test_tables_that_are_not_there_are_found(bare_database_url: str) -> None:
    found = await found_by(examine_database(SETTINGS, bare_database_url, WallClock()))

    assert wrong(found) == {"extension pg_trgm": State.FAILED, "migrations": State.FAILED}
    assert "photostore migrate" in (found["migrations"].fix or "")


@pytest.mark.parametrize(("granted", "check"), [("SELECT", "writing"), (None, "rights")])
async def test_a_user_who_may_not_use_the_tables_is_found(
    emptied_database_url: str, granted: str | None, check: str
) -> None:
    owner = await asyncpg.connect(emptied_database_url)
    await owner.execute("DROP ROLE IF EXISTS onlooker; CREATE ROLE onlooker LOGIN PASSWORD 'looks-on'")
    try:
        if granted:
            await owner.execute(f"GRANT {granted} ON ALL TABLES IN SCHEMA public TO onlooker")
        url = make_url(emptied_database_url).set(username="onlooker", password="looks-on")

        found = await found_by(examine_database(SETTINGS, url.render_as_string(hide_password=False), WallClock()))

        assert wrong(found) == {check: State.FAILED}
    finally:
        await owner.execute("DROP OWNED BY onlooker; DROP ROLE onlooker")
        await owner.close()


@pytest.mark.parametrize("ahead", [timedelta(minutes=-1), timedelta(minutes=1)])
async def test_a_clock_that_is_wrong_is_found(emptied_database_url: str, ahead: timedelta) -> None:
    clock = FakeClock(WallClock().now() + ahead)

    found = await found_by(examine_database(SETTINGS, emptied_database_url, clock))

    assert wrong(found) == {"clock": State.FAILED}
    assert ("behind" if ahead > timedelta(0) else "ahead") in found["clock"].told


async def test_too_few_connections_are_found(emptied_database_url: str) -> None:
    settings = replace(SETTINGS, database=DatabaseSection(pool_size=1000))

    assert wrong(await found_by(examine_database(settings, emptied_database_url, WallClock()))) == {
        "connections": State.FAILED
    }


async def test_a_database_that_is_not_there_is_found(postgres_server_url: str) -> None:
    found = await found_by(examine_database(SETTINGS, url_of(postgres_server_url, "nothing"), WallClock()))

    assert wrong(found) == {"name": State.FAILED}


async def test_a_server_that_is_not_there_is_found_and_no_password_told() -> None:
    url = "postgresql://somebody:hidden-password@127.0.0.1:1/photos"

    found = await found_by(examine_database(SETTINGS, url, WallClock()))

    assert wrong(found) == {"connection": State.FAILED}
    assert "hidden" not in repr(found)
    assert "127.0.0.1:1" in found["connection"].told


async def test_a_database_that_is_made_at_the_first_start_is_no_fault() -> None:
    assert (await found_by(examine_database(SETTINGS, None, WallClock())))["connection"].state is State.SKIPPED


async def test_a_part_that_hangs_is_told_with_what_it_found() -> None:
    async def hangs() -> AsyncIterator[Finding]:
        yield Part("storage").ok("endpoint", "It answers.")
        await asyncio.Event().wait()

    found = await told_within(0.01, "storage", hangs)

    assert [(each.check, each.state) for each in found] == [("endpoint", State.OK), ("time", State.FAILED)]


def test_a_disk_that_never_answers_holds_up_neither_the_others_nor_the_end() -> None:
    answered = threading.Event()

    async def hangs() -> AsyncIterator[Finding]:
        await in_a_thread(answered.wait)
        yield Part("disk").ok("data", "It answers.")

    async def examined() -> list[Finding]:
        told, others = await asyncio.gather(told_within(0.05, "disk", hangs), told_within(5, "disk", fine))
        return [*told, *others]

    async def fine() -> AsyncIterator[Finding]:
        yield Part("disk").ok("scratch", str(await in_a_thread(lambda: 7)))

    try:
        found = asyncio.run(examined())
    finally:
        answered.set()

    assert [(each.check, each.state) for each in found] == [("time", State.FAILED), ("scratch", State.OK)]


async def test_a_part_that_breaks_off_does_not_keep_the_others() -> None:
    async def breaks() -> AsyncIterator[Finding]:
        yield Part("storage").ok("endpoint", "It answers.")
        raise ZeroDivisionError

    found = await told_within(1, "storage", breaks)

    assert [(each.check, each.state) for each in found] == [("endpoint", State.OK), ("examination", State.FAILED)]
