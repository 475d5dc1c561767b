"""Run by `programs.py`: photostore, loaded once, that begins a process of it whenever it is asked to.

What is asked for is what `photostore` is given on a command line; the process is what that would be, save that what it
would load is there already, and that passwords are hashed by the least that Argon2 does: what is right for users takes an
eighth of a second of the processor, twice for each account that a test makes. What it costs is held by the tests of it.
"""

import atexit
import gc
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import NoReturn

from argon2.profiles import CHEAPEST

from photostore_adapters.system.passwords import Argon2PasswordHasher

_LOADED = (
    "photostore_http.cli",
    "photostore_http.main",
    "photostore_http.commands.serving",
    "photostore_http.commands.working",
    "photostore_adapters.s3.provider",
    "photostore_adapters.oidc.provider",
    "alembic.command",
    "uvicorn.lifespan.off",
)
_LARGEST_REQUEST = 1 << 20
_STDIO = 3


def begin_programs(asked: socket.socket) -> None:
    """Return in each process that is begun, and in no other."""
    died, told_of_death = os.pipe()
    os.set_blocking(told_of_death, False)
    signal.set_wakeup_fd(told_of_death)
    signal.signal(signal.SIGCHLD, _awake)
    waiting: dict[int, socket.socket] = {}
    heard: list[socket.socket | int] = [asked, died]
    while True:
        readable, _, _ = select.select(heard, [], [])
        if died in readable:
            os.read(died, 4096)
            _tell_who_died(waiting)
        if asked in readable:
            request, descriptors, _, _ = socket.recv_fds(asked, _LARGEST_REQUEST, _STDIO + 1)
            if not request:
                os._exit(0)  # whoever asks is gone
            pid = os.fork()
            if pid == 0:
                _become(json.loads(request), descriptors)
                return
            *stdio, told = descriptors
            for descriptor in stdio:
                os.close(descriptor)
            waiting[pid] = socket.socket(fileno=told)
            waiting[pid].sendall(str(pid).encode())


def _awake(_number: int, _frame: FrameType | None) -> None:
    """That the signal came is told by the descriptor."""


def _tell_who_died(waiting: dict[int, socket.socket]) -> None:
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            with waiting.pop(pid) as told, suppress(OSError):
                told.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _become(request: dict[str, object], descriptors: list[int]) -> None:
    """A process as `subprocess` would have begun it in a session of its own, but without another program in it."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    for number, descriptor in enumerate(descriptors[:_STDIO]):
        os.dup2(descriptor, number)
    os.closerange(_STDIO, os.sysconf("SC_OPEN_MAX"))
    os.chdir(str(request["folder"]))
    os.environ.clear()
    os.environ.update(dict(request["environment"]))  # type: ignore[call-overload]
    time.tzset()
    tempfile.tempdir = None
    sys.argv[:] = list(request["arguments"])  # type: ignore[call-overload]


def _run() -> int:
    try:
        import_module("photostore_http.cli").main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _end(code: int) -> NoReturn:
    """As the interpreter does, but for taking apart everything that was loaded: that takes longer than a command does."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    for name in _LOADED:
        import_module(name)
    Argon2PasswordHasher.__init__.__defaults__ = (CHEAPEST,)
    # So that no process looks through it, and gets pages of its own by that.
    gc.collect()
    gc.freeze()
    begin_programs(socket.socket(fileno=int(sys.argv[1])))
    _end(_run())
