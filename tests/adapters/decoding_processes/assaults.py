"""All that could end or limit another process, tried from within a decoder process. Linux alone has it."""

import ctypes
import fcntl
import os
import platform
import resource
import signal
import socket
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

_NUMBERS = {  # on x86-64 and aarch64
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}
_QUEUED = struct.pack("3i", signal.SIGKILL, 0, -1).ljust(128, b"\0")  # a siginfo_t
_F_SETOWN, _F_SETOWN_EX, _F_OWNER_PID, _FIOSETOWN, _SIOCSPGRP = 8, 15, 1, 0x8901, 0x8902


def refused_assaults(pid: int) -> list[str]:
    """Their names, after all were tried on this process."""
    return [name for name, deed in _ASSAULTS.items() if is_refused(partial(deed, pid))]


def is_refused(deed: Callable[[], object]) -> bool:
    try:
        deed()
    except PermissionError:
        return True
    except ProcessLookupError:  # another assault was not refused
        return False
    return False


def _call(name: str, *arguments: int | bytes) -> None:
    number = _NUMBERS[name][platform.machine() == "aarch64"]
    told = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    if ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *told) < 0:
        fault = ctypes.get_errno()
        raise OSError(fault, os.strerror(fault))


def _let_own(change: Callable[[socket.socket, int, Any], object], command: int, owner: int | bytes) -> None:
    """The kernel signals the owner of a socket when something arrives, as one chooses: it can be SIGKILL."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        change(ours, command, owner)


_ASSAULTS: dict[str, Callable[[int], object]] = {
    "kill": lambda pid: os.kill(pid, signal.SIGKILL),
    "tkill": lambda pid: _call("tkill", pid, signal.SIGKILL),
    "tgkill": lambda pid: _call("tgkill", pid, pid, signal.SIGKILL),
    "rt_sigqueueinfo": lambda pid: _call("rt_sigqueueinfo", pid, signal.SIGKILL, _QUEUED),
    "rt_tgsigqueueinfo": lambda pid: _call("rt_tgsigqueueinfo", pid, pid, signal.SIGKILL, _QUEUED),
    "prlimit64": lambda pid: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)),
    "F_SETOWN": lambda pid: _let_own(fcntl.fcntl, _F_SETOWN, pid),
    "F_SETOWN_EX": lambda pid: _let_own(fcntl.fcntl, _F_SETOWN_EX, struct.pack("2i", _F_OWNER_PID, pid)),
    "FIOSETOWN": lambda pid: _let_own(fcntl.ioctl, _FIOSETOWN, struct.pack("i", pid)),
    "SIOCSPGRP": lambda pid: _let_own(fcntl.ioctl, _SIOCSPGRP, struct.pack("i", pid)),
}
