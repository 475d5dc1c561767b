"""Runs the embedded Postgres on the folder it is told, until its stdin ends: for tests that kill it meanwhile."""

import json
import sys
from pathlib import Path

from photostore_adapters.embedded_postgres.errors import EmbeddedPostgresError
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres


def main() -> None:
    try:
        with EmbeddedPostgres(Path(sys.argv[1])) as server:
            print(json.dumps({"pid": server.pid, "url": server.url}), flush=True)  # noqa: T201
            sys.stdin.read()
    except EmbeddedPostgresError as refusal:
        sys.exit(f"{type(refusal).__name__}: {refusal}")


if __name__ == "__main__":
    main()
