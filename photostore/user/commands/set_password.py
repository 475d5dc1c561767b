"""Give a local account another password."""

from dataclasses import dataclass

from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Origin, Target
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.commands.find_account import account_of
from photostore.user.passwords import checked_password
from photostore.user.ports import PasswordHasher, SessionRepository, UserRepository
from photostore.user.queries import LiveCredentials


@dataclass(frozen=True, slots=True)
class SetPassword:
    """For whoever has the command line: people forget theirs. Every session ends. Raise `UserNotFound`, `UserInvalid` or
    `NoPassword`."""

    users: UserRepository
    sessions: SessionRepository
    passwords: PasswordHasher
    live_credentials: LiveCredentials
    record_action: RecordAction
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, by: Origin, who: str, password: str) -> None:
        password_hash = await self.passwords.hash(checked_password(password))
        async with self.unit_of_work:
            user = await account_of(self.users, who)
            user.change_password(password_hash)
            await self.users.save(user)
            ended = await self.sessions.revoke_all(user.id, but=None, now=self.clock.now())
            target = Target(kind="user", id=str(user.id))
            details = {"sessions_ended": len(ended)}
            await self.record_action(by=by, action="user.password_changed", target=target, details=details)
        self.live_credentials.forget(user.id)
