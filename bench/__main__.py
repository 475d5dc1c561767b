"""`python -m bench [NAME ...]`: run these benchmarks, or all, and print what came out beside what should."""

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.archives import archives
from bench.changes import changes
from bench.decoding import decoding
from bench.direct import direct
from bench.duplicates import duplicates
from bench.events import events
from bench.figures import Figure, table
from bench.fsck import fsck
from bench.kills import kills
from bench.pages import pages
from bench.redis import redis_beside
from bench.scale import scale
from bench.shares import shares
from bench.uploads import uploads
from bench.webhooks import webhooks
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres
from photostore_adapters.postgres.migrate import upgrade

Benchmark = Callable[[EmbeddedPostgres, Path], list[Figure]]
BENCHMARKS: dict[str, Benchmark] = {
    "pages": pages,
    "shares": shares,
    "changes": changes,
    "events": events,
    "webhooks": webhooks,
    "uploads": uploads,
    "kills": kills,
    "scale": scale,
    "direct": direct,
    "duplicates": duplicates,
    "decoding": decoding,
    "archives": archives,
    "fsck": fsck,
    "redis": redis_beside,
}


def _run(name: str) -> list[Figure]:
    """With a database and a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="photostore-bench-") as folder:
        root = Path(folder)
        with EmbeddedPostgres(root / "postgres", fast=True) as postgres:
            asyncio.run(upgrade(postgres.url))
            return BENCHMARKS[name](postgres, root)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(BENCHMARKS)}; else all")
    names = parser.parse_args(arguments).names or list(BENCHMARKS)
    if unknown := set(names) - BENCHMARKS.keys():
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    passed = True
    for name in names:
        figures = _run(name)
        print(table(figures), flush=True)
        passed = passed and all(figure.passed for figure in figures)
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
