"""The private folder of the socket: who can enter it is who can use the database without a password."""

import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from photostore_adapters.embedded_postgres.errors import EmbeddedPostgresError

_PREFIX = "photostore-pg-"
# The kernel takes 107 bytes for the whole path; the folder's random part and the socket's own name take about 30.
_LONGEST_BASE = 64


def make_socket_dir() -> Path:
    """A new folder of mode 0700, with a name short and plain enough for a socket path in a setting and in a URL."""
    # Not XDG_RUNTIME_DIR: it goes away when the user logs out, and a server left running would lose its socket.
    base = tempfile.gettempdir()
    try:
        return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base if _fits(base) else "/tmp"))  # noqa: S108 - is private
    except OSError as refusal:
        raise EmbeddedPostgresError(f"cannot make a folder for the socket of Postgres: {refusal}") from refusal


def remove_socket_dir(folder: Path) -> None:
    """Remove one, after a look that it really is one of ours: its name may come from a file."""
    try:
        found = folder.lstat()
    except OSError:
        return
    if folder.name.startswith(_PREFIX) and stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
        shutil.rmtree(folder, ignore_errors=True)


def _fits(base: str) -> bool:
    plain = re.fullmatch(r"/[A-Za-z0-9._/-]*", base) is not None
    # As root we may write to a user's own TMPDIR, but Postgres, stepped down from root, may not.
    found = Path(base).stat()
    ours = found.st_uid == os.geteuid() or bool(found.st_mode & stat.S_IWOTH)
    return plain and ours and len(base) <= _LONGEST_BASE
