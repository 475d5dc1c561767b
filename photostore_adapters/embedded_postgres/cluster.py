"""The folder that Postgres keeps its data in: whole or absent, and fit for this Postgres."""

import os
import secrets
import shutil
from functools import partial
from pathlib import Path

from photostore_adapters.embedded_postgres.errors import DataFolderInUse, DataFolderUnusable, WrongPostgresVersion
from photostore_adapters.embedded_postgres.programs import Programs

USER = "postgres"
DATABASE = "photostore"

# Written to postgresql.conf once, where an operator may change them.
_DEFAULTS = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
}


def has_cluster(data_dir: Path) -> bool:
    """Whether a cluster is there; raise `DataFolderUnusable` when what is there cannot be or become one."""
    try:
        if not data_dir.exists():
            return False
        if not data_dir.is_dir():
            raise DataFolderUnusable(f"{data_dir} is not a folder")
        # As root we run Postgres as the owner, whoever that is.
        if os.geteuid() not in {0, data_dir.stat().st_uid}:
            raise DataFolderUnusable(f"{data_dir} belongs to another user: give it to the one that runs photostore")
        if not any(data_dir.iterdir()):
            return False
        if not (data_dir / "PG_VERSION").exists():
            raise DataFolderUnusable(f"{data_dir} holds files, but no Postgres cluster: move them away")
        if data_dir.stat().st_mode & 0o027:
            raise DataFolderUnusable(f'Postgres refuses a folder that others may enter: chmod 700 "{data_dir}"')
    except OSError as refusal:
        raise DataFolderUnusable(f"cannot read {data_dir}: {refusal.strerror}") from refusal
    return True


def check_version(data_dir: Path, programs: Programs) -> None:
    written_by = (data_dir / "PG_VERSION").read_text().strip()
    if written_by != programs.major:
        raise WrongPostgresVersion(
            f"{data_dir} was written by Postgres {written_by}, and this is Postgres {programs.major}: "
            "move the data over with pg_dump, or set DATA_DIR to another folder"
        )


def make_cluster(data_dir: Path, programs: Programs, *, durable: bool, lock: int, timeout: float) -> None:
    """Make the cluster, with our database in it, aside; then rename, so that a kill never leaves half of one."""
    # Left to initdb to make, so that whoever initdb runs as owns it.
    making = data_dir.with_name(f"{_making_prefix(data_dir)}{secrets.token_hex(4)}")
    settings = [argument for key, value in _DEFAULTS.items() for argument in ("--set", f"{key}={value}")]
    # The builtin locale sorts alike on every machine; lc_ctype is for what still asks the C library (pg_trgm).
    locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    auth = [f"--username={USER}", "--auth-local=trust", "--auth-host=scram-sha-256"]
    run = partial(programs.run, data_dir=making, keep_open=[lock], timeout=timeout)
    try:
        run("initdb", "-D", making, "--no-sync", *auth, *locale, *settings)
        run("postgres", "--single", "-F", "-D", making, USER, stdin=f"CREATE DATABASE {DATABASE}\n")
        if durable:
            run("initdb", "-D", making, "--sync-only")
        making.rename(data_dir)
    except OSError as refusal:
        shutil.rmtree(making, ignore_errors=True)
        raise DataFolderUnusable(f"cannot make {data_dir}: {refusal.strerror}") from refusal
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    if durable:
        _sync_folder(data_dir.parent)


def remove_half_made(data_dir: Path) -> None:
    """Clusters that a killed start left unfinished. Only for whoever holds the folder's lock."""
    for entry in data_dir.parent.iterdir():
        if entry.name.startswith(_making_prefix(data_dir)):
            shutil.rmtree(entry, ignore_errors=True)


def remove_stale_pid_file(data_dir: Path) -> None:
    """Postgres believes it when *any* process has that number by now. Only for whoever holds the folder's lock."""
    pid_file = data_dir / "postmaster.pid"
    try:
        pid = pid_file.read_text().partition("\n")[0]
        # Postgres lives in its data folder.
        if not Path(f"/proc/{pid}/cwd").samefile(data_dir):
            pid_file.unlink()
            return
    except PermissionError:
        return  # someone else's process: Postgres knows what to make of it
    except OSError:
        if Path("/proc/self").exists():
            pid_file.unlink(missing_ok=True)
        return
    raise DataFolderInUse(f"process {pid}, a Postgres that photostore did not start, runs on {data_dir}")


def _making_prefix(data_dir: Path) -> str:
    return f"{data_dir.name}.init-"


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
