"""What a decoder process takes upon itself. What the system does not know or allow is left out, silently."""

import ctypes
import math
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import photostore_adapters
from photostore_adapters.imaging.decoding.landlock import allow_reading_only
from photostore_adapters.imaging.decoding.seccomp import install_filter

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_MOST_OPEN_FILES = 256


def die_with(parent: int) -> None:
    """End when `parent` does, even when it is killed."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel knew whom to tell
        os._exit(1)


def limit_for_good(*, memory_bytes: int, file_bytes: int) -> None:
    # Not RLIMIT_NPROC: it counts whatever else our user runs, and does not bind root.
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, _MOST_OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)


def limit_cpu(seconds: int) -> None:
    """From now on. The hard limit stays, because it could never be raised again."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(time.process_time()) + seconds
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def forbid_the_outside(*, files: bool) -> None:
    """No new processes or programs, no sockets, no signals to others nor limits on them, for good. Threads stay allowed.

    Without `files` only programs and libraries can be read by path, and nothing written.
    """
    if sys.platform == "linux":
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if not files:
            allow_reading_only(_programs())
        install_filter()


def _programs() -> list[Path]:
    packages = Path(photostore_adapters.__file__).parent
    ours = [packages, packages.with_name("photostore"), Path(sys.prefix), Path(sys.base_prefix)]
    return [*ours, *map(Path, ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/dev/null", "/dev/urandom"))]


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(kind, (most, most))


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
