"""A filter of system calls, installed for good: what decoding a picture never needs is refused with EPERM.

It lists what is forbidden, not what is allowed: libraries may call whatever they like of the rest, in any version.
"""

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_GREATER_OR_EQUAL, _JUMP_IF_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT, _SECOND_ARGUMENT_AT = 0, 4, 16, 24  # in seccomp_data, little-endian
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_CLONE_THREAD = 0x10000
_CLONE3 = 435
_FOREIGN_NUMBERS = 0x40000000  # x86-64 has a second table of calls from here on
# The kernel signals whom a descriptor belongs to, with a signal of one's choice, when there is something to read.
_F_SETOWN, _F_SETOWN_EX, _FIOSETOWN, _SIOCSPGRP = 8, 15, 0x8901, 0x8902

# pidfd_send_signal, io_uring_setup, pidfd_open, pidfd_getfd: the same everywhere
_EVERYWHERE = (424, 425, 434, 438)


@dataclass(frozen=True)
class _Architecture:
    audit: int
    clone: int
    tgkill: int
    prlimit64: int
    fcntl: int
    ioctl: int
    forbidden: tuple[int, ...]


_ARCHITECTURES = {
    "x86_64": _Architecture(
        audit=0xC000003E,
        clone=56,
        tgkill=234,
        prlimit64=302,
        fcntl=72,
        ioctl=16,
        # socket, fork, vfork, execve, kill, ptrace, rt_sigqueueinfo, mount, tkill, add_key, request_key, keyctl, unshare,
        # rt_tgsigqueueinfo, perf_event_open, setns, process_vm_readv, process_vm_writev, bpf, execveat, userfaultfd
        forbidden=(
            *(41, 57, 58, 59, 62, 101, 129, 165, 200, 248, 249, 250, 272),
            *(297, 298, 308, 310, 311, 321, 322, 323),
        ),
    ),
    "aarch64": _Architecture(
        audit=0xC00000B7,
        clone=220,
        tgkill=131,
        prlimit64=261,
        fcntl=25,
        ioctl=29,
        # mount, unshare, ptrace, kill, tkill, rt_sigqueueinfo, socket, add_key, request_key, keyctl, execve,
        # rt_tgsigqueueinfo, perf_event_open, setns, process_vm_readv, process_vm_writev, bpf, execveat, userfaultfd
        forbidden=(
            *(40, 97, 117, 129, 130, 138, 198, 217, 218, 219, 221),
            *(240, 241, 268, 270, 271, 280, 281, 282),
        ),
    ),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install_filter() -> bool:
    """Whether it is in force: not on an unknown machine, nor where the kernel says no. Needs no_new_privs or root.

    It holds for this thread and those that it starts.
    """
    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None or struct.calcsize("P") != 8:
        return False
    instructions = _instructions(architecture)
    program = _Program(len(instructions) // 8, instructions)
    prctl = ctypes.CDLL(None).prctl
    return bool(prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _instructions(architecture: _Architecture) -> bytes:
    refuse = _instruction(_RETURN, _REFUSE | errno.EPERM)
    forbidden = (*architecture.forbidden, *_EVERYWHERE)
    steps = [
        _instruction(_LOAD, _ARCHITECTURE_AT),
        _instruction(_JUMP_IF_EQUAL, architecture.audit, 1, 0),
        refuse,
        _instruction(_LOAD, _NUMBER_AT),
        _instruction(_JUMP_IF_GREATER_OR_EQUAL, _FOREIGN_NUMBERS, 0, 1),
        refuse,
        # The C library falls back to clone, whose flags can be seen.
        *_refusing(_CLONE3, errno.ENOSYS),
        *(step for number in forbidden for step in _refusing(number, errno.EPERM)),
        # The C library needs both for ourselves: abort, and limits.
        *_only_with(architecture.tgkill, os.getpid()),
        *_only_with(architecture.prlimit64, 0),
        *(step for command in (_F_SETOWN, _F_SETOWN_EX) for step in _not_with(architecture.fcntl, command)),
        *(step for command in (_FIOSETOWN, _SIOCSPGRP) for step in _not_with(architecture.ioctl, command)),
        _instruction(_JUMP_IF_EQUAL, architecture.clone, 0, 3),
        _instruction(_LOAD, _FIRST_ARGUMENT_AT),
        _instruction(_JUMP_IF_BITS, _CLONE_THREAD, 1, 0),
        refuse,
        _instruction(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def _refusing(number: int, fault: int) -> tuple[bytes, bytes]:
    return _instruction(_JUMP_IF_EQUAL, number, 0, 1), _instruction(_RETURN, _REFUSE | fault)


def _only_with(number: int, first_argument: int) -> tuple[bytes, ...]:
    """Of an argument half is compared: the kernel takes these for 32 bits wide."""
    return (
        _instruction(_JUMP_IF_EQUAL, number, 0, 4),
        _instruction(_LOAD, _FIRST_ARGUMENT_AT),
        _instruction(_JUMP_IF_EQUAL, first_argument, 1, 0),
        _instruction(_RETURN, _REFUSE | errno.EPERM),
        _instruction(_LOAD, _NUMBER_AT),
    )


def _not_with(number: int, second_argument: int) -> tuple[bytes, ...]:
    """As `_only_with`, the other way round."""
    return (
        _instruction(_JUMP_IF_EQUAL, number, 0, 4),
        _instruction(_LOAD, _SECOND_ARGUMENT_AT),
        _instruction(_JUMP_IF_EQUAL, second_argument, 0, 1),
        _instruction(_RETURN, _REFUSE | errno.EPERM),
        _instruction(_LOAD, _NUMBER_AT),
    )


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)
