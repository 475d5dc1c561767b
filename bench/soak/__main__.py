"""`make soak`: half an hour of everything at once while things break, and then a comparison with what was acknowledged.

`SOAK_MINUTES` (30) is how long clients work, `SOAK_SEED` draws what they do and what breaks. The exit code is 1 when a promise
was broken. It takes some ten minutes longer at the most, 4 GiB of the disk and 6 GiB of memory.
"""

import os
import secrets
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from types import FrameType

from bench.soak.faults import Faults
from bench.soak.journal import Journal
from bench.soak.load import Load, a_load
from bench.soak.logs import unexpected
from bench.soak.place import Place, a_place
from bench.soak.verdict import Verdict
from bench.soak.watching import Watch, disk_bytes
from tests.e2e.loops import LoopThread

_VERDICT_SECONDS = 20 * 60


def main() -> int:
    minutes = float(os.environ.get("SOAK_MINUTES") or 30)
    seed = int(os.environ.get("SOAK_SEED") or secrets.randbelow(1_000_000))
    print(f"soak: {minutes:g} minutes, SOAK_SEED={seed}", flush=True)
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(int(minutes * 60) + _VERDICT_SECONDS + 300)
    journal = Journal()
    with (
        tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as folder,
        a_place(Path(folder)) as place,
        LoopThread() as clients,
        Watch(place, journal) as watch,
    ):
        table = _soak(place, clients, watch, journal, minutes * 60, seed)
        size = disk_bytes(place.folder)
        logs = list(Path(folder).glob("*/*.log"))
        if keep := os.environ.get("SOAK_KEEP_LOGS"):
            _keep(logs, Path(keep))
        journal.check("no log tells of what nobody expects", *unexpected(logs))
    print(_report(journal, table, size, seed))
    return 1 if journal.breaches else 0


def _soak(place: Place, clients: LoopThread, watch: Watch, journal: Journal, seconds: float, seed: int) -> list[str]:
    context = a_load(place.url, journal, seed)
    load: Load = clients.run(context.__aenter__())
    try:
        clients.run(load.begin(), within=120)
        began = time.monotonic()
        half, end = began + seconds / 2, began + seconds
        faults = Faults(place, journal, Random(seed + 2))
        faults.run(end, spare_first=lambda: time.monotonic() > half)
        print(f"{journal.at()} nothing breaks any more", flush=True)
        clients.run(load.drain(), within=600)
        clients.run(Verdict(place, load, journal).find(), within=_VERDICT_SECONDS)
        return watch.judge(half, end)
    finally:
        with suppress(Exception):
            clients.run(context.__aexit__(None, None, None), within=60)


def _report(journal: Journal, table: list[str], size: int, seed: int) -> str:
    def told(counter: dict[str, int]) -> str:
        return ", ".join(f"{name} {number}" for name, number in sorted(counter.items()))

    lines = ["", f"=== soak, SOAK_SEED={seed}"]
    lines += [f"done: {told(journal.done)}", f"answers: {told(journal.answers)}", f"faults: {told(journal.faults)}"]
    lines += [f"disk: {size / 2**20:.0f} MiB", "memory, descriptors and connections in the second half:", *table]
    lines += [f"{len(journal.breaches)} breaches", *journal.breaches]
    return "\n".join(lines)


def _keep(logs: list[Path], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in logs:
        (folder / f"{path.parent.name}-{path.name}").write_bytes(path.read_bytes())


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError("the soak does not come to its end")


if __name__ == "__main__":
    sys.exit(main())
