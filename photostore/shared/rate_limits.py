"""Counting tries."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most `limit` tries in `window` seconds, both at least 1."""

    limit: int
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateState:
    """After a try: how many are left in the window, at least 0, and in how many seconds a new one begins, at
    least 1."""

    rate: RateLimit
    remaining: int
    reset_seconds: int
    exceeded: bool


class RateLimiter(Protocol):
    """Fixed windows by key, counted across every process; a window begins with its first try. A key is any text.

    Any method may raise `Unavailable`: what cannot be counted is not allowed.
    """

    @abstractmethod
    async def hit(self, key: str, rate: RateLimit) -> RateState:
        """Count one try: `exceeded` from the first one that is too many. Counts at once, whatever becomes of a transaction
        around it; tries at once all count."""

    @abstractmethod
    async def look(self, key: str, rate: RateLimit) -> RateState:
        """As `hit`, without counting: `exceeded` tells whether one more try would be too many."""

    @abstractmethod
    async def prune(self) -> None:
        """Forget the windows that are over; called every now and then, so that memory does not grow with the keys."""
