"""Each test of the database's ports runs on the fakes and on Postgres. Clock, ids and all else are fakes in both."""

from collections.abc import AsyncIterator

import pytest
from dishka import AsyncContainer

from tests.containers import QUOTA_BYTES, on_fakes, on_postgres
from tests.fakes.store import FakeStore
from tests.fakes.system import FakeClock


@pytest.fixture
def store() -> FakeStore:
    return FakeStore(quota_bytes=QUOTA_BYTES)


@pytest.fixture
def clock(store: FakeStore) -> FakeClock:
    return store.clock


@pytest.fixture(params=["fake", "postgres"])
def database(request: pytest.FixtureRequest) -> str | None:
    """The URL of an empty Postgres, or nothing for the fakes."""
    url: str | None = None if request.param == "fake" else request.getfixturevalue("emptied_database_url")
    return url


@pytest.fixture
async def adapters(database: str | None, store: FakeStore) -> AsyncIterator[AsyncContainer]:
    container = on_fakes(store) if database is None else on_postgres(store, database)
    yield container
    await container.close()
