"""`photostore ...` in processes of its own, which begin at once: what they would load is loaded once for all tests.

A process is what `photostore` on a command line would be: its own arguments, environment, folder, session and files; save
that it hashes passwords cheaply. What only the real program shows (that it is found, and what it loads when) is shown by
the tests that start it with `subprocess`.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

_NURSERY = Path(__file__).with_name("nursery_of_programs.py")
_END_SECONDS = 120
PHOTOSTORE = Path(sys.executable).with_name("photostore")


class Program:
    """A running `photostore ARGUMENTS...`, with the part of `subprocess.Popen` that tests use."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        stdout: IO[bytes],
        stderr: IO[bytes],
    ) -> None:
        self.args = [str(PHOTOSTORE), *arguments]
        self.returncode: int | None = None
        # One that is late finds two numbers there, and reads one.
        self._told, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = {"arguments": self.args, "folder": str(folder), "environment": dict(environment)}
        with theirs, Path(os.devnull).open("rb") as nothing:
            descriptors = [nothing.fileno(), stdout.fileno(), stderr.fileno(), theirs.fileno()]
            socket.send_fds(_nursery(), [json.dumps(request).encode()], descriptors)
        self.pid = self._number()

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            readable, _, _ = select.select([self._told], [], [], timeout)
            if not readable:
                assert timeout is not None
                raise subprocess.TimeoutExpired(self.args, timeout)
            self.returncode = self._number()
            self._told.close()
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _number(self) -> int:
        told = self._told.recv(64)
        if not told:
            raise RuntimeError("what begins processes has ended")
        return int(told)


def clean_environment(**variables: str) -> dict[str, str]:
    """What a program needs to run at all, and `variables`: no setting comes from whoever runs the tests."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | variables


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`photostore ARGUMENTS...` until it ends, and what it said."""
    environment = clean_environment(**variables)
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        program = Program(arguments, folder=folder, environment=environment, stdout=stdout, stderr=stderr)
        try:
            code = program.wait(_END_SECONDS)
        except BaseException:
            program.kill()
            raise
        said = [_text_of(file) for file in (stdout, stderr)]
    return subprocess.CompletedProcess(program.args, code, *said)


def _text_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def _nursery() -> socket.socket:
    """Where to ask for a process. It ends when this process does, and what was asked to stop with its parent, too."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", _NURSERY, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # a thread would not survive a fork
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
