"""Sign in with the address and password of a local account."""

from collections.abc import Mapping
from dataclasses import dataclass

from photostore.shared.rate_limits import RateLimit, RateLimiter, RateState
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.commands.open_session import Client, OpenSession, SignedIn
from photostore.user.email import EmailAddress, email_address
from photostore.user.errors import InvalidCredentials, TooManySignIns, UserInvalid
from photostore.user.passwords import LONGEST
from photostore.user.policy import AccountPolicy
from photostore.user.ports import PasswordHasher, UserRepository
from photostore.user.user import User


@dataclass(frozen=True, slots=True)
class SignIn:
    """Raise `InvalidCredentials`, the same for a wrong password and an unknown address, or `TooManySignIns`.

    Failures are looked at before the password and again after it: of many guesses at once none learns more than the
    limit allows, and signing in many times at once costs nobody their account.
    """

    users: UserRepository
    passwords: PasswordHasher
    rate_limiter: RateLimiter
    open_session: OpenSession
    policy: AccountPolicy
    unit_of_work: UnitOfWork

    async def __call__(self, *, email: str, password: str, client: Client) -> SignedIn:
        self.policy.demand_local_accounts()
        address = _address(email)
        failures = {
            f"sign-in-failed:{client.network}": self.policy.failed_sign_ins_per_address,
            f"sign-in-failed:{address or 'nobody'}": self.policy.failed_sign_ins_per_account,
        }
        await self._demand_few(failures)
        user = await self._find(address)
        matches = await self.passwords.verify(password[:LONGEST], user.password_hash if user else None)
        if user is None or not matches or not user.is_active:
            await self._count(failures)
            raise InvalidCredentials("The address or the password is wrong.")
        await self._demand_few(failures)
        async with self.unit_of_work:
            return await self.open_session(user=user, client=client)

    async def _demand_few(self, failures: Mapping[str, RateLimit]) -> None:
        for key, rate in failures.items():
            _refuse_if_exceeded(await self.rate_limiter.look(key, rate))

    async def _count(self, failures: Mapping[str, RateLimit]) -> None:
        for state in [await self.rate_limiter.hit(key, rate) for key, rate in failures.items()]:
            _refuse_if_exceeded(state)

    async def _find(self, address: EmailAddress | None) -> User | None:
        if address is None:
            return None
        async with self.unit_of_work:
            return await self.users.find_local(address)


def _address(email: str) -> EmailAddress | None:
    try:
        return email_address(email)
    except UserInvalid:
        return None


def _refuse_if_exceeded(state: RateState) -> None:
    if state.exceeded:
        rate = state.rate
        raise TooManySignIns(
            f"At most {rate.limit} failed sign-ins are allowed in {rate.window} seconds.",
            retry_after=state.reset_seconds,
            limit=rate.limit,
            window=rate.window,
        )
