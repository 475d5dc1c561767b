"""Tries, where Redis is away or somebody looks into it."""

import redis.asyncio
from dishka import AsyncContainer

from photostore.shared.rate_limits import RateLimit, RateLimiter
from photostore_adapters.redis.client import RedisClient
from tests.using import get

RATE = RateLimit(limit=3, window=60)


async def test_while_redis_is_away_postgres_counts(one: AsyncContainer) -> None:
    limiter = await get(one, RateLimiter)
    await limiter.hit("someone", RATE)
    client = await one.get(RedisClient)
    (await client.needed()).lose(ConnectionError("as told"))
    await client.aclose()

    hits = [await limiter.hit("someone", RATE) for _ in range(4)]

    assert [each.exceeded for each in hits] == [False, False, False, True]
    assert (await limiter.look("someone", RATE)).exceeded


async def test_redis_shows_nobodys_address(one: AsyncContainer, redis_url: str) -> None:
    await (await get(one, RateLimiter)).hit("sign-in:alice@example.org", RATE)

    async with redis.asyncio.Redis.from_url(redis_url) as client:
        [key] = await client.keys("tries:*")

    assert b"alice" not in key
