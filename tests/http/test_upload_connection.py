"""Uploads whose connection is slow, breaks, or carries too much."""

import pytest

from photostore.user.user import User
from tests.builders import a_picture, upload_limits
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.http.forms import END, field_part, file_part, send_raw
from tests.http.world import World, world_of

PHOTOS = "/api/v1/photos"
PICTURE = a_picture(byte_size=300_000)
BODY = field_part("title", b"Pier") + file_part(PICTURE) + END
# In the fields, in the picture's head, further on, and before the very end.
BREAKS = [1, 40, 100, 400, 1000, 200_000, len(BODY) - 3]


async def assert_nothing_is_left(world: World) -> None:
    """Once the jobs are done that remove it."""
    await run_jobs(world.container, world.store)
    assert world.store.photos.rows == {}
    assert world.store.blobs.blobs == {}
    assert world.store.blobs.writing == 0
    assert [quota.reserved for quota in world.store.quotas.rows.values()] == [0]


@pytest.mark.parametrize("at", BREAKS)
async def test_a_client_that_says_nothing_more_is_let_go(store: FakeStore, at: int) -> None:
    async with world_of(store, stall_seconds=0.02) as world:
        token = await world.token(await world.user())

        status, _ = await send_raw(world.app, PHOTOS, token, [BODY[:at]], length=len(BODY), then="silence")

        assert status == 408
        await assert_nothing_is_left(world)


@pytest.mark.parametrize("at", BREAKS)
async def test_a_client_that_goes_away_leaves_nothing_behind(world: World, ada: User, at: int) -> None:
    token = await world.token(ada)

    status, _ = await send_raw(world.app, PHOTOS, token, [BODY[:at]], length=len(BODY), then="disconnect")

    assert status == 400
    await assert_nothing_is_left(world)
    assert world.requests.uploads == [("form", "upload-interrupted", 0)]


async def test_what_says_that_it_is_too_large_is_refused_at_once() -> None:
    async with world_of(FakeStore(limits=upload_limits(max_bytes=1 << 20))) as world:
        token = await world.token(await world.user())
        pieces = [BODY[:65_536]] * 100

        status, taken = await send_raw(world.app, PHOTOS, token, pieces, length=100 << 20, then="silence")

        assert (status, taken) == (413, 1)
        await assert_nothing_is_left(world)


@pytest.mark.parametrize("length", [None, 1 << 20])
async def test_what_turns_out_too_large_is_refused_there(length: int | None) -> None:
    async with world_of(FakeStore(limits=upload_limits(max_bytes=100_000))) as world:
        token = await world.token(await world.user())
        pieces = [BODY[start : start + 10_000] for start in range(0, len(BODY), 10_000)]

        status, taken = await send_raw(world.app, PHOTOS, token, pieces, length=length, then="silence")

        assert (status, taken <= 12) == (413, True)
        await assert_nothing_is_left(world)


async def test_what_is_no_picture_is_refused_before_the_rest_comes(world: World, ada: User) -> None:
    token = await world.token(ada)
    pieces = [file_part(b"no picture".ljust(600, b"."))[:-2], *[b"." * 10_000] * 100]

    status, taken = await send_raw(world.app, PHOTOS, token, pieces, length=None, then="silence")

    assert (status, taken) == (415, 1)
    await assert_nothing_is_left(world)


async def test_a_fault_of_the_store_midway_leaves_nothing_behind(world: World, ada: User) -> None:
    world.store.blobs.failing = {"put_end"}

    status, _ = await send_raw(world.app, PHOTOS, await world.token(ada), [BODY], length=len(BODY), then="disconnect")

    assert status in (400, 503)
    await assert_nothing_is_left(world)


async def test_what_never_comes_to_a_file_is_refused_before_it_fills_the_memory(world: World, ada: User) -> None:
    token = await world.token(ada)
    without_boundary = [b"nothing of a form. " * 100] * 1000
    empty_fields = [field_part("title", b"").replace(b"\r\n\r\n", b"\r\nX-Y: " + b"z" * 4000 + b"\r\n\r\n")] * 5

    for pieces, most in ((without_boundary, 20), (empty_fields, 2)):
        status, taken = await send_raw(world.app, PHOTOS, token, pieces, length=None, then="silence")

        assert status in (400, 422)
        assert taken <= most


async def test_what_follows_the_end_of_the_form_is_not_waited_for(world: World, ada: User) -> None:
    pieces = [BODY, *[b"epilogue" * 1000] * 1000]

    status, taken = await send_raw(world.app, PHOTOS, await world.token(ada), pieces, length=None, then="silence")

    assert (status, taken) == (201, 1)
