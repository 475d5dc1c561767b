"""The processes that are measured, and what they use."""

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from bench.client import Client

_READY_SECONDS = 30


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def cpu_seconds(*processes: psutil.Process) -> float:
    """What these and the processes under them have used so far, in their own code and in the kernel for them."""
    used = 0.0
    for parent in processes:
        for process in (parent, *parent.children(recursive=True)):
            try:
                used += time.clock_gettime(_cpu_clock(process.pid))
            except OSError:  # it has ended meanwhile
                continue
    return used


def _cpu_clock(pid: int) -> int:
    """The processor time of a process, to the nanosecond: Linux' `clock_getcpuclockid` (3). /proc counts in 10 ms."""
    return (~pid << 3) | 2


@dataclass(frozen=True, slots=True)
class Running:
    """A process, and the one line that it `said` when it was ready."""

    process: psutil.Popen
    said: str


@contextmanager
def running(module: str, *arguments: str) -> Iterator[Running]:
    """`python -m module`, from its first line until the end of the block."""
    command = [sys.executable, "-m", module, *arguments]
    process = psutil.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = process.stdout.readline().strip()
        if not said:
            raise RuntimeError(f"{module} did not start")
        yield Running(process, said)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def server(database_url: str, data_dir: Path, settings: Mapping[str, str]) -> Iterator[tuple[psutil.Popen, int]]:
    """A photostore as it is run in earnest, without the worker: its process and its port."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "JWT__SECRET_KEY": secrets.token_hex(32),
        "JOBS__IN_SERVER": "false",
        **settings,
    }
    with _serving(data_dir, environment) as served:
        yield served


@contextmanager
def worker(database_url: str, data_dir: Path, settings: Mapping[str, str]) -> Iterator[psutil.Popen]:
    """`photostore worker`, from when it has tried its decoders until the end of the block."""
    environment = {**os.environ, "DATABASE_URL": database_url, "DATA_DIR": str(data_dir), **settings}
    log = data_dir / "worker.log"
    with log.open("wb") as out:
        command = [str(Path(sys.executable).with_name("photostore")), "worker", "--stop-with-parent"]
        process = psutil.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        _wait_until_tried(process, log)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def _wait_until_tried(process: psutil.Popen, log: Path) -> None:
    waiting = threading.Event()
    for _ in range(_READY_SECONDS * 20):
        if "decoders tried" in log.read_text(errors="replace"):
            return
        if process.poll() is not None:
            break
        waiting.wait(0.05)
    raise RuntimeError(f"the worker did not start:\n{log.read_text(errors='replace')[-4000:]}")


@contextmanager
def default_server(data_dir: Path) -> Iterator[tuple[psutil.Popen, int]]:
    """A photostore to which nothing was said but where it is: with its own database, store and worker."""
    inherited = ("HOME", "LANG", "PATH", "TMPDIR")
    with _serving(data_dir, {name: os.environ[name] for name in inherited if name in os.environ}) as served:
        yield served


@contextmanager
def _serving(data_dir: Path, settings: Mapping[str, str]) -> Iterator[tuple[psutil.Popen, int]]:
    port = free_port()
    environment = {**settings, "DATA_DIR": str(data_dir), "PORT": str(port)}
    log = data_dir / "server.log"
    with log.open("wb") as out:
        command = [str(Path(sys.executable).with_name("photostore")), "serve", "--stop-with-parent"]
        process = psutil.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        _wait_until_ready(process, port, log)
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def _wait_until_ready(process: psutil.Popen, port: int, log: Path) -> None:
    waiting = threading.Event()
    for _ in range(_READY_SECONDS * 20):
        if process.poll() is not None:
            break
        try:
            with Client(port) as client:
                client.get("/health")
        except OSError:
            waiting.wait(0.05)
        else:
            return
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-4000:]}")


class MemoryWatch:
    """The most memory that a process held at once within the block, in MiB above what it held before."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._before = self._peak = process.memory_info().rss
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def growth_mib(self) -> float:
        return (self._peak - self._before) / 2**20

    def _watch(self) -> None:
        while not self._over.wait(0.002):
            self._peak = max(self._peak, self._process.memory_info().rss)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
