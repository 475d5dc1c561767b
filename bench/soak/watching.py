"""What the processes hold, every few seconds: memory, file descriptors, connections to Postgres."""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

import psutil

from bench.soak.journal import Journal
from bench.soak.place import Place

_PERIOD_SECONDS = 5
_MIB = 2**20
# What a process that has just started still takes is no growth.
WARM_UP_SECONDS = 90
# Over less, what comes and goes looks like growth.
_JUDGED_SECONDS = 300
# Over a quarter of an hour: 9 MiB.
GROWTH_MIB_A_MINUTE = 0.6
_MORE_DESCRIPTORS, _MORE_CONNECTIONS = 20, 6
DISK_BYTES, MEMORY_BYTES = 4 << 30, 6 << 30


@dataclass(frozen=True, slots=True)
class Sample:
    at: float
    pid: int
    rss: int
    descriptors: int
    connections: int


class Watch:
    """In a thread of its own, until the end of the block."""

    def __init__(self, place: Place, journal: Journal) -> None:
        self.samples: dict[str, list[Sample]] = defaultdict(list)
        self.too_much = threading.Event()
        self._place = place
        self._journal = journal
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        turn = 0
        while not self._over.wait(_PERIOD_SECONDS):
            try:
                connections = self._connections()
            except psutil.Error:
                connections = {}
            total = 0
            for name, process in self._place.processes().items():
                try:
                    sample = self._sample(process, connections.get(process.pid, -1))
                except psutil.Error:
                    continue
                self.samples[name].append(sample)
                total += sample.rss
            turn += 1
            self._bound(total, turn)

    def _sample(self, process: psutil.Process, connections: int) -> Sample:
        with process.oneshot():
            return Sample(time.monotonic(), process.pid, process.memory_info().rss, process.num_fds(), connections)

    def _connections(self) -> dict[int, int]:
        """By the process at the other end: all of them are of this machine."""
        port = self._place.postgres.port
        found: dict[int, int] = defaultdict(int)
        for process in self._place.processes().values():
            for each in process.net_connections("tcp"):
                if each.status == psutil.CONN_ESTABLISHED and each.raddr[1] == port:
                    found[process.pid] += 1
        return found

    def _bound(self, memory: int, turn: int) -> None:
        if memory > MEMORY_BYTES:
            self._journal.breach(f"the processes hold {memory // _MIB} MiB")
            self.too_much.set()
        if turn % 12 == 0 and (size := disk_bytes(self._place.folder)) > DISK_BYTES:
            self._journal.breach(f"{size // _MIB} MiB lie on the disk")
            self.too_much.set()

    def judge(self, half: float, end: float) -> list[str]:
        """Over the second half, of each process that lived for most of it. Returns the table."""
        lines = [f"{'process':10}{'from MiB':>10}{'to MiB':>10}{'MiB/min':>10}{'fds':>12}{'connections':>14}"]
        for name, samples in sorted(self.samples.items()):
            last = samples[-1].pid
            born = next(each.at for each in samples if each.pid == last)
            begin = max(half, born + WARM_UP_SECONDS)
            lived = [each for each in samples if each.pid == last and begin <= each.at <= end]
            if len(lived) < 6 or lived[-1].at - lived[0].at < _JUDGED_SECONDS:
                lines.append(f"{name:10}  did not live long enough to be judged")
                continue
            slope = linear_regression([each.at / 60 for each in lived], [each.rss / _MIB for each in lived]).slope
            fds, connections = (
                _course([each.descriptors for each in lived]),
                _course([each.connections for each in lived if each.connections >= 0]),
            )
            lines.append(
                f"{name:10}{lived[0].rss / _MIB:10.1f}{lived[-1].rss / _MIB:10.1f}{slope:10.2f}"
                f"{f'{fds[0]} -> {fds[1]}':>12}{f'{connections[0]} -> {connections[1]}':>14}"
            )
            minutes = (lived[-1].at - lived[0].at) / 60
            grown = slope > GROWTH_MIB_A_MINUTE and slope * minutes > 4
            self._journal.check(f"memory of {name} is flat", *([f"{slope:.2f} MiB a minute"] if grown else []))
            more = fds[1] > fds[0] + _MORE_DESCRIPTORS
            self._journal.check(f"descriptors of {name} do not grow", *([fds] if more else []))
            more = connections[1] > connections[0] + _MORE_CONNECTIONS
            self._journal.check(f"connections of {name} do not grow", *([connections] if more else []))
        return lines


def _course(figures: list[int]) -> tuple[int, int]:
    """The most in the first third, and in the last."""
    third = max(len(figures) // 3, 1)
    return max(figures[:third], default=0), max(figures[-third:], default=0)


def disk_bytes(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.lstat().st_blocks * 512
        except OSError:
            continue
    return size
