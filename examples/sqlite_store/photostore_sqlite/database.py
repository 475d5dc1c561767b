"""The file, and the one thread that speaks to it: SQLite blocks, and photostore's event loop must not."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from photostore.shared.blobs import BlobStoreUnavailable

Result = TypeVar("Result")

# A blob without a key is a draft: nobody sees it. `first` is where in its blob a piece begins.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS blobs (id TEXT PRIMARY KEY, key TEXT UNIQUE, size INTEGER, modified REAL);
CREATE TABLE IF NOT EXISTS pieces (
    blob TEXT REFERENCES blobs ON DELETE CASCADE, first INTEGER, bytes BLOB, PRIMARY KEY (blob, first));
CREATE TABLE IF NOT EXISTS uploads (id TEXT PRIMARY KEY, key TEXT, started REAL);
CREATE TABLE IF NOT EXISTS parts (
    upload TEXT REFERENCES uploads ON DELETE CASCADE, number INTEGER, blob TEXT REFERENCES blobs ON DELETE CASCADE,
    size INTEGER, etag TEXT, PRIMARY KEY (upload, number));
DELETE FROM blobs WHERE key IS NULL AND modified < unixepoch() - 86400 AND id NOT IN (SELECT blob FROM parts);
"""


class Database:
    def __init__(self, path: Path, *, patience: float = 10) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._thread.submit(self._open, path, patience).result()

    async def run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do `work` as one transaction. Whoever is cancelled leaves when it is over: nothing happens behind their back."""
        doing = asyncio.wrap_future(self._thread.submit(self._transact, work))
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            raise
        except sqlite3.OperationalError as error:
            raise BlobStoreUnavailable(f"the blob store does not answer: {error}") from error

    async def rows(self, statement: str, *values: object) -> list[Any]:
        return await self.run(lambda sql: sql.execute(statement, values).fetchall())

    async def close(self) -> None:
        await asyncio.wrap_future(self._thread.submit(self._connection.close))
        self._thread.shutdown()

    def _open(self, path: Path, patience: float) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=patience)
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL;")
        self._connection.executescript(_SCHEMA)

    def _transact(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:  # commits, or rolls back
            return work(self._connection)
