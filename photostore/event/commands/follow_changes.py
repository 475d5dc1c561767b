"""Read on in the change feed; at its end, wait for what comes."""

import asyncio
from dataclasses import dataclass

from photostore.event.ports import ChangeSignal
from photostore.event.queries import ChangePage, ChangeQueries
from photostore.event.retention import ChangePosition
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId


@dataclass(slots=True, kw_only=True)
class FollowedChanges:
    """`next` is where to go on; `waited` how many seconds were spent on waiting."""

    page: ChangePage
    next: ChangePosition
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class FollowChanges:
    """A page of at most `limit` changes after the position, or from the beginning. An empty one is answered when there is
    none for `wait` seconds, or when it cannot be waited. No connection is held meanwhile. Raise `CursorExpired`.
    """

    changes: ChangeQueries
    signal: ChangeSignal
    clock: Clock

    async def __call__(
        self, *, actor: UserId, after: ChangePosition | None, limit: int, wait: float = 0
    ) -> FollowedChanges:
        here = after or ChangePosition.beginning(self.clock.now())
        followed = await self._look(actor, here, limit)
        if followed.page.items or wait <= 0:
            return followed
        started = _seconds()
        followed = await self._wait(actor, here, limit, until=started + wait) or followed
        followed.waited = _seconds() - started
        return followed

    async def _wait(self, actor: UserId, here: ChangePosition, limit: int, *, until: float) -> FollowedChanges | None:
        async with self.signal.listen(actor, seconds=until - _seconds()) as listening:
            if listening is None:
                return None
            # Only what changes from here on is heard, so look once more; then after whatever is heard.
            followed = await self._look(actor, here, limit)
            while not followed.page.items and await listening.changed(until - _seconds()):
                followed = await self._look(actor, here, limit)
            return followed

    async def _look(self, actor: UserId, here: ChangePosition, limit: int) -> FollowedChanges:
        now = self.clock.now()
        page = await self.changes.page(actor, after=here.seq, limit=limit)
        here.demand_kept(page.bounds)
        last = page.items[-1].seq if page.items else here.seq
        return FollowedChanges(page=page, next=here.after(last, page.bounds, now=now))


def _seconds() -> float:
    return asyncio.get_running_loop().time()
