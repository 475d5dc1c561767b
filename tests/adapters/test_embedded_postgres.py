"""The embedded Postgres: it starts anywhere, dies with its parent, and never loses what was committed."""

import os
import signal
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from photostore_adapters.embedded_postgres.errors import (
    DataFolderInUse,
    DataFolderUnusable,
    EmbeddedPostgresError,
    WrongPostgresVersion,
)
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres
from tests.adapters.postgres_holder import AS_NOBODY, NOBODY, Holder, nobodys_folder
from tests.waiting import wait_until


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data" / "postgres"


@pytest.fixture
def holder(data_dir: Path) -> Iterator[Holder]:
    with Holder(data_dir) as holder:
        yield holder


async def test_what_was_committed_is_there_after_a_restart(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        await note(server.url, "kept")
        pid, socket_dir = server.pid, socket_dir_of(server.url)

    with EmbeddedPostgres(data_dir) as server:
        assert await notes(server.url) == ["kept"]
    assert pid is not None
    assert not is_running(pid)
    assert not socket_dir.exists()


async def test_settings_are_durable_private_and_the_same_everywhere(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        settings = {name: await ask(server.url, f"SHOW {name}") for name in ("fsync", "listen_addresses", "timezone")}
        database = await ask(server.url, "SELECT current_database()")
        mode = stat.S_IMODE(socket_dir_of(server.url).stat().st_mode)

    assert settings == {"fsync": "on", "listen_addresses": "", "timezone": "UTC"}
    assert database == "photostore"
    assert mode == 0o700


async def test_sqlalchemy_understands_the_url(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, fast=True) as server:
        engine = create_async_engine(server.url.replace("postgresql:", "postgresql+asyncpg:"))
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
        await engine.dispose()


async def test_over_tcp_it_wants_the_password(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, fast=True, tcp=True) as server:
        assert await ask(server.url, "SELECT 1") == 1
        assert server.url.startswith("postgresql://postgres:")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.url, password="guessed")


async def test_two_run_side_by_side_in_folders_with_any_name(tmp_path: Path) -> None:
    with (
        EmbeddedPostgres(tmp_path / "my photos" / "one", fast=True) as one,
        EmbeddedPostgres(tmp_path / "Фото ünï 写真" / "two's", fast=True) as two,
    ):
        await note(one.url, "in one")

        assert await ask(two.url, "SELECT to_regclass('note')") is None


async def test_it_dies_with_a_killed_parent_and_the_next_start_has_what_was_committed(
    holder: Holder, data_dir: Path
) -> None:
    await note(holder.url, "kept")

    holder.kill()

    with EmbeddedPostgres(data_dir, fast=True) as server:  # waits for the old one to be gone
        assert not is_running(holder.pid)
        assert not socket_dir_of(holder.url).exists()
        assert await notes(server.url) == ["kept"]


async def test_an_orphan_that_does_not_end_is_not_joined_by_a_second_server(holder: Holder, data_dir: Path) -> None:
    os.kill(holder.pid, signal.SIGSTOP)
    holder.kill()
    with pytest.raises(DataFolderInUse, match="an earlier Postgres"):
        EmbeddedPostgres(data_dir, fast=True).start(timeout=0.2)

    os.kill(holder.pid, signal.SIGCONT)

    wait_until(lambda: not is_running(holder.pid), what="the orphan to end")
    with EmbeddedPostgres(data_dir, fast=True) as server:
        assert await ask(server.url, "SELECT 1") == 1


async def test_a_crashed_server_starts_again(holder: Holder, data_dir: Path) -> None:
    await note(holder.url, "kept")
    os.kill(holder.pid, signal.SIGKILL)  # leaves its pid file
    holder.kill()

    with EmbeddedPostgres(data_dir, fast=True) as server:
        assert await notes(server.url) == ["kept"]


async def test_a_pid_file_with_the_number_of_some_other_process_does_not_keep_it_from_starting(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, fast=True):
        left_over = (data_dir / "postmaster.pid").read_text().splitlines()
    (data_dir / "postmaster.pid").write_text("\n".join([str(os.getppid()), *left_over[1:]]))

    with EmbeddedPostgres(data_dir, fast=True) as server:
        assert await ask(server.url, "SELECT 1") == 1


async def test_a_first_start_that_is_killed_leaves_nothing_half_made(data_dir: Path) -> None:
    with Holder(data_dir, wait=False) as holder:
        wait_until(lambda: list(data_dir.parent.glob("postgres.init-*")), what="initdb to begin")
        holder.kill()

    with EmbeddedPostgres(data_dir, fast=True) as server:
        assert await ask(server.url, "SELECT current_database()") == "photostore"
        assert sorted(entry.name for entry in data_dir.parent.iterdir()) == [
            "postgres",
            "postgres.lock",
            "postgres.log",
        ]


def test_a_second_one_on_the_same_folder_is_refused_at_once(holder: Holder, data_dir: Path) -> None:
    with pytest.raises(DataFolderInUse) as refusal:
        EmbeddedPostgres(data_dir, fast=True).start()

    assert str(refusal.value) == f"process {holder.process.pid} already runs a Postgres on {data_dir}"
    assert is_running(holder.pid)


def test_ctrl_c_in_the_terminal_does_not_reach_it(holder: Holder) -> None:
    assert os.getsid(holder.pid) != os.getsid(holder.process.pid)


async def test_it_starts_for_every_kind_of_user(data_dir: Path) -> None:
    """The other tests run as whoever runs them; where that is root, this adds a normal user, and root on their folder."""
    with Holder(data_dir) as holder:
        assert await ask(holder.url, "SELECT 1") == 1
    if os.geteuid() == 0:
        with nobodys_folder() as folder:
            with Holder(folder / "postgres", step_down=AS_NOBODY) as theirs:
                assert user_of(theirs.pid) == NOBODY
            with Holder(folder / "postgres") as roots:
                assert await ask(roots.url, "SELECT 1") == 1
                roots.kill()
                wait_until(lambda: not is_running(roots.pid), what="the server to follow its parent")
            with Holder(folder / "postgres") as again:
                assert user_of(again.pid) == NOBODY


def test_a_cluster_of_another_version_is_refused(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, fast=True):
        pass
    (data_dir / "PG_VERSION").write_text("17\n")

    with pytest.raises(WrongPostgresVersion, match="was written by Postgres 17, and this is Postgres 18"):
        EmbeddedPostgres(data_dir, fast=True).start()


def test_a_folder_that_others_may_enter_is_refused(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, fast=True):
        pass
    data_dir.chmod(0o755)

    with pytest.raises(DataFolderUnusable, match="chmod 700"):
        EmbeddedPostgres(data_dir, fast=True).start()


def test_a_folder_of_other_files_is_refused_and_left_alone(data_dir: Path) -> None:
    data_dir.mkdir(parents=True)
    (data_dir / "holiday.jpg").touch()

    with pytest.raises(DataFolderUnusable, match="holds files, but no Postgres cluster"):
        EmbeddedPostgres(data_dir, fast=True).start()

    assert [entry.name for entry in data_dir.iterdir()] == ["holiday.jpg"]


def test_it_does_not_start_from_a_thread_whose_end_would_end_it(data_dir: Path) -> None:
    refusals: list[str] = []

    def start() -> None:
        try:
            EmbeddedPostgres(data_dir, fast=True).start()
        except EmbeddedPostgresError as refusal:
            refusals.append(str(refusal))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    assert len(refusals) == 1
    assert "main thread" in refusals[0]


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def note(url: str, body: str) -> None:
    await ask(url, "CREATE TABLE IF NOT EXISTS note (body text)")
    await ask(url, f"INSERT INTO note VALUES ('{body}')")


async def notes(url: str) -> object:
    return await ask(url, "SELECT array_agg(body) FROM note")


def socket_dir_of(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def user_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid
