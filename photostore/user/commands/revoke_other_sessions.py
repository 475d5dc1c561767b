"""End every session but the caller's own."""

from dataclasses import dataclass

from photostore.shared.clock import Clock
from photostore.shared.ids import SessionId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.ports import SessionRepository
from photostore.user.queries import LiveCredentials


@dataclass(frozen=True, slots=True)
class RevokeOtherSessions:
    """Answer how many there were."""

    sessions: SessionRepository
    live_credentials: LiveCredentials
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, current: SessionId | None) -> int:
        async with self.unit_of_work.answering():
            revoked = await self.sessions.revoke_all(actor, but=current, now=self.clock.now())
        self.live_credentials.forget(actor)
        return len(revoked)
