"""A user of Redis with just the rights that the documentation names."""

from collections.abc import AsyncIterator

import pytest
import redis.asyncio
from dishka import AsyncContainer
from structlog.testing import capture_logs

from photostore.photo.photo import PhotoStatus
from photostore.photo.queries import PhotoQueries
from photostore.shared.rate_limits import RateLimit, RateLimiter
from photostore_adapters.examining.finding import Finding, State
from photostore_adapters.examining.redis import examine_redis
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.photo_cache import PhotoCache
from photostore_adapters.redis.provider import start
from photostore_adapters.redis.settings import RedisSettings
from tests.adapters.redis.hearing import hearing
from tests.builders import a_photo
from tests.containers import on_redis
from tests.fakes.store import FakeStore
from tests.fixtures.redis import OwnRedis
from tests.using import get, stored
from tests.waiting import eventually

RIGHTS = ["+info", "+ping", "+get", "+set", "+del", "+eval", "+publish", "+subscribe", "+pubsub|numsub"]
KEYS = ["~photo:*", "~tries:*", "~photostore:*"]
CHANNELS = ["&photostore.events", "&photostore.events.revoked"]


@pytest.fixture
async def narrow_url(server: OwnRedis) -> AsyncIterator[str]:
    async with redis.asyncio.Redis.from_url(server.url) as client:
        await client.execute_command("ACL", "SETUSER", "narrow", "reset", "on", ">pass", *RIGHTS, *KEYS, *CHANNELS)  # type: ignore[no-untyped-call]
        yield server.url.replace("unix://", "unix://narrow:pass@")
        await client.execute_command("ACL", "DELUSER", "narrow")  # type: ignore[no-untyped-call]


async def test_everything_works_with_them(store: FakeStore, emptied_database_url: str, narrow_url: str) -> None:
    container: AsyncContainer = on_redis(store, emptied_database_url, narrow_url)
    with capture_logs() as logs:
        async with hearing(narrow_url) as heard:
            await start(container)
            await (await container.get(RedisClient)).there()
            photo = await stored(container, a_photo(status=PhotoStatus.PROCESSING))
            view = await (await get(container, PhotoQueries)).get(photo.id, owner=photo.owner_id)
            state = await (await get(container, RateLimiter)).hit("key", RateLimit(limit=3, window=60))
            await eventually(lambda: heard.messages)
        looked = await (await container.get(PhotoCache)).look(photo.id, owner=photo.owner_id)
        await container.close()

    assert (looked.view, state.remaining) == (view, 2)
    assert [each for each in logs if each["log_level"] == "warning"] == []


async def examined(url: str) -> dict[str, Finding]:
    return {each.check: each async for each in examine_redis(RedisSettings(url=url, command_timeout=5.0))}


async def test_the_doctor_finds_it_well(narrow_url: str) -> None:
    found = await examined(narrow_url)

    assert {name: each.state for name, each in found.items()} == dict.fromkeys(
        ("connection", "rights", "speed"), State.OK
    )
    assert found["connection"].told.startswith("It is Valkey ")


@pytest.mark.parametrize("right", ["eval", "get", "del", "publish", "subscribe", "info"])
async def test_the_doctor_names_what_is_not_allowed(narrow_url: str, server: OwnRedis, right: str) -> None:
    async with redis.asyncio.Redis.from_url(server.url) as client:
        await client.execute_command("ACL", "SETUSER", "narrow", f"-{right}")  # type: ignore[no-untyped-call]

    found = await examined(narrow_url)

    assert found["rights"].state is State.FAILED
    assert found["rights"].told.startswith(f"{right.upper()} is refused")


async def test_the_doctor_tells_that_it_is_slow(narrow_url: str) -> None:
    findings = [each async for each in examine_redis(RedisSettings(url=narrow_url, command_timeout=0.0))]

    assert (findings[-1].check, findings[-1].state) == ("speed", State.WARNING)


@pytest.mark.parametrize("url", ["redis://:secret@127.0.0.1:1", "wrong password"])
async def test_the_doctor_tells_no_secret_of_what_cannot_be_reached(narrow_url: str, url: str) -> None:
    found = await examined(narrow_url.replace("pass@", "secret@") if url == "wrong password" else url)

    assert found["connection"].state is State.FAILED
    assert "secret" not in str(found)
