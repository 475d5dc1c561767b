"""Fakes for each test, and no network."""

from collections.abc import AsyncIterator

import pytest
from dishka import AsyncContainer

from tests.containers import on_fakes
from tests.fakes.store import FakeStore


@pytest.fixture(autouse=True)
def alone(network_closed: None) -> None:
    """Each test here runs with the network closed."""


@pytest.fixture
def store() -> FakeStore:
    """What the operator chose (`policy`, `limits` ...) can be set before the first use case."""
    return FakeStore()


@pytest.fixture
async def container(store: FakeStore) -> AsyncIterator[AsyncContainer]:
    container = on_fakes(store)
    yield container
    await container.close()
