"""Counting tries."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most `limit` tries in `window` seconds."""

    limit: int
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateState:
    """After a try: how many are left in the window, and in how many seconds a new one begins."""

    rate: RateLimit
    remaining: int
    reset_seconds: int
    exceeded: bool


class RateLimiter(Protocol):
    """Fixed windows by key, counted across every process."""

    @abstractmethod
    async def hit(self, key: str, rate: RateLimit) -> RateState:
        """Count one try. Counts at once, whatever becomes of a transaction around it."""

    @abstractmethod
    async def look(self, key: str, rate: RateLimit) -> RateState:
        """As `hit`, without counting: `exceeded` tells whether one more try would be too many."""

    @abstractmethod
    async def prune(self) -> None:
        """Forget the windows that are over."""
