"""JSON bodies that come slowly, or not at all."""

import pytest

from photostore.user.user import User
from tests.fakes.store import FakeStore
from tests.http.forms import send_raw
from tests.http.world import World, world_of

HASHTAGS = "/api/v1/hashtags"


@pytest.mark.parametrize("pieces", [[], [b'{"name":']])
async def test_a_body_that_stops_coming_is_not_waited_for(store: FakeStore, pieces: list[bytes]) -> None:
    async with world_of(store, stall_seconds=0.02) as world:
        token = await world.token(await world.user())

        status, _ = await send_raw(world.app, HASHTAGS, token, pieces, length=100, then="silence")

    assert status == 408
    assert world.requests.observed == [("POST", HASHTAGS, 408)]


@pytest.mark.parametrize("pieces", [[], [b'{"name":']])
async def test_a_client_that_goes_away_in_its_body_is_no_fault_of_ours(
    world: World, ada: User, pieces: list[bytes]
) -> None:
    status, _ = await send_raw(world.app, HASHTAGS, await world.token(ada), pieces, length=100, then="disconnect")

    assert status == 400
    assert world.requests.observed == [("POST", HASHTAGS, 400)]
