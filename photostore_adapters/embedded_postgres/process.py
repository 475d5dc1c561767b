"""The server's process: its log, when it is ready, how it ends."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from io import FileIO
from pathlib import Path

from photostore_adapters.embedded_postgres import _child
from photostore_adapters.embedded_postgres.errors import DataFolderUnusable, EmbeddedPostgresError, StartFailed
from photostore_adapters.embedded_postgres.programs import last_words, root_refused

_LOG_LIMIT_BYTES = 10 * 1024 * 1024
_POLL_SECONDS = 0.01
_FAST_SHUTDOWN_SECONDS = 3
# Postgres itself kills what has not left five seconds after SIGQUIT.
_IMMEDIATE_SHUTDOWN_SECONDS = 6


def open_log(path: Path) -> FileIO:
    """Append to the log; one that has grown large becomes `<name>.1`, in the place of an older one."""
    try:
        with suppress(FileNotFoundError):
            if path.stat().st_size > _LOG_LIMIT_BYTES:
                path.replace(path.with_name(f"{path.name}.1"))
        log = FileIO(path, "a", opener=lambda name, flags: os.open(name, flags, 0o600))
        log.seek(0, os.SEEK_END)
    except OSError as refusal:
        raise DataFolderUnusable(f"cannot write {path}: {refusal.strerror}") from refusal
    return log


def wait_until_ready(
    process: subprocess.Popen[bytes], data_dir: Path, log: Path, *, log_start: int, deadline: float
) -> None:
    """Raise when the process ends or the deadline passes before Postgres says that it takes connections."""
    while not _is_ready(process.pid, data_dir):
        with suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_SECONDS)
            raise _why_it_ended(process.returncode, data_dir, log, log_start)
        if time.monotonic() > deadline:
            raise StartFailed(f"the embedded Postgres on {data_dir} is not ready in time; its log: {log}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown; when a checkpoint takes too long, an immediate one: the next start replays the log."""
    for order, patience in (
        (signal.SIGINT, _FAST_SHUTDOWN_SECONDS),
        (signal.SIGQUIT, _IMMEDIATE_SHUTDOWN_SECONDS),
        (signal.SIGKILL, None),
    ):
        process.send_signal(order)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_ready(pid: int, data_dir: Path) -> bool:
    try:
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _why_it_ended(code: int, data_dir: Path, log: Path, log_start: int) -> EmbeddedPostgresError:
    output = log.read_bytes()[log_start:].decode(errors="replace")
    if code == _child.ROOT_REFUSED:
        return root_refused(output)
    return StartFailed(f"the embedded Postgres on {data_dir} ended: {last_words(output)}; its log: {log}")
