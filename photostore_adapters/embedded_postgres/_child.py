"""Become a Postgres program that dies with its parent: run by path, in a bare interpreter, right before `exec`.

A program of its own and not a `preexec_fn`, because running Python between fork and exec of a process that has threads
can deadlock. Called as `_child.py PARENT_PID DEATH_SIGNAL FOLDER_OWNER PROGRAM [ARGUMENT...]`.

Postgres refuses to be root. As root we enter a user namespace in which we are nobody, while the kernel still sees the
owner of our files. Where that is forbidden (as in most containers), or the data folder belongs to a user, we become that
user, or nobody, and keep the one capability that lets Postgres reach its programs and folder below root's own.
"""

import ctypes
import os
import signal
import sys

ROOT_REFUSED = 97
PARENT_GONE = 98
NO_OWNER = -1  # the folder is still to be made

_NOBODY = 65534
_CLONE_NEWUSER = 0x10000000
_PR_SET_KEEPCAPS = 8
_PR_SET_PDEATHSIG = 1
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def main() -> None:
    parent, death_signal, owner, *command = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        _step_down(libc, int(owner))
    if sys.platform == "linux":
        # After stepping down, which would clear it again; exec keeps it.
        libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit(PARENT_GONE)  # the parent died before the kernel knew whom to tell
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


def _step_down(libc: ctypes.CDLL, owner: int) -> None:
    if owner in {0, NO_OWNER} and sys.platform == "linux" and libc.unshare(_CLONE_NEWUSER) == 0:
        return
    why = os.strerror(ctypes.get_errno())
    if owner == 0:  # Postgres insists on owning its folder
        _refuse(f"unshare: {why}, and root owns the data folder")
    try:
        _become(libc, _NOBODY if owner == NO_OWNER else owner)
    except OSError as refusal:
        _refuse(f"unshare: {why}; setuid: {refusal.strerror}")


def _become(libc: ctypes.CDLL, user: int) -> None:
    libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    kept = 1 << _CAP_DAC_OVERRIDE
    # Effective, permitted, inheritable; ambient is what survives exec. Root may lack it: then Postgres does without.
    if libc.capset(header, (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)) == 0:
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def _refuse(why: str) -> None:
    print(why, file=sys.stderr)  # noqa: T201
    sys.exit(ROOT_REFUSED)


if __name__ == "__main__":
    main()
