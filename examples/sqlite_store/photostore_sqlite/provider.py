"""What `ADAPTERS__STORAGE=photostore_sqlite:SqliteProvider` names."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

from dishka import Provider, Scope, provide

from photostore.shared.blobs import MendableBlobStore, MultipartBlobStore
from photostore_sqlite.database import Database
from photostore_sqlite.multiparts import SqliteMultipartBlobStore
from photostore_sqlite.store import SqliteBlobStore


class SqliteProvider(Provider):
    scope = Scope.APP

    blobs = provide(SqliteBlobStore, provides=MendableBlobStore)
    multiparts = provide(SqliteMultipartBlobStore, provides=MultipartBlobStore)

    @provide
    async def database(self) -> AsyncIterator[Database]:
        database = Database(Path(os.environ.get("SQLITE_STORE_FILE", "photos.sqlite")))
        yield database
        await database.close()
