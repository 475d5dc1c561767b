"""No network: requests go straight to the application."""

from collections.abc import AsyncIterator

import httpx
import pytest

from photostore.user.user import User
from tests.fakes.store import FakeStore
from tests.http.checks import Well
from tests.http.world import World, world_of


@pytest.fixture(autouse=True)
def alone(network_closed: None) -> None:
    """Each test here runs with the network closed."""


@pytest.fixture
def store() -> FakeStore:
    """What the operator chose can be set before `world` is asked for."""
    return FakeStore()


@pytest.fixture
async def world(store: FakeStore) -> AsyncIterator[World]:
    async with world_of(store, checks=[Well("database"), Well("storage"), Well("jobs")]) as world:
        yield world


@pytest.fixture
async def ada(world: World) -> User:
    return await world.user(email="ada@example.test", display_name="Ada")


@pytest.fixture
async def http(world: World) -> httpx.AsyncClient:
    """Nobody's requests."""
    return world.http


@pytest.fixture
async def as_ada(world: World, ada: User) -> AsyncIterator[httpx.AsyncClient]:
    async with await world.as_user(ada) as http:
        yield http
