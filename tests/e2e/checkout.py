"""A fresh checkout of this working tree, and `make run` in it, as a newcomer types it."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import copy2
from typing import Self

import httpx2
import psutil

from photostore_adapters.settings.schema import VARIABLES
from tests.e2e.ports import free_port
from tests.e2e.servers import alive
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
_BIN = Path(sys.executable).parent


def check_out(folder: Path) -> Path:
    """What git knows of, and what is about to be added to it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copy2(ROOT / name, folder / name)
    return folder


def with_uv(**variables: str) -> dict[str, str]:
    """The environment of someone who has uv, and whose packages it has already; no setting is theirs."""
    theirs = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return theirs | {"PATH": f"{_BIN}:{theirs['PATH']}"} | variables


class Running:
    """A command in the foreground of a terminal: it and all that it starts are one process group."""

    def __init__(
        self, command: Sequence[str | Path], folder: Path, *, port: int | None = None, **variables: str
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = command
        self._folder = folder
        self._environment = with_uv(PORT=str(self.port), **variables)
        self._log_path = folder / f"terminal-{self.port}.log"

    @property
    def said(self) -> str:
        return self._log_path.read_text(errors="replace")

    def __enter__(self) -> Self:
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            for process in self.family():
                process.kill()
            self._process.wait(20)

    def family(self) -> list[psutil.Process]:
        process = psutil.Process(self._process.pid)
        return [process, *process.children(recursive=True)]

    def greeted(self, *, within: float) -> str:
        """What it says once it is ready."""
        wait_until(lambda: "Ctrl-C stops it." in self.said or self._ended(), within=within, what="the greeting")
        assert self._process.poll() is None, self.said
        assert httpx2.get(f"{self.url}/healthz", timeout=30).status_code == 200
        return self.said

    def interrupt(self, *, within: float) -> int:
        """Ctrl-C; the exit code, when nothing of it is left."""
        family = self.family()
        os.killpg(self._process.pid, signal.SIGINT)
        code = self._process.wait(within)
        wait_until(lambda: not alive(family), within=within, what="every process of it to end")
        return code

    def _ended(self) -> bool:
        return self._process.poll() is not None
