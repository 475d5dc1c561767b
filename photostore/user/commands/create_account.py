"""Make a local account for somebody."""

from dataclasses import dataclass

from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Origin, Target
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.accounts import demand_quota
from photostore.user.email import email_address
from photostore.user.passwords import checked_password
from photostore.user.policy import AccountPolicy
from photostore.user.ports import PasswordHasher, UserRepository
from photostore.user.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    email: str
    display_name: str | None = None
    is_admin: bool = False
    quota_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class CreateAccount:
    """For whoever has the command line, also where registration is closed. Raise `EmailTaken`, `UserInvalid`,
    `QuotaInvalid` or `LocalAccountsDisabled`."""

    users: UserRepository
    quotas: Quotas
    passwords: PasswordHasher
    record_action: RecordAction
    clock: Clock
    ids: Ids
    policy: AccountPolicy
    unit_of_work: UnitOfWork

    async def __call__(self, *, by: Origin, account: NewAccount, password: str) -> UserId:
        self.policy.demand_local_accounts()
        demand_quota(account.quota_bytes)
        address = email_address(account.email)
        user = User.register_local(
            id=UserId(self.ids.new()),
            email=address,
            password_hash=await self.passwords.hash(checked_password(password)),
            display_name=account.display_name,
            now=self.clock.now(),
        )
        if account.is_admin:
            user.make_admin()
        async with self.unit_of_work:
            await self.users.add(user)
            if account.quota_bytes is not None:
                await self.quotas.allow(user.id, account.quota_bytes)
            details = {"is_admin": account.is_admin, "quota_bytes": account.quota_bytes}
            target = Target(kind="user", id=str(user.id))
            await self.record_action(by=by, action="user.created", target=target, details=details)
        return user.id
