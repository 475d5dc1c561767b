"""`photostore serve` as an operator runs it: a process of its own, with a port, a folder and an environment."""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, ClassVar, Self

import psutil

from tests.callers import answers
from tests.e2e.ports import free_port
from tests.e2e.programs import PHOTOSTORE, Program, clean_environment
from tests.waiting import wait_until

_START_SECONDS = 60
_END_SECONDS = 20
_LOG_TAIL = 6000


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run. One that is dead but not yet reaped is gone."""

    def runs(process: psutil.Process) -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return [process for process in processes if runs(process)]


class ServerProcess:
    """Start it, stop it, kill it, start it again on the same data. It ends with the tests, however they end."""

    running: ClassVar[list["ServerProcess"]] = []

    def __new__(cls, *_: object, single: bool = False, **__: object) -> "ServerProcess":
        """Where `TEST_SHAPE` says so, a cluster that is used like one server; but never when it is to be `single`."""
        if cls is ServerProcess and not single and os.environ.get("TEST_SHAPE"):
            from tests.e2e.clusters import Cluster

            return super().__new__(Cluster)
        return super().__new__(cls)

    def __init__(
        self,
        folder: Path,
        variables: Mapping[str, str] | None = None,
        *,
        port: int | None = None,
        really: bool = False,
        single: bool = False,
    ) -> None:
        """`really` by the command line, and not by what has loaded it already."""
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data_dir = folder / "data"
        self.log_path = folder / f"server-{self.port}.log"
        self.environment = clean_environment(PORT=str(self.port), DATA_DIR=str(self.data_dir), **(variables or {}))
        self._really = really
        self._process: subprocess.Popen[bytes] | Program | None = None

    @property
    def process(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    @property
    def counted_at(self) -> list[str]:
        """Where each process of it tells its own metrics."""
        return [self.url]

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def family(self) -> list[psutil.Process]:
        """The server and everything that it has started."""
        return [self.process, *self.process.children(recursive=True)]

    def start(self) -> None:
        """Return when it answers."""
        with self.log_path.open("ab") as log:
            self._process = self._begin(log)
        self.running.append(self)
        try:
            wait_until(self._answers, within=_START_SECONDS, what="the server to answer")
        except BaseException:
            self.kill()
            raise

    def _begin(self, log: IO[bytes]) -> "subprocess.Popen[bytes] | Program":
        arguments = ["serve", "--stop-with-parent"]
        if not self._really:
            return Program(arguments, folder=self.folder, environment=self.environment, stdout=log, stderr=log)
        return subprocess.Popen(
            [PHOTOSTORE, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self not in self.running:
            return
        if error is not None:
            self.kill()
        else:
            assert self.stop() == 0, self.log[-_LOG_TAIL:]

    def wait(self, *, within: float = _END_SECONDS) -> int:
        """Its exit code, once it has ended."""
        assert self._process is not None
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server still runs after {within:g} s:\n{self.log[-_LOG_TAIL:]}") from None
        if self in self.running:
            self.running.remove(self)
        return code

    def stop(self) -> int:
        """SIGTERM, and its exit code. Harmless when it does not run."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """`kill -9`: nothing in the process gets to tidy up."""
        family: list[psutil.Process] = []
        if self._process is not None and self._process.poll() is None:
            # It may be ending by itself just now.
            with suppress(psutil.NoSuchProcess):
                family = self.family()
        self.signal(signal.SIGKILL)
        self.wait()
        wait_until(lambda: not alive(family), within=_END_SECONDS, what="its Postgres to end")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the server ended with {self._process.returncode}:\n{self.log[-_LOG_TAIL:]}")
        return answers(f"{self.url}/health")


def logs_of_running() -> list[tuple[str, str]]:
    """For the report of a test that failed."""
    return [(f"log of {server.url}", server.log[-_LOG_TAIL:]) for server in ServerProcess.running]
