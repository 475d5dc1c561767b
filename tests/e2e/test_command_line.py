"""The command line: what it says when all is well, and what it says when something must be mended first."""

import json
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from photostore_http.cli import BROKEN_OFF
from tests.adapters.postgres_holder import AS_NOBODY, NOBODY, nobodys_folder
from tests.e2e.checkout import Running
from tests.e2e.databases import strong_secret
from tests.e2e.people import API, somebody
from tests.e2e.programs import PHOTOSTORE, Program, clean_environment, run
from tests.e2e.servers import ServerProcess
from tests.fixtures.postgres import CreateDatabase
from tests.newer_releases import CONTRACTING, migrate_to_newer_release
from tests.waiting import eventually

pytestmark = pytest.mark.one_process("the command line of the embedded default")

# 60 s for a connection, unless it is told otherwise.
LESS_THAN_ASYNCPG_WAITS = 40
PLACE = "postgresql://somebody:hidden-password@127.0.0.1:1/nothing"


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (
            {"LIMITS__MAX_PIXLES": "1", "PORT": "abc", "LOG__LEVEL": "loud"},
            ("LIMITS__MAX_PIXLES", "LIMITS__MAX_PIXELS", "PORT", "'abc'", "LOG__LEVEL", "debug, info, warning, error"),
        ),
        ({"DATABASE_URL": PLACE}, ("JWT__SECRET_KEY",)),
        (
            {"DATABASE_URL": PLACE, "JWT__SECRET_KEY": "changeme", "S3__BUCKET_NAME": "photos"},
            ("JWT__SECRET_KEY", "S3__AWS_ACCESS_KEY_ID", "S3__AWS_SECRET_ACCESS_KEY"),
        ),
        ({"DATABASE_URL": PLACE, "JWT__SECRET_KEY": strong_secret()}, ("database",)),
        ({"DATA_DIR": "/dev/null/data"}, ("/dev/null/data",)),
    ],
)
def test_a_mistake_stops_the_start_in_readable_lines(
    tmp_path: Path, variables: Mapping[str, str], told: tuple[str, ...]
) -> None:
    done = run(tmp_path, "serve", **variables)

    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert all(words in done.stderr for words in told), done.stderr
    assert "changeme" not in done.stderr
    assert "hidden-password" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@contextmanager
def begun_on_a_silent_database(folder: Path, *arguments: str) -> Iterator[tuple[Program, Path, socket.socket]]:
    """With its log, and with what takes its connections and says nothing on them."""
    with socket.create_server(("127.0.0.1", 0)) as silent, (folder / "log").open("wb") as log:
        environment = clean_environment(
            DATABASE_URL=f"postgresql://somebody@127.0.0.1:{silent.getsockname()[1]}/nothing",
            DATABASE__CONNECT_TIMEOUT_SECONDS="1",
            JWT__SECRET_KEY=strong_secret(),
        )
        program = Program(arguments, folder=folder, environment=environment, stdout=log, stderr=log)
        try:
            yield program, folder / "log", silent
        finally:
            program.kill()


def test_told_to_stop_before_it_is_ready_it_ends_as_by_ctrl_c(tmp_path: Path) -> None:
    """The first process of a container would go on: there SIGTERM does nothing unless somebody handles it."""
    with begun_on_a_silent_database(tmp_path, "migrate", "--check", "--wait", "600") as (program, log, silent):
        connection, _ = silent.accept()

        with connection:
            program.send_signal(signal.SIGTERM)
            code = program.wait(LESS_THAN_ASYNCPG_WAITS)

    assert (code, log.read_text()) == (BROKEN_OFF, "photostore: broken off.\n")


@pytest.mark.parametrize("asked", [("migrate",), ("migrate", "--check"), ("serve",)])
def test_a_database_that_says_nothing_is_given_up_in_the_time_that_is_set(
    tmp_path: Path, asked: tuple[str, ...]
) -> None:
    with begun_on_a_silent_database(tmp_path, *asked) as (program, log, _):
        code = program.wait(LESS_THAN_ASYNCPG_WAITS)

    assert code == 2
    assert "The database does not answer" in log.read_text()


def test_a_port_that_is_taken_stops_the_start(tmp_path: Path, embedded_server: ServerProcess) -> None:
    done = run(tmp_path, "serve", PORT=str(embedded_server.port))

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    told = [line for line in done.stderr.splitlines() if line.startswith("photostore: ")]
    assert [str(embedded_server.port) in line and "in use" in line for line in told] == [True]


def test_a_scratch_folder_that_is_none_stops_the_start(tmp_path: Path) -> None:
    done = run(tmp_path, "settings", DECODING__SCRATCH_FOLDER=str(tmp_path / "nowhere"))

    assert done.returncode == 2
    assert "DECODING__SCRATCH_FOLDER" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("renditions", "rebuild", "--missing"), "decoded again"),
        (("uploads", "sweep"), "uploads ended"),
        (("quota", "reconcile"), "0 of them were off"),
        (("jobs", "list"), "Queue"),
    ],
)
def test_commands_work_beside_a_server_of_the_embedded_default(
    embedded_server: ServerProcess, arguments: tuple[str, ...], told: str
) -> None:
    folder = embedded_server.data_dir.parent

    done = run(folder, *arguments, DATA_DIR=str(embedded_server.data_dir))

    assert done.returncode == 0, done.stderr
    assert told in done.stdout


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path, embedded_server: ServerProcess) -> None:
    done = run(tmp_path, "serve", DATA_DIR=str(embedded_server.data_dir))

    assert done.returncode == 2
    assert "already runs" in done.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("serve", "--help")])
def test_help_is_there(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, *arguments)

    assert done.returncode == 0
    assert done.stdout.startswith("Usage: photostore")
    assert list(tmp_path.iterdir()) == []


def test_settings_tell_where_each_comes_from_and_no_secret(tmp_path: Path) -> None:
    secret = strong_secret()

    done = run(tmp_path, "settings", PORT="8123", JWT__SECRET_KEY=secret)

    lines = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line.strip()}
    assert done.returncode == 0
    assert lines["port"][1:] == ["8123", "environment"]
    assert lines["limits.max_pixels"][1] == "120000000"
    assert secret not in done.stdout


def test_a_worker_of_its_own_needs_a_database_of_its_own(tmp_path: Path) -> None:
    done = run(tmp_path, "worker")

    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


async def test_migrate_and_what_it_would_do(tmp_path: Path, new_database: CreateDatabase) -> None:
    given = {"DATABASE_URL": await new_database(), "JWT__SECRET_KEY": strong_secret()}
    unmigrated = {**given, "DATABASE__MIGRATE_ON_START": "false"}

    refused = run(tmp_path, "serve", **unmigrated)
    assert refused.returncode == 2
    assert "has no tables yet" in refused.stderr
    assert "photostore migrate" in refused.stderr
    behind = run(tmp_path, "migrate", "--check", **given)
    assert (behind.returncode, "0019  Which sweeps" in behind.stdout) == (3, True)
    migrated = run(tmp_path, "migrate", **given)
    assert migrated.returncode == 0, migrated.stderr
    assert "revision" in migrated.stdout
    current = run(tmp_path, "migrate", "--check", "--wait", "5", "--json", **given)
    assert (current.returncode, json.loads(current.stdout)["standing"]) == (0, "current")
    await migrate_to_newer_release(given["DATABASE_URL"], CONTRACTING)
    too_new = run(tmp_path, "migrate", "--check", **given)
    assert (too_new.returncode, "run a newer version" in too_new.stdout) == (4, True)
    nowhere = run(tmp_path, "migrate", "--check", **{**given, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    assert (nowhere.returncode, "Traceback" in nowhere.stderr) == (2, False)
    absent = urlsplit(given["DATABASE_URL"])._replace(path="/absent").geturl()
    shut_out = run(tmp_path, "migrate", "--check", **{**given, "DATABASE_URL": absent})
    assert (shut_out.returncode, "Traceback" in shut_out.stderr) == (2, False)
    assert "photostore doctor" in shut_out.stderr


async def test_make_admin(tmp_path: Path, new_database: CreateDatabase) -> None:
    given = {"DATABASE_URL": await new_database(), "JWT__SECRET_KEY": strong_secret()}
    unmigrated = {**given, "DATABASE__MIGRATE_ON_START": "false"}
    assert run(tmp_path, "migrate", **given).returncode == 0

    with ServerProcess(tmp_path, unmigrated) as server:
        async with somebody(server.url) as person:
            nobody = run(tmp_path, "user", "make-admin", "nobody@example.org", **given)
            done = run(tmp_path, "user", "make-admin", person.email, **given)
            me = (await person.http.get(f"{API}/auth/me")).json()

    assert (nobody.returncode, done.returncode) == (2, 0)
    assert "Traceback" not in nobody.stderr
    assert me["is_admin"] is True


async def test_uploads_are_swept_by_hand(tmp_path: Path, new_database: CreateDatabase) -> None:
    given = {"DATABASE_URL": await new_database(), "JWT__SECRET_KEY": strong_secret(), "AUTH__LOCAL_ACCOUNTS": "true"}
    with ServerProcess(tmp_path, {**given, "UPLOADS__EXPIRE_SECONDS": "1", "JOBS__IN_SERVER": "false"}) as server:
        async with somebody(server.url) as person:
            file = {"filename": "sea.jpg", "content_type": "image/jpeg", "byte_size": 1000}
            upload = (await person.http.post(f"{API}/uploads", json=file)).json()

            async def is_over() -> bool:
                shown = (await person.http.get(f"{API}/uploads/{upload['id']}")).json()
                return not shown["parts"]

            await eventually(is_over, what="the upload's time to be over")
            await eventually(lambda: datetime.now(UTC) > datetime.fromisoformat(upload["expires_at"]))
            done = run(tmp_path, "uploads", "sweep", **given)
            shown = (await person.http.get(f"{API}/uploads/{upload['id']}")).json()

    assert done.returncode == 0, done.stderr
    assert f"{upload['id']}  sea.jpg, 1000 bytes given back" in done.stdout
    assert "1 uploads ended." in done.stdout
    assert shown["state"] == "expired"


def test_it_runs_as_a_user_of_the_machine(tmp_path: Path) -> None:
    step_down = AS_NOBODY if os.geteuid() == 0 else ()
    user = NOBODY if step_down else os.geteuid()
    with ExitStack() as stack:
        home = stack.enter_context(nobodys_folder()) if step_down else tmp_path
        running = stack.enter_context(Running([*step_down, PHOTOSTORE, "serve"], home, HOME=str(home)))
        running.greeted(within=60)
        assert {process.uids().effective for process in running.family()} == {user}
        assert running.interrupt(within=10) == 0


async def test_accounts_are_looked_after_beside_a_server(embedded_server: ServerProcess) -> None:
    folder, at = embedded_server.data_dir.parent, {"DATA_DIR": str(embedded_server.data_dir)}
    # The first of an installation is its administrator, who stays.
    async with somebody(embedded_server.url), somebody(embedded_server.url) as person:
        before = await person.http.get(f"{API}/auth/me")
        disabled = run(folder, "user", "disable", person.email, "--yes", **at)
        listed = run(folder, "user", "list", "--disabled", "--json", "--search", person.email, **at)

        assert (disabled.returncode, listed.returncode) == (0, 0), disabled.stderr

        async def is_out() -> bool:
            return (await person.http.get(f"{API}/auth/me")).status_code == 401

        await eventually(is_out, within=5, what="the session to end everywhere")

    assert before.status_code == 200
    (account,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert account["email"] == person.email
    assert account["sessions"] == 0
