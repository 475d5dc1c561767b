"""How long the feed remembers, and where in it a reader is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from photostore.event.errors import CursorExpired

# Clocks of processes differ, and a change is dated before it is committed.
_MARGIN = timedelta(hours=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_START_AGAIN = "Start again without a cursor, and drop what you have that is not told by the end."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePolicy:
    """Chosen by whoever runs the service: changes older than `retention` are compacted."""

    retention: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBounds:
    """Of one feed: the number of its last change, up to where it was compacted, and how old a change had to be for that."""

    last_seq: int = 0
    compacted_seq: int = 0
    compacted_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePosition:
    """A place in a feed, just after the change `seq`. `since` is when its reader began, or was last at the end: what was
    deleted before then, the reader has heard of, or has never been told to be there."""

    seq: int
    since: datetime

    @classmethod
    def beginning(cls, now: datetime) -> "ChangePosition":
        return cls(seq=0, since=now)

    @classmethod
    def told_last(cls, seq: int, *, now: datetime) -> "ChangePosition":
        """Of a reader who knows no more than the number that it was told last. Whoever was told nothing misses nothing; all
        others may have been away for any time."""
        return cls(seq=seq, since=now if seq == 0 else _LONG_AGO)

    def demand_kept(self, bounds: ChangeBounds) -> None:
        """Raise `CursorExpired` where a deletion that the reader must hear of may be gone."""
        if self.seq > bounds.last_seq:
            raise CursorExpired(f"The feed does not reach as far: it is that of an older backup. {_START_AGAIN}")
        before = bounds.compacted_before
        # Whoever reads from the beginning passes through what was compacted long ago, and misses nothing.
        if before is not None and self.seq < bounds.compacted_seq and self.since < before + _MARGIN:
            raise CursorExpired(f"What changed before {before:%Y-%m-%d} is no longer told one by one. {_START_AGAIN}")

    def after(self, seq: int, bounds: ChangeBounds, *, now: datetime) -> "ChangePosition":
        """Having read up to `seq`, at a moment that is not before `now`."""
        return ChangePosition(seq=seq, since=now if seq >= bounds.last_seq else self.since)
