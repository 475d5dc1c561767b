"""Pages of fifty photos out of a million, over HTTP, with sign-in and signed URLs."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import msgspec
import psutil

from bench.client import Client
from bench.figures import Figure, compared
from bench.library import load
from bench.processes import cpu_seconds, running, server
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_TURNS = 9
_PAGES = 500
_PAGE = "/api/v1/photos?limit=50"
_DEPTH = 90_000
# On every twentieth photo or so.
_HASHTAG = "tag1"


@dataclass(slots=True)
class _Measured:
    """What a page cost in each turn, in milliseconds of CPU, and how long each took in milliseconds."""

    cpu: list[float] = field(default_factory=list)
    postgres: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def pages(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    with server(postgres.url, folder, {}) as (process, port), Client(port) as newcomer:
        owner = newcomer.sign_up()
        asyncio.run(load(postgres.url))
        with running("bench.limits.pages", postgres.url, owner) as limit, newcomer.again() as client:
            asked = {
                "first": _PAGE,
                "deep": f"{_PAGE}&cursor={_cursor_at(client, _DEPTH)}",
                "hashtag": f"{_PAGE}&hashtag={_HASHTAG}",
            }
            for path in asked.values():
                _demand_full(client, path)
            assert postgres.pid is not None
            watched = psutil.Process(postgres.pid)
            ways: dict[str, tuple[psutil.Process, Callable[[], list[float]]]] = {
                name: (process, lambda path=path: _get(client, path)) for name, path in asked.items()
            }
            ways["limit"] = (limit, lambda: _make(limit))
            return _figures(_measure(ways, watched))


def _measure(
    ways: dict[str, tuple[psutil.Process, Callable[[], list[float]]]], postgres: psutil.Process
) -> dict[str, _Measured]:
    """Each way in turn, again and again; the first turn warms up."""
    measured = {name: _Measured() for name in ways}
    for turn in range(_TURNS + 1):
        for name, (process, go) in ways.items():
            before, postgres_before = cpu_seconds(process), cpu_seconds(postgres)
            seconds = go()
            used, postgres_used = cpu_seconds(process) - before, cpu_seconds(postgres) - postgres_before
            if turn:
                measured[name].cpu.append(used * 1000 / _PAGES)
                measured[name].postgres.append(postgres_used * 1000 / _PAGES)
                measured[name].seconds += seconds
    return measured


def _figures(measured: dict[str, _Measured]) -> list[Figure]:
    first, deep, hashtag, limit = (measured[name] for name in ("first", "deep", "hashtag", "limit"))
    centiles = quantiles(first.seconds, n=100)
    return [
        compared("pages: CPU of the server beside its limit", first.cpu, limit.cpu, unit="ms", target=3.0),
        compared("pages: at depth 90,000 beside the first", deep.cpu, first.cpu, unit="ms", target=2.0),
        compared("pages: by hashtag beside the first", hashtag.cpu, first.cpu, unit="ms", target=2.0),
        compared("pages: CPU of Postgres", first.postgres, limit.postgres, unit="ms"),
        compared("pages: CPU of Postgres at depth 90,000", deep.postgres, first.postgres, unit="ms"),
        compared("pages: CPU of Postgres by hashtag", hashtag.postgres, first.postgres, unit="ms"),
        Figure(name="pages: time until answered, median", measured=median(first.seconds) * 1000, unit="ms"),
        Figure(name="pages: time until answered, 99 of 100", measured=centiles[98] * 1000, unit="ms"),
    ]


def _get(client: Client, path: str) -> list[float]:
    took = []
    for _ in range(_PAGES):
        started = time.perf_counter()
        client.get(path)
        took.append(time.perf_counter() - started)
    return took


def _make(limit: Any) -> list[float]:
    limit.stdin.write(f"{_PAGES}\n")
    limit.stdin.flush()
    limit.stdout.readline()
    return []


def _cursor_at(client: Client, depth: int) -> str:
    """As a client gets there: page by page."""
    path = cursor = ""
    for _ in range(depth // 200):
        path = f"/api/v1/photos?limit=200&cursor={cursor}" if cursor else "/api/v1/photos?limit=200"
        cursor = msgspec.json.decode(client.get(path))["next_cursor"]
    return cursor


def _demand_full(client: Client, path: str) -> None:
    found = len(msgspec.json.decode(client.get(path))["items"])
    if found != 50:
        raise RuntimeError(f"{path} holds {found} photos: something else would be measured")
