"""Counting tries in Redis: one call a try, right across every process. While Redis is away Postgres counts."""

import hashlib
from datetime import datetime

from photostore.shared.clock import Clock
from photostore.shared.rate_limits import RateLimit, RateLimiter, RateState
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.link import RedisAway
from photostore_adapters.redis.settings import RedisSettings

# The window ends by the clock of whoever counts; Redis' own forgets it some time later, since clocks differ.
_HIT = """
local now = tonumber(ARGV[1])
local hits, ends = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
hits, ends = tonumber(hits), tonumber(ends)
if not ends or ends <= now then hits, ends = 0, now + tonumber(ARGV[2]) end
hits = math.min(hits + 1, 1000000000)
redis.call('SET', KEYS[1], string.format('%d %d', hits, ends), 'PX', ends - now + 60000)
return {hits, ends}
"""


class RedisRateLimiter(RateLimiter):
    """What was counted on one side is not known on the other: who tries while Redis goes or comes back has more tries, once."""

    def __init__(self, client: RedisClient, settings: RedisSettings, clock: Clock, otherwise: RateLimiter) -> None:
        self._client = client
        self._prefix = settings.prefix
        self._clock = clock
        self._otherwise = otherwise

    async def hit(self, key: str, rate: RateLimit) -> RateState:
        now = _milliseconds(self._clock.now())
        try:
            hits, ends = await self._client.ask("EVAL", _HIT, 1, self._key(key), now, rate.window * 1000)
        except RedisAway:
            return await self._otherwise.hit(key, rate)
        return _state(rate, now, hits, ends, allowed=rate.limit)

    async def look(self, key: str, rate: RateLimit) -> RateState:
        now = _milliseconds(self._clock.now())
        try:
            counted = await self._client.ask("GET", self._key(key))
        except RedisAway:
            return await self._otherwise.look(key, rate)
        hits, ends = (0, now) if counted is None else map(int, counted.split())
        if ends <= now:
            hits, ends = 0, now
        return _state(rate, now, hits, ends, allowed=rate.limit - 1)

    async def prune(self) -> None:
        """Redis forgets by itself; what Postgres counted meanwhile does not."""
        await self._otherwise.prune()

    def _key(self, key: str) -> str:
        """Keys hold people's addresses, which nobody who looks at Redis need see."""
        return f"{self._prefix}tries:{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}"


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _state(rate: RateLimit, now: int, hits: int, ends: int, *, allowed: int) -> RateState:
    return RateState(
        rate=rate,
        remaining=max(0, rate.limit - hits),
        reset_seconds=max(1, round((ends - now) / 1000)),
        exceeded=hits > allowed,
    )
