"""Forget sessions that ended some time ago."""

from dataclasses import dataclass
from datetime import timedelta

from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.ports import SessionRepository

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PruneSessions:
    """Ended ones are kept a week, so that a refresh token used again is still known as one. Answer how many went."""

    sessions: SessionRepository
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> int:
        async with self.unit_of_work:
            return await self.sessions.prune(before=self.clock.now() - KEPT)
