"""Measuring several ways of doing something in turns, so that they share the machine's good and bad moments."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psutil

from bench.processes import cpu_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """`go` does it once; `process` is what works for it then."""

    process: psutil.Process
    go: Callable[[], object]


@dataclass(slots=True)
class Measured:
    """For each turn the CPU that once cost, of the process and of the one beside it; and how long each call took. In ms."""

    cpu: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


def in_turns(
    ways: Mapping[str, Way], *, turns: int, times: int, beside: psutil.Process | None = None
) -> dict[str, Measured]:
    """Each way `times` times in each turn. One turn more than told comes first, for everything to get warm."""
    measured = {name: Measured() for name in ways}
    for turn in range(turns + 1):
        for name, way in ways.items():
            one = _one_turn(way, times, beside)
            if turn:
                measured[name].cpu += one.cpu
                measured[name].beside += one.beside
                measured[name].took += one.took
    return measured


def _one_turn(way: Way, times: int, beside: psutil.Process | None) -> Measured:
    watched = [way.process, *([beside] if beside else [])]
    before = [cpu_seconds(process) for process in watched]
    took = []
    for _ in range(times):
        started = time.perf_counter()
        way.go()
        took.append((time.perf_counter() - started) * 1000)
    used = [(cpu_seconds(process) - start) * 1000 / times for process, start in zip(watched, before, strict=True)]
    return Measured(cpu=used[:1], beside=used[1:], took=took)
