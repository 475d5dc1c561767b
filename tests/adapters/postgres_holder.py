"""A process of its own that runs the embedded Postgres, for tests that kill it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

_CHECKOUT = Path(__file__).parents[2]
NOBODY = 65534
# The capability is for finding the interpreter and the checkout, which may lie below /root.
AS_NOBODY = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
)


class Holder:
    """Runs `hold_postgres.py` from entering until leaving; `pid` and `url` are those of its Postgres."""

    def __init__(self, data_dir: Path, *, wait: bool = True, step_down: tuple[str, ...] = ()) -> None:
        self._command = [*step_down, sys.executable, "-m", "tests.adapters.hold_postgres", str(data_dir)]
        self._wait = wait
        self.pid = 0
        self.url = ""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self._command, cwd=_CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._wait:
            assert self.process.stdout is not None
            line = self.process.stdout.readline()
            assert line, "the process that should run Postgres ended"
            told = json.loads(line)
            self.pid, self.url = told["pid"], told["url"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """As the kernel does when memory is short: no time to clean up."""
        self.process.kill()
        self.process.wait()


@contextmanager
def nobodys_folder() -> Iterator[Path]:
    """A folder of the user `nobody`, for tests that root runs."""
    home = Path(tempfile.mkdtemp(prefix="photostore-test-"))
    try:
        os.chown(home, NOBODY, NOBODY)
        yield home
    finally:
        shutil.rmtree(home)
