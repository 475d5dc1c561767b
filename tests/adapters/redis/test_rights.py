"""A user of Redis with just the rights that the documentation names."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import redis.asyncio
from dishka import AsyncContainer
from structlog.testing import capture_logs

from photostore.photo.photo import PhotoStatus
from photostore.photo.queries import PhotoQueries
from photostore.shared.rate_limits import RateLimit, RateLimiter
from photostore_adapters.channel import fault_of
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

RIGHTS = ["+info", "+ping", "+get", "+set", "+eval", "+publish", "+subscribe", "+pubsub|numsub"]
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


async def test_what_is_missing_is_named(narrow_url: str, server: OwnRedis) -> None:
    settings = RedisSettings(url=narrow_url)
    async with redis.asyncio.Redis.from_url(server.url) as client:
        found = [await fault_of(settings)]
        for right in ("-eval", "-get"):
            await client.execute_command("ACL", "SETUSER", "narrow", right)  # type: ignore[no-untyped-call]
            found.append(await fault_of(settings))
    found.append(await fault_of(replace(settings, url=narrow_url.replace("pass@", "wrong@"))))
    found.append(await fault_of(RedisSettings(url="redis://:secret@127.0.0.1:1")))

    fine, no_eval, no_get, wrong, nowhere = found
    assert fine is None
    assert no_eval is not None
    assert no_eval.startswith("EVAL is refused")
    assert no_get is not None
    assert no_get.startswith("GET is refused")
    assert wrong is not None
    assert "wrong@" not in wrong
    assert nowhere is not None
    assert nowhere.startswith("it cannot be reached")
    assert "secret" not in nowhere
