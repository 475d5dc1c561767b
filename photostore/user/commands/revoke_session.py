"""End one session: signing out, or another device's from the list."""

from dataclasses import dataclass

from photostore.shared.clock import Clock
from photostore.shared.ids import SessionId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.ports import SessionRepository
from photostore.user.queries import LiveCredentials


@dataclass(frozen=True, slots=True)
class RevokeSession:
    """Raise `SessionNotFound` when it is absent or someone else's. Its tokens die at once here, in 5 s elsewhere."""

    sessions: SessionRepository
    live_credentials: LiveCredentials
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, session_id: SessionId) -> None:
        async with self.unit_of_work.answering():
            session = await self.sessions.get(session_id, owner=actor)
            session.revoke(now=self.clock.now())
            await self.sessions.save(session)
        self.live_credentials.forget(actor)
