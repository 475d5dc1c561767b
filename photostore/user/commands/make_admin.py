"""Give a user an administrator's rights."""

from dataclasses import dataclass

from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.errors import UserNotFound
from photostore.user.ports import UserRepository


@dataclass(frozen=True, slots=True)
class MakeAdmin:
    """By id; raise `UserNotFound` for nobody and for an erased one. For whoever has the command line."""

    users: UserRepository
    unit_of_work: UnitOfWork

    async def __call__(self, *, user_id: UserId) -> None:
        async with self.unit_of_work:
            user = await self.users.get(user_id)
            if not user.is_active:
                raise UserNotFound(f"user {user_id} is disabled or erased")
            user.make_admin()
            await self.users.save(user)
