"""Find the place in the feed from which a client is told everything as it comes."""

from dataclasses import dataclass

from photostore.event.queries import ChangeQueries
from photostore.event.retention import ChangePosition
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId

# Past every feed's end: its bounds alone are asked for.
_NOWHERE = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class BeginStream:
    """Where its reader was; without that the feed's end, so that only what comes from now on is told. Raise `CursorExpired`."""

    changes: ChangeQueries
    clock: Clock

    async def __call__(self, *, actor: UserId, after: ChangePosition | None) -> ChangePosition:
        now = self.clock.now()
        bounds = (await self.changes.page(actor, after=_NOWHERE, limit=1)).bounds
        if after is None:
            return ChangePosition(seq=bounds.last_seq, since=now)
        after.demand_kept(bounds)
        return after.after(after.seq, bounds, now=now)
