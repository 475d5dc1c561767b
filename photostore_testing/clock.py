"""Time that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

from photostore.shared.clock import Clock


class StoppedClock(Clock):
    def __init__(self, now: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def advance(self, **how_long: float) -> datetime:
        """Move it on, by what a `timedelta` is made of; the new time."""
        self.time += timedelta(**how_long)
        return self.time
