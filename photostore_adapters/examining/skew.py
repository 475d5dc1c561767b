"""How far another machine's clock is from this one's."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from photostore_adapters.examining.finding import Finding, Part

_FIX = "Have both machines keep time by NTP (chrony, systemd-timesyncd)."


def skew_found(part: Part, whose: str, theirs: datetime, ours: datetime, *, at_most: timedelta) -> Finding:
    skew = theirs - ours
    seconds = f"{abs(skew.total_seconds()):.1f} s"
    if abs(skew) > at_most:
        told = f"The clock of {whose} is {seconds} {'ahead of' if skew > timedelta(0) else 'behind'} ours."
        return part.failed("clock", told, _FIX)
    return part.ok("clock", f"The clocks are at most {max(1.0, abs(skew.total_seconds())):.0f} s apart.")


def date_of(header: str | None) -> datetime | None:
    """The `Date` of an answer, which is exact to the second; `None` where it tells none."""
    try:
        return parsedate_to_datetime(header).astimezone(UTC) if header else None
    except ValueError:
        return None
