"""Give a user an administrator's rights."""

from dataclasses import dataclass
from uuid import UUID

from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.email import email_address
from photostore.user.errors import UserNotFound
from photostore.user.ports import UserRepository
from photostore.user.user import User


@dataclass(frozen=True, slots=True)
class MakeAdmin:
    """For whoever has the command line. `who` is an id, or the address of a local account: an identity provider's
    address identifies nobody. Raise `UserNotFound` for nobody, and for a disabled or erased one."""

    users: UserRepository
    unit_of_work: UnitOfWork

    async def __call__(self, *, who: str) -> None:
        async with self.unit_of_work:
            user = await self._find(who)
            if user is None or not user.is_active:
                raise UserNotFound(f"There is no active user {who}.")
            user.make_admin()
            await self.users.save(user)

    async def _find(self, who: str) -> User | None:
        if "@" in who:
            return await self.users.find_local(email_address(who))
        try:
            return await self.users.get(UserId(UUID(who)))
        except ValueError:
            return None
