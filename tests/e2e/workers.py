"""`photostore worker` beside a server that does no jobs, and its decoders."""

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self

import psutil

from tests.e2e.programs import PHOTOSTORE, Program, clean_environment
from tests.e2e.servers import alive
from tests.waiting import wait_until

_DECODER = "photostore_adapters.imaging.decoding"
_END_SECONDS = 20


class WorkerProcess:
    """Start it, kill it, start another one."""

    def __init__(
        self, folder: Path, variables: Mapping[str, str], *, really: bool = False, name: str = "worker"
    ) -> None:
        """`really` by the command line, and not by what has loaded it already."""
        self._really = really
        self._folder = folder
        self.environment = clean_environment(**variables)
        self._log_path = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | Program | None = None

    @property
    def process(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    @property
    def log(self) -> str:
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def start(self) -> None:
        """Return when it has decoders."""
        with self._log_path.open("ab") as log:
            self._process = self._begin(log)
        wait_until(self.decoders, within=60, what="the worker to have decoders")

    def _begin(self, log: IO[bytes]) -> "subprocess.Popen[bytes] | Program":
        arguments = ["worker", "--stop-with-parent"]
        if not self._really:
            return Program(arguments, folder=self._folder, environment=self.environment, stdout=log, stderr=log)
        return subprocess.Popen(
            [PHOTOSTORE, *arguments],
            cwd=self._folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def decoders(self) -> list[psutil.Process]:
        """Those that live just now."""
        assert self._process is not None
        assert self._process.poll() is None, self.log[-4000:]
        children = psutil.Process(self._process.pid).children(recursive=True)
        return [each for each in alive(children) if _DECODER in each.cmdline()]

    def kill(self) -> None:
        """`kill -9`, and return when neither it nor a decoder of it is left."""
        if self._process is not None and self._process.poll() is None:
            process = psutil.Process(self._process.pid)
            family = [process, *process.children(recursive=True)]
            self._process.kill()
            self._process.wait()
            wait_until(lambda: not alive(family), within=_END_SECONDS, what="its decoders to end")

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def wait(self, *, within: float = _END_SECONDS) -> int:
        """Its exit code, once it has ended."""
        assert self._process is not None
        return self._process.wait(within)

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def restart(self) -> None:
        self.kill()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
