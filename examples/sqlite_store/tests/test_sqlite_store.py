"""The store keeps what photostore is promised of blob stores."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from photostore_sqlite.database import Database
from photostore_sqlite.multiparts import SqliteMultipartBlobStore
from photostore_sqlite.store import SqliteBlobStore

from photostore.shared.blobs import BlobStore, MultipartBlobStore
from photostore_testing import (
    BlobStorePromises,
    MendableBlobStorePromises,
    MultipartBlobStorePromises,
    UnreachableBlobStorePromises,
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "photos.sqlite")
    yield database
    await database.close()


@pytest.fixture
def blobs(database: Database) -> BlobStore:
    return SqliteBlobStore(database)


@pytest.fixture
def mendable(blobs: BlobStore) -> BlobStore:
    return blobs


@pytest.fixture
def multiparts(database: Database) -> MultipartBlobStore:
    return SqliteMultipartBlobStore(database)


class TestBlobStore(BlobStorePromises):
    pass


class TestMendableBlobStore(MendableBlobStorePromises):
    pass


class TestUnreachableBlobStore(UnreachableBlobStorePromises):
    @pytest.fixture
    async def unreachable(self, tmp_path: Path) -> AsyncIterator[BlobStore]:
        path = tmp_path / "photos.sqlite"
        database = Database(path, patience=0.01)
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield SqliteBlobStore(database)
        await database.close()

    @pytest.fixture
    def secrets(self, tmp_path: Path) -> list[str]:
        return [str(tmp_path)]


class TestMultipartBlobStore(MultipartBlobStorePromises):
    pass
