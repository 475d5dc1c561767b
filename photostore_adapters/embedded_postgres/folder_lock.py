"""One Postgres a folder, across processes, crashes and reused process numbers."""

import errno
import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from photostore_adapters.embedded_postgres.errors import DataFolderInUse, DataFolderUnusable

_POLL_SECONDS = 0.02


@dataclass(slots=True)
class FolderLock:
    """A lock file beside the data folder, held by us and, by inheritance, by every process of our Postgres.

    So it frees itself when the last of them is gone, however they ended, and not before: whoever gets it knows that no
    Postgres of ours runs on the folder. The file tells who holds it and which socket folder it may leave behind.
    """

    data_dir: Path
    fd: int = -1

    @property
    def path(self) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}.lock")

    def acquire(self, *, deadline: float) -> None:
        """Wait for a Postgres that is shutting down; raise `DataFolderInUse` at once when its owner is well."""
        try:
            self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as refusal:
            raise DataFolderUnusable(f"cannot write {self.path}: {refusal.strerror}") from refusal
        while not self._try():
            note = self._read()
            owner = note.get("pid", "")
            if owner and _start_time(owner) == note.get("started"):
                self.release()
                raise DataFolderInUse(f"process {owner} already runs a Postgres on {self.data_dir}")
            if time.monotonic() > deadline:
                self.release()
                raise DataFolderInUse(f"an earlier Postgres still holds {self.data_dir}: end it, then start again")
            time.sleep(_POLL_SECONDS)

    def left_behind(self) -> Path | None:
        """The socket folder of the last holder, if it was killed before it could remove it."""
        folder = self._read().get("socket_dir")
        return Path(folder) if folder else None

    def note(self, *, socket_dir: Path) -> None:
        pid = str(os.getpid())
        self._write({"pid": pid, "started": _start_time(pid) or "", "socket_dir": str(socket_dir)})

    def note_stopping(self) -> None:
        """From here on others may wait for us; before, they are refused."""
        if self.fd >= 0:
            self._write({**self._read(), "pid": ""})

    def note_gone(self) -> None:
        if self.fd >= 0:
            self._write({})

    def release(self) -> None:
        """Let go of our share. No explicit unlock: that would take it from our Postgres, too."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def _try(self) -> bool:
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as refusal:
            if refusal.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                return False
            self.release()
            raise DataFolderUnusable(f"cannot lock {self.path}: {refusal.strerror}") from refusal
        return True

    def _read(self) -> dict[str, str]:
        with suppress(ValueError):
            read = json.loads(os.pread(self.fd, 4096, 0))
            if isinstance(read, dict):
                return read
        return {}  # empty, or its holder is just writing it

    def _write(self, note: dict[str, str]) -> None:
        text = json.dumps(note).encode()
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, text, 0)


def running_socket_dir(data_dir: Path) -> Path | None:
    """Where the Postgres listens that another process of ours runs on the folder just now."""
    lock = FolderLock(data_dir)
    try:
        note = json.loads(lock.path.read_text())
    except (OSError, ValueError):
        return None
    owner = note.get("pid", "")
    is_well = bool(owner) and _start_time(owner) == note.get("started")
    return Path(note["socket_dir"]) if is_well and "socket_dir" in note else None


def _start_time(pid: str) -> str | None:
    """What tells a process from a later one with the same number. None when it is gone, or dead and not yet buried."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in {"Z", "X"} else fields[18]
