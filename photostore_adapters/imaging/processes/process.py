"""One decoder process, seen from the server."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from photostore_adapters.imaging.decoding.task import Report
from photostore_adapters.imaging.processes.errors import ProcessLost
from photostore_adapters.imaging.processes.settings import DecoderSettings
from photostore_adapters.imaging.processes.wire import (
    LENGTH_BYTES,
    MAX_FRAME_BYTES,
    Answer,
    Proof,
    Question,
    Ready,
    Setup,
    answer,
    frame,
    length_of,
)

_MODULE = "photostore_adapters.imaging.decoding"
_LAST_WORDS_BYTES = 4096
_PIPE_BYTES = 64 << 10


class DecoderProcess:
    """Starts with the object; `kill` and `wait` end it. It has no descriptor, no secret and no name of ours.

    Make it in the thread of the event loop: the kernel ends the process with the thread that started it. `usable` is
    whether it may be asked again: not while it is asked, nor after any answer but a good one.
    """

    def __init__(self, settings: DecoderSettings) -> None:
        self.usable = False
        self.is_ready = False
        self._settings = settings
        self._asked = 0
        self._words = b""
        self._control, theirs = socket.socketpair()
        self._stderr, their_stderr = os.pipe()
        # Its end blocks neither: who writes more than the pipe holds loses it, and nobody waits for a reader.
        for descriptor in (self._stderr, their_stderr, self._control.fileno()):
            os.set_blocking(descriptor, False)
        try:
            self._popen = _launch(settings, theirs.fileno(), their_stderr)
        except BaseException:
            self._close()
            raise
        finally:
            theirs.close()
            os.close(their_stderr)

    @property
    def pid(self) -> int:
        return self._popen.pid

    async def make_ready(self) -> None:
        """Raise `ProcessLost` when it cannot be, `TimeoutError` when that takes too long."""
        setup = Setup(
            decode=self._settings.decode,
            prove=self._settings.prove,
            cpu_seconds=self._settings.cpu_seconds,
            wall_seconds=self._settings.wall_seconds,
            memory_bytes=self._settings.memory_bytes,
            file_bytes=self._settings.file_bytes,
            files=self._settings.files,
        )
        async with asyncio.timeout(self._settings.start_seconds):
            if not isinstance(await self.ask(setup), Ready):
                raise ProcessLost("it is not ready")
        self._asked = 0
        self.is_ready = self.usable = True

    async def ask(self, question: Question, descriptors: Sequence[int] = ()) -> Answer:
        """Raise `ProcessLost`. Whoever is cancelled here must kill the process."""
        self.usable = False
        self._send(frame(question), descriptors)
        try:
            told = answer(await self._receive())
        except (OSError, msgspec.MsgspecError) as fault:
            raise ProcessLost(str(fault)) from fault
        self._asked += 1
        self._drain()
        self.usable = isinstance(told, Ready | Report | Proof) and self._asked < self._settings.recycle_after
        return told

    def is_silent(self) -> bool:
        """Whether it waits to be asked: neither gone nor talking out of turn."""
        try:
            self._control.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def kill(self) -> None:
        """At once, with all that it may have started. Harmless when it is gone."""
        self.usable = False
        # Not `poll`: that would free the number of a dead process, whose group may live on.
        if self._popen.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Block until it is gone; how it ended, as `subprocess` tells it."""
        return self._popen.wait()

    def last_words(self) -> str:
        """The end of what it wrote on stderr, as one harmless line."""
        self._drain()
        text = self._words.decode("utf-8", "replace").strip()
        return "".join(each if each.isprintable() else "�" for each in text.replace("\n", " | "))

    def close(self) -> None:
        """Give its descriptors back, once it is gone and its last words were heard."""
        self._drain()
        self._close()

    def _close(self) -> None:
        self._control.close()
        if self._stderr >= 0:
            os.close(self._stderr)
            self._stderr = -1

    def _send(self, content: bytes, descriptors: Sequence[int]) -> None:
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors))] if descriptors else []
        try:
            sent = self._control.sendmsg([content], ancillary)
        except OSError as fault:
            raise ProcessLost(str(fault)) from fault
        if sent != len(content):  # cannot be: the socket is empty, and holds far more than a question
            raise ProcessLost("it does not listen")

    async def _receive(self) -> bytes:
        loop = asyncio.get_running_loop()
        received = b""
        while len(received) < LENGTH_BYTES or len(received) < LENGTH_BYTES + length_of(received):
            if len(received) >= LENGTH_BYTES and length_of(received) > MAX_FRAME_BYTES:
                raise ProcessLost("its answer is too long")
            more = await loop.sock_recv(self._control, _PIPE_BYTES)
            if not more:
                raise ProcessLost("it has gone")
            received += more
        return received[LENGTH_BYTES:]

    def _drain(self) -> None:
        with suppress(OSError):
            while self._stderr >= 0 and (more := os.read(self._stderr, _PIPE_BYTES)):
                self._words = (self._words + more)[-_LAST_WORDS_BYTES:]


def _launch(settings: DecoderSettings, control: int, stderr: int) -> subprocess.Popen[bytes]:
    # -P: what lies in the working directory is not imported.
    command = [sys.executable, "-P", "-m", _MODULE, str(control), str(os.getpid())]
    return subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        pass_fds=[control],
        env=_environment(settings),
        start_new_session=True,  # Ctrl-C is for us
    )


def _environment(settings: DecoderSettings) -> dict[str, str]:
    """All that the process may know. Ours holds secrets."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if Path(each).is_absolute()),
        "TMPDIR": str(settings.scratch_folder or tempfile.gettempdir()),
        "VIPS_CONCURRENCY": "1",
        "VIPS_BLOCK_UNTRUSTED": "1",
        # Large pictures lie in memory, within the process's limit, and never in a file that a kill would leave behind.
        "VIPS_DISC_THRESHOLD": str(settings.memory_bytes),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # A thread's own heap counts 64 MiB of address space.
        "MALLOC_ARENA_MAX": "2",
    }
