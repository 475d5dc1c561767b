"""Counting tries in Postgres: one statement a try, right across every process."""

from datetime import datetime
from typing import Any

from photostore.shared.clock import Clock
from photostore.shared.rate_limits import RateLimit, RateLimiter, RateState
from photostore_adapters.postgres.reading import Reader, Statement

_HIT = Statement(
    """
    INSERT INTO rate_limits AS counted (key, window_ends, hits)
    VALUES ($1, $2::timestamptz + make_interval(secs => $3), 1)
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN counted.window_ends <= $2 THEN 1 ELSE least(counted.hits + 1, 1000000000) END,
        window_ends = CASE WHEN counted.window_ends <= $2 THEN excluded.window_ends ELSE counted.window_ends END
    RETURNING hits, window_ends
    """,
    ("key", "now", "window"),
)
_LOOK = Statement("SELECT hits, window_ends FROM rate_limits WHERE key = $1 AND window_ends > $2", ("key", "now"))
_PRUNE = Statement("DELETE FROM rate_limits WHERE window_ends <= $1", ("now",))


class PostgresRateLimiter(RateLimiter):
    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    async def hit(self, key: str, rate: RateLimit) -> RateState:
        now = self._clock.now()
        row = await self._reader.fetch_one(_HIT, key=key, now=now, window=float(rate.window))
        return _state(rate, now, row, allowed=rate.limit)

    async def look(self, key: str, rate: RateLimit) -> RateState:
        now = self._clock.now()
        row = await self._reader.fetch_one(_LOOK, key=key, now=now)
        return _state(rate, now, row, allowed=rate.limit - 1)

    async def prune(self) -> None:
        await self._reader.fetch(_PRUNE, now=self._clock.now())


def _state(rate: RateLimit, now: datetime, row: Any, *, allowed: int) -> RateState:
    hits, ends = (0, now) if row is None else (row["hits"], row["window_ends"])
    return RateState(
        rate=rate,
        remaining=max(0, rate.limit - hits),
        reset_seconds=max(1, round((ends - now).total_seconds())),
        exceeded=hits > allowed,
    )
