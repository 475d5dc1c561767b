"""Change the name that is shown of a user."""

from dataclasses import dataclass

from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.user.errors import UserNotFound
from photostore.user.ports import UserRepository


@dataclass(frozen=True, slots=True)
class RenameUser:
    """Raise `UserInvalid`, or `PreconditionFailed` when `expected_version` is stale."""

    users: UserRepository
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, display_name: str | None, expected_version: ExpectedVersion = ANY_VERSION
    ) -> None:
        async with self.unit_of_work:
            user = await self.users.get(actor)
            expected_version.demand(user.version)
            if not user.is_active:
                raise UserNotFound("The account was closed.")
            user.rename(display_name)
            await self.users.save(user)
