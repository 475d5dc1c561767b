"""The Postgres programs of the wheel, and how to run one so that it never outlives us."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from photostore_adapters.embedded_postgres import _child
from photostore_adapters.embedded_postgres.errors import EmbeddedPostgresMissing, RootRefused, StartFailed

_PACKAGE = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder that holds `postgres` and `initdb`, and their major version."""

    folder: Path
    major: str

    def dying_with_us(
        self, name: str, *arguments: str | Path, data_dir: Path, death_signal: signal.Signals
    ) -> list[str]:
        """The command that runs a program as a child which gets `death_signal` when the thread that starts it ends.

        Where we are root, it runs as whoever owns `data_dir`.
        """
        owner = data_dir.stat().st_uid if data_dir.exists() else _child.NO_OWNER
        # -I and -S: nothing of the user's environment or site-packages runs in between, and it starts in 15 ms.
        bare_python = [sys.executable, "-I", "-S", _child.__file__]
        told = [str(os.getpid()), str(int(death_signal)), str(owner)]
        return [*bare_python, *told, str(self.folder / name), *map(str, arguments)]

    def run(
        self,
        name: str,
        *arguments: str | Path,
        data_dir: Path,
        stdin: str = "",
        keep_open: Sequence[int] = (),
        timeout: float,
    ) -> None:
        """Run one program to its end; raise what it said last when it fails."""
        command = self.dying_with_us(name, *arguments, data_dir=data_dir, death_signal=signal.SIGKILL)
        try:
            done = subprocess.run(  # noqa: S603 - our own programs
                command,
                input=stdin.encode(),
                capture_output=True,
                timeout=timeout,
                check=False,
                env=environment(),
                pass_fds=keep_open,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired as late:
            raise StartFailed(f"{name} of the embedded Postgres did not finish in {timeout:.0f} s") from late
        output = (done.stdout + done.stderr).decode(errors="replace")
        if done.returncode == _child.ROOT_REFUSED:
            raise root_refused(output)
        # `postgres --single` ends well even when its statement failed.
        if done.returncode != 0 or "ERROR:" in output:
            raise StartFailed(f"{name} of the embedded Postgres failed: {last_words(output)}")


def find_programs() -> Programs:
    """Locate the wheel without importing it: its own Python layer starts and locks things on import."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresMissing(
            "the embedded Postgres is not installed: install photostore[embedded], or set DATABASE_URL"
        )
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return Programs(folder=folder, major=version(_PACKAGE).partition(".")[0])


def environment() -> dict[str, str]:
    """Ours, without what would steer Postgres from outside. TZ saves initdb from searching the time zones."""
    foreign = ("PG", "LC_", "LANG")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return {**kept, "TZ": "UTC"}


def root_refused(output: str) -> RootRefused:
    return RootRefused(
        f"Postgres refuses to run as root and the kernel forbids to step down ({last_words(output)}): "
        "run photostore as a normal user, or set DATABASE_URL"
    )


def last_words(output: str) -> str:
    """The line that tells why a Postgres program ended."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(mark in line for mark in ("FATAL:", "PANIC:", "ERROR:", "error:"))]
    return (telling or lines or ["it said nothing"])[-1]
