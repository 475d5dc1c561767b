"""Times as clients send them."""

from datetime import UTC, datetime

_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def in_utc(time: datetime) -> datetime:
    """Without an offset it is taken for UTC. Past the ends of what can be told in UTC it is the end."""
    if time.tzinfo is None:
        return time.replace(tzinfo=UTC)
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return _FIRST if time.year == 1 else _LAST
