"""Give a user an administrator's rights."""

from dataclasses import dataclass

from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Origin, Target
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.commands.find_account import account_of
from photostore.user.errors import UserNotFound
from photostore.user.ports import UserRepository
from photostore.user.queries import LiveCredentials


@dataclass(frozen=True, slots=True)
class MakeAdmin:
    """For whoever has the command line. `who` is as in `account_of`. Raise `UserNotFound` for nobody, and for a disabled
    one."""

    users: UserRepository
    live_credentials: LiveCredentials
    record_action: RecordAction
    unit_of_work: UnitOfWork

    async def __call__(self, *, by: Origin, who: str) -> None:
        async with self.unit_of_work:
            user = await account_of(self.users, who)
            if not user.is_active:
                raise UserNotFound(f"There is no active user {who}.")
            if not user.is_admin:
                user.make_admin()
                await self.users.save(user)
                await self.record_action(by=by, action="user.made_admin", target=Target(kind="user", id=str(user.id)))
        self.live_credentials.forget(user.id)
