"""Find whom somebody at the command line means."""

from dataclasses import dataclass
from uuid import UUID

from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.email import email_address
from photostore.user.errors import UserNotFound
from photostore.user.ports import UserRepository
from photostore.user.user import User


async def account_of(users: UserRepository, who: str) -> User:
    """`who` is an id, or the address of a local account: an identity provider's address identifies nobody. Within the unit
    of work. Raise `UserNotFound`, also for someone who said goodbye."""
    user = await _find(users, who)
    if user is None or user.erased_at is not None:
        raise UserNotFound(f"There is no user {who}.")
    return user


async def _find(users: UserRepository, who: str) -> User | None:
    if "@" in who:
        return await users.find_local(email_address(who))
    try:
        return await users.get(UserId(UUID(who)))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class FindAccount:
    """By id, or by the address of a local account. Raise `UserNotFound`."""

    users: UserRepository
    unit_of_work: UnitOfWork

    async def __call__(self, *, who: str) -> UserId:
        async with self.unit_of_work:
            return (await account_of(self.users, who)).id
