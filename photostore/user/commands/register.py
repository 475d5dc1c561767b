"""Make a local account."""

from dataclasses import dataclass

from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.email import email_address
from photostore.user.passwords import checked_password
from photostore.user.policy import AccountPolicy
from photostore.user.ports import PasswordHasher, UserRepository
from photostore.user.user import User


@dataclass(frozen=True, slots=True)
class Register:
    """Raise `EmailTaken`, `UserInvalid`, `LocalAccountsDisabled`, `RegistrationClosed` or `InvitationRequired`."""

    users: UserRepository
    passwords: PasswordHasher
    clock: Clock
    ids: Ids
    policy: AccountPolicy
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, email: str, password: str, display_name: str | None, invitation_code: str | None = None
    ) -> User:
        self.policy.demand_may_register(invitation_code)
        address = email_address(email)
        password_hash = await self.passwords.hash(checked_password(password))
        user = User.register_local(
            id=UserId(self.ids.new()),
            email=address,
            password_hash=password_hash,
            display_name=display_name,
            now=self.clock.now(),
        )
        async with self.unit_of_work:
            if self.policy.first_account_is_admin and await self.users.lock_first_registration():
                user.make_admin()
            await self.users.add(user)
        return user
