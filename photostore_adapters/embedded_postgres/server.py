"""Run the embedded Postgres on a folder, for as long as this process lives."""

import secrets
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from photostore_adapters.embedded_postgres import cluster
from photostore_adapters.embedded_postgres.errors import DataFolderUnusable, EmbeddedPostgresError
from photostore_adapters.embedded_postgres.folder_lock import FolderLock, running_socket_dir
from photostore_adapters.embedded_postgres.process import end, free_port, open_log, wait_until_ready
from photostore_adapters.embedded_postgres.programs import Programs, environment, find_programs
from photostore_adapters.embedded_postgres.socket_dir import make_socket_dir, remove_socket_dir

_PORT = 5432  # only a part of the socket's name, unless there is TCP
NO_DURABILITY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def running_url(data_dir: Path) -> str | None:
    """The URL of the Postgres that another process runs on the folder, and will stop when it likes."""
    socket_dir = running_socket_dir(data_dir.absolute())
    return None if socket_dir is None else _socket_url(socket_dir, _PORT)


def _socket_url(socket_dir: Path, port: int) -> str:
    return f"postgresql://{cluster.USER}@/{cluster.DATABASE}?host={socket_dir}&port={port}"


class EmbeddedPostgres:
    """A Postgres server on `data_dir`, made there at the first start, with a database `photostore` in it.

    It dies with this process, even with one that is killed. It listens on a socket in a private folder; with `tcp` also
    on a free port of localhost, with a password. `fast` gives up durability, for tests.
    Its log and its lock file lie beside `data_dir`.
    """

    def __init__(self, data_dir: Path, *, fast: bool = False, tcp: bool = False) -> None:
        self.data_dir = data_dir.absolute()
        self.log_path = self.data_dir.with_name(f"{self.data_dir.name}.log")
        self._fast = fast
        self._tcp = tcp
        self._lock = FolderLock(self.data_dir)
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_dir: Path | None = None
        self._port = _PORT
        self._password = ""

    @property
    def url(self) -> str:
        """`postgresql://...` as asyncpg, libpq and SQLAlchemy (`postgresql+asyncpg://...`) understand it."""
        if self._socket_dir is None:
            raise EmbeddedPostgresError(f"the embedded Postgres on {self.data_dir} is not running")
        if self._tcp:
            return f"postgresql://{cluster.USER}:{self._password}@127.0.0.1:{self._port}/{cluster.DATABASE}"
        return _socket_url(self._socket_dir, self._port)

    @property
    def pid(self) -> int | None:
        """The process of the server, while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    def start(self, timeout: float = 30) -> None:
        """Return when connections are accepted; raise an `EmbeddedPostgresError` otherwise, leaving nothing running."""
        if threading.current_thread() is not threading.main_thread():
            raise EmbeddedPostgresError(
                "start the embedded Postgres from the main thread: the kernel ends it with the thread that started it"
            )
        if self._process is not None:
            raise EmbeddedPostgresError(f"the embedded Postgres on {self.data_dir} was started already")
        deadline = time.monotonic() + timeout
        programs = find_programs()
        self._make_parent()
        self._lock.acquire(deadline=deadline)
        try:
            self._clean_up_after_a_kill()
            self._prepare(programs, deadline)
            self._launch(programs, deadline)
            if self._tcp:
                self._set_password(programs)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut down, rolling back what is open; return when the process is gone. Harmless when it does not run."""
        if self._process is not None:
            self._lock.note_stopping()
            end(self._process)
            self._process = None
        if self._socket_dir is not None:
            remove_socket_dir(self._socket_dir)
            self._socket_dir = None
            self._lock.note_gone()
        self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _make_parent(self) -> None:
        try:
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        except OSError as refusal:
            raise DataFolderUnusable(f"cannot make {self.data_dir.parent}: {refusal.strerror}") from refusal

    def _clean_up_after_a_kill(self) -> None:
        if left_behind := self._lock.left_behind():
            remove_socket_dir(left_behind)
        cluster.remove_half_made(self.data_dir)

    def _prepare(self, programs: Programs, deadline: float) -> None:
        if not cluster.has_cluster(self.data_dir):
            left = max(deadline - time.monotonic(), 1)
            cluster.make_cluster(self.data_dir, programs, durable=not self._fast, lock=self._lock.fd, timeout=left)
        cluster.check_version(self.data_dir, programs)
        cluster.remove_stale_pid_file(self.data_dir)

    def _launch(self, programs: Programs, deadline: float) -> None:
        self._socket_dir = make_socket_dir()
        self._lock.note(socket_dir=self._socket_dir)
        if self._tcp:
            self._port = free_port()
        settings = [argument for key, value in self._settings().items() for argument in ("-c", f"{key}={value}")]
        # SIGINT asks Postgres for a fast shutdown.
        command = programs.dying_with_us(
            "postgres", "-D", self.data_dir, *settings, data_dir=self.data_dir, death_signal=signal.SIGINT
        )
        with open_log(self.log_path) as log:
            log_start = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                pass_fds=[self._lock.fd],
                start_new_session=True,  # Ctrl-C is for us: we stop Postgres after everyone who uses it
            )
        wait_until_ready(self._process, self.data_dir, self.log_path, log_start=log_start, deadline=deadline)

    def _settings(self) -> dict[str, str]:
        return {
            "unix_socket_directories": str(self._socket_dir),
            "unix_socket_permissions": "0700",
            "listen_addresses": "127.0.0.1" if self._tcp else "",
            "port": str(self._port),
            "logging_collector": "off",
            **(NO_DURABILITY if self._fast else {}),
        }

    def _set_password(self, programs: Programs) -> None:
        """A new one each time, so that none lies about in a file. Over stdin: arguments are for all to see."""
        self._password = secrets.token_urlsafe(24)
        where = ["--host", str(self._socket_dir), "--port", str(self._port), "--username", cluster.USER]
        statement = f"ALTER ROLE {cluster.USER} PASSWORD '{self._password}';\n"
        programs.run(
            "psql", "--no-psqlrc", "--quiet", *where, cluster.USER, data_dir=self.data_dir, stdin=statement, timeout=10
        )
