"""The rules of share links that whoever runs the service chooses."""

from dataclasses import dataclass
from datetime import timedelta

from photostore.shared.rate_limits import RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePolicy:
    """`wrong_passwords` and `guest_writes` are of one address at one link: the latter is whatever changes something."""

    unlock_lifetime: timedelta
    wrong_passwords: RateLimit
    guest_writes: RateLimit

    @property
    def patience(self) -> tuple[RateLimit, ...]:
        """Whoever goes on after waiting waits longer: then an hour, then a day."""
        first = self.wrong_passwords
        return (
            first,
            RateLimit(limit=2 * first.limit, window=6 * first.window),
            RateLimit(limit=4 * first.limit, window=144 * first.window),
        )
