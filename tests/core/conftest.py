"""Fakes for each test, and no network."""

from collections.abc import AsyncIterator

import pytest
from dishka import STRICT_VALIDATION, AsyncContainer, make_async_container

from tests.fakes.provider import fakes_provider, use_cases_provider
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
    container = make_async_container(fakes_provider(store), use_cases_provider(), validation_settings=STRICT_VALIDATION)
    yield container
    await container.close()
