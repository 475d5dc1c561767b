"""`photostore worker` beside a server that does no jobs, and its decoders."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import psutil

from tests.e2e.programs import Program, clean_environment
from tests.e2e.servers import alive
from tests.waiting import wait_until

_DECODER = "photostore_adapters.imaging.decoding"
_END_SECONDS = 20


class WorkerProcess:
    """Start it, kill it, start another one."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = clean_environment(**variables)
        self._log_path = folder / "worker.log"
        self._process: Program | None = None

    @property
    def log(self) -> str:
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def start(self) -> None:
        """Return when it has decoders."""
        with self._log_path.open("ab") as log:
            self._process = Program(
                ["worker", "--stop-with-parent"],
                folder=self._folder,
                environment=self._environment,
                stdout=log,
                stderr=log,
            )
        wait_until(self.decoders, within=60, what="the worker to have decoders")

    def decoders(self) -> list[psutil.Process]:
        """Those that live just now."""
        assert self._process is not None
        assert self._process.poll() is None, self.log[-4000:]
        children = psutil.Process(self._process.pid).children(recursive=True)
        return [each for each in alive(children) if _DECODER in each.cmdline()]

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(_END_SECONDS)

    def kill(self) -> None:
        """`kill -9`, and return when neither it nor a decoder of it is left."""
        assert self._process is not None
        if self._process.poll() is None:
            process = psutil.Process(self._process.pid)
            family = [process, *process.children(recursive=True)]
            self._process.kill()
            self._process.wait()
            wait_until(lambda: not alive(family), within=_END_SECONDS, what="its decoders to end")

    def restart(self) -> None:
        self.kill()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
