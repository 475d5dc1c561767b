"""What sign-ins may rely on, wherever tries are counted."""

import asyncio

import pytest

from photostore.shared.rate_limits import RateLimit, RateLimiter, RateState
from photostore_testing.clock import StoppedClock

RATE = RateLimit(limit=3, window=60)


async def hit(limiter: RateLimiter, key: str = "someone") -> RateState:
    return await limiter.hit(key, RATE)


async def look(limiter: RateLimiter, key: str = "someone") -> RateState:
    return await limiter.look(key, RATE)


@pytest.mark.asyncio
class RateLimiterPromises:
    """Wants the fixtures `clock`, and `limiter`, which reads it and has counted nothing yet."""

    async def test_so_many_tries_are_allowed_and_no_more(self, limiter: RateLimiter) -> None:
        states = [await hit(limiter) for _ in range(5)]

        assert [state.exceeded for state in states] == [False, False, False, True, True]
        assert [state.remaining for state in states] == [2, 1, 0, 0, 0]
        assert {state.rate for state in states} == {RATE}

    async def test_the_time_to_the_next_window_is_told(self, limiter: RateLimiter, clock: StoppedClock) -> None:
        first = await hit(limiter)
        clock.advance(seconds=45)

        later = await hit(limiter)

        assert (first.reset_seconds, later.reset_seconds) == (60, 15)

    async def test_when_the_window_is_over_a_new_one_begins(self, limiter: RateLimiter, clock: StoppedClock) -> None:
        for _ in range(4):
            await hit(limiter)

        clock.advance(seconds=60)

        assert await hit(limiter) == RateState(rate=RATE, remaining=2, reset_seconds=60, exceeded=False)

    async def test_keys_are_counted_apart(self, limiter: RateLimiter) -> None:
        for _ in range(4):
            await hit(limiter, "one")

        assert not (await hit(limiter, "other")).exceeded

    async def test_looking_counts_nothing(self, limiter: RateLimiter) -> None:
        states = [await look(limiter) for _ in range(5)]

        assert not any(state.exceeded for state in states)
        assert (await hit(limiter)).remaining == 2

    async def test_looking_tells_whether_one_more_would_be_too_many(
        self, limiter: RateLimiter, clock: StoppedClock
    ) -> None:
        seen = []
        for _ in range(3):
            await hit(limiter)
            seen.append((await look(limiter)).exceeded)
        clock.advance(seconds=60)

        assert seen == [False, False, True]
        assert not (await look(limiter)).exceeded

    async def test_tries_at_once_all_count(self, limiter: RateLimiter) -> None:
        states = await asyncio.gather(*(hit(limiter) for _ in range(20)))

        assert [state.exceeded for state in states].count(False) == 3

    async def test_pruning_forgets_what_is_over_alone(self, limiter: RateLimiter, clock: StoppedClock) -> None:
        await hit(limiter, "old")
        clock.advance(seconds=30)
        await hit(limiter, "young")
        clock.advance(seconds=30)

        await limiter.prune()

        assert (await hit(limiter, "young")).remaining == 1
        assert (await hit(limiter, "old")).remaining == 2
