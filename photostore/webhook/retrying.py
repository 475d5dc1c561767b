"""When to try again what could not be delivered."""

from datetime import datetime, timedelta

# After the first failure, the second ...; after that a day each.
_DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
)
_LONGEST = timedelta(hours=24)
# Who fails for so long is told no more.
GIVE_UP = timedelta(hours=72)
# So that many that failed together do not come back together.
_JITTER = 0.2


def next_attempt(
    failures: int, *, failing_since: datetime, now: datetime, retry_after: timedelta | None, chance: float
) -> datetime | None:
    """`None` when it has failed for long enough. An endpoint may ask for more patience than ours, up to a day, and not for
    less. `chance` is from 0 to 1."""
    if now - failing_since >= GIVE_UP:
        return None
    delay = _DELAYS[failures - 1] if failures <= len(_DELAYS) else _LONGEST
    delay *= 1 + _JITTER * chance
    if retry_after is not None:
        delay = max(delay, min(retry_after, _LONGEST))
    return min(now + delay, failing_since + GIVE_UP)
