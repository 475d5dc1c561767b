"""Change the name that is shown of a user."""

from dataclasses import dataclass

from photostore.shared.errors import PreconditionFailed
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.ports import UserRepository


@dataclass(frozen=True, slots=True)
class RenameUser:
    """Raise `UserInvalid`, or `PreconditionFailed` when `expected_version` is stale."""

    users: UserRepository
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, display_name: str | None, expected_version: int | None = None) -> None:
        async with self.unit_of_work:
            user = await self.users.get(actor)
            if expected_version is not None and expected_version != user.version:
                raise PreconditionFailed(f"The account is at version {user.version} now.")
            user.rename(display_name)
            await self.users.save(user)
