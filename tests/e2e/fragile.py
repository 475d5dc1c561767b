"""A server, a worker, a database and a store, each of which can be stopped at a moment of one's choice."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from photostore_adapters.s3.settings import S3Settings
from tests.e2e.behind import Behind, behind, bucket_environment
from tests.e2e.databases import strong_secret
from tests.e2e.faulty_proxy import Fault, FaultyProxy
from tests.e2e.ports import free_port
from tests.e2e.servers import ServerProcess
from tests.e2e.workers import WorkerProcess
from tests.waiting import eventually

_WITHIN = 30


@dataclass(frozen=True, slots=True)
class Place:
    """A server that does no jobs, a worker that does, and a store that may fail either."""

    server: ServerProcess
    worker: WorkerProcess
    proxy: FaultyProxy
    behind: Behind

    def watched(self) -> set[str]:
        """The renditions that are sent to the store from now on, as they are; or until the store is told to fail."""
        sent = set[str]()

        def see(method: str, target: str) -> bool:
            if method == "PUT" and "renditions/" in target:
                sent.add(target)
            return False

        self.proxy.break_(Fault.HANG, see)
        return sent

    @asynccontextmanager
    async def held(self, table: str) -> AsyncIterator["Held"]:
        """Nobody writes to the table meanwhile."""
        connection = await asyncpg.connect(self.behind.database_url())
        try:
            async with connection.transaction():
                await connection.execute(f"LOCK TABLE {table} IN SHARE MODE")
                yield Held(self.behind, table)
        finally:
            await connection.close()


@dataclass(frozen=True, slots=True)
class Held:
    behind: Behind
    table: str

    async def wanted(self) -> None:
        """Return once somebody waits to write to it."""
        waiting = (
            "SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND NOT granted AND relation = to_regclass($1)"
        )

        async def somebody_waits() -> bool:
            return bool(await self.behind.rows(waiting, self.table))

        await eventually(somebody_waits, within=_WITHIN, what=f"somebody to write to {self.table}")


@asynccontextmanager
async def a_fragile_place(
    folder: Path, bucket: S3Settings, database_url: str, given: Mapping[str, str]
) -> AsyncIterator[Place]:
    store = urlsplit(bucket.endpoint)
    assert store.hostname is not None
    async with FaultyProxy(store.hostname, store.port or 80, free_port()) as proxy:
        variables = {
            **given,
            **bucket_environment(bucket),
            "S3__ENDPOINT_URL": proxy.url,
            "DATABASE_URL": database_url,
            "JWT__SECRET_KEY": strong_secret(),
            "JOBS__IN_SERVER": "false",
        }
        with ServerProcess(folder, variables) as server, WorkerProcess(folder, variables) as worker:
            yield Place(server, worker, proxy, behind(server, S3__ENDPOINT_URL=bucket.endpoint))
